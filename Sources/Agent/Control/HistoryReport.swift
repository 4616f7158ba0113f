import FailoverCore

/// The JSON of `history` (schema 1).
struct HistoryReport: Sendable {
  /// Entries that an answer has at most; of more, the newest.
  static let mostEntries = 1_000

  let node: String
  /// Now on the wall clock, in nanoseconds since 1970.
  let wallNanoseconds: Int64
  /// Why the newest entries are not on the disk; nothing if they are.
  let problem: String?

  /// Writes the report: the entries of all groups in the order of time.
  func json(_ parts: [HistoryStore.Part]) -> String {
    var entries = parts.flatMap { part in part.entries.map { (part.masterName, $0) } }
    // Entries of one instant stay in their order; a wall clock that went back can't be helped.
    if parts.count > 1 { entries.sort { $0.1.wallNanoseconds < $1.1.wallNanoseconds } }
    let omitted = max(0, entries.count - Self.mostEntries)
    var writer = JSONWriter()
    writer.object { writer in
      writer.member("schema", 1)
      writer.member("node", node)
      writer.member("now", WallTime.text(nanoseconds: wallNanoseconds))
      writer.member("omitted", omitted)
      writer.member("skipped", parts.map(\.skipped).reduce(0, +))
      writer.member("unsaved", parts.map(\.unsaved).reduce(0, +))
      writer.member("problem", problem ?? parts.lazy.compactMap(\.problem).first)
      writer.key("entries")
      writer.array(entries.dropFirst(omitted)) { writer, item in
        writer.object { write(item.1, of: item.0, to: &$0) }
      }
    }
    return writer.text
  }

  private func write(_ entry: HistoryEntry, of masterName: String, to writer: inout JSONWriter) {
    writer.member("at", WallTime.text(nanoseconds: entry.wallNanoseconds))
    writer.member("ageMs", max(0, wallNanoseconds - entry.wallNanoseconds) / 1_000_000)
    writer.member("master", masterName)
    writer.member("kind", entry.kind)
    for field in entry.fields {
      switch field.value {
      case .text(let text): writer.member(field.name, text)
      case .number(let number): writer.member(field.name, number)
      }
    }
    entry.phases.write(to: &writer)
  }
}

extension [HistoryEntry.Phase] {
  /// Writes the member `phases`, if there are any: names, and milliseconds after the first.
  func write(to writer: inout JSONWriter) {
    guard !isEmpty else { return }
    writer.key("phases")
    writer.array(self) { writer, phase in
      writer.object { writer in
        writer.member("name", phase.name)
        writer.member("atMs", microseconds: phase.microseconds)
      }
    }
  }
}
