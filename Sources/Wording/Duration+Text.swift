import FailoverCore

extension Duration {
  /// `12 ms`, `3.4 s`, `5 min 10 s` or `2 h 5 min`: as precise as a reader needs.
  package var shortText: String {
    let milliseconds = wholeMilliseconds
    let size = milliseconds.magnitude
    let sign = milliseconds < 0 ? "-" : ""
    switch size {
    case ..<1_000: return "\(milliseconds) ms"
    case ..<60_000: return "\(sign)\(size / 1_000).\(size % 1_000 / 100) s"
    case ..<3_600_000: return "\(sign)\(size / 60_000) min \(size % 60_000 / 1_000) s"
    default: return "\(sign)\(size / 3_600_000) h \(size % 3_600_000 / 60_000) min"
    }
  }
}
