/// Writes JSON (RFC 8259) as values are encoded.
///
/// Numbers with a fraction are milliseconds here, and have three decimals.
final class JSONWriter {
  private var text = ""
  /// How the objects and arrays end that are open, the innermost last.
  private var endings: [String] = []
  /// Whether something stands already at the present level, so that a comma must follow.
  private var needsComma = false

  /// The JSON of a value.
  static func text(of value: some Encodable) -> String {
    let writer = JSONWriter()
    writer.write(value)
    writer.close(to: 0)
    return writer.text
  }

  /// Opens an object or an array; what is opened in it ends when it goes on.
  func open(_ start: String, _ end: String) -> Int {
    separate()
    text += start
    endings.append(end)
    needsComma = false
    return endings.count
  }

  /// Ends what is open at a greater depth.
  func close(to depth: Int) {
    while endings.count > depth {
      text += endings.removeLast()
      needsComma = true
    }
  }

  /// Writes the key of a member.
  func key(_ name: String) {
    separate()
    quote(name)
    text += ":"
    needsComma = false
  }

  /// Writes a value; nil is null.
  func write(_ value: (some Encodable)?) {
    switch value {
    case nil: scalar("null")
    case let value as String:
      separate()
      quote(value)
      needsComma = true
    case let value as Bool: scalar(value ? "true" : "false")
    case let value as any BinaryInteger: scalar("\(value)")
    case let value as Double: scalar(Self.milliseconds(value))
    case let value?:
      let leftOut = (value as? any ControlDocument)?.membersLeftOut ?? []
      // What is written here never throws.
      try? value.encode(to: DocumentEncoder(writer: self, membersLeftOut: leftOut))
    }
  }

  private func scalar(_ value: String) {
    separate()
    text += value
    needsComma = true
  }

  /// `3.072`; of what no clock shows, the greatest number that is exact.
  private static func milliseconds(_ value: Double) -> String {
    let microseconds = (value * 1_000).rounded()
    let size = UInt64(exactly: min(microseconds.magnitude, 0x1p53)) ?? 0
    let fraction = String(1_000 + size % 1_000).dropFirst()
    return "\(microseconds < 0 ? "-" : "")\(size / 1_000).\(fraction)"
  }

  private func separate() {
    if needsComma { text += "," }
    needsComma = false
  }

  private func quote(_ value: String) {
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
