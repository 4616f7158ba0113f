/// Octets as text of 64 characters (RFC 4648 §4), without the padding that nobody needs here.
enum Base64 {
  private static let digits = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// The value of each byte as a digit; 255 for those that are none.
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 255, count: 256)
    for (value, digit) in digits.enumerated() { values[Int(digit)] = UInt8(value) }
    return values
  }()

  /// The text of some octets.
  static func text(of octets: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(octets.count / 3 * 4 + 4)
    var bits: UInt32 = 0
    var count = 0
    for octet in octets {
      bits = bits << 8 | UInt32(octet)
      count += 8
      while count >= 6 {
        count -= 6
        text.append(digits[Int(bits >> UInt32(count) & 63)])
      }
    }
    if count > 0 { text.append(digits[Int(bits << UInt32(6 - count) & 63)]) }
    return String(decoding: text, as: UTF8.self)
  }

  /// The octets of a text; nothing if a character is no digit, or the text ends in the middle.
  static func octets(of text: Substring) -> [UInt8]? {
    let text = text.utf8
    guard text.count % 4 != 1 else { return nil }
    var octets: [UInt8] = []
    octets.reserveCapacity(text.count / 4 * 3 + 2)
    var bits: UInt32 = 0
    var count = 0
    for digit in text {
      let value = values[Int(digit)]
      guard value != 255 else { return nil }
      bits = bits << 6 | UInt32(value)
      count += 6
      if count >= 8 {
        count -= 8
        octets.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
      }
    }
    // What is left over are the low bits of the last digit, and they are 0 in the one right text.
    return bits & (1 << UInt32(count) - 1) == 0 ? octets : nil
  }
}
