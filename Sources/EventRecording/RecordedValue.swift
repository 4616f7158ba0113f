import Addresses
import FailoverCore

/// A value as one word of a recording.
///
/// The word holds no white space. Parts of a value are parted by `;`, elements of a list by `,`;
/// free text has both percent-escaped.
protocol RecordedValue {
  /// The word.
  var recorded: String { get }
  /// Reads the word; nothing if it is not one for such a value.
  init?(recorded: Substring)
}

/// The word for "nothing".
let nothing = "-"

extension Optional: RecordedValue where Wrapped: RecordedValue {
  var recorded: String { self?.recorded ?? nothing }

  init?(recorded: Substring) {
    if recorded == nothing {
      self = .none
    } else {
      guard let value = Wrapped(recorded: recorded) else { return nil }
      self = .some(value)
    }
  }
}

extension Array: RecordedValue where Element: RecordedValue {
  var recorded: String { map(\.recorded).joined(separator: ",") }

  init?(recorded: Substring) {
    self = []
    guard !recorded.isEmpty else { return }
    for word in recorded.split(separator: ",", omittingEmptySubsequences: false) {
      guard let element = Element(recorded: word) else { return nil }
      append(element)
    }
  }
}

// MARK: - Numbers

extension Int: RecordedValue {
  var recorded: String { "\(self)" }
  init?(recorded: Substring) { self.init(recorded) }
}

extension UInt64: RecordedValue {
  var recorded: String { "\(self)" }
  init?(recorded: Substring) { self.init(recorded) }
}

extension Instant: RecordedValue {
  /// The last instant that is read: 127 years, so that the core can add to it what it likes.
  private static let last: Int64 = 4_000_000_000_000_000_000

  /// Nanoseconds.
  var recorded: String { "\(nanoseconds)" }

  init?(recorded: Substring) {
    guard let nanoseconds = Int64(recorded), (-Self.last...Self.last).contains(nanoseconds) else {
      return nil
    }
    self.init(nanoseconds: nanoseconds)
  }
}

extension Duration: RecordedValue {
  /// The longest duration that is read, in seconds: a peer may name any, and a recording keeps it.
  private static let longest = UInt64(Int64.max)

  /// Seconds with as many decimals as it takes: `3s`, `-0.25s`.
  var recorded: String {
    let (seconds, attoseconds) = components
    let sign = seconds < 0 || attoseconds < 0 ? "-" : ""
    let digits = "\(attoseconds.magnitude)"
    var fraction = String(repeating: "0", count: 18 - digits.count) + digits
    while fraction.last == "0" { fraction.removeLast() }
    return sign + "\(seconds.magnitude)" + (fraction.isEmpty ? "" : "." + fraction) + "s"
  }

  init?(recorded: Substring) {
    guard recorded.last == "s" else { return nil }
    let isNegative = recorded.first == "-"
    let parts = recorded.dropLast().dropFirst(isNegative ? 1 : 0)
      .split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = parts.first, whole.utf8.allSatisfy({ (48...57).contains($0) }),
      let seconds = UInt64(whole), seconds <= Self.longest
    else { return nil }
    var attoseconds: Int64 = 0
    if parts.count == 2 {
      let fraction = parts[1]
      guard (1...18).contains(fraction.utf8.count),
        fraction.utf8.allSatisfy({ (48...57).contains($0) }),
        let value = Int64(fraction + String(repeating: "0", count: 18 - fraction.utf8.count))
      else { return nil }
      attoseconds = value
    }
    let size = Duration(secondsComponent: Int64(seconds), attosecondsComponent: attoseconds)
    self = isNegative ? .zero - size : size
  }
}

// MARK: - Text

extension String: RecordedValue {
  /// Percent-escaped, all but letters, digits and `._:-` (RFC 3986 §2.1).
  var recorded: String {
    // Alone it would mean nothing.
    if self == nothing { return "%2D" }
    var word = ""
    for byte in utf8 {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: ":"), UInt8(ascii: "-"):
        word.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        word += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
      }
    }
    return word
  }

  init?(recorded: Substring) {
    var bytes: [UInt8] = []
    var rest = recorded.utf8
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%") {
        guard let high = rest.popFirst().flatMap(Self.digit),
          let low = rest.popFirst().flatMap(Self.digit)
        else { return nil }
        bytes.append(high << 4 | low)
      } else {
        bytes.append(byte)
      }
    }
    self.init(validating: bytes, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}

extension RecordedValue where Self: RawRepresentable, RawValue == String {
  /// The name of the case.
  var recorded: String { rawValue }
  init?(recorded: Substring) { self.init(rawValue: String(recorded)) }
}

extension ConnectionLoss: RecordedValue {}
extension StopPolicy: RecordedValue {}
extension StateName: RecordedValue {}
extension LeaseBasis: RecordedValue {}
extension GroupConfiguration.BlindPolicy: RecordedValue {}
extension SentinelView.FailoverState: RecordedValue {}
