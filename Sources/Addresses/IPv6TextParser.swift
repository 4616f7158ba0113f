/// Reads the text forms of an IPv6 address (RFC 4291 §2.2).
enum IPv6TextParser {
  /// The eight groups of an address in text, or nothing if it is not one.
  static func groups(of text: String) -> [UInt16]? {
    guard text.utf8.count <= 45 else { return nil }
    guard let gap = gap(in: text) else {
      guard let groups = groupList(text[...]), groups.count == 8 else { return nil }
      return groups
    }
    let tail = text[gap.upperBound...]
    guard let before = groupList(text[..<gap.lowerBound], mayEndInQuad: false),
      let after = groupList(tail), before.count + after.count <= 7
    else { return nil }
    let zeros = [UInt16](repeating: 0, count: 8 - before.count - after.count)
    return before + zeros + after
  }

  /// The place of the first `::`.
  ///
  /// A second one makes an empty group, which is refused later.
  private static func gap(in text: String) -> Range<String.Index>? {
    var previous: String.Index?
    for index in text.utf8.indices {
      if text.utf8[index] == UInt8(ascii: ":") {
        if let previous { return previous..<text.utf8.index(after: index) }
        previous = index
      } else {
        previous = nil
      }
    }
    return nil
  }

  /// Groups between colons; an empty text has none; the last may be a dotted quad.
  private static func groupList(_ text: Substring, mayEndInQuad: Bool = true) -> [UInt16]? {
    if text.isEmpty { return [] }
    var groups: [UInt16] = []
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      if mayEndInQuad && index == parts.count - 1, part.utf8.contains(UInt8(ascii: ".")) {
        guard let quad = IPv4Address(part) else { return nil }
        groups.append(UInt16(truncatingIfNeeded: quad.rawValue >> 16))
        groups.append(UInt16(truncatingIfNeeded: quad.rawValue))
      } else {
        guard let group = group(part) else { return nil }
        groups.append(group)
      }
    }
    return groups.count <= 8 ? groups : nil
  }

  /// One to four hexadecimal digits.
  private static func group(_ text: Substring) -> UInt16? {
    guard (1...4).contains(text.utf8.count) else { return nil }
    var value: UInt16 = 0
    for byte in text.utf8 {
      guard let digit = hexDigit(byte) else { return nil }
      value = value << 4 | UInt16(digit)
    }
    return value
  }
}

/// The value of one hexadecimal digit in ASCII, or nothing for another byte.
func hexDigit(_ byte: UInt8) -> UInt8? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
  default: nil
  }
}
