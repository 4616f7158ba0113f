import ControlProtocol

/// What follows from the facts: each rule a function from facts to findings.
enum DoctorRules {
  /// A rule.
  typealias Rule = @Sendable (DoctorFacts) -> [DoctorFinding]

  /// All of them, in the order in which findings of one severity are told.
  static let all: [Rule] = hostRules + sentinelRules + redisRules

  /// What is found, the worst first.
  static func findings(_ facts: DoctorFacts) -> [DoctorFinding] {
    let found = merged(problems(facts) + all.flatMap { $0(facts) })
    // Stable: within a severity the order of the rules.
    return DoctorSeverity.allCases.flatMap { severity in
      found.filter { $0.severity == severity }
    }
  }

  /// The same of several hosts as one.
  private static func merged(_ findings: [DoctorFinding]) -> [DoctorFinding] {
    var merged: [DoctorFinding] = []
    for finding in findings {
      let index = merged.firstIndex {
        ($0.id, $0.text, $0.remedy) == (finding.id, finding.text, finding.remedy)
      }
      guard let index, let host = finding.host, let others = merged[index].host else {
        merged.append(finding)
        continue
      }
      merged[index].host = "\(others), \(host)"
    }
    return merged
  }

  /// What each daemon tells as wrong in `status`.
  static func problems(_ facts: DoctorFacts) -> [DoctorFinding] {
    facts.hosts.flatMap { host in
      (host.facts?.problems ?? []).map { problem in
        DoctorFinding(
          id: problem.id, severity: .warning, host: host.name, text: problem.text, remedy: "")
      }
    }
  }
}
