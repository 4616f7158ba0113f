/// Steps over values that a scanner has checked before.
///
/// On bytes that were not checked it stays in bounds and ends early rather than trap.
struct RESPWalker: Sendable {
  /// What has not been stepped over yet.
  private(set) var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) {
    rest = bytes
  }

  /// Steps over the type byte and the line, and returns what stood between it and CR LF.
  mutating func takeLine() -> ArraySlice<UInt8> {
    guard let end = rest.firstIndex(of: RESPLine.carriageReturn) else {
      rest = rest.suffix(0)
      return rest
    }
    let line = rest[rest.startIndex..<end].dropFirst()
    rest = rest[end...].dropFirst(2)
    return line
  }

  /// Steps over a line that is a length or a count; 0 for null.
  mutating func takeCount() -> Int {
    let number = (try? RESPLine.integer(takeLine())) ?? 0
    return Int(max(0, number))
  }

  /// Steps over a whole value with its attributes, and returns it.
  mutating func takeValue() -> ArraySlice<UInt8> {
    let before = rest
    skipAttributes()
    skipValue()
    return before[..<rest.startIndex]
  }

  /// Steps over attributes in front of a value.
  mutating func skipAttributes() {
    while rest.first == RESPKind.attribute.rawValue {
      skip(elements: takeCount() * 2)
    }
  }

  private mutating func skipValue() {
    guard let kind = rest.first.flatMap(RESPKind.init(rawValue:)) else {
      rest = rest.suffix(0)
      return
    }
    switch kind.shape {
    case .line: _ = takeLine()
    case .string: skipString(kind)
    case .aggregate(let factor): skip(elements: takeCount() * factor)
    }
  }

  private mutating func skipString(_ kind: RESPKind) {
    let isNull = rest.dropFirst().first == UInt8(ascii: "-")
    let count = takeCount()
    if !isNull { rest = rest.dropFirst(count + 2) }
  }

  private mutating func skip(elements: Int) {
    var remaining = elements
    while remaining > 0, !rest.isEmpty {
      skipAttributes()
      skipValue()
      remaining -= 1
    }
  }
}
