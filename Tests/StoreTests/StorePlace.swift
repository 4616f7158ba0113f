import FailoverCore
import Foundation
import Glibc
import Logging
import NIOCore
import NIOPosix
import Platform

@testable import Store

/// A store in a directory of its own, on a loop of its own.
final class StorePlace: Sendable {
  let directory: String
  private let stateDirectory: String
  private let threads = MultiThreadedEventLoopGroup(numberOfThreads: 1)

  init(stateDirectory: String? = nil) throws {
    let directory = NSTemporaryDirectory() + "vipd-test-\(UUID().uuidString)"
    self.directory = directory
    // A name without a slash is one below the test's own directory, which is not made.
    let name = stateDirectory ?? directory
    self.stateDirectory = name.hasPrefix("/") ? name : directory + "/" + name
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
  }

  private func store(
    _ loop: any EventLoop, patience: Duration = WriteQueue.patience
  ) -> StateStore {
    StateStore(
      runDirectory: directory, stateDirectory: stateDirectory, patience: patience, loop: loop,
      clock: HostClock(),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  func run(
    patience: Duration = WriteQueue.patience,
    _ body: @escaping @Sendable (StateStore, @escaping () -> Void) -> Void
  ) async {
    let loop = threads.next()
    await withCheckedContinuation { continuation in
      loop.execute { body(self.store(loop, patience: patience)) { continuation.resume() } }
    }
  }

  /// Calls on the loop after a while.
  func after(_ delay: Duration, _ call: @escaping () -> Void) {
    threads.next().assumeIsolated().scheduleTask(
      in: .nanoseconds(delay.wholeNanoseconds), call)
  }

  func runHistory(
    patience: Duration = HistoryStore.patience,
    _ body: @escaping @Sendable (HistoryStore, @escaping () -> Void) -> Void
  ) async {
    let loop = threads.next()
    await withCheckedContinuation { continuation in
      loop.execute {
        body(
          HistoryStore(
            directory: self.stateDirectory, patience: patience, loop: loop,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        ) { continuation.resume() }
      }
    }
  }

  func runQueue(
    patience: Duration = WriteQueue.patience, _ problems: @escaping @Sendable (String) -> Void,
    _ body: @escaping @Sendable (WriteQueue, any EventLoop, @escaping () -> Void) -> Void
  ) async {
    let loop = threads.next()
    await withCheckedContinuation { continuation in
      loop.execute {
        body(WriteQueue(loop: loop, patience: patience, report: problems), loop) {
          continuation.resume()
        }
      }
    }
  }

  /// Makes the state directory that was missing.
  func makeStateDirectory() throws {
    try FileManager.default.createDirectory(
      atPath: stateDirectory, withIntermediateDirectories: true)
  }

  func load(_ masterName: String) async -> StoredState {
    let loop = threads.next()
    return await withCheckedContinuation { continuation in
      loop.execute { self.store(loop).load(masterName) { continuation.resume(returning: $0) } }
    }
  }

  /// Loses what lies in `/run`, as a boot does.
  func loseRunFiles() throws {
    try FileManager.default.removeItem(atPath: directory + "/mymaster.proof")
  }

  /// The text of a file; nil if there is none.
  func text(of name: String) -> String? {
    FileManager.default.contents(atPath: "\(directory)/\(name)").map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  func write(_ text: String, to name: String) throws {
    try text.write(toFile: "\(directory)/\(name)", atomically: false, encoding: .utf8)
  }

  func end() {
    try? threads.syncShutdownGracefully()
    try? FileManager.default.removeItem(atPath: directory)
  }
}

/// A file that hangs whoever opens it, as a disk that does not answer: a FIFO without another end.
struct HangingFile: Sendable {
  private let path: String

  init(_ path: String) throws {
    self.path = path
    // Whoever was let go writes to nobody.
    signal(SIGPIPE, SIG_IGN)
    guard unsafe mkfifo(path, 0o600) == 0 else { throw CocoaError(.fileWriteUnknown) }
  }

  /// Lets go whoever waits to write.
  func answerWriter() {
    close(unsafe open(path, O_RDONLY | O_NONBLOCK))
  }

  /// Lets go whoever waits to read, with nothing; false if nobody waits yet.
  func answerReader() -> Bool {
    let descriptor = unsafe open(path, O_WRONLY | O_NONBLOCK)
    close(descriptor)
    return descriptor >= 0
  }
}
