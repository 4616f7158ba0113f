/// The tables of a comparison, in Markdown.
///
/// A row is a contestant and a column a fault, so that a table answers one question.
struct ComparisonReport {
  let results: [ComparisonOutcome]

  /// All tables for all values of `down-after`.
  var text: String {
    downAfter.map { time in
      "## down-after \(time) ms\n\n" + tables(time).joined(separator: "\n\n")
    }.joined(separator: "\n\n") + "\n"
  }

  /// The values of `down-after`, as they were asked for.
  var downAfter: [Int] { inOrder(results.map(\.setting.downAfterMilliseconds)) }
  /// The faults of a value of `down-after`.
  func faults(_ time: Int) -> [Fault] {
    let found = Set(results(time).map(\.setting.fault))
    return Fault.allCases.filter(found.contains)
  }
  /// The contestants of a value of `down-after`.
  func contestants(_ time: Int) -> [Contestant] {
    let found = Set(results(time).map(\.setting.contestant))
    return Contestant.allCases.filter(found.contains)
  }

  private func results(_ time: Int) -> [ComparisonOutcome] {
    results.filter { $0.setting.downAfterMilliseconds == time }
  }

  /// The runs of one setting.
  func runs(_ setting: ComparisonSetting) -> ComparisonRuns {
    ComparisonRuns(runs: results.filter { $0.setting == setting }.map(\.run))
  }

  private func tables(_ time: Int) -> [String] {
    let waits: [(IdleClients.Wait, String)] = [
      (.subscribe, "Idle subscribers"), (.blpop, "Clients in BLPOP"), (.pool, "Idle connections"),
    ]
    var tables = [
      section(
        "Writer: first write answered by the new master − its promotion",
        "median / p95 / max in ms, and the median ÷ the floor's", time, restored),
      section(
        "Writer: longest time without an answered write", "median / p95 / max in ms", time
      ) { runs, _ in runs.three("outage") },
    ]
    for (wait, title) in waits where has("\(wait.rawValue)-never", time) {
      tables.append(
        section(
          "\(title): the last one back − promotion",
          "median / p95 / max in ms; never: not within the time of watching", time
        ) { runs, _ in runs.idle(wait) })
    }
    tables += [
      section("Two hosts with the address at once", "median / max in ms", time) { runs, _ in
        runs.two("overlap")
      },
      section(
        "Writes acknowledged by the old master after the promotion",
        "median / max of their number, and the last of all in ms after it", time
      ) { runs, _ in runs.stray },
      section("Acknowledged writes lost", "median / max", time) { runs, _ in runs.two("lost") },
      section("Runs", "good, failed, repeated", time) { runs, _ in runs.counts },
    ]
    return tables
  }

  private func restored(_ runs: ComparisonRuns, _ setting: ComparisonSetting) -> String {
    let own = runs.statistics("restored-promoted").median
    var floor = setting
    floor.contestant = .floor
    let least = self.runs(floor).statistics("restored-promoted").median
    let ratio = own / least
    // An address that was there before the promotion is no multiple of anything.
    let isRatio = ratio.isFinite && ratio >= 0
    return runs.three("restored-promoted") + (isRatio ? " · ×\(twoDigits(ratio))" : "")
  }

  private func has(_ figure: String, _ time: Int) -> Bool {
    results(time).contains { $0.run.figures[figure] != nil }
  }

  private func section(
    _ title: String, _ unit: String, _ time: Int,
    _ cell: (ComparisonRuns, ComparisonSetting) -> String
  ) -> String {
    let faults = faults(time)
    let rows = contestants(time).map { contestant in
      [contestant.rawValue]
        + faults.map { fault in
          let setting = ComparisonSetting(
            contestant: contestant, fault: fault, downAfterMilliseconds: time)
          let runs = runs(setting)
          return runs.runs.isEmpty ? "" : cell(runs, setting)
        }
    }
    return "### \(title)\n\n\(unit)\n\n" + table([""] + faults.map(\.rawValue), rows)
  }
}

/// The runs of one setting of a comparison.
struct ComparisonRuns {
  let runs: [Benchmark.Run]

  var good: [Benchmark.Run] { runs.filter { $0.failure == nil && $0.disturbance == nil } }

  /// Figures of the good runs; one that a run doesn't have took for ever.
  func statistics(_ figure: String) -> Statistics {
    Statistics(good.map { $0.figures[figure] ?? .infinity })
  }

  var counts: String {
    let disturbed = runs.filter { $0.disturbance != nil }.count
    return "\(good.count), \(runs.count - good.count - disturbed), \(disturbed)"
  }

  func three(_ figure: String) -> String {
    let statistics = statistics(figure)
    return cell([statistics.median, statistics.percentile95, statistics.maximum])
  }

  func two(_ figure: String) -> String {
    guard good.contains(where: { $0.figures[figure] != nil }) else { return "–" }
    let statistics = statistics(figure)
    return cell([statistics.median, statistics.maximum])
  }

  func idle(_ wait: IdleClients.Wait) -> String {
    guard good.contains(where: { $0.figures["\(wait.rawValue)-never"] != nil }) else { return "–" }
    return three("\(wait.rawValue)-promoted")
  }

  var stray: String {
    let last = statistics("stray-last").maximum
    return two("stray-writes") + (last > 0 && last.isFinite ? " · \(inWords(last)) ms" : "")
  }

  private func cell(_ values: [Double]) -> String {
    if good.isEmpty { return "–" }
    // Three times the same says no more than once.
    let words = values.map(inWords)
    return Set(words).count == 1 ? words[0] : words.joined(separator: " / ")
  }
}

/// A number with two digits after the point.
func twoDigits(_ value: Double) -> String {
  let hundredths = Int((value * 100).rounded())
  return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
}

/// The elements without repetition, in the order of their first appearance.
private func inOrder<Element: Hashable>(_ elements: [Element]) -> [Element] {
  var seen: Set<Element> = []
  return elements.filter { seen.insert($0).inserted }
}
