import FailoverCore
import NIOCore
import Platform
import Wording

/// Replaces files by their newest content, one at a time, on a thread of its own.
///
/// Files take turns: one that changes all the time keeps no other from the disk. A disk that hangs
/// costs one thread, and no more memory than the newest content of each file.
final class WriteQueue {
  /// How long a write may take before people are told, and before nobody waits for it any more.
  static let patience = Duration.seconds(2)

  /// The newest content of a file.
  struct Draft: Sendable {
    /// Nil to remove the file.
    var content: [UInt8]?
    /// Whether it must outlast the power, and so be on the disk before it takes the old one's place.
    var isLasting: Bool
  }

  private let threads: BlockingThreads
  private let loop: any EventLoop
  private let patience: Duration
  private let report: (_ problem: String) -> Void
  /// What is to be written, by path, each with a number that grows with every draft.
  private var drafts: [String: (draft: Draft, number: UInt64)] = [:]
  /// The paths of those, the next one first.
  private var turns: CircularBuffer<String> = []
  private var current: (path: String, number: UInt64)?
  private var lastNumber: UInt64 = 0
  private var waiters: [Waiter] = []

  /// Somebody who waits until some drafts are written.
  private final class Waiter {
    var numbers: [String: UInt64]
    let call: () -> Void
    var timer: Scheduled<Void>?

    init(for numbers: [String: UInt64], _ call: @escaping () -> Void) {
      self.numbers = numbers
      self.call = call
    }
  }

  /// Makes a queue; `report` is told of each write that fails or takes too long.
  init(
    loop: any EventLoop, patience: Duration = WriteQueue.patience,
    report: @escaping (_ problem: String) -> Void
  ) {
    threads = BlockingThreads(loop: loop)
    self.loop = loop
    self.patience = patience
    self.report = report
  }

  /// Writes the newest content of a file, once it is its turn.
  func replace(_ path: String, with draft: Draft) {
    lastNumber += 1
    if drafts.updateValue((draft, lastNumber), forKey: path) == nil { turns.append(path) }
    writeNext()
  }

  /// Reads behind what is being written.
  func read<Result: Sendable>(
    _ call: @escaping @Sendable () -> Result, then use: @escaping (Result) -> Void
  ) {
    threads.run(call, then: use)
  }

  /// Calls back once what was given so far is written, or has failed, or takes too long.
  ///
  /// - Parameters:
  ///   - path: the file that is waited for; nil for every file.
  ///   - call: called at once if nothing is to be written.
  func whenWritten(_ path: String?, _ call: @escaping () -> Void) {
    var numbers = drafts.mapValues(\.number)
    if let current, numbers[current.path] == nil { numbers[current.path] = current.number }
    if let path { numbers = numbers.filter { $0.key == path } }
    guard !numbers.isEmpty else { return call() }
    let waiter = Waiter(for: numbers, call)
    waiters.append(waiter)
    waiter.timer = afterPatience { [weak self, weak waiter] in
      guard let self, let waiter else { return }
      finish(waiter)
    }
  }

  private func writeNext() {
    guard current == nil, let path = turns.popFirst(),
      let (draft, number) = drafts.removeValue(forKey: path)
    else { return }
    current = (path, number)
    let timer = afterPatience { [report, patience] in
      report("can't write \(path): the disk has not answered for \(patience.shortText)")
    }
    threads.run {
      SmallFile.replace(path, with: draft.content, isLasting: draft.isLasting)
    } then: { [self] problem in
      timer.cancel()
      written(path, number, problem)
    }
  }

  private func written(_ path: String, _ number: UInt64, _ problem: String?) {
    current = nil
    if let problem { report(problem) }
    writeNext()
    for waiter in waiters where waiter.numbers[path].map({ $0 <= number }) ?? false {
      waiter.numbers[path] = nil
      if waiter.numbers.isEmpty { finish(waiter) }
    }
  }

  private func finish(_ waiter: Waiter) {
    waiter.timer?.cancel()
    waiters.removeAll { $0 === waiter }
    waiter.call()
  }

  private func afterPatience(_ call: @escaping () -> Void) -> Scheduled<Void> {
    loop.assumeIsolated().scheduleTask(in: .nanoseconds(patience.wholeNanoseconds), call)
  }
}
