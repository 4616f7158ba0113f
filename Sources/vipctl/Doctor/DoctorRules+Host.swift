import ControlProtocol

/// What is looked for on each host, by its daemon's word.
extension DoctorRules {
  /// The rules.
  static let hostRules: [Rule] = [
    daemons, versions, clocks, addressFiles, arpFilter, conntrack, overcommit, memory, journal,
    files, hook, restarts,
  ]

  /// Every Redis that Sentinel names needs a vipd beside it, and one that answers.
  static func daemons(_ facts: DoctorFacts) -> [DoctorFinding] {
    let known = Set(facts.hosts.map(\.name))
    let missing = facts.servers.filter { known.isDisjoint(with: $0.names) }.map {
      "\($0.base.node)"
    }
    return missing.map { node in
      DoctorFinding(
        .daemonMissing, node, "no vipd speaks for Redis \(node): the address can't move there",
        "on that host: systemctl enable --now vipd; and see whether its vipd.conf names"
          + " '\(facts.master)'")
    }
      + facts.hosts.filter { $0.facts == nil }.map { host in
        DoctorFinding(
          .daemonSilent, host.name,
          "vipd \(host.version) there is older than this one, or did not answer within 2 s",
          "install the same version on every host, and then on that host: vipctl doctor")
      }
  }

  /// Different versions of vipd.
  static func versions(_ facts: DoctorFacts) -> [DoctorFinding] {
    let versions = Set(facts.hosts.map { $0.facts?.version ?? $0.version })
    guard versions.count > 1 else { return [] }
    let list = facts.hosts.map { "\($0.name) \($0.facts?.version ?? $0.version)" }
    return [
      DoctorFinding(
        .versionsDiffer, "the hosts run different versions of vipd: \(joined(list))",
        "install one version on every host, one host after the other")
    ]
  }

  /// How far clocks may be apart, in milliseconds: the answers of the hosts take some of it.
  static let maxClockDistance: Int64 = 1_000

  /// Clocks that differ, and clocks that nobody keeps.
  static func clocks(_ facts: DoctorFacts) -> [DoctorFinding] {
    let told = facts.hosts.compactMap { host in host.facts.map { (host.name, $0.wallMs) } }
    guard let own = told.first else { return [] }
    let apart = told.dropFirst().filter { abs($0.1 - own.1) > maxClockDistance }
    let free = facts.hosts.filter { $0.facts?.isClockSynchronized == false }
    return apart.map { name, time in
      DoctorFinding(
        .clocksApart, name,
        "its clock is \(TextStyle.span(milliseconds: abs(time - own.1)))"
          + " \(time < own.1 ? "behind" : "ahead of") that of \(own.0)",
        "on both: timedatectl set-ntp true")
    }
      + free.map { host in
        DoctorFinding(
          .clockUnsynchronized, host.name, "no server of time keeps its clock",
          "timedatectl set-ntp true, and see: timedatectl timesync-status")
      }
  }

  /// A virtual address in the files of another program.
  static func addressFiles(_ facts: DoctorFacts) -> [DoctorFinding] {
    each(facts) { host, told in
      told.lines.map { line in
        DoctorFinding(
          .addressInFile, host.name,
          "line \(line.number) of \(line.path) names \(line.address): another program would give"
            + " this host the address too, and then two hosts have it",
          "remove that line, and reload what reads the file")
      }
    }
  }

  /// `arp_filter` with several interfaces.
  static func arpFilter(_ facts: DoctorFacts) -> [DoctorFinding] {
    each(facts) { host, told in
      let set = told.settings.filter { $0.name.hasSuffix(".arp_filter") && $0.value == 1 }
      guard told.interfaces > 1 else { return [] }
      return set.map { setting in
        DoctorFinding(
          .arpFilter, host.name,
          "\(setting.name) is 1: ARP for the address goes unanswered where the way back leads over"
            + " another of its \(told.interfaces) interfaces",
          "sysctl -w \(setting.name)=0, and the same in /etc/sysctl.d")
      }
    }
  }

  /// A table of connections that is nearly full.
  static func conntrack(_ facts: DoctorFacts) -> [DoctorFinding] {
    each(facts) { host, _ in
      guard let count = host.setting("net.netfilter.nf_conntrack_count"),
        let limit = host.setting("net.netfilter.nf_conntrack_max"), limit > 0,
        count * 10 > limit * 8
      else { return [] }
      return [
        DoctorFinding(
          .conntrackFull, host.name,
          "\(count) of \(limit) entries for connections are taken: clients that come all at once"
            + " after a failover would be dropped",
          "sysctl -w net.netfilter.nf_conntrack_max=\(limit * 4), and the same in /etc/sysctl.d")
      ]
    }
  }

