import Addresses
import FailoverCore
import LineCoding

/// A value as one word of a recording.
///
/// The word holds no white space. Parts of a value are parted by `;`, elements of a list by `,`;
/// free text has both percent-escaped.
protocol RecordedValue {
  /// The word.
  var recorded: LineText { get }
  /// Reads the word; nil if it is not one for such a value.
  static func read(_ word: Substring) -> Self?
}

extension LineText.StringInterpolation {
  mutating func appendInterpolation(_ value: some RecordedValue) {
    appendInterpolation(value.recorded)
  }

  /// Beside the other, so that the compiler knows that an optional value is meant.
  mutating func appendInterpolation(_ value: (some RecordedValue)?) {
    appendInterpolation(value.recorded)
  }
}

extension FieldReader {
  /// Takes the value of the field with this name.
  mutating func take<Value: RecordedValue>(
    _ name: String
  ) throws(RecordingError.Problem) -> Value {
    guard let text = takeValue(of: name) else { throw .missingField(name) }
    guard let value = Value.read(text) else {
      throw .badValue(field: name, text: RecordingError.excerpt(text))
    }
    return value
  }

  /// The same if the field is there: an older daemon did not write it.
  mutating func takeIfPresent<Value: RecordedValue>(
    _ name: String
  ) throws(RecordingError.Problem) -> Value? {
    has(name) ? try take(name) : nil
  }

  /// Checks that nothing is left.
  func end() throws(RecordingError.Problem) {
    if let field = rest.first { throw .excess(RecordingError.excerpt(field.word)) }
  }
}

// MARK: - Nothing, lists and names

/// The word for "nothing".
private let nothing = "-"

extension Optional: RecordedValue where Wrapped: RecordedValue {
  var recorded: LineText { self?.recorded ?? LineText(verbatim: nothing) }

  static func read(_ word: Substring) -> Self? {
    word == nothing ? .some(.none) : Wrapped.read(word).map { .some($0) }
  }
}

extension Array: RecordedValue where Element: RecordedValue {
  var recorded: LineText { LineText(verbatim: map(\.recorded.text).joined(separator: ",")) }

  static func read(_ word: Substring) -> Self? {
    if word.isEmpty { return [] }
    let words = word.split(separator: ",", omittingEmptySubsequences: false)
    let elements = words.compactMap(Element.read)
    return elements.count == words.count ? elements : nil
  }
}

extension RecordedValue where Self: RawRepresentable, RawValue == String {
  /// The name of the case.
  var recorded: LineText { LineText(verbatim: rawValue) }
  static func read(_ word: Substring) -> Self? { Self(rawValue: String(word)) }
}

extension ConnectionLoss: RecordedValue {}
extension FenceState: RecordedValue {}
extension GroupConfiguration.BlindPolicy: RecordedValue {}
extension KnownSentinel.Fate: RecordedValue {}
extension LeaseBasis: RecordedValue {}
extension MovePhase: RecordedValue {}
extension MoveRefusal: RecordedValue {}
extension SentinelView.FailoverState: RecordedValue {}
extension StateName: RecordedValue {}
extension StopPolicy: RecordedValue {}

// MARK: - Numbers and text

extension RecordedValue where Self: LosslessStringConvertible {
  /// As Swift writes it.
  var recorded: LineText { LineText(verbatim: description) }
  static func read(_ word: Substring) -> Self? { Self(String(word)) }
}

extension Int: RecordedValue {}
extension Int64: RecordedValue {}
extension UInt8: RecordedValue {}
extension UInt64: RecordedValue {}

extension Bool: RecordedValue {
  var recorded: LineText { self ? "yes" : "no" }
  static func read(_ word: Substring) -> Bool? { word == "yes" ? true : word == "no" ? false : nil }
}

extension String: RecordedValue {
  var recorded: LineText {
    // Alone it would mean nothing.
    LineText(verbatim: self == nothing ? "%2D" : PercentEscaping.recording.escape(utf8))
  }

  static func read(_ word: Substring) -> String? { PercentEscaping.recording.unescape(word) }
}

extension Instant: RecordedValue {
  /// The last instant that is read: 127 years, so that the core can add to it what it likes.
  private static let last: Int64 = 4_000_000_000_000_000_000

  /// Nanoseconds.
  var recorded: LineText { "\(nanoseconds)" }

  static func read(_ word: Substring) -> Instant? {
    guard let nanoseconds = Int64(word), (-last...last).contains(nanoseconds) else { return nil }
    return Instant(nanoseconds: nanoseconds)
  }
}

extension Duration: RecordedValue {
  /// Seconds with as many decimals as it takes: `3s`, `-0.25s`.
  var recorded: LineText {
    let (seconds, attoseconds) = components
    let sign = seconds < 0 || attoseconds < 0 ? "-" : ""
    let digits = "\(attoseconds.magnitude)"
    var fraction = String(repeating: "0", count: 18 - digits.count) + digits
    while fraction.last == "0" { fraction.removeLast() }
    return LineText(
      verbatim: sign + "\(seconds.magnitude)" + (fraction.isEmpty ? "" : "." + fraction) + "s")
  }

  static func read(_ word: Substring) -> Duration? {
    guard word.last == "s" else { return nil }
    let isNegative = word.first == "-"
    let parts = word.dropLast().dropFirst(isNegative ? 1 : 0)
      .split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    // A peer may name any duration, and a recording keeps it.
    guard let seconds = digits(parts[0], upTo: 19) else { return nil }
    var attoseconds: Int64 = 0
    if parts.count == 2 {
      guard let fraction = digits(parts[1], upTo: 18) else { return nil }
      attoseconds = (parts[1].utf8.count..<18).reduce(fraction) { value, _ in value * 10 }
    }
    let size = Duration(secondsComponent: seconds, attosecondsComponent: attoseconds)
    return isNegative ? .zero - size : size
  }

  private static func digits(_ text: Substring, upTo count: Int) -> Int64? {
    guard (1...count).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) })
    else { return nil }
    return Int64(text)
  }
}
