/// Writes metrics in the text format of Prometheus, version 0.0.4.
struct MetricsText {
  /// The media type of the text.
  static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

  /// What the values of a family are.
  enum Kind: String {
    case counter, gauge, histogram
  }

  /// A label and its value.
  typealias Label = (name: String, value: String)

  private(set) var text = ""
  private var name = ""

  /// Begins a family; its samples follow.
  mutating func family(_ name: String, _ kind: Kind, _ help: String) {
    self.name = name
    text += "# HELP \(name) \(Self.escaped(help, alsoQuotes: false))\n"
    text += "# TYPE \(name) \(kind.rawValue)\n"
  }

  /// Writes a sample of the family that was begun last.
  mutating func sample(_ value: Double, _ labels: Label...) {
    write("", labels, Self.text(of: value))
  }

  /// Writes a whole number as a sample of the family that was begun last.
  mutating func sample(_ value: Int, _ labels: Label...) {
    write("", labels, "\(value)")
  }

  /// Writes a histogram: its buckets, each with all that are below it, its sum and its count.
  mutating func histogram(_ histogram: Histogram, _ labels: Label...) {
    var count = 0
    for (bound, part) in zip(Histogram.bounds, histogram.counts) {
      count += part
      write("_bucket", labels + [("le", Self.text(of: bound))], "\(count)")
    }
    write("_bucket", labels + [("le", "+Inf")], "\(histogram.count)")
    write("_sum", labels, Self.text(of: histogram.sum))
    write("_count", labels, "\(histogram.count)")
  }

  private mutating func write(_ suffix: String, _ labels: [Label], _ value: String) {
    text += name + suffix
    if !labels.isEmpty {
      text += "{"
      for (index, label) in labels.enumerated() {
        text += index == 0 ? "" : ","
        text += "\(label.name)=\"\(Self.escaped(label.value, alsoQuotes: true))\""
      }
      text += "}"
    }
    text += " \(value)\n"
  }

  /// A number as Go's ParseFloat reads it: `3`, `0.25`, `+Inf`.
  private static func text(of value: Double) -> String {
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    if value.isNaN { return "NaN" }
    if value == value.rounded(), value.magnitude < 1e15 { return "\(Int64(value))" }
    return "\(value)"
  }

  /// The escapes of the format; `"` stands for itself in a help text.
  private static func escaped(_ text: String, alsoQuotes: Bool) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      case "\"" where alsoQuotes: escaped += "\\\""
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}

/// Counts durations by their length.
package struct Histogram: Equatable, Sendable {
  /// The upper bounds of the buckets, in seconds: from an address added inline to the lease that
  /// a node waits for where nothing shows that the old holder is gone.
  static let bounds = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
  ]

  /// How many fell into each bucket, and not into one before it.
  private(set) var counts = [Int](repeating: 0, count: bounds.count)
  /// How many there were in all.
  private(set) var count = 0
  /// The sum of all, in seconds.
  private(set) var sum = 0.0

  /// Adds a duration.
  package mutating func observe(_ duration: Duration) {
    let seconds = duration / .seconds(1)
    count += 1
    sum += seconds
    if let place = Self.bounds.firstIndex(where: { seconds <= $0 }) { counts[place] += 1 }
  }
}
