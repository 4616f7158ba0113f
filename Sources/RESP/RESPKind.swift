/// The types of RESP2 and RESP3 by the byte that begins each.
///
/// Source: the RESP3 specification (github.com/redis/redis-specifications, protocol/RESP3.md).
public enum RESPKind: UInt8, Sendable, CaseIterable {
  /// `+OK\r\n`.
  case simpleString = 0x2b
  /// `-ERR text\r\n`.
  case simpleError = 0x2d
  /// `:42\r\n`.
  case integer = 0x3a
  /// `$2\r\nhi\r\n`; `$-1\r\n` is RESP2's null.
  case bulkString = 0x24
  /// `*2\r\n…`; `*-1\r\n` is RESP2's null.
  case array = 0x2a
  /// `_\r\n`.
  case null = 0x5f
  /// `#t\r\n` or `#f\r\n`.
  case boolean = 0x23
  /// `,1.5\r\n`, `,inf\r\n`, `,nan\r\n`.
  case double = 0x2c
  /// `(3492890328409238509324850943850943825024385\r\n`.
  case bigNumber = 0x28
  /// `!9\r\nERR wrong\r\n`.
  case bulkError = 0x21
  /// `=6\r\ntxt:hi\r\n`.
  case verbatimString = 0x3d
  /// `%1\r\n` and a key and a value.
  case map = 0x25
  /// `~2\r\n…`.
  case set = 0x7e
  /// `>3\r\n…`: something that was not asked for, as a published message.
  case push = 0x3e
  /// `|1\r\n` and a key and a value, in front of the value that they describe.
  case attribute = 0x7c

  /// How the bytes after the first line are to be read.
  enum Shape {
    /// The line is all.
    case line
    /// The line is a length, and so many bytes and CR LF follow.
    case string
    /// The line is a count, and so many elements follow, times the factor.
    case aggregate(factor: Int)
  }

  /// The shape of this type.
  var shape: Shape {
    switch self {
    case .simpleString, .simpleError, .integer, .null, .boolean, .double, .bigNumber: .line
    case .bulkString, .bulkError, .verbatimString: .string
    case .array, .set, .push: .aggregate(factor: 1)
    case .map, .attribute: .aggregate(factor: 2)
    }
  }

  /// Whether RESP2 lets a length of -1 stand for null.
  var mayBeNull: Bool { self == .bulkString || self == .array }
}
