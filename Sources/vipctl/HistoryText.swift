import ControlProtocol

/// Sets a history as a table, the newest last.
struct HistoryText {
  var style: TextStyle

  /// The whole text, with its final line end.
  func text(_ report: HistoryDocument) -> String {
    var lines: [String] = []
    if report.omitted > 0 {
      let older = count(report.omitted, "older entry", "older entries")
      lines.append(style.dim("  (\(older) left out)"))
    }
    lines += table(report)
    if report.entries.isEmpty { lines.append("Nothing has happened yet.") }
    if let problem = report.problem {
      let unsaved = count(report.unsaved, "entry is", "entries are")
      lines.append("\(style.red("!")) \(unsaved) not on the disk: \(problem)")
    }
    if report.skipped > 0 {
      let skipped = count(report.skipped, "line", "lines")
      lines.append("\(style.yellow("!")) \(skipped) of the file could not be read: left out")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func table(_ report: HistoryDocument) -> [String] {
    guard !report.entries.isEmpty else { return [] }
    let hasMany = Set(report.entries.map(\.master)).count > 1
    let header = ["UTC", "AGO"] + (hasMany ? ["MASTER"] : []) + ["WHAT", "AFTER", "WHY"]
    var rows = [header]
    var colours: [(String) -> String] = [style.dim]
    for entry in report.entries {
      let start = [time(entry.at), TextStyle.span(milliseconds: entry.ageMs)]
      let lasted = entry.number("afterMs").map { TextStyle.span(milliseconds: $0) } ?? "-"
      let (what, why) = words(entry)
      rows.append(start + (hasMany ? [entry.master] : []) + [what, lasted, why])
      colours.append(colour(entry))
      guard let phases = entry.phases, !phases.isEmpty else { continue }
      rows.append(Array(repeating: "", count: header.count - 1) + [steps(phases)])
      colours.append(style.dim)
    }
    return zip(TextStyle.table(rows, indent: "  "), colours).map { line, colour in colour(line) }
  }

  /// `2026-11-21 06:25:07.123` for `2026-11-21T06:25:07.123Z`.
  private func time(_ text: String) -> String {
    String(text.map { $0 == "T" ? " " : $0 }.filter { $0 != "Z" })
  }

  /// What happened and why, without saying the states twice.
  private func words(_ entry: HistoryDocument.Entry) -> (what: String, why: String) {
    let text = entry.text("text") ?? ""
    guard let from = entry.text("from"), let to = entry.text("to") else {
      return (entry.kind, text)
    }
    let what = from == to ? to : "\(from) -> \(to)"
    for start in ["\(what): ", "\(what), "] where text.hasPrefix(start) {
      return (what, String(text.dropFirst(start.count)))
    }
    return (what, text)
  }

  private func colour(_ entry: HistoryDocument.Entry) -> (String) -> String {
    switch (entry.kind, entry.text("from"), entry.text("to")) {
    case ("started", _, _): style.dim
    case ("unanswered", _, _): style.yellow
    case (_, _, "holding"): style.green
    case (_, "holding", _), (_, _, "blind"): style.yellow
    default: { $0 }
    }
  }

  /// `flip +312 ms, installed +0.1 ms`: each step after the one before it.
  private func steps(_ phases: [PhaseDocument]) -> String {
    var before = phases[0].atMs
    var parts = [phases[0].name]
    for phase in phases.dropFirst() {
      parts.append("\(phase.name) +\(span(phase.atMs - before))")
      before = phase.atMs
    }
    return parts.joined(separator: ", ")
  }

  /// Under ten milliseconds with hundredths: what a take costs.
  private func span(_ milliseconds: Double) -> String {
    guard milliseconds.magnitude < 10 else {
      return TextStyle.span(milliseconds: Int64(max(-9e15, min(milliseconds, 9e15)).rounded()))
    }
    let hundredths = Int((milliseconds.magnitude * 100).rounded())
    let fraction = String(String(100 + hundredths % 100).dropFirst())
    return "\(milliseconds < 0 ? "-" : "")\(hundredths / 100).\(fraction) ms"
  }

  private func count(_ number: Int, _ one: String, _ many: String) -> String {
    "\(number) \(number == 1 ? one : many)"
  }
}
