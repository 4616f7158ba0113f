import CHook

/// Writes for people, without the machinery of `print`.
enum Console {
  /// Writes `vipd-reconfig: …`, with a line end, to standard error, which Sentinel inherits.
  static func complain(_ parts: StaticString...) {
    var line = Line("vipd-reconfig: ")
    for part in parts { line.append(part) }
    line.append("\n")
    line.write(to: STDERR_FILENO)
  }

  /// Writes a complaint that ends in a text from elsewhere, its control characters made harmless.
  static func complain(_ text: StaticString, _ blank: StaticString, _ detail: UnsafePointer<CChar>)
  {
    var line = Line("vipd-reconfig: ")
    line.append(text)
    line.append(blank)
    unsafe line.append(UnsafeRawBufferPointer(start: detail, count: strlen(detail)))
    line.append("\n")
    line.write(to: STDERR_FILENO)
  }

  /// Writes a complaint that ends in bytes from elsewhere.
  static func complain(_ text: StaticString, answer: ArraySlice<UInt8>) {
    var line = Line("vipd-reconfig: ")
    line.append(text)
    unsafe answer.withUnsafeBytes { unsafe line.append($0) }
    line.append("\n")
    line.write(to: STDERR_FILENO)
  }

  /// Writes a text.
  static func write(_ text: StaticString, to descriptor: CInt) {
    Line(text).write(to: descriptor)
  }

  /// Writes three texts, the second of which is no literal.
  static func write(
    _ first: StaticString, _ second: String, _ third: StaticString, to descriptor: CInt
  ) {
    var line = Line(first)
    for byte in second.utf8 { line.append(byte) }
    line.append(third)
    line.write(to: descriptor)
  }

  /// Bytes that go out in one piece.
  private struct Line {
    private var bytes: [UInt8] = []

    init(_ text: StaticString) {
      append(text)
    }

    mutating func append(_ byte: UInt8) {
      bytes.append(byte)
    }

    mutating func append(_ text: StaticString) {
      for index in 0..<text.utf8CodeUnitCount { bytes.append(unsafe text.utf8Start[index]) }
    }

    mutating func append(_ content: UnsafeRawBufferPointer) {
      for index in 0..<min(content.count, Limits.answerBytes) {
        let byte = unsafe content[index]
        bytes.append((0x20...0x7e).contains(byte) ? byte : UInt8(ascii: "?"))
      }
    }

    /// Writes what it can: who doesn't read has no claim to wait for.
    func write(to descriptor: CInt) {
      _ = unsafe bytes.withUnsafeBytes { unsafe CHook.write(descriptor, $0.baseAddress, $0.count) }
    }
  }
}
