/// What a Redis server answers, in RESP2.
public enum Reply: Equatable, Sendable {
  /// A short status, such as `OK`.
  case status(String)
  /// An error, with its leading word.
  case error(String)
  /// A number.
  case integer(Int)
  /// A string, or nothing.
  case bulk(String?)
  /// A list, or nothing.
  case array([Reply]?)

  /// The text of a status or string.
  public var text: String? {
    switch self {
    case .status(let text): text
    case .bulk(let text): text
    case .integer(let number): String(number)
    case .error, .array: nil
    }
  }

  /// The parts of a list; empty for everything else.
  public var parts: [Reply] {
    if case .array(let parts) = self { parts ?? [] } else { [] }
  }

  /// The fields of a list in which names and values alternate, as `SENTINEL MASTER` answers.
  public var fields: [String: String] {
    var fields: [String: String] = [:]
    let texts = parts.map { $0.text ?? "" }
    for index in stride(from: 0, to: texts.count - 1, by: 2) {
      fields[texts[index]] = texts[index + 1]
    }
    return fields
  }
}

/// Reads replies out of a growing buffer.
///
/// The lab has a reader of its own, apart from the product's: a test that shares the code it
/// tests would share its mistakes.
struct ReplyReader {
  private var buffer: [UInt8] = []

  mutating func append(_ bytes: [UInt8]) {
    buffer += bytes
  }

  /// Takes the next whole reply; nothing if it hasn't arrived in full.
  mutating func next() throws(LabError) -> Reply? {
    var position = 0
    guard let reply = try parse(&position) else { return nil }
    buffer.removeFirst(position)
    return reply
  }

  /// Takes the next reply, which is a string of any bytes; nothing if it hasn't arrived in full.
  mutating func nextBytes() throws(LabError) -> [UInt8]? {
    var position = 0
    guard let line = line(&position) else { return nil }
    guard line.first == "$", let count = Int(line.dropFirst()) else {
      throw .unexpectedReply(line)
    }
    if count > 0, buffer.count < position + count + 2 { return nil }
    defer { buffer.removeFirst(count < 0 ? position : position + count + 2) }
    return count <= 0 ? [] : Array(buffer[position..<position + count])
  }

  private func parse(_ position: inout Int) throws(LabError) -> Reply? {
    guard let line = line(&position) else { return nil }
    guard let kind = line.first else { throw .unexpectedReply("an empty line") }
    let rest = line.dropFirst()
    switch kind {
    case "+": return .status(String(rest))
    case "-": return .error(String(rest))
    case ":": return .integer(Int(rest) ?? 0)
    case "$": return try parseBulk(Int(rest), &position)
    case "*":
      guard let count = Int(rest) else { throw .unexpectedReply(line) }
      if count < 0 { return .array(nil) }
      var parts: [Reply] = []
      for _ in 0..<count {
        guard let part = try parse(&position) else { return nil }
        parts.append(part)
      }
      return .array(parts)
    default: throw .unexpectedReply(line)
    }
  }

  private func parseBulk(_ count: Int?, _ position: inout Int) throws(LabError) -> Reply? {
    guard let count else { throw .unexpectedReply("a string without a length") }
    if count < 0 { return .bulk(nil) }
    guard buffer.count >= position + count + 2 else { return nil }
    let text = String(decoding: buffer[position..<position + count], as: UTF8.self)
    position += count + 2
    return .bulk(text)
  }

  private func line(_ position: inout Int) -> String? {
    guard let end = buffer[position...].firstIndex(of: 0x0d), end + 1 < buffer.count else {
      return nil
    }
    defer { position = end + 2 }
    return String(decoding: buffer[position..<end], as: UTF8.self)
  }
}
