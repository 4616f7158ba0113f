import ControlProtocol

/// What was found in one group, as a document and as text.
struct DoctorReport {
  /// What was known.
  let facts: DoctorFacts
  /// What follows from it.
  let findings: [DoctorFinding]

  init(_ facts: DoctorFacts) {
    self.facts = facts
    findings = DoctorRules.findings(facts)
  }

  /// Whether nothing needs attention; a note alone does not.
  var isWell: Bool { findings.allSatisfy { $0.severity == .note } }

  /// The document.
  var document: DoctorDocument.Group {
    DoctorDocument.Group { group in
      group.master = facts.master
      group.findings = findings.map { finding in
        DoctorDocument.Finding {
          ($0.id, $0.severity) = (finding.id, finding.severity.rawValue)
          ($0.host, $0.text, $0.remedy) = (finding.host, finding.text, finding.remedy)
        }
      }
      group.checked = checked
      group.unseen = facts.unseen
    }
  }

  /// What was looked at, a sentence for each theme.
  private var checked: [String] {
    let told = facts.hosts.filter { $0.facts != nil }
    let versions = Set(told.compactMap(\.facts?.version)).sorted()
    var lines = [
      "\(Self.number(told.count, "host")) told of \(told.count == 1 ? "itself" : "themselves"): vipd"
        + " \(DoctorRules.joined(versions)), clocks, kernel settings, files, units"
    ]
    guard facts.areServersAsked else { return lines }
    if let master = facts.monitoring.first?.base.master {
      lines.append(
        "\(Self.number(facts.monitoring.count, "Sentinel")) answered: quorum \(master.quorum),"
          + " down-after-milliseconds \(master.downAfterMilliseconds), master \(master.node)")
    }
    let servers = facts.servers.filter { $0.base.problem == nil }
    let redis = Set(servers.compactMap(\.base.version)).sorted()
    if !servers.isEmpty {
      lines.append(
        "\(Self.number(servers.count, "Redis server")) answered: version"
          + " \(DoctorRules.joined(redis)); bind, rights, replication, what is kept across a restart"
      )
    }
    return lines
  }

  private static func number(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }

  /// The text for people, with its final line end.
  func text(_ style: TextStyle) -> String {
    var lines = [style.bold(facts.master)]
    for finding in findings {
      let mark =
        switch finding.severity {
        case .error: style.red("! error")
        case .warning: style.yellow("! warning")
        case .note: style.dim("- note")
        }
      let host = finding.host.map { " on \($0)" } ?? ""
      lines.append("  \(mark) \(style.bold(finding.id))\(host)")
      lines.append("    \(finding.text)")
      if !finding.remedy.isEmpty { lines.append("    to do: \(finding.remedy)") }
    }
    if isWell { lines.append("  \(style.green("well"))") }
    lines += document.checked.map { "  looked at: \($0)" }
    lines += facts.unseen.map { "  not seen: \($0.what), because \($0.why)" }
    return lines.joined(separator: "\n") + "\n"
  }
}
