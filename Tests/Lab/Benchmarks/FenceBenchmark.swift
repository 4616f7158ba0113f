/// What the benchmarks of the fence share.
extension Benchmark {
  /// A plan with one group of one or more replicas, three Sentinels, and the fence on where there
  /// is a daemon.
  func fencedPlan(replicas: Int, agent: AgentPlan? = nil) -> LabPlan {
    var plan = plan(downAfterMilliseconds: 3000, agent: agent)
    plan.groups[0].members = Array(1...(replicas + 1))
    plan.hosts = max(3, replicas + 1)
    if case .daemon = plan.agent { plan.fence = "min-replicas all max-lag 1" }
    return plan
  }
}

extension Results {
  /// How many good runs have the figure 0.
  func clean(_ figure: String) -> String {
    "\(good.filter { $0.figures[figure] == 0 }.count) of \(good.count)"
  }

  /// Median, 95th percentile and maximum of a figure, in one cell each.
  func cells(_ figure: String) -> [String] {
    let statistics = statistics(figure)
    return [statistics.median, statistics.percentile95, statistics.maximum].map(rounded)
  }
}
