/// Reads and checks what stands between a type byte and CR LF.
enum RESPLine {
  static let carriageReturn = UInt8(ascii: "\r")
  static let lineFeed = UInt8(ascii: "\n")

  /// A decimal integer with an optional sign and nothing else.
  static func integer(_ text: some Collection<UInt8>) throws(RESPError) -> Int64 {
    var digits = text[...]
    let isNegative = digits.first == UInt8(ascii: "-")
    if isNegative || digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
    guard !digits.isEmpty else { throw .malformedNumber }
    var value: Int64 = 0
    for byte in digits {
      guard isDigit(byte) else { throw .malformedNumber }
      let digit = Int64(byte - UInt8(ascii: "0"))
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) =
        isNegative
        ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
      guard !overflow, !carry else { throw .malformedNumber }
      value = sum
    }
    return value
  }

  /// A length or a count: nothing for -1, which RESP2 uses for null.
  static func count(
    _ text: some Collection<UInt8>, of kind: RESPKind, limit: Int, excess: RESPError
  ) throws(RESPError) -> Int? {
    if text.count == 1, text.first == UInt8(ascii: "?") { throw .streamedType }
    let number = try integer(text)
    if number == -1, kind.mayBeNull { return nil }
    guard number >= 0 else { throw .malformedNumber }
    guard number <= Int64(limit) else { throw excess }
    return Int(number)
  }

  /// Throws unless a line has the form of its type.
  static func check(_ text: some Collection<UInt8>, as kind: RESPKind) throws(RESPError) {
    let isWellFormed: Bool
    switch kind {
    case .integer:
      _ = try integer(text)
      return
    case .null: isWellFormed = text.isEmpty
    case .boolean:
      isWellFormed =
        text.count == 1 && (text.first == UInt8(ascii: "t") || text.first == UInt8(ascii: "f"))
    case .double: isWellFormed = isDouble(text)
    case .bigNumber:
      let digits = text.first == UInt8(ascii: "-") ? text.dropFirst() : text[...]
      isWellFormed = !digits.isEmpty && digits.allSatisfy(isDigit)
    case .simpleString, .simpleError:
      isWellFormed = !text.contains { $0 == lineFeed || $0 == carriageReturn }
    case .bulkString, .bulkError, .verbatimString, .array, .map, .set, .push, .attribute:
      isWellFormed = true
    }
    if !isWellFormed { throw .malformedValue }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }

  /// Whether text is `inf`, `-inf`, `nan` or a decimal number.
  private static func isDouble(_ text: some Collection<UInt8>) -> Bool {
    guard !text.isEmpty, text.count <= 64 else { return false }
    let word = String(decoding: text, as: UTF8.self)
    if word == "inf" || word == "-inf" || word == "nan" { return true }
    let allowed = text.allSatisfy { byte in
      isDigit(byte) || "+-.eE".utf8.contains(byte)
    }
    return allowed && Double(word) != nil
  }
}
