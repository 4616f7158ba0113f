/// What happens to hosts: backups, names, clocks, networks, and a start in the middle.
extension DirtyTrial {
  /// Tools attach as replicas without a port; every Sentinel lists them for good.
  func backUp() throws(LabError) {
    try awaitFenceIfAny(on: 1)
    let stamp = Stamp.now()
    try lab.startBackup(of: group, on: 1, seconds: 35)
    try waitUntil("every Sentinel to list a replica without a port", timeoutMilliseconds: 30_000) {
      () throws(LabError) in
      for number in lab.plan.sentinelHosts
      where try !lab.listsPortlessReplica(group, on: number) { return false }
      return true
    }
    // A confirmation counts for less than 8 s: who lives on old ones is without by then.
    pause(milliseconds: 12_000)
    expectHeld(by: 1, since: stamp)
    for host in lab.agentHosts { try awaitStatus(on: host, since: stamp, exit: 0) }
    guard lab.plan.fence != nil else { return }
    let fence = try lab.status(of: group, on: 1).fence
    expect(fence?.state == "armed", "the fence is \(fence?.state ?? "off")")
    expect(fence?.minReplicas == 2, "it asks for \(fence?.minReplicas ?? 0) replicas, not 2")
  }

  /// The names of the Sentinels are known to nobody when `vipd` starts, and 6 s later to all.
  func nameLate() throws(LabError) {
    let names = lab.hosts.map { ($0.version4Address, lab.hostName($0.number)) }
    try lab.stopAgents(on: lab.agentHosts)
    try lab.setNames([])
    let start = Stamp.now()
    for host in lab.agentHosts { try lab.start(.agent, on: host) }
    try awaitStatus(
      on: 1, since: start, exit: 3, saying: ["s1.lab"], timeoutMilliseconds: 5000)
    try awaitTolerance(0, on: 1, timeoutMilliseconds: 2000)
    pause(milliseconds: max(0, 6000 - Int(Stamp.now().milliseconds(since: start))))
    let known = Stamp.now()
    try lab.setNames(names)
    try awaitOrNote("the VIP on h1", timeoutMilliseconds: 30_000) { () throws(LabError) in
      try lab.holders(of: group.firstAddress) == [1]
    }
    note("held", Stamp.now().milliseconds(since: known))
    for host in lab.agentHosts { try awaitStatus(on: host, since: known, exit: 0) }
  }

  /// Each name has two addresses, of which the first is dead: IPv6 goes first, and is on no host.
  func nameDeadAddressFirst() throws(LabError) {
    try lab.stopAgents(on: lab.agentHosts)
    try lab.setNames(
      lab.hosts.flatMap { host in
        let name = lab.hostName(host.number)
        return [("fd77::9\(host.number)", name), (host.version4Address, name)]
      })
    let start = Stamp.now()
    for host in lab.agentHosts { try lab.start(.agent, on: host) }
    try awaitOrNote("the VIP on h1", timeoutMilliseconds: 20_000) { () throws(LabError) in
      try lab.holders(of: group.firstAddress) == [1]
    }
    note("held", Stamp.now().milliseconds(since: start))
    for host in lab.agentHosts { try awaitStatus(on: host, since: start, exit: 0) }
  }

  /// Two of three names are known; the name server answers nothing for the third.
  func askSilentNameServer() throws(LabError) {
    try lab.silenceNameServer()
    try lab.stopAgents(on: lab.agentHosts)
    try lab.setNames([1, 2].map { (lab.hosts[$0 - 1].version4Address, lab.hostName($0)) })
    let start = Stamp.now()
    for host in lab.agentHosts { try lab.start(.agent, on: host) }
    note("answers", Stamp.now().milliseconds(since: start))
    try awaitOrNote("the VIP on h1", timeoutMilliseconds: 20_000) { () throws(LabError) in
      try lab.holders(of: group.firstAddress) == [1]
    }
    for _ in 1...5 {
      let stamp = Stamp.now()
      let (status, output) = try lab.vipctlAsMember(programs.vipctl, on: 1, ["status"])
      try expectQuick("member", since: stamp)
      expect([0, 3].contains(status), "a member's status exits with \(status): \(output)")
    }
    let log = try lab.host(1).logPath(.agent)
    let reload = Stamp.now()
    try lab.reloadAgent(on: 1)
    try awaitOrNote("the reload", timeoutMilliseconds: 15_000) { () throws(LabError) in
      try readFile(log).contains("The configuration was read again")
    }
    try expectQuick("reload", since: reload)
    let stop = try lab.stop(.agent, on: 1)
    try expectQuick("stop", since: stop)
  }

  private func expectQuick(_ what: String, since stamp: Stamp) throws(LabError) {
    let time = Stamp.now().milliseconds(since: stamp)
    note(what, max(time, outcome.figures[what] ?? 0))
    // It takes some 50 ms; a question to a silent name server takes 5 s.
    expect(time < 2000, "\(what) took \(rounded(time)) ms")
  }

