/// How a master loses its group, while its own clients stay with it.
public enum Isolation: String, CaseIterable, Sendable {
  /// Its host's cable is pulled.
  case cut
  /// The same, and its `vipd` is killed at that moment.
  case cutWithoutAgent = "cut-vipd-killed"
  /// One of two replicas stays with it; the other and all Sentinels are on the far side.
  case split
}

/// For how long an isolated master goes on acknowledging writes of clients on its own host.
public struct IsolatedMasterBenchmark {
  private let benchmark: Benchmark
  private let isolations: [Isolation]
  private let agents: [AgentPlan]

  /// The last acknowledged write may come this long after the cut: `max-lag` 1, a second because
  /// Redis counts lag in whole seconds, and 0.2 s.
  private let bound = 2200.0

  /// A benchmark of `vipd` or, as what one has otherwise, of Sentinel alone.
  public init(_ benchmark: Benchmark, isolations: [Isolation], agents: [AgentPlan]) {
    self.benchmark = benchmark
    self.isolations = isolations
    self.agents = agents
  }

  /// Runs it all and returns the table.
  public func run() -> String {
    var rows: [[String]] = []
    for isolation in isolations {
      for agent in agents {
        if case .none = agent, isolation == .cutWithoutAgent { continue }
        let results = Results(
          measurements: benchmark.measure(agent: agent.name, condition: isolation.rawValue) {
            () throws(LabError) in try once(isolation, agent)
          })
        let last = results.statistics("last-cut")
        rows.append([
          isolation.rawValue, agent.name,
          "\(last.sorted.filter { $0 <= bound }.count) of \(results.good.count)",
          results.clean("after-promotion"), "\(results.failures)", "\(results.disturbed)",
          rounded(last.median), rounded(last.maximum),
          rounded(results.statistics("promoted-cut").sorted.first ?? .nan),
          rounded(results.statistics("lost").median),
        ])
      }
    }
    let header = [
      "isolation", "agent", "runs within 2.2 s", "runs with none after the promotion", "failed",
      "repeated", "last acknowledged − cut, median", "max", "promoted − cut, min", "lost, median",
    ]
    return "Writes of clients on an isolated master's host, max-lag 1, down-after 3000, in ms\n\n"
      + table(header, rows)
  }

  private func plan(_ isolation: Isolation, _ agent: AgentPlan) -> LabPlan {
    var plan = benchmark.fencedPlan(replicas: isolation == .split ? 2 : 1, agent: agent)
    if isolation == .split {
      plan.hosts = 5
      plan.sentinelHosts = [3, 4, 5]
    }
    return plan
  }

  private func once(
    _ isolation: Isolation, _ agent: AgentPlan
  ) throws(LabError) -> (figures: [String: Double], recording: Recording) {
    let result = try WriteTrial.run(plan(isolation, agent), client: benchmark.client) {
      trial throws(LabError) in
      let own = try trial.startWriter("own", from: "h1", to: try trial.lab.host(1).version4Address)
      let local = try trial.startWriter("local", from: "h1", to: trial.group.firstAddress)
      for writer in [own, local] {
        try writer.awaitSuccess(after: .now(), timeoutMilliseconds: 5000)
      }
      pause(milliseconds: 500)
      let stamp = try apply(isolation, trial.lab)
      let promotion = try trial.observation.awaitPromotion(
        of: trial.group.name, after: stamp, exceptFor: 1)
      // Long enough for a lease, a lag and a second look to pass.
      pause(milliseconds: 4000)
      try trial.lab.heal()
      return (stamp, promotion)
    }
    let (stamp, promotion) = result.outcome
    // Whatever host 1 acknowledges after the promotion, before it is mended or after, is wrong.
    let last = ["own", "local"].compactMap { key in
      result.records[key]?.lastAcknowledgment(by: 1)?.stamp
    }.max()
    var recording = result.recording
    // The client on the far side is cut off from this master: its own waiting tells nothing of it.
    let locals = ["own", "local"].flatMap { result.records[$0]?.overruns ?? [] }
    recording.overruns = recording.overruns.filter { locals.contains($0) }
    var figures = result.figures(since: stamp)
    figures["last-cut"] = last?.milliseconds(since: stamp) ?? .nan
    figures["after-promotion"] = max(0, last?.milliseconds(since: promotion.stamp) ?? .nan)
    figures["promoted-cut"] = promotion.stamp.milliseconds(since: stamp)
    return (figures, recording)
  }

  private func apply(_ isolation: Isolation, _ lab: Laboratory) throws(LabError) -> Stamp {
    switch isolation {
    case .cut: return try lab.cut(1)
    case .cutWithoutAgent:
      let stamp = try lab.kill(.agent, on: 1)
      try lab.cut(1)
      return stamp
    case .split: return try lab.partition(["h1", "h2"], from: ["h3", "h4", "h5", "c1"])
    }
  }
}
