/// A value of several parts, parted by `;`: `10.77.0.1:6379;online;0;812`.
protocol RecordedParts: RecordedValue {
  /// Reads the parts; nil if they are not those of such a value.
  static func read(_ parts: Parts) -> Self?
}

extension RecordedParts {
  static func read(_ word: Substring) -> Self? { read(Parts(word)) }
}

/// The parts of a word, of which the first may be the name of a case.
struct Parts {
  private let parts: ArraySlice<Substring>

  init(_ word: Substring, by separator: Character = ";") {
    parts = word.split(separator: separator, omittingEmptySubsequences: false)[...]
  }

  private init(_ parts: ArraySlice<Substring>) {
    self.parts = parts
  }

  /// The first part.
  var name: Substring { parts.first ?? "" }

  /// The parts behind the name.
  var payload: Parts { Parts(parts.dropFirst()) }

  /// The parts but the last, if that is this one.
  func removing(last part: String) -> Parts? {
    parts.last == part[...] ? Parts(parts.dropLast()) : nil
  }

  /// The value if nothing stands behind the name.
  func alone<Value>(_ value: Value) -> Value? { parts.count == 1 ? value : nil }

  /// Makes a value of all parts; nil unless there are so many, and each is one of its kind.
  func make<each Part: RecordedValue, Value>(_ make: (repeat each Part) -> Value) -> Value? {
    var rest = parts
    func next<Element: RecordedValue>(_ type: Element.Type) throws(NoPart) -> Element {
      guard let word = rest.popFirst(), let part = type.read(word) else { throw NoPart() }
      return part
    }
    guard let value = try? make(repeat next((each Part).self)), rest.isEmpty else { return nil }
    return value
  }

  private struct NoPart: Error {}
}
