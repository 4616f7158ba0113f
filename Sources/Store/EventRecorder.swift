import EventRecording
package import FailoverCore
import Glibc
package import Logging
package import NIOCore
package import NIOPosix
import Platform

/// Writes what one group's machine is told and what it orders to a file, for replaying.
///
/// An aid for developers, on where `VIPD_RECORD` names a directory. Texts are made and written
/// on the pool's one thread, so in their order; a disk that is slow costs some memory, and then
/// the recording.
package final class EventRecorder {
  /// The longest file: some two hours and a half of one group.
  static let limit = 64 << 20
  /// Events that may wait for the disk: some minutes' worth.
  static let maxQueue = 4_096
  /// The directory for recordings; nothing to record nothing.
  package static let directory: String? =
    unsafe getenv("VIPD_RECORD").map { unsafe String(cString: $0) }

  private let path: String
  private let pool: NIOThreadPool
  private let loop: any EventLoop
  private let logger: Logger
  private var waiting = 0
  private(set) var isOn = true

  /// Begins a run; nothing without a directory.
  package init?(
    _ configuration: GroupConfiguration, in directory: String?, pool: NIOThreadPool,
    loop: any EventLoop, logger: Logger
  ) {
    guard let directory, !directory.isEmpty else { return nil }
    path = "\(directory)/\(GroupFileName.name(for: configuration.masterName)).events"
    self.pool = pool
    self.loop = loop
    self.logger = logger
    logger.notice("Events are recorded in \(path)")
    write { RecordingText.beginning(configuration) }
  }

  /// Records an event and the orders that it was answered with.
  package func record(_ event: Event, at now: Instant, orders: [Effect]) {
    write { RecordingText.lines(event, at: now, orders: orders) }
  }

  private func write(_ text: @escaping @Sendable () -> String) {
    guard isOn else { return }
    guard waiting < Self.maxQueue else {
      return end("the disk is too slow for \(path)")
    }
    waiting += 1
    pool.runIfActive(eventLoop: loop) { [path] in
      SmallFile.append(Array(text().utf8), to: path, limit: Self.limit)
    }
    .assumeIsolated().whenComplete { [self] result in
      waiting -= 1
      if case .success(let problem?) = result { end(problem) }
    }
  }

  /// A gap would make the rest worthless, so the recording ends.
  private func end(_ problem: String) {
    guard isOn else { return }
    isOn = false
    logger.warning("The recording of events ends: \(problem)")
  }
}

extension SmallFile {
  /// Appends to a file as a whole, unless it would grow beyond a limit; says what went wrong.
  static func append(_ content: [UInt8], to path: String, limit: Int) -> String? {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return FileProblem("write", path).description }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      return FileProblem("read", path).description
    }
    guard Int(status.st_size) + content.count <= limit else {
      return "\(path) would be longer than \(limit >> 20) MiB"
    }
    return writeAll(content, to: descriptor) ? nil : FileProblem("write", path).description
  }
}
