/// Why bytes are not RESP, or not RESP that this side is willing to read.
///
/// After any of them the stream has no known boundary any more: close the connection.
public enum RESPError: Error, Equatable, Sendable {
  /// A value began with a byte that names no type.
  case unknownType(UInt8)
  /// A length, a count or an integer was not a decimal number in range.
  case malformedNumber
  /// A Boolean, a null, a double or a verbatim string did not have the form of its type.
  case malformedValue
  /// The bytes after a string were not CR LF.
  case missingTerminator
  /// A type of unknown length (`$?`, `*?`), which Redis and Valkey never send.
  case streamedType
  /// Values were nested deeper than the limit.
  case tooDeep(limit: Int)
  /// One value was longer than the limit in bytes.
  case tooLong(limit: Int)
  /// An aggregate announced more elements than the limit.
  case tooMany(limit: Int)
  /// A command was not an array of bulk strings.
  case notACommand
}

extension RESPError: CustomStringConvertible {
  /// What was wrong, as a clause for a log line.
  public var description: String {
    switch self {
    case .unknownType(let byte): "no RESP type begins with byte \(byte)"
    case .malformedNumber: "a length or an integer is not a number in range"
    case .malformedValue: "a value does not have the form of its type"
    case .missingTerminator: "a string does not end in CR LF"
    case .streamedType: "a type of unknown length"
    case .tooDeep(let limit): "nested deeper than \(limit)"
    case .tooLong(let limit): "a value of more than \(limit) bytes"
    case .tooMany(let limit): "an aggregate of more than \(limit) elements"
    case .notACommand: "a command is an array of bulk strings"
    }
  }
}

/// What a parser accepts from a peer that may be hostile.
public struct RESPLimits: Equatable, Sendable {
  /// The greatest depth of nested aggregates; Sentinel's replies need 2.
  public var depth: Int
  /// The greatest length of one value with all that it contains, in bytes.
  public var length: Int
  /// The greatest number of elements that one aggregate may announce.
  public var count: Int

  /// Makes limits; the defaults leave room for a Sentinel with a thousand replicas.
  public init(depth: Int = 8, length: Int = 1 << 20, count: Int = 1 << 16) {
    self.depth = depth
    self.length = length
    self.count = count
  }
}
