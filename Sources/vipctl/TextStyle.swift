/// How text for people is set: colour where it helps, and never as the only sign.
enum TextStyle {
  case plain
  case coloured

  func green(_ text: String) -> String { set(text, "32") }
  func yellow(_ text: String) -> String { set(text, "33") }
  func red(_ text: String) -> String { set(text, "31") }
  func bold(_ text: String) -> String { set(text, "1") }
  func dim(_ text: String) -> String { set(text, "2") }

  /// Select Graphic Rendition (ECMA-48 §8.3.117).
  private func set(_ text: String, _ code: String) -> String {
    self == .plain ? text : "\u{1b}[\(code)m\(text)\u{1b}[0m"
  }

  /// `12 ms`, `3.4 s`, `5 min 10 s` or `2 h 5 min`.
  static func span(milliseconds: Int64) -> String {
    switch milliseconds {
    case ..<1_000: "\(milliseconds) ms"
    case ..<60_000: "\(milliseconds / 1_000).\(milliseconds % 1_000 / 100) s"
    case ..<3_600_000: "\(milliseconds / 60_000) min \(milliseconds % 60_000 / 1_000) s"
    default: "\(milliseconds / 3_600_000) h \(milliseconds % 3_600_000 / 60_000) min"
    }
  }

  /// Rows as columns, each as wide as its widest cell; the last is not padded.
  static func table(_ rows: [[String]], indent: String) -> [String] {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.filter { $0.count > column + 1 }.map { $0[column].count }.max() ?? 0
    }
    return rows.map { row in
      let cells = row.enumerated().map { column, cell in
        column == row.count - 1
          ? cell : cell + String(repeating: " ", count: widths[column] - cell.count + 2)
      }
      return indent + cells.joined()
    }
  }
}
