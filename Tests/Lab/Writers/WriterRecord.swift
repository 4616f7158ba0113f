/// A moment at which a writer knew how many of its writes were acknowledged.
public struct Acknowledgment: Equatable, Sendable {
  /// When the last of them was acknowledged.
  public let stamp: Stamp
  /// How many there were: the writes 0 to this − 1.
  public let count: Int
  /// The host that acknowledged it.
  public let host: Int?
}

/// A try of a writer that failed.
public struct WriterFailure: Equatable, Sendable {
  /// When.
  public let stamp: Stamp
  /// `noreplicas`, `readonly`, `timeout`, `reset`, `refused` or another word.
  public let kind: String
}

/// What one connection of a writer did, with those that took its place.
public struct ConnectionRecord: Equatable, Sendable {
  /// The key of the string whose bits it set.
  public let key: String
  /// The acknowledged writes, about every 2 ms and around everything that interrupted them.
  public var acknowledgments: [Acknowledgment] = []
  /// The tries that failed.
  public var failures: [WriterFailure] = []
  /// When a connection was opened, and to which host.
  public var openings: [(stamp: Stamp, host: Int?)] = []
  /// When the writer itself was kept waiting.
  public var overruns: [Stall] = []

  /// How many writes were acknowledged.
  public var acknowledged: Int { acknowledgments.last?.count ?? 0 }

  /// Two records are equal if they tell of the same writes.
  public static func == (left: ConnectionRecord, right: ConnectionRecord) -> Bool {
    left.key == right.key && left.acknowledgments == right.acknowledgments
      && left.failures == right.failures
  }

  /// When a write was acknowledged, at the latest.
  public func stamp(of number: Int) -> Stamp? {
    // The counts rise, so the first that covers the number is found by halving.
    var low = 0
    var high = acknowledgments.count
    while low < high {
      let middle = (low + high) / 2
      if acknowledgments[middle].count > number { high = middle } else { low = middle + 1 }
    }
    return low < acknowledgments.count ? acknowledgments[low].stamp : nil
  }

  /// The longest time between two acknowledged writes, the second of which came after a moment, and
  /// the first of which came before another one.
  func maxGap(after stamp: Stamp, until end: Stamp) -> (start: Stamp, end: Stamp)? {
    zip(acknowledgments, acknowledgments.dropFirst())
      .filter { $0.stamp <= end && $1.stamp > stamp }
      .map { (start: $0.stamp, end: $1.stamp) }
      .max { $0.end.milliseconds(since: $0.start) < $1.end.milliseconds(since: $1.start) }
  }
}

/// What a tight writer did.
public struct WriterRecord: Equatable, Sendable {
  /// Its connections.
  public var connections: [ConnectionRecord]

  /// Reads what the writer of some keys wrote.
  ///
  /// - Parameters:
  ///   - key: the keys' common beginning.
  ///   - connections: how many connections it had.
  ///   - text: the lines that it wrote.
  public init(key: String, connections: Int, text: String) {
    var records = (0..<connections).map {
      ConnectionRecord(key: TightWriter.key(key, $0))
    }
    var hosts = [Int?](repeating: nil, count: connections)
    let end = text.lastIndex(of: "\n") ?? text.startIndex
    for line in text[..<end].split(separator: "\n") {
      guard let (number, stamp, what) = WriterLine.read(line), records.indices.contains(number)
      else { continue }
      switch what {
      case .acknowledged(let count):
        records[number].acknowledgments.append(
          Acknowledgment(stamp: stamp, count: count, host: hosts[number]))
      case .opened(let host):
        hosts[number] = host
        records[number].openings.append((stamp, host))
      case .failed(let kind):
        records[number].failures.append(WriterFailure(stamp: stamp, kind: kind))
      case .overran(let milliseconds):
        records[number].overruns.append(Stall(stamp: stamp, milliseconds: Double(milliseconds)))
      }
    }
    self.connections = records
  }

  /// How many writes were acknowledged.
  public var acknowledged: Int { connections.reduce(0) { $0 + $1.acknowledged } }

  /// When the writer itself was kept waiting.
  public var overruns: [Stall] { connections.flatMap(\.overruns) }

  /// The longest time, in milliseconds, for which one connection had no write acknowledged; of
  /// those that ended after a moment, and began before another one.
  ///
  /// - Parameters:
  ///   - stamp: the former moment.
  ///   - end: the latter one; by default all that follows counts.
  /// - Returns: infinity if a connection had none acknowledged after the former.
  public func maxGap(
    after stamp: Stamp, until end: Stamp = Stamp(nanoseconds: .max)
  ) -> Double {
    connections.map { connection in
      connection.maxGap(after: stamp, until: end).map { $0.end.milliseconds(since: $0.start) }
        ?? .infinity
    }.max() ?? .infinity
  }

  /// How often an open connection ended after a moment.
  public func disconnections(after stamp: Stamp) -> Int {
    connections.reduce(0) { sum, connection in
      sum + connection.openings.dropFirst().filter { $0.stamp > stamp }.count
    }
  }

  /// How many tries failed after a moment, by kind.
  public func failures(after stamp: Stamp) -> [String: Int] {
    var counts: [String: Int] = [:]
    for failure in connections.flatMap(\.failures) where failure.stamp > stamp {
      counts[failure.kind, default: 0] += 1
    }
    return counts
  }

  /// The last acknowledged write, by one host or by any.
  public func lastAcknowledgment(by host: Int? = nil) -> Acknowledgment? {
    connections.compactMap { connection in
      connection.acknowledgments.last { host == nil || $0.host == host }
    }.max { $0.stamp < $1.stamp }
  }

  /// The first write acknowledged after a moment, by one host or by any.
  public func firstAcknowledgment(after stamp: Stamp, by host: Int? = nil) -> Acknowledgment? {
    connections.compactMap { connection in
      connection.acknowledgments.first { $0.stamp > stamp && (host == nil || $0.host == host) }
    }.min { $0.stamp < $1.stamp }
  }

  /// How many writes were acknowledged in each second up to a moment, on average over its last 2 s.
  public func rate(before stamp: Stamp) -> Double {
    let start = stamp.advanced(milliseconds: -2000)
    let written = connections.reduce(0) { sum, connection in
      let inside = connection.acknowledgments.filter { $0.stamp > start && $0.stamp <= stamp }
      guard let first = inside.first, let last = inside.last else { return sum }
      return sum + last.count - first.count
    }
    return Double(written) / 2
  }
}
