/// Text as one word: `%` and two hexadecimal digits for each byte that may not stand in it
/// (RFC 3986 §2.1).
///
/// Which bytes may, each format has said for itself, and what is written must stay as it was.
public enum PercentEscaping: Sendable {
  /// A word of a recording: letters, digits and `._:-` stay. Digits are written as `2D`.
  case recording
  /// A word of a message: printable ASCII stays. Digits are written as `2d`, like below.
  case message
  /// A word of the history: everything stays but blanks, control characters and `%`.
  case history
  /// The name of a file: letters, digits, `-` and `_` stay.
  case fileName
  /// The name of a file until 0.1: one digit where one was enough.
  case earlierFileName

  private static let sign = UInt8(ascii: "%")

  /// Writes the bytes of a text as a word.
  public func escape(_ text: some Sequence<UInt8>) -> String {
    var word: [UInt8] = []
    for byte in text {
      guard !keeps(byte) else {
        word.append(byte)
        continue
      }
      word.append(Self.sign)
      if byte < 16, self != .earlierFileName { word.append(UInt8(ascii: "0")) }
      word += String(byte, radix: 16, uppercase: self == .recording).utf8
    }
    return String(decoding: word, as: UTF8.self)
  }

  /// Reads a word; nil if it is malformed, or no text (UTF-8).
  ///
  /// Of the history, which has a checksum, what is malformed is read as it stands.
  public func unescape(_ word: Substring) -> String? {
    var text: [UInt8] = []
    var rest = word.utf8
    while let byte = rest.popFirst() {
      if byte == Self.sign, let code = code(rest.prefix(2)) {
        text.append(code)
        rest = rest.dropFirst(2)
      } else if byte != Self.sign || self == .history {
        text.append(byte)
      } else {
        return nil
      }
    }
    if self == .history { return String(decoding: text, as: UTF8.self) }
    return String(validating: text, as: UTF8.self)
  }

  private func keeps(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    case UInt8(ascii: "."), UInt8(ascii: ":"): self != .fileName && self != .earlierFileName
    case Self.sign: false
    case 0x21...0x7e: self == .message || self == .history
    default: self == .history && byte > 0x7f
    }
  }

  private func code(_ digits: Substring.UTF8View) -> UInt8? {
    guard digits.count == 2, let high = digits.first.flatMap(value),
      let low = digits.last.flatMap(value)
    else { return nil }
    return high << 4 | low
  }

  private func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "A")...UInt8(ascii: "F") where self != .message:
      digit - UInt8(ascii: "A") + 10
    case UInt8(ascii: "a")...UInt8(ascii: "f") where self != .recording:
      digit - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}
