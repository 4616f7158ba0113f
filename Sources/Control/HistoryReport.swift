import ControlProtocol
import FailoverCore
import Store
import Wording

/// Makes the answer to `HISTORY`.
struct HistoryReport: Sendable {
  /// Entries that an answer has at most; of more, the newest.
  static let maxEntries = 1_000

  let node: String
  /// Now on the wall clock, in nanoseconds since 1970.
  let wallNanoseconds: Int64
  /// Why the newest entries are not on the disk; nothing if they are.
  let problem: String?

  /// The answer: the entries of all groups in the order of time.
  func json(_ parts: [HistoryStore.Part]) -> String {
    var entries = parts.flatMap { part in part.entries.map { (part.masterName, $0) } }
    // Entries of one instant stay in their order; a wall clock that went back can't be helped.
    if parts.count > 1 { entries.sort { $0.1.wallNanoseconds < $1.1.wallNanoseconds } }
    let omitted = max(0, entries.count - Self.maxEntries)
    return HistoryDocument { document in
      document.node = node
      document.now = WallTime.text(nanoseconds: wallNanoseconds)
      document.omitted = omitted
      document.skipped = parts.map(\.skipped).reduce(0, +)
      document.unsaved = parts.map(\.unsaved).reduce(0, +)
      document.problem = problem ?? parts.lazy.compactMap(\.problem).first
      document.entries = entries.dropFirst(omitted).map { entry(of: $0, $1) }
    }.json
  }

  private func entry(of masterName: String, _ entry: HistoryEntry) -> HistoryDocument.Entry {
    HistoryDocument.Entry {
      $0.at = WallTime.text(nanoseconds: entry.wallNanoseconds)
      $0.ageMs = max(0, wallNanoseconds - entry.wallNanoseconds) / 1_000_000
      ($0.master, $0.kind) = (masterName, entry.kind)
      ($0.fields, $0.phases) = (entry.fields, entry.phases.document)
    }
  }
}

extension [HistoryEntry.Phase] {
  /// The member `phases`; nil if there are none.
  var document: [PhaseDocument]? {
    isEmpty
      ? nil
      : map { phase in
        PhaseDocument { ($0.name, $0.atMs) = (phase.name, Double(phase.microseconds) / 1_000) }
      }
  }
}
