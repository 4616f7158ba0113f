/// A fault that makes Sentinel promote another host.
public enum TakeoverFault: String, CaseIterable, Sendable {
  /// The master's Redis is killed; its host refuses connections.
  case kill
  /// The master's host loses its power; nobody hears from it again.
  case powerOff = "poweroff"
  /// The master's host loses its cable.
  case cut

  /// Does it, and returns the moment.
  func apply(to lab: Laboratory, _ group: GroupPlan, on host: Int) throws(LabError) -> Stamp {
    switch self {
    case .kill: try lab.kill(.redis(group.name), on: host)
    case .powerOff: try lab.powerOff(host)
    case .cut: try lab.cut(host)
    }
  }
}

/// How long after the promotion a client with 100 ms time-outs is served through the VIP again.
public struct TakeoverBenchmark {
  private let benchmark: Benchmark
  private let faults: [TakeoverFault]
  private let downAfter: [Int]
  private let agents: [AgentPlan]

  /// A benchmark of `vipd` and the classic script under the given faults and settings.
  public init(
    _ benchmark: Benchmark, faults: [TakeoverFault], downAfterMilliseconds: [Int]
  ) {
    self.benchmark = benchmark
    self.faults = faults
    downAfter = downAfterMilliseconds
    agents = [.daemon(path: benchmark.vipd), .script]
  }

  /// Runs it all and returns the table.
  public func run() -> String {
    var rows: [[String]] = []
    for downAfter in downAfter {
      for fault in faults {
        let results = agents.map { agent in
          Results(
            measurements: benchmark.measure(
              agent: agent.name, condition: "\(fault.rawValue), down-after \(downAfter)"
            ) { () throws(LabError) in try once(agent, fault, downAfter) })
        }
        rows += rowsOf(results, fault, downAfter)
      }
    }
    let header = [
      "fault", "down-after", "agent", "runs", "failed", "repeated", "median", "p95", "max",
      "script's median ÷ this", "client's outage, median",
    ]
    return "Restored − promoted, in ms, seen by a client with 100 ms time-outs\n\n"
      + table(header, rows)
  }

  private func once(
    _ agent: AgentPlan, _ fault: TakeoverFault, _ downAfter: Int
  ) throws(LabError) -> (figures: [String: Double], recording: Recording) {
    let plan = benchmark.plan(downAfterMilliseconds: downAfter, agent: agent)
    let (outcome, recording) = try Trial.run(plan, client: benchmark.client) {
      trial throws(LabError) in
      let stamp = try fault.apply(to: trial.lab, trial.group, on: 1)
      let promotion = try trial.awaitPromotion(after: stamp)
      try trial.awaitSuccess(at: promotion.host, after: promotion.stamp)
      // Long enough that an old holder that lets go late is seen.
      pause(milliseconds: 300)
      return (stamp, promotion)
    }
    let (stamp, promotion) = outcome
    guard let success = recording.firstSuccess(at: promotion.host, after: promotion.stamp),
      let last = recording.attempts.last(where: { $0.outcome == "ok" && $0.end < stamp })
    else { throw .timedOut(waitingFor: "a success of the client") }
    let history = HoldingHistory(of: plan.groups[0].firstAddress, in: recording.addresses)
    let moved = recording.addresses.first {
      $0.address == plan.groups[0].firstAddress && $0.host == promotion.host && $0.isPresent
        && $0.stamp > stamp
    }
    let figures = [
      "moved-promoted": moved?.stamp.milliseconds(since: promotion.stamp) ?? .infinity,
      "restored-promoted": success.end.milliseconds(since: promotion.stamp),
      "promoted-fault": promotion.stamp.milliseconds(since: stamp),
      "outage": success.end.milliseconds(since: last.end),
      "overlap": history.overlap(until: success.end),
    ]
    return (figures, recording)
  }

  private func rowsOf(
    _ results: [Results], _ fault: TakeoverFault, _ downAfter: Int
  ) -> [[String]] {
    let script = results.last?.statistics("restored-promoted").median ?? .nan
    return zip(agents, results).map { agent, result in
      let statistics = result.statistics("restored-promoted")
      return [
        fault.rawValue, "\(downAfter)", agent.name, "\(result.good.count)", "\(result.failures)",
        "\(result.disturbed)", rounded(statistics.median), rounded(statistics.percentile95),
        rounded(statistics.maximum), rounded(script / statistics.median),
        rounded(result.statistics("outage").median),
      ]
    }
  }
}
