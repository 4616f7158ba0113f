/// Cuts what a client sends into commands: arrays of bulk strings, or lines of words.
///
/// Lines are for people: `echo STATUS | nc -U /run/vipd/vipd.sock` works.
public struct RESPCommandParser: Sendable {
  private var parser: RESPParser
  private let limits: RESPLimits

  /// Makes a parser that has read nothing; the default limits suit short commands.
  public init(limits: RESPLimits = RESPLimits(depth: 1, length: 1 << 16, count: 256)) {
    self.limits = limits
    parser = RESPParser(limits: limits)
  }

  /// The number of bytes that belong to no command given out.
  public var pendingBytes: Int { parser.pendingBytes }

  /// Takes in bytes.
  public mutating func append(_ bytes: some Sequence<UInt8>) {
    parser.append(bytes)
  }

  /// The words of the next command, or nothing if more bytes are needed.
  ///
  /// Empty commands are skipped. Words that are not UTF-8 are repaired.
  public mutating func next() throws(RESPError) -> [String]? {
    while let first = parser.firstPendingByte {
      let words: [String]?
      if first == RESPKind.array.rawValue {
        words = try arrayCommand()
      } else {
        words = try inlineCommand()
      }
      guard let words else { return nil }
      if !words.isEmpty { return words }
    }
    return nil
  }

  private mutating func arrayCommand() throws(RESPError) -> [String]? {
    guard let token = try parser.next() else { return nil }
    var words: [String] = []
    guard let elements = token.elements else { return words }
    for element in elements {
      guard element.kind == .bulkString, let word = element.text else { throw .notACommand }
      words.append(word)
    }
    return words
  }

  private mutating func inlineCommand() throws(RESPError) -> [String]? {
    guard let line = try parser.takeInlineLine(limit: limits.length) else { return nil }
    let words = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    guard words.count <= limits.count else { throw .tooMany(limit: limits.count) }
    return words.map { String(decoding: $0, as: UTF8.self) }
  }
}
