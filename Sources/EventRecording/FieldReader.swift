/// Reads the `name=value` words of a line, in the order in which they are written.
struct FieldReader {
  private var rest: ArraySlice<Substring>

  init(_ words: ArraySlice<Substring>) {
    rest = words
  }

  /// The value of the next field, which must have this name.
  mutating func take<Value: RecordedValue>(
    _ name: String, as type: Value.Type = Value.self
  ) throws(RecordingError.Problem) -> Value {
    guard let word = rest.first, word.hasPrefix(name + "=") else { throw .missingField(name) }
    rest.removeFirst()
    let text = word.dropFirst(name.count + 1)
    guard let value = Value(recorded: text) else {
      throw .badValue(field: name, text: FieldReader.excerpt(text))
    }
    return value
  }

  /// The value of the next field if it has this name: what an older daemon did not write.
  mutating func takeIfPresent<Value: RecordedValue>(
    _ name: String, as type: Value.Type = Value.self
  ) throws(RecordingError.Problem) -> Value? {
    guard rest.first?.hasPrefix(name + "=") == true else { return nil }
    return try take(name, as: type)
  }

  /// Checks that nothing is left.
  func end() throws(RecordingError.Problem) {
    if let word = rest.first { throw .excess(FieldReader.excerpt(word)) }
  }

  /// The beginning of a text, short enough for a message.
  static func excerpt(_ text: Substring) -> String { String(text.prefix(60)) }
}
