/// One complete value, checked as a whole and decoded where it is looked at.
///
/// A poll of a Sentinel brings some hundred strings of which a dozen matter; so nothing is
/// copied or converted until it is asked for. A token keeps the bytes that it came in alive:
/// take out what you need and let it go.
public struct RESPToken: Equatable, Sendable {
  /// The bytes of the value, from its type byte to its end, without attributes in front.
  public let bytes: ArraySlice<UInt8>

  /// Wraps bytes that a scanner has checked; attributes in front are dropped.
  init(checked bytes: ArraySlice<UInt8>) {
    var walker = RESPWalker(bytes)
    walker.skipAttributes()
    self.bytes = walker.rest
  }

  /// The type.
  public var kind: RESPKind {
    bytes.first.flatMap(RESPKind.init(rawValue:)) ?? .null
  }

  /// Whether this is RESP3's null or one of RESP2's two.
  public var isNull: Bool {
    switch kind {
    case .null: true
    case .bulkString, .array: bytes.dropFirst().first == UInt8(ascii: "-")
    default: false
    }
  }

  /// The bytes of a string, an error or a number as they were sent; nothing for an aggregate.
  ///
  /// Of a verbatim string it is what follows the format (`txt:`).
  public var payload: ArraySlice<UInt8>? {
    var walker = RESPWalker(bytes)
    let line = walker.takeLine()
    switch kind.shape {
    case .line: return kind == .null ? nil : line
    case .aggregate: return nil
    case .string:
      if isNull { return nil }
      let string = walker.rest.dropLast(2)
      return kind == .verbatimString ? string.dropFirst(4) : string
    }
  }

  /// The payload of a string or a number as text; what is not UTF-8 is repaired.
  ///
  /// Nothing for null, an aggregate and an error, so that an error is never taken for data.
  public var text: String? {
    isError ? nil : payload.map { String(decoding: $0, as: UTF8.self) }
  }

  /// Whether this is an error.
  public var isError: Bool { kind == .simpleError || kind == .bulkError }

  /// The text of an error, as in `ERR No such master with that name`.
  public var errorText: String? {
    isError ? payload.map { String(decoding: $0, as: UTF8.self) } : nil
  }

  /// The value of an integer, or of a string that is one, as Sentinel sends all its numbers.
  public var integer: Int64? {
    guard !isError, let payload, payload.count <= 20 else { return nil }
    return try? RESPLine.integer(payload)
  }

  /// The value of a Boolean.
  public var boolean: Bool? {
    kind == .boolean ? payload?.first == UInt8(ascii: "t") : nil
  }

  /// The value of a double or an integer.
  public var double: Double? {
    guard kind == .double || kind == .integer else { return nil }
    return payload.flatMap { Double(String(decoding: $0, as: UTF8.self)) }
  }

  /// The elements of an aggregate; nothing for a scalar and for null.
  ///
  /// A map yields its keys and values by turns, so that it reads like the flat array that RESP2
  /// sends in its place.
  public var elements: RESPElements? {
    guard case .aggregate(let factor) = kind.shape, !isNull else { return nil }
    var walker = RESPWalker(bytes)
    let count = walker.takeCount()
    return RESPElements(walker: walker, remaining: count * factor)
  }

  /// Whether the payload equals a word, byte for byte.
  public func reads(_ word: StaticString) -> Bool {
    guard !isError, let payload else { return false }
    return word.withUTF8Buffer { payload.elementsEqual($0) }
  }
}

/// The elements of an aggregate, one after the other.
public struct RESPElements: Sequence, IteratorProtocol, Sendable {
  private var walker: RESPWalker
  /// How many elements are still to come.
  public private(set) var remaining: Int

  init(walker: RESPWalker, remaining: Int) {
    self.walker = walker
    self.remaining = remaining
  }

  /// The next element, or nothing after the last.
  public mutating func next() -> RESPToken? {
    guard remaining > 0 else { return nil }
    remaining -= 1
    return RESPToken(checked: walker.takeValue())
  }

  /// The number of elements still to come, so that collecting them allocates once.
  public var underestimatedCount: Int { remaining }
}
