/// The versions of the protocol that both sides may speak.
public enum RESPVersion: Int, Sendable {
  /// What every connection begins with.
  case two = 2
  /// After `HELLO 3`; Redis 6.0, Valkey 7.2.
  case three = 3
}

/// Writes commands and replies to a byte array.
public struct RESPWriter: Sendable {
  /// What has been written.
  public var bytes: [UInt8] = []
  /// The version that replies are written in; commands are the same in both.
  public var version: RESPVersion

  /// Makes a writer that has written nothing.
  public init(version: RESPVersion = .two) {
    self.version = version
  }

  /// The bytes of one command.
  public static func command(_ words: [String]) -> [UInt8] {
    var writer = RESPWriter()
    writer.command(words)
    return writer.bytes
  }

  /// Writes a command: an array of bulk strings.
  public mutating func command(_ words: [String]) {
    array(count: words.count)
    for word in words { bulkString(word) }
  }

  /// Writes a bulk string.
  public mutating func bulkString(_ text: some StringProtocol) {
    bulkString(text.utf8)
  }

  /// Writes a bulk string of bytes.
  public mutating func bulkString(_ content: some Collection<UInt8>) {
    line(.bulkString, "\(content.count)")
    bytes.append(contentsOf: content)
    endLine()
  }

  /// Writes a simple string; a line break in it becomes a space.
  public mutating func simpleString(_ text: some StringProtocol) {
    line(.simpleString, text)
  }

  /// Writes an error, as in `ERR no such master`; a line break in it becomes a space.
  public mutating func error(_ text: some StringProtocol) {
    line(.simpleError, text)
  }

  /// Writes an integer.
  public mutating func integer(_ value: Int64) {
    line(.integer, "\(value)")
  }

  /// Writes a null in the form of the version.
  public mutating func null() {
    switch version {
    case .two: line(.bulkString, "-1")
    case .three: line(.null, "")
    }
  }

  /// Opens an array; that many values must follow.
  public mutating func array(count: Int) {
    line(.array, "\(count)")
  }

  /// Opens a map; that many pairs must follow.
  ///
  /// In RESP2 it is a flat array.
  public mutating func map(count: Int) {
    switch version {
    case .two: line(.array, "\(count * 2)")
    case .three: line(.map, "\(count)")
    }
  }

  /// Opens a push; that many values must follow.
  ///
  /// In RESP2 it is an array.
  public mutating func push(count: Int) {
    switch version {
    case .two: line(.array, "\(count)")
    case .three: line(.push, "\(count)")
    }
  }

  private mutating func line(_ kind: RESPKind, _ text: some StringProtocol) {
    bytes.append(kind.rawValue)
    for byte in text.utf8 {
      let breaks = byte == RESPLine.carriageReturn || byte == RESPLine.lineFeed
      bytes.append(breaks ? UInt8(ascii: " ") : byte)
    }
    endLine()
  }

  private mutating func endLine() {
    bytes.append(RESPLine.carriageReturn)
    bytes.append(RESPLine.lineFeed)
  }
}
