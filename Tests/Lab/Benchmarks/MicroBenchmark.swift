import Foundation

/// What single parts of the project take, each measured by itself in a few minutes together.
public struct MicroBenchmark {
  /// The programs and files that are measured, beside `vipd` itself.
  public struct Parts {
    /// The program of `Tests/micro`, compiled like a release.
    public var micro: String
    /// The program of `Tests/WireBench/watch.c`.
    public var watch: String
    /// The program of `Tests/WireBench/floor.c`.
    public var floor: String
    /// The script that measures Sentinel's hook.
    public var hookScript: String
    /// A directory with recordings of daemons.
    public var recordings: String

    /// Names the parts.
    ///
    /// - Parameters:
    ///   - micro: the program of `Tests/micro`.
    ///   - watch: the program of `Tests/WireBench/watch.c`.
    ///   - floor: the program of `Tests/WireBench/floor.c`.
    ///   - hookScript: the script that measures Sentinel's hook.
    ///   - recordings: a directory with recordings of daemons.
    public init(
      micro: String, watch: String, floor: String, hookScript: String, recordings: String
    ) {
      self.micro = micro
      self.watch = watch
      self.floor = floor
      self.hookScript = hookScript
      self.recordings = recordings
    }
  }

  private let benchmark: Benchmark
  private let parts: Parts
  private let takes: Int
  private let idleSeconds: Int
  private let groups: [Int]

  /// A benchmark of some parts.
  ///
  /// - Parameters:
  ///   - benchmark: what all benchmarks need.
  ///   - parts: what is measured.
  ///   - takes: how often an address moves for the way from the event to the wire; 0 for none.
  ///   - idleSeconds: for how long a daemon at rest is looked at; 0 for not at all.
  ///   - groups: how many groups a daemon has, one run for each number.
  public init(_ benchmark: Benchmark, parts: Parts, takes: Int, idleSeconds: Int, groups: [Int]) {
    self.benchmark = benchmark
    self.parts = parts
    self.takes = takes
    self.idleSeconds = idleSeconds
    self.groups = groups
  }

  /// Runs it all and returns the tables.
  ///
  /// - Throws: ``LabError`` if a lab doesn't come up or a program fails.
  public func run() throws(LabError) -> String {
    var rows = try rateRows()
    rows += try hookRows()
    if takes > 0 { rows += try wireRows() }
    if idleSeconds > 0 { rows += try idleRows() }
    var text = table(["figure", "unit", "median", "p95", "max", "of", "bar"], rows)
    if !groups.isEmpty { text += "\n\n" + (try growthTable()) }
    return text
  }

  // MARK: - The parts

  private func rateRows() throws(LabError) -> [[String]] {
    var rates: [String: [Double]] = [:]
    for words in [["core", parts.recordings], ["resp"]] {
      let line = try Subprocess([parts.micro] + words).run()
      guard let values = try? JSONDecoder().decode([String: [Double]].self, from: Data(line.utf8))
      else { throw .unexpectedReply(line) }
      rates.merge(values) { $1 }
      benchmark.progress("\(words[0]): \(line.dropLast())")
    }
    note("rates", rates)
    return [
      row("core, events decided on", "1,000/s", (rates["core-events"] ?? []).map { $0 / 1_000 }),
      row("RESP, SENTINEL replies", "MB/s", rates["resp-megabytes"] ?? []),
      row("RESP, tokens", "1,000/s", (rates["resp-tokens"] ?? []).map { $0 / 1_000 }),
    ]
  }

  /// The hook's start by its own script, which says the median, the 95th percentile and the ratio.
  private func hookRows() throws(LabError) -> [[String]] {
    let text = try Subprocess([parts.hookScript, "500"]).run()
    guard let line = text.split(separator: "\n").last(where: { $0.hasPrefix("vipd-reconfig") })
    else { throw .unexpectedReply(text) }
    let values = line.split(separator: " ").dropFirst().compactMap { Double($0) }
    guard values.count == 3 else { throw .unexpectedReply(text) }
    note("hook", ["median": [values[0]], "p95": [values[1]], "ratio": [values[2]]])
    benchmark.progress("hook: \(line)")
    return [
      ["hook, fork to exit", "µs", rounded(values[0]), rounded(values[1]), "–", "500", ""],
      ["hook, to the same in C", "ratio", precise(values[2]), "–", "–", "500", "≤ 1.3"],
    ]
  }

  private func wireRows() throws(LabError) -> [[String]] {
    let outcome = try WireBenchmark(benchmark: benchmark, parts: parts, takes: takes).run()
    note("event to wire", ["vipd": outcome.vipd, "floor": outcome.floor])
    let ratio = Statistics(outcome.vipd).median / Statistics(outcome.floor).median
    return [
      row("event to wire, vipd", "µs", outcome.vipd, bar: "≤ 80"),
      row("event to wire, a blocking loop in C", "µs", outcome.floor),
      ["event to wire, to that loop", "ratio", precise(ratio), "–", "–", "", "≤ 1.2"],
      ["takes that waited for another fact", "", "\(outcome.lateTakes)", "–", "–", "\(takes)", ""],
    ]
  }

  private func idleRows() throws(LabError) -> [[String]] {
    let usages = try IdleBenchmark(benchmark, seconds: idleSeconds).measure()
    let (memory, percent) = (usages.map(\.mebibytes), usages.map(\.percent))
    note("idle", ["mebibytes": memory, "percent": percent])
    benchmark.progress("idle: \(memory) MiB, \(percent) %")
    return [
      row("RSS, one group", "MiB", memory, bar: "≤ 11.4 (12 MB)"),
      row("processor at rest", "% of a core", percent, bar: "≤ 0.3"),
    ]
  }

  private func growthTable() throws(LabError) -> String {
    var rows: [[String]] = []
    for count in groups {
      let outcome = try CrowdBenchmark(benchmark: benchmark, micro: parts.micro, seconds: 10)
        .run(groups: count)
      note(
        "\(count) groups",
        [
          "taken": [outcome.takenMilliseconds], "mebibytes": [outcome.mebibytes],
          "percent": [outcome.percent],
        ])
      rows.append([
        "\(count)", "\(count * CrowdBenchmark.addressesInGroup)",
        rounded(outcome.takenMilliseconds), rounded(outcome.mebibytes), precise(outcome.percent),
      ])
      benchmark.progress("\(count) groups: \(rows[rows.count - 1].joined(separator: ", "))")
    }
    return "One daemon, three Sentinels; the time contains the rule's 2.6 s of a cold start\n\n"
      + table(["groups", "VIPs", "start to last VIP, ms", "RSS, MiB", "CPU, % of a core"], rows)
  }

  // MARK: - Telling

  private func row(
    _ name: String, _ unit: String, _ values: [Double], bar: String = ""
  ) -> [String] {
    let statistics = Statistics(values)
    return [
      name, unit, precise(statistics.median), precise(statistics.percentile95),
      precise(statistics.maximum), "\(values.count)", bar,
    ]
  }

  /// A figure with hundredths where they matter.
  private func precise(_ value: Double) -> String {
    value.isFinite && value < 10 ? String(format: "%.2f", value) : rounded(value)
  }

  /// Keeps every single figure in the raw file.
  private func note(_ condition: String, _ values: [String: [Double]]) {
    var figures: [String: Double] = [:]
    for (name, list) in values {
      for (index, value) in list.enumerated() { figures["\(name)-\(index + 1)"] = value }
    }
    Measurement(agent: "vipd", condition: condition, figures: figures)
      .append(to: benchmark.rawFile)
  }
}
