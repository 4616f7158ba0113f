/// For how long writes stand still when a replica hangs, with the fence on.
public struct ReplicaStoppedBenchmark {
  private let benchmark: Benchmark
  private let replicas: [Int]

  /// `max-lag` 1 and a second, in milliseconds: Redis counts lag in whole seconds.
  private let bound = 2000.0

  /// A benchmark of `vipd` in groups with so many replicas.
  public init(_ benchmark: Benchmark, replicas: [Int]) {
    self.benchmark = benchmark
    self.replicas = replicas
  }

  /// Runs it all and returns the table.
  public func run() -> String {
    let rows = replicas.map { replicas in
      let results = Results(
        measurements: benchmark.measure(agent: "vipd", condition: "\(replicas) replicas, one hangs")
        { () throws(LabError) in try once(replicas) })
      let gap = results.statistics("gap")
      return [
        "\(replicas)", "\(gap.sorted.filter { $0 <= bound }.count) of \(results.good.count)",
        "\(results.failures)", "\(results.disturbed)", rounded(gap.median), rounded(gap.maximum),
        rounded(results.statistics("told").maximum), rounded(results.statistics("armed").maximum),
        rounded(results.statistics("lost").maximum),
      ]
    }
    let header = [
      "replicas", "runs within max-lag + 1 s", "failed", "repeated", "write stall, median", "max",
      "status says open after, max", "armed again after it went on, max", "lost, most",
    ]
    return "A replica is stopped under a tight writer, fence on, max-lag 1, in ms\n\n"
      + table(header, rows)
  }

  private func once(
    _ replicas: Int
  ) throws(LabError) -> (figures: [String: Double], recording: Recording) {
    let plan = benchmark.fencedPlan(replicas: replicas)
    let result = try WriteTrial.run(plan, client: benchmark.client) { trial throws(LabError) in
      let lab = trial.lab
      let part = Part.redis(trial.group.name)
      let stamp = try lab.freeze(part, on: 2)
      try lab.awaitFence("open", of: trial.group, on: 1)
      let told = Stamp.now()
      // Until the Sentinels have called the replica down, and a little longer.
      pause(milliseconds: 4000)
      try trial.writer.awaitSuccess(after: .now(), timeoutMilliseconds: 10_000)
      let on = Stamp.now()
      try lab.thaw(part, on: 2)
      try lab.awaitFence("armed", of: trial.group, on: 1, timeoutMilliseconds: 30_000)
      return (stamp: stamp, told: told, on: on, armed: Stamp.now())
    }
    let times = result.outcome
    var figures = result.figures(since: times.stamp)
    figures["told"] = times.told.milliseconds(since: times.stamp)
    figures["armed"] = times.armed.milliseconds(since: times.on)
    return (figures, result.recording)
  }
}
