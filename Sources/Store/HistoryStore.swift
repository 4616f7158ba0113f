import FailoverCore
package import Logging
package import NIOCore
import Platform
import Wording

/// Keeps the history of every group over restarts; written off the event loop.
///
/// What can't be written, because the disk is full or the directory is gone, waits in memory, the
/// newest entries of each group; it is written together with the next one. This is logged once,
/// and costs nothing else. Groups and readers take turns; while the disk does not answer, readers
/// get what is in memory.
package final class HistoryStore {
  /// Entries of a group that may wait for the disk.
  static let maxWaiting = 200
  /// Readers that may wait for the disk.
  static let maxReaders = 16
  /// How long anybody waits for the disk.
  static let patience = Duration.seconds(2)

  private let directory: String
  /// Whether anything is written; a single decision leaves no trace.
  private let keepsState: Bool
  private let patience: Duration
  private let threads: BlockingThreads
  private let loop: any EventLoop
  private let logger: Logger
  private var files: [String: HistoryFile] = [:]
  /// Entries that are not on the disk, by master name.
  private var waiting: [String: [HistoryEntry]] = [:]
  /// Those of them that are being written.
  private var current: (masterName: String, entries: [HistoryEntry])?
  private var turns: CircularBuffer<Turn> = []
  private var isBusy = false
  private var waiters: [Waiter] = []
  /// Why the newest entries are not on the disk; nothing if they are.
  package private(set) var problem: String?

  /// What the disk is asked for next.
  private enum Turn {
    case write(masterName: String)
    case serve(Waiter)
  }

  /// Somebody who wants to read, or to know that everything before was tried.
  private final class Waiter {
    let masterNames: [String]
    /// Makes a text of what was read; nil where nothing is to be.
    let write: (@Sendable ([Part]) -> String)?
    let use: (String) -> Void
    var timer: Scheduled<Void>?
    var isServed = false

    init(
      _ masterNames: [String], write: (@Sendable ([Part]) -> String)?,
      use: @escaping (String) -> Void
    ) {
      self.masterNames = masterNames
      self.write = write
      self.use = use
    }
  }

  /// The history of one group.
  package struct Part: Sendable {
    package let masterName: String
    /// The entries, the newest last.
    package var entries: [HistoryEntry]
    /// Lines of the file that could not be read.
    package var skipped: Int
    /// How many of the entries are in memory only.
    package var unsaved: Int
    /// Why the file could not be read.
    package var problem: String?
  }

  package init(
    directory: String, keepsState: Bool = true, patience: Duration = HistoryStore.patience,
    loop: any EventLoop, logger: Logger
  ) {
    self.directory = directory
    self.keepsState = keepsState
    self.patience = patience
    threads = BlockingThreads(loop: loop)
    self.loop = loop
    self.logger = logger
  }

  /// Keeps an entry.
  package func add(_ entry: HistoryEntry, of masterName: String) {
    waiting[masterName, default: []].append(entry)
    bound(masterName)
    guard keepsState else { return }
    let hasTurn = turns.contains {
      if case .write(masterName) = $0 { true } else { false }
    }
    if !hasTurn { turns.append(.write(masterName: masterName)) }
    next()
  }

  /// Reads the history of groups, with what is not on the disk yet, and makes a text of it, all
  /// off the event loop.
  ///
  /// - Returns: false, and nothing is called, if too many wait to read.
  package func read(
    _ masterNames: [String], write: @escaping @Sendable ([Part]) -> String,
    then use: @escaping (String) -> Void
  ) -> Bool {
    guard waiters.count <= Self.maxReaders else { return false }
    wait(Waiter(masterNames, write: write, use: use))
    return true
  }

  /// Calls back once everything that was given so far is written, or has failed, or takes longer
  /// than `patience`.
  package func whenWritten(_ call: @escaping () -> Void) {
    guard isBusy || !turns.isEmpty else { return call() }
    wait(Waiter([], write: nil, use: { _ in call() }))
  }

  private func wait(_ waiter: Waiter) {
    waiters.append(waiter)
    turns.append(.serve(waiter))
    waiter.timer = afterPatience { [weak self, weak waiter] in
      guard let self, let waiter else { return }
      serveFromMemory(waiter)
    }
    next()
  }

  /// Writes or reads next, one at a time: a disk that hangs costs one thread.
  private func next() {
    while !isBusy, let turn = turns.popFirst() {
      switch turn {
      case .write(let masterName): write(masterName)
      case .serve(let waiter): serve(waiter)
      }
    }
  }

  private func write(_ masterName: String) {
    let entries = waiting.removeValue(forKey: masterName) ?? []
    isBusy = true
    current = (masterName, entries)
    let timer = afterPatience { [weak self] in self.map { $0.note($0.silence) } }
    threads.run { [known = file(masterName)] in
      var file = known
      let problem = file.append(entries)
      return (file, problem)
    } then: { [self] written, problem in
      timer.cancel()
      isBusy = false
      current = nil
      files[masterName] = written
      // What came meanwhile stands behind what could not be written.
      if problem != nil { waiting[masterName] = entries + (waiting[masterName] ?? []) }
      bound(masterName)
      note(problem)
      next()
    }
  }

  private func serve(_ waiter: Waiter) {
    guard let write = waiter.write else { return finish(waiter, "") }
    let requested = waiter.masterNames.map { name in
      (name: name, file: keepsState ? file(name) : nil, unsaved: unsaved(name))
    }
    isBusy = true
    threads.run {
      write(
        requested.map { name, file, unsaved in
          let content = file?.read() ?? HistoryFile.Content()
          return Part(
            masterName: name, entries: content.entries + unsaved, skipped: content.skipped,
            unsaved: unsaved.count, problem: content.problem?.description)
        })
    } then: { [self] text in
      isBusy = false
      finish(waiter, text)
      next()
    }
  }

  /// Gives a reader what there is without the disk, which has not answered for too long.
  private func serveFromMemory(_ waiter: Waiter) {
    let parts = waiter.masterNames.map { name in
      let unsaved = unsaved(name)
      return Part(
        masterName: name, entries: unsaved, skipped: 0, unsaved: unsaved.count,
        problem: "\(silence); what is on it is not shown")
    }
    finish(waiter, waiter.write?(parts) ?? "")
  }

  private var silence: String { "the disk has not answered for \(patience.shortText)" }

  private func afterPatience(_ call: @escaping () -> Void) -> Scheduled<Void> {
    loop.assumeIsolated().scheduleTask(
      in: .nanoseconds(patience.wholeNanoseconds), call)
  }

  private func finish(_ waiter: Waiter, _ text: String) {
    guard !waiter.isServed else { return }
    waiter.isServed = true
    waiter.timer?.cancel()
    waiters.removeAll { $0 === waiter }
    // Its turn need not come any more.
    turns.removeAll { if case .serve(let other) = $0 { other === waiter } else { false } }
    waiter.use(text)
  }

  /// The entries of a group that are not known to be on the disk, the newest last.
  private func unsaved(_ masterName: String) -> [HistoryEntry] {
    let written = current.map { $0.masterName == masterName ? $0.entries : [] } ?? []
    return written + (waiting[masterName] ?? [])
  }

  private func file(_ masterName: String) -> HistoryFile {
    if let file = files[masterName] { return file }
    let path = { (name: String) in "\(self.directory)/\(name).history" }
    return HistoryFile(
      path(GroupFileName.name(for: masterName)),
      earlier: GroupFileName.earlierName(for: masterName).map(path))
  }

  /// Drops the oldest of what waits beyond the bound.
  private func bound(_ masterName: String) {
    guard let count = waiting[masterName]?.count, count > Self.maxWaiting else { return }
    waiting[masterName]?.removeFirst(count - Self.maxWaiting)
  }

  /// Logs that writing fails, or that it works again, once each.
  private func note(_ new: String?) {
    defer { problem = new }
    if let new, problem == nil {
      logger.warning("The history is not kept on the disk: \(new)")
    } else if new == nil, problem != nil {
      logger.notice("The history is kept on the disk again")
    }
  }
}
