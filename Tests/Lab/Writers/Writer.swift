import Foundation

/// A tight writer that runs in one of the lab's namespaces.
public struct Writer {
  /// The keys' common beginning.
  public let key: String
  private let connections: Int
  private let process: LabProcess
  private let log: String

  /// Starts a writer.
  ///
  /// - Parameters:
  ///   - lab: the lab.
  ///   - key: the keys' common beginning, which no other writer of the lab has.
  ///   - port: where it runs: `c1` for the client, `h1` for a host.
  ///   - reach: how it gets to the master.
  ///   - manner: how it writes.
  /// - Throws: ``LabError`` if it doesn't start.
  init(
    _ lab: Laboratory, key: String, from port: String, reach: Reach, _ manner: WritingManner
  ) throws(LabError) {
    self.key = key
    connections = manner.connections
    log = "\(lab.directory)/writer-\(key).log"
    let words = lab.words(
      in: "vl-\(lab.plan.id)-\(port)", reach.words("write", [key] + manner.words))
    process = LabProcess(number: try Subprocess(words).start(log: log))
    lab.state.observers.append(process)
    try lab.save()
    try waitUntil("the writer of \(key)", timeoutMilliseconds: 10_000) {
      FileManager.default.contents(atPath: log)?.isEmpty == false
    }
  }

  /// Whether a write was acknowledged after a moment by a host, or by any.
  ///
  /// Only the end of what the writer wrote is looked at, so that asking is cheap.
  public func hasSucceeded(after stamp: Stamp) -> Bool {
    guard let file = FileHandle(forReadingAtPath: log), let size = try? file.seekToEnd() else {
      return false
    }
    try? file.seek(toOffset: size > 2000 ? size - 2000 : 0)
    let text = String(decoding: (try? file.readToEnd()) ?? Data(), as: UTF8.self)
    return text.split(separator: "\n").contains { line in
      guard let (_, at, what) = WriterLine.read(line), case .acknowledged = what else {
        return false
      }
      return at > stamp
    }
  }

  /// Waits until a write was acknowledged after a moment.
  ///
  /// - Throws: ``LabError/timedOut(waitingFor:)``.
  public func awaitSuccess(after stamp: Stamp, timeoutMilliseconds: Int) throws(LabError) {
    try waitUntil(
      "an acknowledged write of \(key)", timeoutMilliseconds: timeoutMilliseconds,
      paceMilliseconds: 5
    ) { hasSucceeded(after: stamp) }
  }

  /// What it did so far.
  public var record: WriterRecord {
    let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
    return WriterRecord(key: key, connections: connections, text: text)
  }

  /// Ends it and returns what it did.
  public func end() -> WriterRecord {
    try? process.end()
    return record
  }
}
