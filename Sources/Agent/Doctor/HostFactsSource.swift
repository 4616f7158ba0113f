import Configuration
import ControlProtocol
import Glibc
import Kernel
import NIOCore
import Platform

/// How this host is, read off the event loop on a thread of its own, for whoever asks.
final class HostFactsSource {
  private let threads: BlockingThreads

  init(loop: any EventLoop) {
    threads = BlockingThreads(loop: loop)
  }

  /// Reads it for a group, and calls back; never while a disk hangs.
  func read(
    _ section: GroupSection, _ configuration: Configuration, path: String,
    interfaces: Set<String>, _ done: @escaping (HostFactsDocument) -> Void
  ) {
    let reader = HostFactsReader(
      addresses: section.addresses, interfaces: interfaces,
      files: Self.files(of: configuration, path: path))
    threads.run({ reader.read() }, then: done)
  }

  /// Hands over nothing more.
  func end() { threads.end() }

  private static func files(
    of configuration: Configuration, path: String
  ) -> [(kind: String, path: String)] {
    [("control", configuration.controlPath), ("hook-socket", configuration.hookPath)]
      + (path.isEmpty ? [] : [("configuration", path)])
      + configuration.secretFiles.sorted().map { ("secret", $0) } + hooks.map { ("hook", $0) }
  }

  /// Where `vipd-reconfig` may be: where the packages put it, and where others install it.
  private static let hooks = [
    "/usr/lib/vipd/vipd-reconfig", "/usr/local/bin/vipd-reconfig", "/usr/bin/vipd-reconfig",
  ]
}
