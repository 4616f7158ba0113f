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
          word: String(decoding: failure.bytes, as: UTF8.self), message: failure.message.description
        )
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
