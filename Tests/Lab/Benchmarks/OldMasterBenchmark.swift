/// What comes back of an old master.
public enum OldMasterReturn: String, CaseIterable, Sendable {
  /// Its Redis, with the file that it had; the rest of the host ran on.
  case redis
  /// The whole host, after a power failure: Redis first, then Sentinel, then `vipd`.
  case host
}

/// What an old master, started again with its old file, acknowledges and throws away.
public struct OldMasterBenchmark {
  private let benchmark: Benchmark
  private let returns: [OldMasterReturn]
  private let replicas: Int
  private let agents: [AgentPlan]

  /// A benchmark of `vipd` or, as what one has otherwise, of Sentinel alone.
  public init(
    _ benchmark: Benchmark, returns: [OldMasterReturn], replicas: Int, agents: [AgentPlan]
  ) {
    self.benchmark = benchmark
    self.returns = returns
    self.replicas = replicas
    self.agents = agents
  }

  /// Runs it all and returns the table.
  public func run() -> String {
    var rows: [[String]] = []
    for kind in returns {
      for agent in agents {
        let results = Results(
          measurements: benchmark.measure(
            agent: agent.name, condition: "the old \(kind.rawValue) returns"
          ) { () throws(LabError) in try once(kind, agent) })
        rows.append(
          [kind.rawValue, agent.name, results.clean("own-lost"), "\(results.failures)"]
            + ["\(results.disturbed)"] + results.cells("own-lost")
            + [
              rounded(results.statistics("own-acknowledged").maximum),
              rounded(results.statistics("replica-after").median),
              rounded(results.statistics("replica-after").maximum),
            ])
      }
    }
    let header = [
      "returns", "agent", "runs without loss", "failed", "repeated", "lost, median", "p95", "max",
      "acknowledged, most", "a replica after, ms, median", "max",
    ]
    return "An old master returns with its old file, and a writer writes to its own address\n\n"
      + table(header, rows)
  }

  private func once(
    _ kind: OldMasterReturn, _ agent: AgentPlan
  ) throws(LabError) -> (figures: [String: Double], recording: Recording) {
    let plan = benchmark.fencedPlan(replicas: replicas, agent: agent)
    let result = try WriteTrial.run(plan, client: benchmark.client) { trial throws(LabError) in
      let lab = trial.lab
      let redis = Part.redis(trial.group.name)
      let fault = try kind == .redis ? lab.kill(redis, on: 1) : lab.powerOff(1)
      let promotion = try trial.observation.awaitPromotion(
        of: trial.group.name, after: fault, exceptFor: 1)
      try lab.awaitNaming(trial.group, promotion.host, except: kind == .host ? [1] : [])
      pause(milliseconds: Int.random(in: 2000..<4000))
      let own = try trial.startWriter("own", from: "h1", to: try lab.host(1).version4Address)
      let back = Stamp.now()
      try kind == .redis ? lab.start(redis, on: 1) : lab.powerOn(1)
      try lab.awaitOrder(trial.group)
      // The writer needs a moment to see what it speaks to.
      pause(milliseconds: 300)
      _ = own
      return (fault: fault, back: back)
    }
    let times = result.outcome
    var figures = result.figures(since: times.fault)
    figures["own-lost"] = Double(result.losses["own"]?.count ?? 0)
    figures["own-acknowledged"] = Double(result.records["own"]?.acknowledged ?? 0)
    let demoted = result.recording.roles.last { $0.host == 1 && $0.role == "slave" }
    figures["replica-after"] = demoted?.stamp.milliseconds(since: times.back) ?? .infinity
    return (figures, result.recording)
  }
}

extension Laboratory {
  /// Waits until every Sentinel but those of some hosts names a host as the master.
  func awaitNaming(
    _ group: GroupPlan, _ number: Int, except hosts: [Int]
  ) throws(LabError) {
    let address = try host(number).address(plan.family)
    for sentinel in plan.sentinelHosts where !hosts.contains(sentinel) {
      try waitUntil(
        "the Sentinel on h\(sentinel) to name h\(number)", timeoutMilliseconds: 30_000
      ) { () throws(LabError) in
        let reply = try connection(to: .sentinel, on: sentinel)
          .command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", group.name)
        return reply.parts.first?.text == address
      }
    }
  }
}
