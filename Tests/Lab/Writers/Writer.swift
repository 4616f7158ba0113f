/// A tight writer that runs in one of the lab's namespaces.
public struct Writer {
  /// The keys' common beginning.
  public let key: String
  private let process: LabProcess
  private let log: WriterLog

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
    log = WriterLog(
      key: key, connections: manner.connections, path: "\(lab.directory)/writer-\(key).log")
    let words = lab.words(
      in: "vl-\(lab.plan.id)-\(port)", reach.words("write", [key] + manner.words))
    process = LabProcess(number: try Subprocess(words).start(log: log.path))
    lab.state.observers.append(process)
    try lab.save()
    try log.awaitStart()
  }

  /// Whether a write was acknowledged after a moment.
  public func hasSucceeded(after stamp: Stamp) -> Bool { log.hasSuccess(after: stamp) }

  /// Waits until a write was acknowledged after a moment.
  ///
  /// - Throws: ``LabError/timedOut(waitingFor:)``.
  public func awaitSuccess(after stamp: Stamp, timeoutMilliseconds: Int) throws(LabError) {
    try log.awaitSuccess(after: stamp, timeoutMilliseconds: timeoutMilliseconds)
  }

  /// What it did so far.
  public var record: WriterRecord { log.record }

  /// Ends it and returns what it did.
  public func end() -> WriterRecord {
    try? process.end()
    return record
  }
}
