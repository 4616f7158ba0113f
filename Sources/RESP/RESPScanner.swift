/// Finds where a value ends, and checks everything in it on the way.
///
/// It remembers where it stood, so that a value that arrives byte by byte is looked at once
/// only. Its memory is one frame for each level of nesting.
struct RESPScanner: Sendable {
  /// An aggregate of which some elements are still to come.
  private struct Frame {
    var remaining: Int
    /// An attribute is followed by the value that it describes, so its end completes nothing.
    var isAttribute: Bool
  }

  private let limits: RESPLimits
  private var frames: [Frame] = []
  /// Where the next element begins, counted from the start of the value.
  private var position = 0
  /// Up to where the line at `position` has been searched for its end.
  private var searched = 0

  init(limits: RESPLimits) {
    self.limits = limits
  }

  /// The length of the value at the start of the bytes, or nothing if it is not complete.
  mutating func scan(_ bytes: ArraySlice<UInt8>) throws(RESPError) -> Int? {
    while let length = try element(in: bytes) {
      position += length.bytes
      searched = position
      guard position <= limits.length else { throw .tooLong(limit: limits.length) }
      if length.isWhole, close() {
        let end = position
        self = RESPScanner(limits: limits)
        return end
      }
    }
    guard bytes.count <= limits.length else { throw .tooLong(limit: limits.length) }
    return nil
  }

  /// Counts a whole element in the aggregates around it; true if the outermost one is complete.
  private mutating func close() -> Bool {
    while var frame = frames.popLast() {
      frame.remaining -= 1
      if frame.remaining > 0 {
        frames.append(frame)
        return false
      }
      if frame.isAttribute { return false }
    }
    return true
  }

  /// The length of what stands at the position: a scalar, or the line that opens an aggregate.
  private mutating func element(
    in bytes: ArraySlice<UInt8>
  ) throws(RESPError) -> (bytes: Int, isWhole: Bool)? {
    guard position < bytes.count else { return nil }
    let first = bytes[bytes.startIndex + position]
    guard let kind = RESPKind(rawValue: first) else { throw .unknownType(first) }
    guard let line = lineLength(in: bytes) else { return nil }
    let text = bytes.dropFirst(position + 1).prefix(line - 3)
    switch kind.shape {
    case .line:
      try RESPLine.check(text, as: kind)
      return (line, true)
    case .string:
      return try string(kind, text, lineLength: line, in: bytes)
    case .aggregate(let factor):
      let count = try RESPLine.count(
        text, of: kind, limit: limits.count / factor, excess: .tooMany(limit: limits.count))
      return (line, try open(kind, elements: (count ?? 0) * factor))
    }
  }

  /// Enters an aggregate; true if it is empty and so already whole.
  private mutating func open(_ kind: RESPKind, elements: Int) throws(RESPError) -> Bool {
    guard elements > 0 else { return kind != .attribute }
    guard frames.count < limits.depth else { throw .tooDeep(limit: limits.depth) }
    frames.append(Frame(remaining: elements, isAttribute: kind == .attribute))
    return false
  }

  private func string(
    _ kind: RESPKind, _ text: ArraySlice<UInt8>, lineLength: Int, in bytes: ArraySlice<UInt8>
  ) throws(RESPError) -> (bytes: Int, isWhole: Bool)? {
    let excess = RESPError.tooLong(limit: limits.length)
    guard let count = try RESPLine.count(text, of: kind, limit: limits.length, excess: excess)
    else { return (lineLength, true) }
    guard position + lineLength + count + 2 <= limits.length else { throw excess }
    let rest = bytes.dropFirst(position + lineLength)
    guard rest.count >= count + 2 else { return nil }
    let end = rest.startIndex + count
    guard rest[end] == RESPLine.carriageReturn, rest[end + 1] == RESPLine.lineFeed else {
      throw .missingTerminator
    }
    if kind == .verbatimString {
      guard count >= 4, rest[rest.startIndex + 3] == UInt8(ascii: ":") else {
        throw .malformedValue
      }
    }
    return (lineLength + count + 2, true)
  }

  /// The length of the line at the position with its CR LF, or nothing if it has not ended.
  private mutating func lineLength(in bytes: ArraySlice<UInt8>) -> Int? {
    var index = max(searched, position + 1)
    while index + 1 < bytes.count {
      let place = bytes.startIndex + index
      if bytes[place] == RESPLine.carriageReturn, bytes[place + 1] == RESPLine.lineFeed {
        return index + 2 - position
      }
      index += 1
    }
    searched = index
    return nil
  }
}