  /// A kernel that may refuse Redis the memory for a snapshot, which each new replica needs.
  static func overcommit(_ facts: DoctorFacts) -> [DoctorFinding] {
    each(facts) { host, _ in
      guard let value = host.setting("vm.overcommit_memory"), value != 1 else { return [] }
      return [
        DoctorFinding(
          .overcommitMemory, host.name,
          "vm.overcommit_memory is \(value): where memory is short Redis can't fork, and a new"
            + " replica gets no data",
          "sysctl -w vm.overcommit_memory=1, and the same in /etc/sysctl.d")
      ]
    }
  }

  /// A daemon whose pages can be dropped.
  static func memory(_ facts: DoctorFacts) -> [DoctorFinding] {
    each(facts) { host, told in
      guard told.lockedKiB == 0 else { return [] }
      return [
        DoctorFinding(
          .memoryUnlocked, host.name,
          "vipd has 0 KiB locked in memory: where memory is short it waits for the disk",
          "'LimitMEMLOCK=infinity' in the unit, as the shipped one has it: systemctl edit vipd")
      ]
    }
  }

  /// A journal that takes nothing.
  static func journal(_ facts: DoctorFacts) -> [DoctorFinding] {
    each(facts) { host, told in
      guard told.hasJournal == false else { return [] }
      return [
        DoctorFinding(
          .journalUnreachable, host.name,
          "vipd can't write to /run/systemd/journal/socket: what it does is told to nobody",
          "systemctl restart systemd-journald")
      ]
    }
  }

  /// Files that the wrong people may read or write.
  static func files(_ facts: DoctorFacts) -> [DoctorFinding] {
    each(facts) { host, told in
      told.files.compactMap { file in
        guard let mode = file.mode else { return nil }
        switch file.kind {
        case "configuration" where mode & 0o022 != 0:
          return DoctorFinding(
            .configurationWritable, host.name,
            "others than its owner may write to \(file.path) (mode \(octal(mode)))",
            "chmod 644 \(file.path)")
        case "secret" where mode & 0o007 != 0:
          return DoctorFinding(
            .secretReadable, host.name,
            "everybody on this host can read \(file.path) (mode \(octal(mode)))",
            "chown vipd: \(file.path); chmod 400 \(file.path)")
        default: return nil
        }
      }
    }
  }

  /// A hook that Sentinel's user can't run.
  static func hook(_ facts: DoctorFacts) -> [DoctorFinding] {
    let used = Set(facts.monitoring.compactMap(\.hook)).subtracting([""])
    return each(facts) { host, told in
      told.files.filter { $0.kind == "hook" && used.contains($0.path) }.compactMap { file in
        let seen =
          if let mode = file.mode, mode & 0o001 == 0 { "has mode \(octal(mode))" } else {
            file.mode == nil ? file.problem ?? "is not there" : nil as String?
          }
        return seen.map {
          DoctorFinding(
            .hookNotExecutable, host.name,
            "Sentinel can't run its client-reconfig-script: \(file.path) \($0)",
            "chmod 755 \(file.path)")
        }
      }
    }
  }

  /// A Redis that comes back empty before Sentinel notices: its replicas are emptied as well.
  static func restarts(_ facts: DoctorFacts) -> [DoctorFinding] {
    facts.servers.filter(\.keepsNothing).flatMap { server -> [DoctorFinding] in
      let name = "\(server.base.node)"
      let units = facts.hosts.first { server.names.contains($0.name) }?.facts?.units ?? []
      let risky = units.filter { unit in
        !unit.name.contains("sentinel") && !unit.hasGuard && unit.restart ?? "no" != "no"
      }
      return risky.map { unit in
        DoctorFinding(
          .restartWipes, name,
          "Redis keeps nothing (save \"\", appendonly no), and \(unit.name) restarts it at once"
            + " (Restart=\(unit.restart ?? "")): it comes back empty as the master, and empties its"
            + " replicas",
          "the drop-in with 'vipctl guard' (vipd's package has it): systemctl cat \(unit.name);"
            + " or CONFIG SET appendonly yes")
      }
    }
  }

  // MARK: - Words

  /// Applies a rule to each host whose daemon answered.
  private static func each(
    _ facts: DoctorFacts, _ rule: (DoctorHost, HostFactsDocument) -> [DoctorFinding]
  ) -> [DoctorFinding] {
    facts.hosts.flatMap { host in host.facts.map { rule(host, $0) } ?? [] }
  }

  static func octal(_ mode: Int) -> String { String(mode, radix: 8) }

  static func joined(_ words: [String]) -> String { words.joined(separator: ", ") }
}