  /// Wall clocks of Sentinels are set back by ten minutes.
  func setClocksBack(on numbers: [Int]) throws(LabError) {
    let stamp = Stamp.now()
    for number in numbers { try lab.stepClock(of: [.sentinel], on: number, seconds: -600) }
    for host in lab.agentHosts {
      try awaitStatus(on: host, since: stamp, exit: 3, saying: ["clock", "set back"])
    }
    // Sentinel stands still for 30 s by itself when its clock was set.
    let rest = 40_000 - Stamp.now().milliseconds(since: stamp)
    pause(milliseconds: max(0, Int(rest)))
    expectHeld(by: 1, since: stamp)
    // A Sentinel that never finds its master silent may count or not; what is told must be true.
    let tolerated = try lab.status(of: group, on: 1).toleratedSentinelLosses ?? 0
    note("tolerated", Double(tolerated))
    if tolerated > 0 { try expectSentinelIsSpared(on: numbers == [3] ? 2 : 1, holder: 1) }
  }

  /// The wall clock of the holder's host, with all that runs on it, is set ahead by 10 s.
  func setHolderAhead() throws(LabError) {
    let stamp = try lab.stepClock(
      of: [.redis(group.name), .sentinel, .agent], on: 1, seconds: 10)
    pause(milliseconds: 8000)
    expectHeld(by: 1, since: stamp)
  }

  /// Another machine answers every question for the VIP when `vipd` is to take it.
  func answerFalsely() throws(LabError) {
    try stopAgentsForGood()
    let hardwareAddress = try lab.bringAnswerer(for: group.firstAddress)
    let start = Stamp.now()
    for host in lab.agentHosts { try lab.start(.agent, on: host) }
    try awaitStatus(on: 1, since: start, exit: 3, saying: [hardwareAddress])
    let early = try holdersText()
    expect(early == "nobody", "\(early) took an address that another answers for")
    let stamp = Stamp.now()
    for host in lab.agentHosts {
      try lab.reloadAgent(on: host, adding: ["probe \(group.name) ignore \(hardwareAddress)"])
    }
    try awaitOrNote("the VIP on h1", timeoutMilliseconds: 15_000) { () throws(LabError) in
      try lab.holders(of: group.firstAddress) == [1]
    }
    note("taken", Stamp.now().milliseconds(since: stamp))
  }

  /// Ends every `vipd` for longer than any lease, so that the next ones start as the first ever.
  private func stopAgentsForGood() throws(LabError) {
    try lab.stopAgents(on: lab.agentHosts)
    pause(milliseconds: 6000)
  }

  private func holdersText() throws(LabError) -> String {
    let holders = try lab.holders(of: group.firstAddress)
    return holders.isEmpty ? "nobody" : holders.map { "h\($0)" }.joined(separator: ", ")
  }

  /// The interface of the VIP loses its carrier; Sentinel and replication have another.
  func loseCarrier() throws(LabError) {
    let stamp = try lab.cutClients(1)
    try awaitStatus(on: 1, since: stamp, exit: 3, saying: ["carrier", "eth1"])
    pause(milliseconds: 5000)
    try lab.mendClients(1)
    let mended = Stamp.now()
    try writer.awaitSuccess(after: mended, timeoutMilliseconds: 10_000)
    try awaitStatus(on: 1, since: mended, exit: 0)
    expectHeld(by: 1, since: stamp, keepsSessions: false)
  }

  /// The same, where `vipd` is to move: another host serves, and no acknowledged write is lost.
  func moveFromLostCarrier() throws(LabError) {
    try awaitFenceIfAny(on: 1)
    let stamp = try lab.cutClients(1)
    var served: Acknowledgment?
    try waitUntil("a write elsewhere", timeoutMilliseconds: 15_000, paceMilliseconds: 50) {
      served = writer.record.connections[0].acknowledgments.first {
        $0.stamp > stamp && $0.host != nil && $0.host != 1
      }
      return served != nil
    }
    if let served { note("served", served.stamp.milliseconds(since: stamp)) }
    let master = try lab.awaitOrder(group)
    let losses = try writer.record.losses(on: lab.connection(to: .redis(group.name), on: master))
    note("lost", Double(losses.count))
    expect(losses.count == 0, "\(losses.count) acknowledged writes are lost")
    let holders = try holdersText()
    expect(holders == "h\(master)", "\(holders) has the VIP, not h\(master)")
  }

  /// `vipd` starts for the first time on a live master that has the VIP already.
  func adopt(_ address: String) throws(LabError) {
    try stopAgentsForGood()
    let host = try lab.host(1)
    try lab.configure(host.namespace, ["addr add \(address) dev eth0"])
    try writer.awaitSuccess(after: .now(), timeoutMilliseconds: 5000)
    let stamp = Stamp.now()
    for host in lab.agentHosts { try lab.start(.agent, on: host) }
    pause(milliseconds: 8000)
    expectHeld(by: 1, since: stamp)
    let copies = try lab.copies(of: group.firstAddress, on: 1)
    expect(copies.count == 1, "the address is there \(copies.count) times: \(copies)")
    expect(copies.allSatisfy { !$0.contains("forever") }, "it is there for ever: \(copies)")
    try awaitStatus(on: 1, since: stamp, exit: 0)
  }
}
