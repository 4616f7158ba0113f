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
    let credentials =
      [configuration.sentinelCredentials] + configuration.groups.map(\.redisCredentials)
    let keys = configuration.tlsSettings.compactMap(\.settings.client?.keyFile)
    let secrets = Set(
      credentials.compactMap { $0?.passwordFile }
        + configuration.groups.compactMap(\.channelKeyFile)
        + keys)
    return [("control", configuration.controlPath), ("hook-socket", configuration.hookPath)]
      + (path.isEmpty ? [] : [("configuration", path)])
      + secrets.sorted().map { ("secret", $0) } + (hook.map { [("hook", $0)] } ?? [])
  }

  /// `vipd-reconfig`, which the packages put beside the daemon.
  private static var hook: String? {
    var buffer = [CChar](repeating: 0, count: 4_096)
    let length = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
    guard length > 0 else { return nil }
    let own = String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return own.lastIndex(of: "/").map { own[...$0] + "vipd-reconfig" }
  }
}
