/// One line of a configuration file, cut into words.
///
/// The rules are those of redis.conf (`config.c sdssplitargs`): words are separated by blanks;
/// `"…"` may hold `\n \r \t \a \b \xHH`, and `\` before any other character stands for that
/// character; `'…'` may hold `\'`. Unlike there, a `#` at the start of a word begins a comment
/// that lasts to the end of the line.
public struct DirectiveLine: Equatable, Sendable {
  /// A word and where it stands.
  public struct Word: Equatable, Sendable {
    /// The text, with quotes and escapes resolved.
    public var text: String
    /// The column of its first character, quote included, from 1.
    public var column: Int
  }

  /// Why a line can't be cut into words.
  public struct Flaw: Equatable, Sendable {
    /// Where the flaw is, from 1.
    public var column: Int
    /// The word as far as it was understood.
    public var word: String
    /// What is wrong.
    public var message: String
  }

  /// The words, up to the flaw if there is one.
  public private(set) var words: [Word] = []
  /// What is wrong with the line, if anything.
  public private(set) var flaw: Flaw?

  /// Cuts a line, given without its line feed, into words.
  public init(_ line: some Collection<UInt8>) {
    var scanner = WordScanner(line: Array(line))
    while flaw == nil, let start = scanner.skipToWord() {
      let column = scanner.column(of: start)
      switch scanner.scanWord() {
      case .success(let bytes):
        if let text = String(validating: bytes, as: UTF8.self) {
          words.append(Word(text: text, column: column))
        } else {
          flaw = Flaw(
            column: column, word: String(decoding: bytes, as: UTF8.self),
            message: "the word is not valid UTF-8")
        }
      case .failure(let failure):
        flaw = Flaw(
          column: scanner.column(of: failure.offset),
          word: String(decoding: failure.bytes, as: UTF8.self), message: failure.message)
      }
    }
  }

  /// The lines of a text, without their line feeds and carriage returns.
  public static func lines(of text: [UInt8]) -> [ArraySlice<UInt8>] {
    text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
      line.last == UInt8(ascii: "\r") ? line.dropLast() : line
    }
  }
}

/// Reads one line byte by byte.
private struct WordScanner {
  /// Where and why a word could not be read.
  struct Failure: Error {
    var offset: Int
    var bytes: [UInt8]
    var message: String
  }

  let line: [UInt8]
  private var index = 0

  init(line: [UInt8]) {
    self.line = line
  }

  /// The column of a byte: characters before it plus one.
  func column(of offset: Int) -> Int {
    1 + line[..<offset].count { $0 & 0xc0 != 0x80 }
  }

  /// Moves to the start of the next word; nothing at the end or at a comment.
  mutating func skipToWord() -> Int? {
    while index < line.count, Self.isBlank(line[index]) { index += 1 }
    guard index < line.count, line[index] != UInt8(ascii: "#") else { return nil }
    return index
  }

  /// Reads a word, with every quoted part in it.
  mutating func scanWord() -> Result<[UInt8], Failure> {
    var bytes: [UInt8] = []
    while index < line.count, !Self.isBlank(line[index]) {
      let byte = line[index]
      index += 1
      guard byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") else {
        bytes.append(byte)
        continue
      }
      let opening = index - 1
      guard scanQuoted(until: byte, into: &bytes) else {
        return .failure(
          Failure(offset: opening, bytes: bytes, message: "expected a closing quote"))
      }
      guard index == line.count || Self.isBlank(line[index]) else {
        return .failure(
          Failure(offset: index, bytes: bytes, message: "expected a blank after the closing quote"))
      }
    }
    return .success(bytes)
  }

  /// Reads to the closing quote; false if there is none.
  private mutating func scanQuoted(until quote: UInt8, into bytes: inout [UInt8]) -> Bool {
    while index < line.count {
      let byte = line[index]
      index += 1
      if byte == quote { return true }
      guard byte == UInt8(ascii: "\\"), index < line.count else {
        bytes.append(byte)
        continue
      }
      if quote == UInt8(ascii: "\"") {
        bytes.append(scanEscape())
      } else if line[index] == quote {
        bytes.append(quote)
        index += 1
      } else {
        bytes.append(byte)
      }
    }
    return false
  }

  /// Reads what follows a backslash in double quotes; there is at least one byte.
  private mutating func scanEscape() -> UInt8 {
    let byte = line[index]
    index += 1
    switch byte {
    case UInt8(ascii: "n"): return 0x0a
    case UInt8(ascii: "r"): return 0x0d
    case UInt8(ascii: "t"): return 0x09
    case UInt8(ascii: "b"): return 0x08
    case UInt8(ascii: "a"): return 0x07
    case UInt8(ascii: "x"):
      guard index + 1 < line.count, let high = Self.hexDigit(line[index]),
        let low = Self.hexDigit(line[index + 1])
      else { return byte }
      index += 2
      return high << 4 | low
    default: return byte
    }
  }

  /// The blanks of `isspace(3)` in the C locale.
  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0d).contains(byte)
  }

  /// The value of a hexadecimal digit.
  private static func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
