import Logging
import NIOCore
import NIOPosix

/// Keeps the history of every group over restarts; written off the event loop.
///
/// What can't be written, because the disk is full or the directory is gone, waits in memory, the
/// newest entries of each group; it is written together with the next one. This is logged once,
/// and costs nothing else.
final class HistoryStore {
  /// Entries of a group that may wait for the disk.
  static let mostWaiting = 200
  /// Readers that may wait for the disk.
  static let mostReaders = 16

  private let directory: String
  /// Whether anything is written; a single decision leaves no trace.
  private let keepsState: Bool
  private let pool: NIOThreadPool
  private let loop: any EventLoop
  private let logger: Logger
  private var files: [String: HistoryFile] = [:]
  /// Entries that are not on the disk, by master name.
  private var waiting: [String: [HistoryEntry]] = [:]
  /// Master names with entries that have not been tried yet.
  private var untried: Set<String> = []
  private var readers: [Reader] = []
  private var isBusy = false
  private var afterwards: [() -> Void] = []
  /// Why the newest entries are not on the disk; nothing if they are.
  private(set) var problem: String?

  /// Somebody who wants to read.
  private struct Reader {
    let masterNames: [String]
    let write: @Sendable ([Part]) -> String
    let use: (String) -> Void
  }

  /// The history of one group.
  struct Part: Sendable {
    let masterName: String
    /// The entries, the newest last.
    var entries: [HistoryEntry]
    /// Lines of the file that could not be read.
    var skipped: Int
    /// How many of the entries are in memory only.
    var unsaved: Int
    /// Why the file could not be read.
    var problem: String?
  }

  init(
    directory: String, keepsState: Bool = true, pool: NIOThreadPool, loop: any EventLoop,
    logger: Logger
  ) {
    self.directory = directory
    self.keepsState = keepsState
    self.pool = pool
    self.loop = loop
    self.logger = logger
  }

  /// Keeps an entry.
  func add(_ entry: HistoryEntry, of masterName: String) {
    waiting[masterName, default: []].append(entry)
    bound(masterName)
    guard keepsState else { return }
    untried.insert(masterName)
    next()
  }

  /// Reads the history of groups, with what is not on the disk yet, and makes a text of it, all
  /// off the event loop.
  ///
  /// - Returns: false, and nothing is called, if too many wait to read.
  func read(
    _ masterNames: [String], write: @escaping @Sendable ([Part]) -> String,
    then use: @escaping (String) -> Void
  ) -> Bool {
    guard readers.count < Self.mostReaders else { return false }
    readers.append(Reader(masterNames: masterNames, write: write, use: use))
    next()
    return true
  }

  /// Calls back once everything that was given so far is written, or has failed.
  func whenWritten(_ call: @escaping () -> Void) {
    afterwards.append(call)
    next()
  }

  /// Writes or reads next, one at a time: a disk that hangs costs one thread.
  private func next() {
    guard !isBusy else { return }
    if let masterName = untried.popFirst() {
      write(masterName)
    } else if !readers.isEmpty {
      serve(readers.removeFirst())
    } else {
      let calls = afterwards
      afterwards = []
      for call in calls { call() }
    }
  }

  private func write(_ masterName: String) {
    let entries = waiting.removeValue(forKey: masterName) ?? []
    isBusy = true
    pool.runIfActive(eventLoop: loop) { [known = file(masterName)] in
      var file = known
      let problem = file.append(entries)
      return (file, problem)
    }
    .assumeIsolated().whenComplete { [self] result in
      isBusy = false
      switch result {
      case .success((let written, let problem)):
        files[masterName] = written
        // What came meanwhile stands behind what could not be written.
        if problem != nil { waiting[masterName] = entries + (waiting[masterName] ?? []) }
        bound(masterName)
        note(problem)
      case .failure: break
      }
      next()
    }
  }

  private func serve(_ reader: Reader) {
    let requested = reader.masterNames.map { name in
      (name: name, file: keepsState ? file(name) : nil, unsaved: waiting[name] ?? [])
    }
    isBusy = true
    pool.runIfActive(eventLoop: loop) { [write = reader.write] in
      write(
        requested.map { name, file, unsaved in
          let content = file?.read() ?? HistoryFile.Content()
          return Part(
            masterName: name, entries: content.entries + unsaved, skipped: content.skipped,
            unsaved: unsaved.count, problem: content.problem?.description)
        })
    }
    .assumeIsolated().whenComplete { [self] result in
      isBusy = false
      if case .success(let text) = result { reader.use(text) }
      next()
    }
  }

  private func file(_ masterName: String) -> HistoryFile {
    files[masterName]
      ?? HistoryFile("\(directory)/\(SmallFile.name(for: masterName)).history")
  }

  /// Drops the oldest of what waits beyond the bound.
  private func bound(_ masterName: String) {
    guard let count = waiting[masterName]?.count, count > Self.mostWaiting else { return }
    waiting[masterName]?.removeFirst(count - Self.mostWaiting)
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
