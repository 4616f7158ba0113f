import Lab

/// What all runs of a benchmark of deaths gave, as a table.
struct DeathReport {
  /// Whether there was a fence: without one, less is promised.
  let fence: Bool
  private var measurements: [DeathCase: [Measurement]] = [:]

  init(fence: Bool) { self.fence = fence }

  /// Takes in a run.
  mutating func add(_ measurement: Measurement, _ death: DeathCase) {
    measurements[death, default: []].append(measurement)
  }

  /// The runs of a case.
  func results(_ death: DeathCase) -> Results {
    Results(measurements: measurements[death] ?? [])
  }

  private var cases: [DeathCase] { DeathCase.allCases.filter { measurements[$0] != nil } }

  /// The table, and below it why runs failed or were repeated.
  var text: String {
    let header = [
      "death", "runs", "failed", "repeated", "no write for, median", "worst",
      "later, worst", "last write after the cut, median", "worst", "writes lost", "most in a run",
      "keys lost", "bar",
    ]
    let reasons = cases.flatMap { self.reasons($0) }.map { "- \($0)" }
    return ([table(header, cases.map { row($0) })] + reasons).joined(separator: "\n")
  }

  private func row(_ death: DeathCase) -> [String] {
    let results = results(death)
    let gap = results.statistics("gap")
    let last = results.statistics("last-write")
    let lost = results.statistics("lost")
    return [
      death.rawValue, "\(results.good.count)", "\(results.failures)", "\(results.disturbed)",
      rounded(gap.median), rounded(gap.maximum),
      rounded(results.statistics("gap-later").maximum),
      rounded(last.median), rounded(last.maximum),
      count(lost), rounded(lost.maximum), count(results.statistics("lost-keys")), verdict(death),
    ]
  }

  private func count(_ statistics: Statistics) -> String {
    "\(Int(statistics.sorted.reduce(0, +)))"
  }

  /// Whether the bar of a case was met, and if not, by what.
  func verdict(_ death: DeathCase) -> String {
    let results = results(death)
    guard let bar = death.bar(fence: fence), results.decided > 0 else { return "–" }
    var misses: [String] = []
    if !results.good.isEmpty { misses += bar.misses(median: results.statistics("gap").median) }
    for measurement in results.good { misses += bar.misses(of: measurement.figures) }
    let natural = self.results(.killedNatural)
    if death == .killed, !natural.good.isEmpty, results.lostEach > natural.lostEach {
      misses.append("lost more than the natural failover")
    }
    if results.failures > 0 { misses.append("\(results.failures) failed") }
    let rest = misses.count > 4 ? ["\(misses.count - 3) more"] : []
    let shown = misses.count > 4 ? Array(misses.prefix(3)) : misses
    return misses.isEmpty ? "met" : "missed: " + (shown + rest).joined(separator: ", ")
  }

  private func reasons(_ death: DeathCase) -> [String] {
    results(death).measurements.compactMap { run in
      if let disturbance = run.disturbance { return "\(death.rawValue), repeated: \(disturbance)" }
      return run.failure.map { "\(death.rawValue), failed: \($0)" }
    }
  }
}

extension Results {
  /// How many runs need no repetition.
  var decided: Int { good.count + failures }

  /// How many acknowledged writes were lost in each run.
  fileprivate var lostEach: Double {
    let lost = statistics("lost").sorted
    return lost.isEmpty ? 0 : lost.reduce(0, +) / Double(lost.count)
  }
}

extension DeathBar {
  /// Whether a run leaves nothing to explain: all runs could be like it.
  func isMet(by figures: [String: Double]) -> Bool {
    // Who is cut off is waited for as long as Sentinel takes.
    let usual = median ?? (lastWrite == nil ? 300 : .infinity)
    return misses(of: figures).isEmpty && figures["gap"].map { $0 <= usual } ?? true
  }

  /// What a middle gap misses.
  func misses(median gap: Double) -> [String] {
    guard let median, !(gap <= median) else { return [] }
    return ["median \(rounded(gap)) of \(rounded(median))"]
  }

  /// What one run misses.
  func misses(of figures: [String: Double]) -> [String] {
    var misses: [String] = []
    if let worst, let gap = figures["gap"], !(gap <= worst) {
      misses.append("\(rounded(gap)) of \(rounded(worst))")
    }
    if let lastWrite, let last = figures["last-write"], !(last <= lastWrite) {
      misses.append("last write after \(rounded(last)) of \(rounded(lastWrite))")
    }
    if keepsWrites, let lost = figures["lost"], lost > 0 {
      misses.append("\(Int(lost)) writes lost")
    }
    if keepsKeys, let lost = figures["lost-keys"], lost > 0 {
      misses.append("\(Int(lost)) keys lost")
    }
    if let late = figures["late"], late > 0 {
      misses.append("\(Int(late)) writes at the old master")
    }
    return misses
  }
}
