/// A way of making a master refuse writes while its replica catches up.
public enum Closing: String, CaseIterable, Sendable {
  /// `CONFIG SET min-replicas-to-write 1000000`: writes are refused.
  case minReplicas = "min-replicas"
  /// `CLIENT PAUSE 1000 WRITE`: writes wait; a third of down-after at most.
  case pause
}

/// Two ways of closing compared: a planned move by bare commands, without `vipd`.
public struct ClosingBenchmark {
  private let benchmark: Benchmark
  private let timeouts: [Int]

  /// A benchmark with clients that wait so long for an answer, in milliseconds.
  public init(_ benchmark: Benchmark, timeouts: [Int]) {
    self.benchmark = benchmark
    self.timeouts = timeouts
  }

  /// Runs it all and returns the table.
  public func run() -> String {
    var rows: [[String]] = []
    for timeout in timeouts {
      for closing in Closing.allCases {
        let results = Results(
          measurements: benchmark.measure(
            agent: "none", condition: "\(closing.rawValue), clients wait \(timeout) ms"
          ) { () throws(LabError) in try once(closing, timeout) })
        rows.append(
          [closing.rawValue, "\(timeout)", results.clean("lost"), "\(results.failures)"]
            + ["\(results.disturbed)"] + results.cells("gap")
            + ["failed-noreplicas", "failed-timeout", "failed-reset", "failed-readonly"].map {
              // A kind that a run didn't have is not among its figures.
              rounded(results.mean($0))
            }
            + [rounded(results.statistics("disconnections").median)]
            + [rounded(results.statistics("equal").median)])
      }
    }
    let header = [
      "closing", "clients wait, ms", "runs without loss", "failed", "repeated",
      "write gap, ms, median", "p95", "max", "NOREPLICAS, mean", "time-outs, mean",
      "resets, mean", "READONLY, mean", "disconnections of 2", "offsets equal after, ms",
    ]
    return "Closing a master for a move, by bare commands, one replica, down-after 3000\n\n"
      + table(header, rows)
  }

  private func once(
    _ closing: Closing, _ timeout: Int
  ) throws(LabError) -> (figures: [String: Double], recording: Recording) {
    let plan = benchmark.fencedPlan(replicas: 1, agent: AgentPlan.none)
    let result = try WriteTrial.run(
      plan, client: benchmark.client, timeoutMilliseconds: timeout
    ) { trial throws(LabError) in
      let part = Part.redis(trial.group.name)
      let old = try trial.lab.connection(to: part, on: 1)
      let stamp = Stamp.now()
      try old.expect(closing.close)
      try awaitEqualOffsets(trial.lab, part)
      let equal = Stamp.now()
      try trial.lab.failover(trial.group, by: Int.random(in: 1...3))
      try trial.awaitFlip(of: 2, after: stamp)
      let flip = Stamp.now()
      // While the address is there, so that the end of the session still reaches the client.
      try old.expect(["CLIENT", "KILL", "TYPE", "normal"])
      try trial.lab.moveAddress(of: trial.group, from: 1, to: 2)
      let target = try trial.lab.host(2).version4Address
      try old.expect(["REPLICAOF", target, "\(trial.group.port)"])
      try old.expect(closing.open)
      try trial.writer.awaitSuccess(after: flip, timeoutMilliseconds: 10_000)
      return (stamp: stamp, equal: equal, flip: flip)
    }
    let times = result.outcome
    var figures = result.figures(since: times.stamp)
    figures["equal"] = times.equal.milliseconds(since: times.stamp)
    figures["flip"] = times.flip.milliseconds(since: times.stamp)
    return (figures, result.recording)
  }

  /// Waits until the replica has all that the master has: `ROLE` on both, as the master's own view
  /// of its replica is up to a second old.
  private func awaitEqualOffsets(_ lab: Laboratory, _ part: Part) throws(LabError) {
    let old = try lab.connection(to: part, on: 1)
    let new = try lab.connection(to: part, on: 2)
    try waitUntil("equal offsets", timeoutMilliseconds: 2000, paceMilliseconds: 1) {
      () throws(LabError) in
      let wanted = try old.command("ROLE").parts.dropFirst().first?.text.flatMap { Int($0) }
      let reached = try new.command("ROLE").parts.dropFirst(4).first?.text.flatMap { Int($0) }
      guard let wanted, let reached else { return false }
      return reached >= wanted
    }
  }
}

extension Closing {
  /// The command that closes.
  fileprivate var close: [String] {
    switch self {
    case .minReplicas: ["CONFIG", "SET", "min-replicas-to-write", Laboratory.closedValue]
    case .pause: ["CLIENT", "PAUSE", "1000", "WRITE"]
    }
  }

  /// The command that undoes it.
  fileprivate var open: [String] {
    switch self {
    case .minReplicas: ["CONFIG", "SET", "min-replicas-to-write", "0"]
    case .pause: ["CLIENT", "UNPAUSE"]
    }
  }
}

extension RESPConnection {
  /// Sends a command that must succeed.
  fileprivate func expect(_ words: [String]) throws(LabError) {
    try send(words)
    let reply = try receive(timeoutMilliseconds: 2000)
    if case .error(let text) = reply { throw .unexpectedReply(text) }
  }
}

extension WriteTrial {
  /// Waits for the moment at which a host's Redis becomes master.
  fileprivate func awaitFlip(of number: Int, after stamp: Stamp) throws(LabError) {
    try waitUntil("the promotion", timeoutMilliseconds: 10_000, paceMilliseconds: 1) {
      observation.promotion(of: group.name, after: stamp, exceptFor: 1)?.host == number
    }
  }
}

extension Laboratory {
  /// Moves a group's VIP as an operator would, and lets its new host announce it.
  fileprivate func moveAddress(
    of group: GroupPlan, from old: Int, to new: Int
  ) throws(LabError) {
    let source = try host(old).namespace
    let target = try host(new).namespace
    for address in group.virtualAddresses {
      try configure(source, ["addr del \(address) dev eth0"])
      try configure(target, ["addr add \(address) dev eth0"])
    }
    let announcement = ["arping", "-q", "-c", "1", "-A", "-I", "eth0", group.firstAddress]
    _ = try Subprocess(words(in: target, announcement)).start(log: "/dev/null")
  }
}

extension Results {
  /// The mean of a figure that runs may lack; a run without it counts as 0.
  fileprivate func mean(_ figure: String) -> Double {
    guard !good.isEmpty else { return .nan }
    return good.reduce(0) { $0 + ($1.figures[figure] ?? 0) } / Double(good.count)
  }
}
