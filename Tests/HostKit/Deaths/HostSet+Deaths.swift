import Lab

/// What a run of ``DeathBenchmark`` begins with, and what it looks at.
extension HostSet {
  /// How many keys each run begins with.
  static let keyCount = 5000

  /// Makes all ready for a death, and returns the host of the master.
  ///
  /// Every vipd is young then, and so knows of no failover within the last minute, after which it
  /// would leave a death to Sentinel.
  func prepare(
    _ death: DeathCase, _ plan: ServicePlan, fence: Bool
  ) throws(LabError) -> DebianHost {
    let members = members(plan)
    let base = try HostSet.configuration() + death.configuration(fence: fence)
    for host in hosts {
      if !host.isOn {
        try host.end()
        try host.powerOn()
        try host.awaitBoot()
      }
      try host.heal()
      try host.run("systemctl start \(plan.server.sentinelUnit)")
    }
    for host in members {
      try host.write(HostSet.configurationPath, base)
      try host.run(unitLines(death, plan.server))
    }
    let holder = try awaitService(plan, telling: death.problem)
    if !death.laterConfiguration.isEmpty {
      for host in members {
        try host.write(HostSet.configurationPath, base + death.laterConfiguration)
        try host.run("vipctl reload")
      }
    }
    try awaitReadiness(of: holder, fence: fence)
    try awaitReports(of: holder, plan)
    try load(plan, on: holder)
    return holder
  }

  /// What makes the units of a host as a death wants them, and all of them run.
  ///
  /// A daemon that stops goes by the lines that are in force, so it reads the file before.
  private func unitLines(_ death: DeathCase, _ server: ServerPackage) -> String {
    let noRestart = "/etc/systemd/system/\(server.unit).service.d/bench.conf"
    let dropIn = server.dropInLines(isInForce: death.hasGuard)
    let restart =
      death.restarts
      ? "rm -f \(noRestart)"
      : """
      install -D -m 644 /dev/stdin \(noRestart) <<<'[Service]
      Restart=no'
      """
    return """
      set -e
      \(dropIn)
      \(restart)
      systemctl daemon-reload
      systemctl start \(server.unit)
      vipctl reload >/dev/null 2>&1 || true
      systemctl restart vipd
      """
  }

  /// Waits until nothing is left of what came before: a move would have no obstacle, every daemon
  /// has been heard, and the fence asks for all replicas.
  private func awaitReadiness(of holder: DebianHost, fence: Bool) throws(LabError) {
    var doubt = ""
    do throws(LabError) {
      try waitUntil("", timeoutMilliseconds: 90_000, paceMilliseconds: 500) {
        let plan = holder.outcome(
          of: "vipctl move mymaster --dry-run \(fence ? "" : "--accept-loss")")
        let armed = !fence || holder.status().fence == "armed"
        doubt = armed ? plan.output : "the fence is not armed"
        return armed && plan.status == 0
      }
    } catch {
      throw .timedOut(waitingFor: "a master that could be moved: \(doubt)")
    }
  }

  /// Waits until every Sentinel has read from each replica itself that it replicates from the master.
  ///
  /// A Sentinel reads a replica's INFO each 10 s. Until then it may still have the master of the run
  /// before for a master, and vipd then leaves a death to Sentinel.
  private func awaitReports(of holder: DebianHost, _ plan: ServicePlan) throws(LabError) {
    let question = "\(plan.server.client) -p 26379 sentinel replicas mymaster"
    let others = members(plan).count - 1
    for sentinel in hosts {
      try waitUntil(
        "replicas that the Sentinel of \(sentinel.name) has read", timeoutMilliseconds: 60_000,
        paceMilliseconds: 500
      ) {
        let lines = sentinel.outcome(of: question).output.split(whereSeparator: \.isNewline)
        func count(_ name: String, _ value: String) -> Int {
          zip(lines, lines.dropFirst()).count { $0 == name && $1 == value }
        }
        return count("role-reported", "slave") == others
          && count("master-host", holder.version4Address) == others
          && count("master-link-status", "ok") == others
      }
    }
  }

  /// Gives all servers the same keys, and no file from which one could have them again.
  private func load(_ plan: ServicePlan, on holder: DebianHost) throws(LabError) {
    let others = members(plan).count - 1
    let output = try holder.run(
      """
      \(plan.server.client) <<'end' | tail -n 1
      flushall
      eval "for i = 1, \(HostSet.keyCount) do redis.call('SET', 'k' .. i, i) end" 0
      wait \(others) 20000
      end
      """)
    guard Int(output.filter(\.isNumber)) == others else {
      throw .refused("not every replica has the keys: \(output)")
    }
    for host in members(plan) { try host.run("rm -f \(plan.server.dataFile)") }
  }

  /// How many of the keys that each run begins with a host's server does not have.
  func lostKeys(_ server: ServerPackage, on host: DebianHost) throws(LabError) -> Int {
    let script =
      "local n = 0 for i = 1, \(HostSet.keyCount) do n = n + redis.call('EXISTS', 'k' .. i) end "
      + "return n"
    return HostSet.keyCount
      - (try number(host.run("\(server.client) eval \"\(script)\" 0")))
  }

  /// How many of the writes that a writer was told of a host's server does not have.
  func lostWrites(
    of record: WriterRecord, _ server: ServerPackage, on host: DebianHost
  ) throws(LabError) -> Int {
    var lost = 0
    for connection in record.connections where connection.acknowledged > 0 {
      let last = connection.acknowledged - 1
      let kept = try number(
        host.run("\(server.client) bitcount \(connection.key) 0 \(last) bit"))
      lost += connection.acknowledged - kept
    }
    return lost
  }

  private func number(_ output: String) throws(LabError) -> Int {
    guard let number = Int(output.filter { !$0.isWhitespace }) else {
      throw .unexpectedReply(output)
    }
    return number
  }

  /// How often a Sentinel went into TILT until now.
  func tilts(_ server: ServerPackage) -> Int {
    hosts.reduce(0) { sum, host in
      let text = (try? host.read(server.sentinelLog)) ?? ""
      return sum + text.split(separator: "\n").count { $0.contains("+tilt") }
    }
  }

  /// The one host with the first VIP that each of some hosts' Sentinels names; nothing if it is not
  /// so.
  func namedHolder(_ server: ServerPackage, by sentinels: [DebianHost]) -> DebianHost? {
    guard let numbers = try? holders(of: HostSet.virtualAddresses[0]), numbers.count == 1,
      let holder = try? host(numbers[0])
    else { return nil }
    let names = sentinels.map { host in
      host.outcome(
        of: "\(server.client) -p 26379 sentinel get-master-addr-by-name mymaster"
      ).output.split(whereSeparator: \.isNewline).first.map(String.init)
    }
    return names.allSatisfy { $0 == holder.version4Address } ? holder : nil
  }
}
