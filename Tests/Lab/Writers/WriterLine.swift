/// What a tight writer tells, a line of standard output each: `<connection> <ns> <kind> <value>`.
///
/// One acknowledged write is one line only where that matters: around a pause, a refusal or a new
/// connection. Otherwise a line stands for all writes of about a millisecond.
enum WriterLine: Equatable {
  /// At this moment the given number of writes was acknowledged, the last one just now.
  case acknowledged(count: Int)
  /// A connection is open; its other end is the given host, if that can be told.
  case opened(host: Int?)
  /// A try failed: `noreplicas`, `readonly`, `timeout`, `reset`, `refused` or another word.
  case failed(kind: String)
  /// A wait took this many milliseconds although the writer set itself fewer: it was kept waiting.
  case overran(milliseconds: Int)

  private var words: (kind: String, value: String) {
    switch self {
    case .acknowledged(let count): ("acknowledged", "\(count)")
    case .opened(let host): ("opened", host.map(String.init) ?? "-")
    case .failed(let kind): ("failed", kind)
    case .overran(let milliseconds): ("overran", "\(milliseconds)")
    }
  }

  /// The line as text.
  func text(connection: Int, at stamp: Stamp) -> String {
    "\(connection) \(stamp.nanoseconds) \(words.kind) \(words.value)"
  }

  /// Reads a line; nothing for the first one, which only says that the writer is ready.
  static func read(_ line: Substring) -> (connection: Int, stamp: Stamp, line: WriterLine)? {
    let words = line.split(separator: " ")
    guard words.count == 4, let connection = Int(words[0]), let nanoseconds = Int64(words[1]) else {
      return nil
    }
    let stamp = Stamp(nanoseconds: nanoseconds)
    switch words[2] {
    case "acknowledged":
      guard let count = Int(words[3]) else { return nil }
      return (connection, stamp, .acknowledged(count: count))
    case "opened": return (connection, stamp, .opened(host: Int(words[3])))
    case "failed": return (connection, stamp, .failed(kind: String(words[3])))
    case "overran":
      guard let milliseconds = Int(words[3]) else { return nil }
      return (connection, stamp, .overran(milliseconds: milliseconds))
    default: return nil
    }
  }
}
