/// The interface of the VIP loses its carrier on the holder, while Sentinel's network lives: how
/// soon another host serves, and whether an acknowledged write is lost.
public struct CarrierBenchmark {
  private let benchmark: Benchmark
  /// Within which time another host must serve, in ms.
  private let bar = 1500.0

  /// A benchmark of `vipd` with the fence and `on-carrier-loss move`.
  public init(_ benchmark: Benchmark) {
    self.benchmark = benchmark
  }

  /// Runs it all and returns the table.
  public func run() -> String {
    let results = Results(
      measurements: benchmark.measureRuns(agent: "vipd", condition: "carrier lost") {
        () throws(LabError) in try once()
      })
    let served = results.statistics("served")
    let lost = results.good.reduce(0) { $0 + Int($1.figures["lost"] ?? 0) }
    let good = results.good.filter {
      $0.figures["lost"] == 0 && ($0.figures["served"] ?? .infinity) <= bar
    }
    let header = [
      "runs within \(Int(bar)) ms that lost nothing", "failed", "repeated",
      "served after, ms, median",
      "most", "writes lost",
    ]
    let row = [
      "\(good.count) of \(results.good.count + results.failures)", "\(results.failures)",
      "\(results.disturbed)", rounded(served.median), rounded(served.maximum), "\(lost)",
    ]
    return "The holder's carrier is lost, Sentinel's network lives, down-after 3000\n\n"
      + table(header, [row])
  }

  private func once() throws(LabError) -> Benchmark.Run {
    let programs = DirtyPrograms(
      vipd: benchmark.vipd, vipctl: "", client: benchmark.client,
      serverDirectory: benchmark.serverDirectory)
    let outcome = DirtyTrial.run(.carrierMoved, programs)
    var run = Benchmark.Run(figures: outcome.figures, disturbance: outcome.disturbance)
    if !outcome.failures.isEmpty { run.failure = outcome.failures.joined(separator: "; ") }
    return run
  }
}
