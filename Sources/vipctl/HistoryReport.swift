/// What `HISTORY` answers (schema 1).
struct HistoryReport: Decodable, Equatable {
  var schema: Int
  var node: String
  var omitted: Int
  var skipped: Int
  var unsaved: Int
  var problem: String?
  var entries: [Entry]

  /// Something that happened; what a kind does not have is nothing.
  struct Entry: Decodable, Equatable {
    var at: String
    var ageMs: Int64
    var master: String
    var kind: String
    var from: String?
    var to: String?
    var text: String?
    var afterMs: Int64?
    var phases: [Phase]?
  }

  /// A step, in milliseconds after the first one.
  struct Phase: Decodable, Equatable {
    var name: String
    var atMs: Double
  }

  /// Leaves out all but the newest entries.
  mutating func keepNewest(_ count: Int) {
    let excess = max(0, entries.count - count)
    entries.removeFirst(excess)
    omitted += excess
  }
}
