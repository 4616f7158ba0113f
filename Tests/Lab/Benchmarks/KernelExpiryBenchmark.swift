/// How soon the kernel removes the VIPs of a `vipd` that is dead or stands still.
public struct KernelExpiryBenchmark {
  private let benchmark: Benchmark

  /// The longest lease at down-after 3000: 400 ms less than it (design: the lease's L).
  private let leaseSeconds = 2.6

  /// A benchmark of `vipd`.
  public init(_ benchmark: Benchmark) {
    self.benchmark = benchmark
  }

  /// Runs it all and returns the table.
  public func run() -> String {
    let bound = leaseSeconds.rounded(.up) * 1000 + 1100
    let rows = ["SIGKILL", "SIGSTOP"].map { signal in
      let results = Results(
        measurements: benchmark.measure(agent: "vipd", condition: signal) {
          () throws(LabError) in try once(signal)
        })
      let last = results.statistics("last-removed")
      return [
        signal, "\(last.sorted.filter { $0 <= bound }.count) of \(results.good.count)",
        "\(results.failures)", "\(results.disturbed)", rounded(last.median),
        rounded(last.maximum), rounded(bound),
      ]
    }
    let header = [
      "signal", "runs within the bound", "failed", "repeated", "median", "max", "bound",
    ]
    return "Until the kernel has removed two VIPs of a dead holder, in ms, down-after 3000\n\n"
      + table(header, rows)
  }

  private func once(
    _ signal: String
  ) throws(LabError) -> (figures: [String: Double], recording: Recording) {
    var plan = benchmark.plan(downAfterMilliseconds: 3000)
    plan.groups[0].virtualAddresses = ["10.77.0.100/24", "10.77.0.101/24"]
    let (stamp, recording) = try Trial.run(plan, client: benchmark.client) {
      trial throws(LabError) in
      let stamp =
        signal == "SIGKILL"
        ? try trial.lab.kill(.agent, on: 1) : try trial.lab.freeze(.agent, on: 1)
      for address in trial.group.virtualAddresses {
        try waitUntil("the kernel to remove \(address)", timeoutMilliseconds: 15_000) {
          () throws(LabError) in try trial.lab.holders(of: address).isEmpty
        }
      }
      return stamp
    }
    let removals = recording.addresses.filter {
      !$0.isPresent && $0.stamp > stamp && plan.groups[0].addresses.contains($0.address)
    }.map { $0.stamp.milliseconds(since: stamp) }
    let figures = [
      "first-removed": removals.min() ?? .infinity, "last-removed": removals.max() ?? .infinity,
    ]
    return (figures, recording)
  }
}
