import Lab

/// A tight writer in the network of the client or of a host: a write each 2 ms, and 100 ms for each
/// answer.
struct HostWriter {
  private let process: LabProcess
  private let log: WriterLog

  /// Starts a writer.
  ///
  /// - Parameters:
  ///   - set: the hosts.
  ///   - key: the keys' common beginning, which no other writer has.
  ///   - words: what runs a program where the writer shall be.
  ///   - address: where it writes, at port 6379.
  ///   - client: the path of `lab-client`.
  /// - Throws: ``LabError`` if it doesn't start.
  init(
    _ set: HostSet, key: String, in words: ([String]) -> [String], to address: String,
    client: String
  ) throws(LabError) {
    var manner = WritingManner()
    manner.paceMicroseconds = 2000
    log = WriterLog(
      key: key, connections: manner.connections, path: "\(set.directory)/writer-\(key).log")
    let program = [client, "write", address, "6379", key] + manner.words
    process = LabProcess(number: try Subprocess(words(program)).start(log: log.path))
    try log.awaitStart()
  }

  /// What it did so far.
  var record: WriterRecord { log.record }

  /// Whether a write was acknowledged after a moment.
  func hasSuccess(after stamp: Stamp) -> Bool { log.hasSuccess(after: stamp) }

  /// Waits until a write was acknowledged after this moment.
  func awaitSuccess() throws(LabError) {
    try log.awaitSuccess(after: .now(), timeoutMilliseconds: 30_000)
  }

  /// Ends it.
  func end() { try? process.end() }
}
