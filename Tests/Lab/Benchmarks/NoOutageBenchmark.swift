/// What must not disturb a client at all.
public enum HarmlessFault: String, CaseIterable, Sendable {
  /// A Sentinel on another host dies and stays dead.
  case oneSentinelDies = "one-sentinel-dies"
  /// The Sentinel on the holder's own host dies and stays dead.
  case ownSentinelDies = "own-sentinel-dies"
  /// All Sentinels are stopped together and started again.
  case allSentinelsRestart = "all-sentinels-restart"
  /// `vipd` on the holder is stopped by SIGTERM and started again, with `on-stop keep`.
  case agentRestarts = "vipd-restarts"
  /// `vipd` on the holder is killed and started again, as systemd would.
  case agentCrashes = "vipd-crashes"
}

/// Whether a client notices faults that it shouldn't notice.
public struct NoOutageBenchmark {
  private let benchmark: Benchmark
  private let faults: [HarmlessFault]

  /// A benchmark of `vipd` under the given faults, at down-after 3000.
  public init(_ benchmark: Benchmark, faults: [HarmlessFault]) {
    self.benchmark = benchmark
    self.faults = faults
  }

  /// Runs it all and returns the table.
  public func run() -> String {
    let rows = faults.map { fault in
      let results = Results(
        measurements: benchmark.measure(agent: "vipd", condition: fault.rawValue) {
          () throws(LabError) in try once(fault)
        })
      let clean = results.good.filter {
        $0.figures["failed-writes"] == 0 && $0.figures["unheld"] == 0
      }
      return [
        fault.rawValue, "\(clean.count) of \(results.good.count)", "\(results.failures)",
        "\(results.disturbed)", rounded(results.statistics("failed-writes").maximum),
        rounded(results.statistics("unheld").maximum),
        rounded(results.statistics("longest-gap").maximum),
      ]
    }
    let header = [
      "fault", "runs without outage", "failed", "repeated", "failed writes, most",
      "nobody held, ms, most", "gap between writes, ms, most",
    ]
    return "No outage, down-after 3000\n\n" + table(header, rows)
  }

  private func once(
    _ fault: HarmlessFault
  ) throws(LabError) -> (figures: [String: Double], recording: Recording) {
    var plan = benchmark.plan(downAfterMilliseconds: 3000)
    if fault == .agentRestarts { plan.extraConfiguration = ["on-stop keep"] }
    let (stamp, recording) = try Trial.run(plan, client: benchmark.client) {
      trial throws(LabError) in
      let stamp = Stamp.now()
      try apply(fault, trial.lab)
      // Twice the longest lease.
      pause(milliseconds: 6000)
      return stamp
    }
    let attempts = recording.attempts.filter { $0.end > stamp }
    let history = HoldingHistory(of: plan.groups[0].firstAddress, in: recording.addresses)
    let figures = [
      "failed-writes": Double(attempts.filter { $0.outcome != "ok" }.count),
      "longest-gap": recording.maxOutage(after: stamp),
      // An address that is gone at the end is gone for ever.
      "unheld": history.holdersAtEnd == [1] ? history.unheld() : .greatestFiniteMagnitude,
    ]
    return (figures, recording)
  }

  private func apply(_ fault: HarmlessFault, _ lab: Laboratory) throws(LabError) {
    switch fault {
    case .oneSentinelDies: try lab.kill(.sentinel, on: 2)
    case .ownSentinelDies: try lab.kill(.sentinel, on: 1)
    case .allSentinelsRestart: try lab.restartSentinels()
    case .agentRestarts:
      try lab.stop(.agent, on: 1)
      try lab.start(.agent, on: 1)
    case .agentCrashes:
      try lab.kill(.agent, on: 1)
      try lab.start(.agent, on: 1)
    }
  }
}
