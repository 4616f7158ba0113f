import Foundation

/// One run under tight writers: a fresh lab, all watchers, and at the end a comparison of every
/// acknowledged write with what the final master has.
public final class WriteTrial {
  /// The lab.
  public let lab: Laboratory
  /// What watches it; there is no slow client.
  public let observation: Observation
  /// The group; its first master is host 1.
  public let group: GroupPlan
  /// The writer to the VIP, at the client.
  public let writer: Writer
  private let client: String
  private var writers: [Writer] = []

  /// What a run gave.
  public struct Result<Outcome> {
    /// What the body returned.
    public var outcome: Outcome
    /// What was seen.
    public var recording: Recording
    /// What each writer did, by key; the one to the VIP is `vip`.
    public var records: [String: WriterRecord]
    /// What each writer lost, by key.
    public var losses: [String: Losses]
    /// The host of the master at the end.
    public var master: Int
    /// Where the value was left that refuses every write.
    public var closedValues: [String]

    /// What the writer to the VIP did.
    public var record: WriterRecord {
      records["vip"] ?? WriterRecord(key: "vip", connections: 0, text: "")
    }
    /// What all writers lost.
    public var lost: Losses { losses.values.reduce(Losses()) { $0 + $1 } }
  }

  private init(
    _ lab: Laboratory, client: String, connections: Int, timeoutMilliseconds: Int
  ) throws(LabError) {
    self.lab = lab
    self.client = client
    let group = try lab.group()
    self.group = group
    observation = try Observation(lab, client: client, probing: [])
    var manner = WritingManner()
    manner.connections = connections
    manner.timeoutMilliseconds = timeoutMilliseconds
    writer = try Writer(
      lab, key: "vip", from: "c1", reach: lab.reach(group, client: client), manner)
    writers = [writer]
  }

  /// Brings a lab up and lets a writer write to the VIP.
  ///
  /// The writer is being served then, and the fence, if there is one, is armed. The caller ends the
  /// trial with ``end()``.
  ///
  /// - Parameters:
  ///   - plan: what to bring up.
  ///   - client: the path of `lab-client`.
  ///   - connections: how many connections the writer has.
  ///   - timeoutMilliseconds: how long it waits for an answer.
  ///   - measuresRate: whether it writes for 2 s before anything else happens.
  /// - Returns: the running trial.
  /// - Throws: ``LabError`` from the lab; nothing is left of it then.
  public static func begin(
    _ plan: LabPlan, client: String, connections: Int = 2, timeoutMilliseconds: Int = 100,
    measuresRate: Bool = true
  ) throws(LabError) -> WriteTrial {
    let lab = try Laboratory.up(plan)
    do throws(LabError) {
      let trial = try WriteTrial(
        lab, client: client, connections: connections, timeoutMilliseconds: timeoutMilliseconds)
      do throws(LabError) {
        try trial.awaitService(measuresRate: measuresRate)
        return trial
      } catch {
        _ = trial.observation.end()
        throw error
      }
    } catch {
      keepLogs(of: lab)
      lab.down()
      throw error
    }
  }

  /// Ends all watching and writing and takes the lab down.
  public func end() {
    _ = observation.end()
    keepLogs(of: lab)
    lab.down()
  }

  /// One whole trial: ``begin(_:client:connections:timeoutMilliseconds:measuresRate:)``, the body, ``check(_:since:)``, ``end()``.
  ///
  /// - Parameters:
  ///   - plan: what to bring up.
  ///   - client: the path of `lab-client`.
  ///   - connections: how many connections the writer has.
  ///   - timeoutMilliseconds: how long it waits for an answer.
  ///   - measuresRate: whether it writes for 2 s before anything else happens.
  ///   - body: what to do; it returns its outcome.
  /// - Returns: what was done, seen and lost.
  /// - Throws: ``LabError`` from the lab or the body.
  public static func run<Outcome>(
    _ plan: LabPlan, client: String, connections: Int = 2, timeoutMilliseconds: Int = 100,
    measuresRate: Bool = true, _ body: (WriteTrial) throws(LabError) -> Outcome
  ) throws(LabError) -> Result<Outcome> {
    let trial = try begin(
      plan, client: client, connections: connections, timeoutMilliseconds: timeoutMilliseconds,
      measuresRate: measuresRate)
    defer { trial.end() }
    let start = Stamp.now()
    let outcome = try body(trial)
    let end = Stamp.now()
    var result = try trial.check(outcome, since: start)
    // Waiting for order afterwards measures nothing, so a stall does no harm there.
    result.recording.stalls.removeAll { $0.stamp > end }
    result.recording.overruns.removeAll { $0.stamp > end }
    return result
  }

