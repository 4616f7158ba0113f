/// What `SENTINEL FAILOVER`, typed at a live master, costs in acknowledged writes.
public struct PlannedFailoverBenchmark {
  private let benchmark: Benchmark
  private let replicas: [Int]
  private let agents: [AgentPlan]

  /// A benchmark of groups with so many replicas, with `vipd` or without.
  public init(_ benchmark: Benchmark, replicas: [Int], agents: [AgentPlan]) {
    self.benchmark = benchmark
    self.replicas = replicas
    self.agents = agents
  }

  /// Runs it all and returns the table.
  public func run() -> String {
    var rows: [[String]] = []
    for replicas in replicas {
      for agent in agents {
        let results = Results(
          measurements: benchmark.measure(
            agent: agent.name, condition: "SENTINEL FAILOVER, \(replicas) replicas"
          ) { () throws(LabError) in try once(agent, replicas) })
        rows.append(
          ["\(replicas)", agent.name, results.clean("lost"), "\(results.failures)"]
            + ["\(results.disturbed)"] + results.cells("lost")
            + [
              rounded(results.statistics("gap").median), rounded(results.statistics("gap").maximum),
              rounded(results.statistics("rate").median),
            ])
      }
    }
    let header = [
      "replicas", "agent", "runs without loss", "failed", "repeated", "lost, median", "p95", "max",
      "write gap, ms, median", "max", "writes/s",
    ]
    return "SENTINEL FAILOVER of a live master under a tight writer, down-after 3000\n\n"
      + table(header, rows)
  }

  private func once(
    _ agent: AgentPlan, _ replicas: Int
  ) throws(LabError) -> (figures: [String: Double], recording: Recording) {
    let plan = benchmark.fencedPlan(replicas: replicas, agent: agent)
    let result = try WriteTrial.run(plan, client: benchmark.client) { trial throws(LabError) in
      let stamp = try trial.lab.failover(trial.group, by: Int.random(in: 1...3))
      let promotion = try trial.observation.awaitPromotion(
        of: trial.group.name, after: stamp, exceptFor: 1)
      if case .daemon = agent {
        try trial.lab.awaitHolder(trial.group, number: promotion.host)
        try trial.writer.awaitSuccess(after: .now(), timeoutMilliseconds: 15_000)
      }
      return (stamp, promotion)
    }
    let (stamp, promotion) = result.outcome
    var figures = result.figures(since: stamp)
    figures["promoted"] = promotion.stamp.milliseconds(since: stamp)
    return (figures, result.recording)
  }
}
