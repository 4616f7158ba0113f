import Glibc
import Platform

/// The file in which the history of one group is kept: a line an entry, the newest last.
///
/// Entries are appended. What a crash or a bad block left of a line is skipped and counted. When
/// the file reaches its bound it is replaced by its newer half. Every call blocks.
struct HistoryFile: Sendable {
  /// The longest file, in bytes.
  static let longest = 256 << 10
  /// The most entries of a file.
  static let maxEntries = 1_000

  private let path: String
  /// Where an earlier version had the file, if elsewhere; it is read, and stays as it is.
  private let earlierPath: String?
  private let longest: Int
  private let maxEntries: Int
  /// The lines of the file; nothing while they have not been counted.
  private var lines: Int?

  /// What a file has to tell.
  struct Content: Equatable, Sendable {
    /// The entries, the newest last.
    var entries: [HistoryEntry] = []
    /// Lines that could not be read.
    var skipped = 0
    /// Why the file could not be read at all.
    var problem: FileProblem?
  }

  init(
    _ path: String, earlier earlierPath: String? = nil, longest: Int = HistoryFile.longest,
    maxEntries: Int = HistoryFile.maxEntries
  ) {
    self.path = path
    self.earlierPath = earlierPath
    self.longest = longest
    self.maxEntries = maxEntries
  }

  /// Reads the file, behind an earlier version's; a file that is not there has no entries.
  func read() -> Content {
    var content = Self.read(path)
    if let earlierPath {
      let earlier = Self.read(earlierPath)
      content.entries = earlier.entries + content.entries
      content.skipped += earlier.skipped
    }
    return content
  }

  private static func read(_ path: String) -> Content {
    switch SmallFile.read(path) {
    case .failure(let problem):
      return Content(problem: problem.code == ENOENT ? nil : problem)
    case .success(let bytes):
      var content = Content()
      for line in bytes.split(separator: UInt8(ascii: "\n")) {
        if let entry = HistoryEntry(line: line) {
          content.entries.append(entry)
        } else {
          content.skipped += 1
        }
      }
      return content
    }
  }

  /// Appends entries as a whole or not at all; gives what went wrong.
  mutating func append(_ entries: [HistoryEntry]) -> String? {
    let text = entries.map { $0.line + "\n" }.joined()
    let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return FileProblem("write", path).description }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      return FileProblem("read", path).description
    }
    let size = Int(status.st_size)
    let count = lines ?? (size == 0 ? 0 : Self.read(path).entries.count)
    lines = nil
    guard size + text.utf8.count < longest, count + entries.count <= maxEntries else {
      return shorten(adding: entries)
    }
    // A crash may have left half a line, which must not swallow this one.
    let start = Self.endsInLine(descriptor, size) ? "" : "\n"
    guard SmallFile.writeAll(Array((start + text).utf8), to: descriptor),
      fdatasync(descriptor) == 0
    else {
      let problem = FileProblem("write", path).description
      _ = ftruncate(descriptor, off_t(size))
      return problem
    }
    lines = count + entries.count
    return nil
  }

  /// Replaces the file by its newer half and the new entries.
  private mutating func shorten(adding entries: [HistoryEntry]) -> String? {
    var kept: [String] = []
    var length = 0
    for entry in (Self.read(path).entries + entries).reversed() {
      let line = entry.line + "\n"
      length += line.utf8.count
      if length > longest / 2 || kept.count >= maxEntries / 2 { break }
      kept.append(line)
    }
    if let problem = SmallFile.replace(path, with: Array(kept.reversed().joined().utf8)) {
      return problem
    }
    lines = kept.count
    return nil
  }

  private static func endsInLine(_ descriptor: Int32, _ size: Int) -> Bool {
    guard size > 0 else { return true }
    var last: UInt8 = 0
    return unsafe pread(descriptor, &last, 1, off_t(size - 1)) == 1 && last == UInt8(ascii: "\n")
  }
}
