import CHook

/// The command for the daemon, as RESP: `RECONFIG reconfig …` or `RECONFIG notify …`.
struct Request {
  /// The bytes to send.
  private(set) var bytes: [UInt8] = []

  /// Makes the command of the words after the program's name.
  init(kind: Invocation.Kind, count: Int, words: Words) {
    var capacity = 64
    for index in 1..<count {
      if let word = unsafe words[index] { unsafe capacity += 16 + strlen(word) }
    }
    bytes.reserveCapacity(capacity)
    appendHeader(UInt8(ascii: "*"), count + 1)
    append("RECONFIG")
    append(kind == .reconfig ? "reconfig" : "notify")
    for index in 1..<count {
      let word = unsafe words[index]
      let length = unsafe word.map { unsafe strlen($0) } ?? 0
      unsafe appendBulk(UnsafeRawBufferPointer(start: word, count: length))
    }
  }

  private mutating func append(_ text: StaticString) {
    unsafe appendBulk(
      UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  private mutating func appendBulk(_ content: UnsafeRawBufferPointer) {
    appendHeader(UInt8(ascii: "$"), content.count)
    unsafe bytes.append(contentsOf: content)
    appendLineEnd()
  }

  private mutating func appendHeader(_ type: UInt8, _ number: Int) {
    bytes.append(type)
    var divisor = 1
    while number / divisor >= 10 { divisor *= 10 }
    while divisor > 0 {
      bytes.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
      divisor /= 10
    }
    appendLineEnd()
  }

  private mutating func appendLineEnd() {
    bytes.append(0x0d)
    bytes.append(0x0a)
  }
}
