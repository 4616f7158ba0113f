/// How soon after the promotion a group of two nodes, of which one is dead, accepts writes.
public struct TwoNodeBenchmark {
  private let benchmark: Benchmark

  /// A benchmark of `vipd` with the fence on.
  public init(_ benchmark: Benchmark) {
    self.benchmark = benchmark
  }

  /// Runs it all and returns the table.
  public func run() -> String {
    let results = Results(
      measurements: benchmark.measure(agent: "vipd", condition: "two nodes, master killed") {
        () throws(LabError) in try once()
      })
    let accepted = results.statistics("accepted-promoted")
    let row =
      [
        "\(accepted.sorted.filter { $0 <= 100 }.count) of \(results.good.count)",
        "\(results.failures)", "\(results.disturbed)",
      ] + results.cells("accepted-promoted") + [rounded(results.statistics("lost").maximum)]
    let header = [
      "runs within 100 ms", "failed", "repeated", "median", "p95", "max", "lost at the kill, most",
    ]
    return "Two nodes, master killed: first write accepted through the VIP − promoted, in ms, "
      + "down-after 3000\n\n" + table(header, [row])
  }

  private func once() throws(LabError) -> (figures: [String: Double], recording: Recording) {
    let plan = benchmark.fencedPlan(replicas: 1)
    let result = try WriteTrial.run(plan, client: benchmark.client) { trial throws(LabError) in
      let stamp = try trial.lab.kill(.redis(trial.group.name), on: 1)
      let promotion = try trial.observation.awaitPromotion(
        of: trial.group.name, after: stamp, exceptFor: 1)
      try trial.writer.awaitSuccess(after: promotion.stamp, timeoutMilliseconds: 20_000)
      pause(milliseconds: 300)
      return (stamp, promotion)
    }
    let (stamp, promotion) = result.outcome
    let first = result.record.firstAcknowledgment(after: promotion.stamp, by: promotion.host)
    var figures = result.figures(since: stamp)
    figures["accepted-promoted"] =
      first?.stamp.milliseconds(since: promotion.stamp) ?? .infinity
    let refused = result.record.connections.flatMap(\.failures)
      .filter { $0.kind == "noreplicas" && $0.stamp > promotion.stamp }
    figures["refused-after-promotion"] = Double(refused.count)
    return (figures, result.recording)
  }
}
