import ControlProtocol

/// What follows from the facts: each rule a function from facts to findings.
enum DoctorRules {
  /// A rule.
  typealias Rule = @Sendable (DoctorFacts) -> [DoctorFinding]

  /// All of them, in the order in which findings of one severity are told.
  static let all: [Rule] = hostRules + sentinelRules + redisRules

  /// What is found, the worst first.
  static func findings(_ facts: DoctorFacts) -> [DoctorFinding] {
    let found = problems(facts) + all.flatMap { $0(facts) }
    // Stable: within a severity the order of the rules.
    return DoctorSeverity.allCases.flatMap { severity in
      found.filter { $0.severity == severity }
    }
  }

  /// What each daemon tells as wrong in `status`; the same sentence of several hosts once.
  static func problems(_ facts: DoctorFacts) -> [DoctorFinding] {
    var order: [StatusDocument.Problem] = []
    var hosts: [String: [String]] = [:]
    for host in facts.hosts {
      for problem in host.facts?.problems ?? [] {
        if hosts[problem.text] == nil { order.append(problem) }
        hosts[problem.text, default: []].append(host.name)
      }
    }
    return order.map { problem in
      let names = hosts[problem.text] ?? []
      return DoctorFinding(
        id: problem.id, severity: .warning, host: names.joined(separator: ", "),
        text: problem.text, remedy: "")
    }
  }
}
