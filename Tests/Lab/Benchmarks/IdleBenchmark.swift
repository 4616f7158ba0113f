import Glibc

/// What `vipd` costs while nothing happens.
public struct IdleBenchmark {
  private let benchmark: Benchmark
  private let seconds: Int

  /// A benchmark over so many seconds, with three Sentinels and one group.
  public init(_ benchmark: Benchmark, seconds: Int) {
    self.benchmark = benchmark
    self.seconds = seconds
  }

  /// What the daemon of one host took.
  struct Usage {
    var host: Int
    var mebibytes: Double
    /// Of a core.
    var percent: Double
  }

  /// Runs it and returns the table.
  ///
  /// - Throws: ``LabError`` if the lab doesn't come up.
  public func run() throws(LabError) -> String {
    let rows = try measure().map { usage in
      [
        "h\(usage.host)", usage.host == 1 ? "holds" : "stands by", rounded(usage.mebibytes),
        "\((usage.percent * 100).rounded() / 100)",
      ]
    }
    return "vipd idle for \(seconds) s, three Sentinels\n\n"
      + table(["host", "state", "RSS, MiB", "CPU, % of a core"], rows)
  }

  /// What each host's daemon takes; the first host's holds.
  func measure() throws(LabError) -> [Usage] {
    let lab = try Laboratory.up(benchmark.plan(downAfterMilliseconds: 3000))
    defer { lab.down() }
    // The first seconds belong to starting.
    pause(milliseconds: 3000)
    let processes = try lab.agentHosts.map { number throws(LabError) in
      (number, try lab.process(.agent, on: number))
    }
    let before = processes.map { $0.1.processorTicks ?? 0 }
    pause(milliseconds: seconds * 1000)
    let rate = Double(sysconf(Int32(_SC_CLK_TCK)))
    return zip(processes, before).map { entry, start in
      let (number, process) = entry
      let ticks = Double((process.processorTicks ?? 0) - start)
      return Usage(
        host: number, mebibytes: Double(process.residentKibibytes ?? 0) / 1024,
        percent: ticks / rate / Double(seconds) * 100)
    }
  }
}
