/// What real networks, clocks and people do, each several times: whether all is as it must be, the
/// longest gap, and how soon it is said.
public struct DirtyBenchmark {
  private let benchmark: Benchmark
  private let rows: [DirtyRow]
  private let labs: Int
  private let programs: DirtyPrograms

  /// The longest time without an acknowledged write where nobody must notice anything, in ms.
  private let gapBar = 50.0
  /// The longest time until the sentence is there, in ms.
  private let sentenceBar = 5000.0

  /// A benchmark of `vipd` in the default configuration.
  ///
  /// - Parameters:
  ///   - benchmark: the settings.
  ///   - vipctl: the path of `vipctl`.
  ///   - rows: what to do.
  ///   - labs: how many labs are up at a time.
  public init(_ benchmark: Benchmark, vipctl: String, rows: [DirtyRow], labs: Int) {
    self.benchmark = benchmark
    self.rows = rows
    self.labs = labs
    programs = DirtyPrograms(
      vipd: benchmark.vipd, vipctl: vipctl, client: benchmark.client,
      serverDirectory: benchmark.serverDirectory)
  }

  /// Runs it all and returns the table.
  public func run() -> String {
    var outcomes: [DirtyOutcome] = []
    // A disturbed run is repeated, at most as often as there are runs.
    for _ in 0..<2 {
      outcomes += run(jobs(after: outcomes))
    }
    let table = table(
      [
        "row", "as it must be", "not", "repeated", "gap, ms, most", "said after, ms, most",
        "further, most",
      ],
      rows.map { row in line(row, outcomes.filter { $0.row == row }) })
    let reasons = outcomes.filter { !passes($0) && $0.disturbance == nil }.map {
      "- \($0.text)"
    }
    return "A dirty world, default configuration, down-after 3000, a write each 2 ms\n\n" + table
      + (reasons.isEmpty ? "" : "\n\n" + reasons.joined(separator: "\n"))
  }

  /// The runs that are missing: as many of each row as are asked for, less those that count.
  private func jobs(after outcomes: [DirtyOutcome]) -> [DirtyRow] {
    (0..<benchmark.runs).flatMap { number in
      rows.filter { row in
        outcomes.filter { $0.row == row && $0.disturbance == nil }.count + number < benchmark.runs
      }
    }
  }

  private func run(_ jobs: [DirtyRow]) -> [DirtyOutcome] {
    let rawFile = benchmark.rawFile
    // Threads tell how far things are, a line in one piece each.
    let outcomes = DirtyRow.run(jobs, programs, labs: labs) { printLine($0.text) }
    for outcome in outcomes { outcome.measurement(passes: passes(outcome)).append(to: rawFile) }
    return outcomes
  }

  private func passes(_ outcome: DirtyOutcome) -> Bool {
    guard outcome.failures.isEmpty else { return false }
    if let time = outcome.sentenceMilliseconds, time > sentenceBar { return false }
    guard outcome.row.isHarmless, let gap = outcome.gapMilliseconds else { return true }
    return gap <= gapBar
  }

  private func line(_ row: DirtyRow, _ outcomes: [DirtyOutcome]) -> [String] {
    let counting = outcomes.filter { $0.disturbance == nil }
    let good = counting.filter(passes)
    let gap = row.isHarmless ? counting.compactMap(\.gapMilliseconds).max() : nil
    let said = counting.compactMap(\.sentenceMilliseconds).max()
    var figures: [String: Double] = [:]
    for outcome in counting { figures.merge(outcome.figures) { max($0, $1) } }
    let further = figures.sorted { $0.key < $1.key }.map { "\($0.key) \(rounded($0.value))" }
    return [
      row.rawValue, "\(good.count) of \(counting.count)", "\(counting.count - good.count)",
      "\(outcomes.count - counting.count)", gap.map(rounded) ?? "–", said.map(rounded) ?? "–",
      further.joined(separator: ", "),
    ]
  }
}

extension DirtyOutcome {
  /// It as a line of the raw file.
  fileprivate func measurement(passes: Bool) -> Measurement {
    var figures = self.figures
    figures["gap"] = gapMilliseconds
    figures["said"] = sentenceMilliseconds
    var measurement = Measurement(agent: "vipd", condition: row.rawValue, figures: figures)
    measurement.disturbance = disturbance
    if !passes {
      measurement.failure = failures.isEmpty ? "too slow" : failures.joined(separator: "; ")
    }
    return measurement
  }
}
