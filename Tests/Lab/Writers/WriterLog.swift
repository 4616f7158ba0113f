import Foundation

/// The file into which a tight writer writes.
public struct WriterLog: Sendable {
  /// The keys' common beginning.
  public let key: String
  /// How many connections the writer has.
  public let connections: Int
  /// Where the file is.
  public let path: String

  /// The file of a writer.
  ///
  /// - Parameters:
  ///   - key: the keys' common beginning.
  ///   - connections: how many connections the writer has.
  ///   - path: where the file is.
  public init(key: String, connections: Int, path: String) {
    self.key = key
    self.connections = connections
    self.path = path
  }

  /// Waits until the writer has written that it is there.
  ///
  /// - Throws: ``LabError/timedOut(waitingFor:)``.
  public func awaitStart() throws(LabError) {
    try waitUntil("the writer of \(key)", timeoutMilliseconds: 10_000) {
      FileManager.default.contents(atPath: path)?.isEmpty == false
    }
  }

  /// Whether a write was acknowledged after a moment.
  ///
  /// Only the end of the file is looked at, so that asking is cheap.
  public func hasSuccess(after stamp: Stamp) -> Bool {
    guard let file = FileHandle(forReadingAtPath: path), let size = try? file.seekToEnd() else {
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
    ) { hasSuccess(after: stamp) }
  }

  /// What the writer did so far.
  public var record: WriterRecord {
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    return WriterRecord(key: key, connections: connections, text: text)
  }
}
