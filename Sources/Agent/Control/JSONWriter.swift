/// Writes JSON (RFC 8259), in the order in which it is told.
struct JSONWriter {
  private(set) var text = ""
  /// Whether something stands already at the present level, so that a comma must follow.
  private var needsComma = false

  /// Writes an object.
  mutating func object(_ body: (inout JSONWriter) -> Void) {
    nest("{", "}", body)
  }

  /// Writes an array of what each element writes.
  mutating func array<Elements: Sequence>(
    _ elements: Elements, _ write: (inout JSONWriter, Elements.Element) -> Void
  ) {
    nest("[", "]") { writer in
      for element in elements { write(&writer, element) }
    }
  }

  /// Writes the key of a member; its value must follow.
  mutating func key(_ name: String) {
    separate()
    quote(name)
    text += ":"
    needsComma = false
  }

  /// Writes a member with a string, or null.
  mutating func member(_ name: String, _ value: String?) {
    key(name)
    string(value)
  }

  /// Writes a member with a number, or null.
  mutating func member(_ name: String, _ value: (some BinaryInteger)?) {
    key(name)
    separate()
    text += value.map { "\($0)" } ?? "null"
    needsComma = true
  }

  /// Writes a member with microseconds as a number of milliseconds: `3.072`.
  mutating func member(_ name: String, microseconds: Int64) {
    key(name)
    separate()
    let size = microseconds.magnitude
    let fraction = String(String(1_000 + size % 1_000).dropFirst())
    text += "\(microseconds < 0 ? "-" : "")\(size / 1_000).\(fraction)"
    needsComma = true
  }

  /// Writes a member with a Boolean.
  mutating func member(_ name: String, _ value: Bool) {
    key(name)
    separate()
    text += value ? "true" : "false"
    needsComma = true
  }

  /// Writes a member with an object, or null.
  mutating func member<Value>(
    _ name: String, _ value: Value?, _ write: (inout JSONWriter, Value) -> Void
  ) {
    key(name)
    guard let value else { return null() }
    object { write(&$0, value) }
  }

  /// Writes a string, or null.
  mutating func string(_ value: String?) {
    guard let value else { return null() }
    separate()
    quote(value)
    needsComma = true
  }

  private mutating func null() {
    separate()
    text += "null"
    needsComma = true
  }

  private mutating func nest(
    _ open: String, _ close: String, _ body: (inout JSONWriter) -> Void
  ) {
    separate()
    text += open
    needsComma = false
    body(&self)
    text += close
    needsComma = true
  }

  private mutating func separate() {
    if needsComma { text += "," }
    needsComma = false
  }

  private mutating func quote(_ value: String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\t": text += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7f:
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
