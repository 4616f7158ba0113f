import Glibc

/// How soon clients that only wait are back after their server vanished without a word.
public struct IdleClientsBenchmark {
  private let benchmark: Benchmark
  private let faults: [Fault]
  private let crowd: Int
  private let crowdRuns: Int

  /// A benchmark under the given faults, and one with a crowd of connections.
  ///
  /// - Parameters:
  ///   - benchmark: what all benchmarks need.
  ///   - faults: what happens to the holder.
  ///   - crowd: how many connections the crowd has.
  ///   - crowdRuns: how many runs there are with the crowd.
  public init(_ benchmark: Benchmark, faults: [Fault], crowd: Int, crowdRuns: Int) {
    self.benchmark = benchmark
    self.faults = faults
    self.crowd = crowd
    self.crowdRuns = crowdRuns
  }

  /// Runs it all and returns the tables.
  public func run() -> String {
    var rows: [[String]] = []
    for fault in faults {
      let results = Results(
        measurements: benchmark.measure(agent: "vipd", condition: fault.rawValue) {
          () throws(LabError) in try few(fault)
        })
      for wait in [IdleClients.Wait.subscribe, .blpop] {
        let back = results.statistics("\(wait.rawValue)-promoted")
        rows.append([
          fault.rawValue, wait.rawValue, "\(results.good.count)", "\(results.failures)",
          "\(results.disturbed)", rounded(back.median), rounded(back.percentile95),
          rounded(back.maximum),
        ])
      }
    }
    let listing = table(
      ["fault", "client", "runs", "failed", "repeated", "median", "p95", "max"], rows)
    let title = "Idle clients back − promoted, in ms (down-after 3000)\n\n"
    return rows.isEmpty ? crowdTable() : title + listing + "\n\n" + crowdTable()
  }

  /// A subscriber and a client in BLPOP.
  private func few(
    _ fault: Fault
  ) throws(LabError) -> (figures: [String: Double], recording: Recording) {
    let plan = benchmark.plan(downAfterMilliseconds: 3000)
    let (figures, recording) = try Trial.run(plan, client: benchmark.client) {
      trial throws(LabError) in
      var runs: [(wait: IdleClients.Wait, run: IdleClientRun)] = []
      for wait in [IdleClients.Wait.subscribe, .blpop] {
        runs.append((wait, try start(trial, wait, 1)))
      }
      // What is shared within a second is known to the others after two.
      pause(milliseconds: 2000)
      let stamp = try fault.apply(to: trial.lab, trial.group, on: 1)
      let promotion = try trial.awaitPromotion(after: stamp)
      var figures: [String: Double] = [:]
      for (wait, run) in runs {
        let returns = try run.awaitReturn(since: stamp, timeoutMilliseconds: 15_000)
        figures["\(wait.rawValue)-promoted"] =
          returns.last?.milliseconds(since: promotion.stamp)
      }
      return figures
    }
    return (figures, recording)
  }

  private func start(
    _ trial: Trial, _ wait: IdleClients.Wait, _ count: Int
  ) throws(LabError) -> IdleClientRun {
    try IdleClientRun(
      trial.lab, program: benchmark.client, group: trial.group, wait: wait, count: count)
  }

  // MARK: - The crowd

  private func crowdTable() -> String {
    guard crowd > 0, crowdRuns > 0 else { return "" }
    var benchmark = benchmark
    benchmark.runs = crowdRuns
    let results = Results(
      measurements: benchmark.measure(agent: "vipd", condition: "\(crowd) idle clients") {
        () throws(LabError) in try many()
      })
    let figures = [
      "last-promoted", "median-promoted", "last-woken", "overflows", "holder-percent",
      "empty-percent", "standby-percent", "holder-mebibytes",
    ]
    let rows = figures.map { figure in
      let statistics = results.statistics(figure)
      return [figure, rounded(statistics.median), rounded(statistics.maximum)]
    }
    return "\(crowd) idle connections, host powered off: \(results.good.count) runs, "
      + "\(results.failures) failed, \(results.disturbed) repeated; ms, % of a core, MiB\n\n"
      + table(["figure", "median", "max"], rows)
  }

  private func many() throws(LabError) -> (figures: [String: Double], recording: Recording) {
    let plan = benchmark.plan(downAfterMilliseconds: 3000)
    let (figures, recording) = try Trial.run(plan, client: benchmark.client) {
      trial throws(LabError) in
      for number in trial.group.members {
        let connection = try trial.lab.connection(to: .redis(trial.group.name), on: number)
        _ = try connection.command("CONFIG", "SET", "maxclients", "\(crowd + 1_000)")
      }
      var figures: [String: Double] = [:]
      figures["empty-percent"] = try processorShare(trial, on: 1)
      let run = try start(trial, .pool, crowd)
      pause(milliseconds: 3000)
      figures["holder-percent"] = try processorShare(trial, on: 1)
      figures["standby-percent"] = try processorShare(trial, on: 2)
      let holder = try trial.lab.process(.agent, on: 1)
      figures["holder-mebibytes"] = Double(holder.residentKibibytes ?? 0) / 1024
      let stamp = try trial.lab.powerOff(1)
      let promotion = try trial.awaitPromotion(after: stamp)
      let returns = try run.awaitReturn(since: stamp, timeoutMilliseconds: 30_000)
      let back = Statistics(returns.map { $0.milliseconds(since: promotion.stamp) })
      let woken = run.firstLosses(since: stamp).map { $0.milliseconds(since: promotion.stamp) }
      figures["last-woken"] = woken.max()
      figures["overflows"] = try overflows(trial)
      figures["last-promoted"] = back.maximum
      figures["median-promoted"] = back.median
      return figures
    }
    return (figures, recording)
  }

  /// How many connections found the queue of a listening socket full, on all hosts with power.
  private func overflows(_ trial: Trial) throws(LabError) -> Double {
    var sum = 0.0
    for host in trial.lab.hosts where !host.isOff {
      let text = try Subprocess(
        trial.lab.words(in: host.namespace, ["cat", "/proc/net/netstat"])
      ).run()
      // Two lines of each kind: the names, and in the same order the values (proc_net_netstat(5)).
      let lines = text.split(separator: "\n").filter { $0.hasPrefix("TcpExt:") }
      guard lines.count == 2 else { throw .unexpectedReply(text) }
      let (names, values) = (lines[0].split(separator: " "), lines[1].split(separator: " "))
      guard let index = names.firstIndex(of: "ListenOverflows"), index < values.count
      else { throw .unexpectedReply(text) }
      sum += Double(values[index]) ?? 0
    }
    return sum
  }

  /// The processor time of a daemon over ten seconds, in per cent of a core.
  private func processorShare(_ trial: Trial, on host: Int) throws(LabError) -> Double {
    let process = try trial.lab.process(.agent, on: host)
    let (before, start) = (process.processorTicks ?? 0, Stamp.now())
    pause(milliseconds: 10_000)
    let ticks = Double((process.processorTicks ?? 0) - before)
    let seconds = Stamp.now().milliseconds(since: start) / 1000
    return ticks / Double(sysconf(Int32(_SC_CLK_TCK))) / seconds * 100
  }
}