  private func awaitService(measuresRate: Bool) throws(LabError) {
    if lab.plan.fence != nil, case .daemon = lab.plan.agent, lab.plan.redisSetup == .usual {
      try lab.awaitFence("armed", of: group, on: group.members[0])
    }
    try writer.awaitSuccess(after: .now(), timeoutMilliseconds: 5000)
    // Two seconds tell the rate.
    if measuresRate { pause(milliseconds: 2000) }
    // Sentinel's periods are up to a second long; the event shall fall anywhere in them.
    pause(milliseconds: Int.random(in: 0..<1000))
  }

  /// Starts another writer, a write a millisecond, which counts at the end as the first one does.
  ///
  /// - Parameters:
  ///   - key: its key.
  ///   - port: where it runs: `c1`, `h1`.
  ///   - address: the address to write to, at the group's port.
  /// - Returns: the writer.
  /// - Throws: ``LabError`` if it doesn't start.
  @discardableResult
  public func startWriter(
    _ key: String, from port: String, to address: String
  ) throws(LabError) -> Writer {
    try startWriter(
      key, from: port, reach: Reach(client: client, address: address, port: group.port))
  }

  /// Starts another writer that gets to the master in its own way, and may connect anew each time
  /// that its connection has reached an age.
  @discardableResult
  func startWriter(
    _ key: String, from port: String, reach: Reach, lifeMilliseconds: Int = 0
  ) throws(LabError) -> Writer {
    var manner = WritingManner()
    manner.paceMicroseconds = 1000
    manner.lifeMilliseconds = lifeMilliseconds
    let writer = try Writer(lab, key: key, from: port, reach: reach, manner)
    writers.append(writer)
    return writer
  }

  /// Waits for one master whom all follow, and compares every acknowledged write with what it has.
  ///
  /// The writers write on: what they have been told until now is compared with what is there a
  /// moment later.
  ///
  /// - Parameters:
  ///   - outcome: handed on.
  ///   - start: what was seen before this moment is left out.
  /// - Returns: what was done, seen and lost.
  /// - Throws: ``LabError`` if there is no order within 90 s.
  public func check<Outcome>(
    _ outcome: Outcome, since start: Stamp
  ) throws(LabError) -> Result<Outcome> {
    let master = try lab.awaitOrder(group)
    var records: [String: WriterRecord] = [:]
    for writer in writers { records[writer.key] = writer.record }
    let connection = try lab.connection(to: .redis(group.name), on: master)
    var losses: [String: Losses] = [:]
    for (key, record) in records { losses[key] = try record.losses(on: connection) }
    return Result(
      outcome: outcome, recording: recording(since: start), records: records, losses: losses,
      master: master, closedValues: lab.closedValues(group))
  }

  /// What was seen since a moment, the writers' own stalls included.
  public func recording(since start: Stamp) -> Recording {
    var recording = observation.recording
    recording.overruns = writers.flatMap(\.record.overruns)
    return recording.since(start)
  }
}

extension WriteTrial.Result {
  /// The figures that every such run has, counted from the event.
  func figures(since event: Stamp) -> [String: Double] {
    var figures = [
      "lost": Double(lost.count), "gap": record.maxGap(after: event),
      "disconnections": Double(record.disconnections(after: event)),
      "rate": record.rate(before: event), "closed-left": Double(closedValues.count),
    ]
    for (kind, count) in record.failures(after: event) { figures["failed-\(kind)"] = Double(count) }
    if let first = lost.first { figures["first-lost"] = first.milliseconds(since: event) }
    if let last = lost.last { figures["last-lost"] = last.milliseconds(since: event) }
    return figures
  }
}
