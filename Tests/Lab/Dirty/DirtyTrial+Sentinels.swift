/// What Sentinels say that is not so, and what they are told.
extension DirtyTrial {
  /// A Sentinel that does not exist: where it is said to be, and its id.
  private static let phantom = (endpoint: "10.77.0.77,26379", id: "f00dcafe" + zeros)
  private static let zeros = String(repeating: "0", count: 32)

  /// A greeting names a Sentinel that does not exist; every Sentinel lists it from then on.
  private func raisePhantom() throws(LabError) {
    let stamp = Stamp.now()
    try lab.publishHello(
      of: Self.phantom.endpoint, runID: Self.phantom.id, in: group, on: [1, 2])
    try waitUntil("every Sentinel to list the phantom", timeoutMilliseconds: 10_000) {
      () throws(LabError) in
      for number in lab.plan.sentinelHosts
      where try lab.listedSentinels(group, on: number) < 3 { return false }
      return true
    }
    for host in lab.agentHosts {
      try awaitStatus(
        on: host, since: stamp, exit: 3, saying: ["10.77.0.77:26379", "f00dcafe"])
      try awaitTolerance(0, on: host)
    }
    expectHeld(by: 1, since: stamp)
  }

  /// All is well again: three Sentinels, one of which may fail.
  private func expectThreeSentinels(timeoutMilliseconds: Int) throws(LabError) {
    let deadline = Stamp.now().advanced(milliseconds: timeoutMilliseconds)
    for host in lab.agentHosts {
      let left = max(1000, Int(deadline.milliseconds(since: .now())))
      try awaitTolerance(1, on: host, timeoutMilliseconds: left)
      try awaitStatus(on: host, since: .now(), exit: 0, timeoutMilliseconds: 5000)
    }
    try expectSentinelIsSpared(on: 3, holder: 1)
  }

  /// An operator lets a phantom be forgotten, on all hosts from one.
  func forgetPhantom() throws(LabError) {
    try raisePhantom()
    // Its hello is fresh at first, and then it may live.
    var answer: (status: Int32, output: String) = (1, "")
    try waitUntil(
      "‘vipctl sentinels forget’ to be accepted", timeoutMilliseconds: 20_000, paceMilliseconds: 500
    ) { () throws(LabError) in
      answer = try lab.vipctl(
        programs.vipctl, on: 2, ["sentinels", "forget", Self.phantom.id])
      return answer.status == 0 || !answer.output.contains("said hello")
    }
    expect(
      answer.status == 0, "‘vipctl sentinels forget’ exits with \(answer.status): \(answer.output)")
    // Sentinel itself counts it still, and needs its vote: that is a problem until the RESET.
    for host in lab.agentHosts {
      try awaitTolerance(1, on: host, timeoutMilliseconds: 10_000)
      try awaitStatus(
        on: host, since: .now(), exit: 3, saying: ["votes of 4", "SENTINEL RESET"],
        timeoutMilliseconds: 5000)
    }
    try resetSentinels()
    try expectThreeSentinels(timeoutMilliseconds: 30_000)
  }

  /// `SENTINEL RESET` on one Sentinel after the other; each finds the others again.
  func resetPhantom() throws(LabError) {
    try raisePhantom()
    let stamp = Stamp.now()
    try resetSentinels()
    let reset = Stamp.now()
    try expectThreeSentinels(timeoutMilliseconds: 100_000)
    note("shrunk", Stamp.now().milliseconds(since: reset) - 10_000)
    expectHeld(by: 1, since: stamp)
  }

  private func resetSentinels() throws(LabError) {
    for number in lab.plan.sentinelHosts {
      try lab.connection(to: .sentinel, on: number).command("SENTINEL", "RESET", group.name)
      try waitUntil("h\(number) to know the others again", timeoutMilliseconds: 30_000) {
        () throws(LabError) in try lab.listedSentinels(group, on: number) == 2
      }
    }
  }

  /// Two Sentinels with one id; then each has its own again.
  func cloneID() throws(LabError) {
    let own = try lab.runID(ofSentinelOn: 3)
    let other = try lab.runID(ofSentinelOn: 2)
    let stamp = Stamp.now()
    try lab.restartSentinel(on: 3) { $0.replaceID(by: other) }
    try awaitStatus(on: 1, since: stamp, exit: 3, saying: [String(other.prefix(8))])
    try awaitTolerance(0, on: 1)
    expectHeld(by: 1, since: stamp)
    try lab.restartSentinel(on: 3) { $0.replaceID(by: own) }
    try awaitTolerance(1, on: 1, timeoutMilliseconds: 30_000)
    try awaitStatus(on: 1, since: .now(), exit: 0, timeoutMilliseconds: 30_000)
    try expectSentinelIsSpared(on: 2, holder: 1)
  }

  /// `sentinel monitor` with the virtual address.
  func monitorAddress() throws(LabError) {
    let stamp = Stamp.now()
    for number in lab.plan.sentinelHosts {
      let sentinel = try lab.connection(to: .sentinel, on: number)
      try sentinel.command("SENTINEL", "REMOVE", group.name)
      let reply = try sentinel.command(
        "SENTINEL", "MONITOR", group.name, group.firstAddress, "\(group.port)",
        "\(lab.plan.quorum)")
      expect(reply == .status("OK"), "SENTINEL MONITOR: \(reply)")
    }
    try awaitStatus(
      on: 1, since: stamp, exit: 3, saying: ["the virtual address", "REMOVE"])
  }

  /// Each Sentinel monitors the Redis of its own host, as 127.0.0.1; then there are three masters.
  func monitorLoopback() throws(LabError) {
    try lab.stopAgents(on: lab.agentHosts)
    try lab.restartSentinelsAnew(monitoring: "127.0.0.1")
    let stamp = Stamp.now()
    for host in lab.agentHosts { try lab.start(.agent, on: host) }
    try awaitStatus(on: 1, since: stamp, exit: 3, saying: ["127.0.0.1"])
    // Nobody has the address when both become masters, so both may take it at one moment.
    try lab.stop(.agent, on: 1)
    for _ in 1...5 {
      // Sentinel ends the connections of a Redis that it makes a replica.
      let servers = try [2, 3].map { host throws(LabError) in
        try lab.connection(to: .redis(group.name), on: host)
      }
      for server in servers { try server.send(["REPLICAOF", "NO", "ONE"]) }
      for server in servers { _ = try server.receive(timeoutMilliseconds: 2000) }
      // That no two hosts have the address is looked at when the trial ends.
      pause(milliseconds: 3000)
      for host in [2, 3] {
        try lab.connection(to: .redis(group.name), on: host)
          .command("REPLICAOF", lab.host(1).version4Address, "\(group.port)")
      }
      try waitUntil("nobody to have the VIP", timeoutMilliseconds: 15_000) {
        () throws(LabError) in try lab.holders(of: group.firstAddress).isEmpty
      }
    }
  }

  /// After a failover all Sentinels come back with files that name the old master, in epoch 0.
  func restoreFirstFiles() throws(LabError) {
    try awaitFenceIfAny(on: 1)
    try lab.kill(.redis(group.name), on: 1)
    var found: Int?
    try waitUntil("a promotion", timeoutMilliseconds: 30_000) { () throws(LabError) in
      found = try lab.master(of: group)
      return found != nil
    }
    guard let holder = found else { return }
    try lab.awaitHolder(group, number: holder)
    try lab.start(.redis(group.name), on: 1)
    try lab.awaitOrder(group)
    try awaitFenceIfAny(on: holder)
    try writer.awaitSuccess(after: .now(), timeoutMilliseconds: 10_000)
    let before = Stamp.now()
    let stamp = try lab.restartSentinelsAnew()
    try awaitStatus(on: holder, since: stamp, exit: 3, saying: ["10.77.0.1:6379", "MONITOR"])
    // The Sentinels hold their master to be down after 23 s, and elect a leader in vain.
    let rest = 32_000 - Stamp.now().milliseconds(since: stamp)
    pause(milliseconds: max(0, Int(rest)))
    expectHeld(by: holder, since: before)
    try awaitOrNote("a write at the end", timeoutMilliseconds: 2000) {
      writer.hasSucceeded(after: Stamp.now().advanced(milliseconds: -500))
    }
  }

  /// A Sentinel that speaks to no one from elsewhere.
  func protectSentinel() throws(LabError) {
    let stamp = Stamp.now()
    try lab.restartSentinel(on: 3) { lines in
      lines.removeAll { $0.hasPrefix("protected-mode") }
      lines.insert("protected-mode yes", at: 0)
    }
    try awaitStatus(on: 1, since: stamp, exit: 3, saying: ["protected mode"])
    try awaitTolerance(0, on: 1)
    expectHeld(by: 1, since: stamp)
  }

  /// A Sentinel that takes one client, who is there already.
  func fillSentinel() throws(LabError) {
    let stamp = Stamp.now()
    try lab.restartSentinel(on: 3, awaitsAnswer: false) { $0.append("maxclients 1") }
    let words = "max number of clients"
    try awaitOrNote("‘\(words)’ in a status", timeoutMilliseconds: 15_000) {
      () throws(LabError) in
      for host in lab.agentHosts {
        let (status, output) = try status(on: host)
        if status == 3, output.contains(words) { return true }
      }
      return false
    }
    note("said", Stamp.now().milliseconds(since: stamp))
    expectHeld(by: 1, since: stamp)
  }

  /// `vipd` logs in to the Sentinels as somebody who may only ask: the least rights of a client, as
  /// the documentation of Sentinel lists them.
  func forbidSubscription() throws(LabError) {
    let rights = """
      +auth +client|getname +client|id +client|setname +command +hello +ping +role \
      +sentinel|get-master-addr-by-name +sentinel|master +sentinel|myid +sentinel|replicas \
      +sentinel|sentinels +sentinel|masters
      """
    let user = ["ACL", "SETUSER", "vipd", "on", ">lab", "resetchannels", "-@all"]
    for number in lab.plan.sentinelHosts {
      let sentinel = try lab.connection(to: .sentinel, on: number)
      try sentinel.send(user + rights.split(separator: " ").map(String.init))
      let reply = try sentinel.receive(timeoutMilliseconds: 2000)
      expect(reply == .status("OK"), "ACL SETUSER: \(reply)")
    }
    try lab.stopAgents(on: lab.agentHosts)
    try writeFile("\(lab.directory)/password", "lab\n")
    let start = Stamp.now()
    for host in lab.agentHosts {
      let path = try lab.host(host).configurationPath(.agent)
      let lines = [
        "auth-user sentinel vipd", "auth-pass-file sentinel \(lab.directory)/password",
      ]
      try writeFile(path, try readFile(path) + lines.map { $0 + "\n" }.joined())
      try lab.start(.agent, on: host)
    }
    try awaitStatus(on: 1, since: start, exit: 3, saying: ["SUBSCRIBE"])
    try awaitOrNote("the VIP on h1", timeoutMilliseconds: 15_000) { () throws(LabError) in
      try lab.holders(of: group.firstAddress) == [1]
    }
    try writer.awaitSuccess(after: .now(), timeoutMilliseconds: 5000)
    let stamp = Stamp.now()
    pause(milliseconds: 8000)
    expectHeld(by: 1, since: stamp)
  }

  /// Waits until the fence is armed, if the plan has one.
  func awaitFenceIfAny(on host: Int) throws(LabError) {
    guard lab.plan.fence != nil else { return }
    try lab.awaitFence("armed", of: group, on: host, timeoutMilliseconds: 30_000)
  }
}

extension [String] {
  /// Gives the Sentinel of this file another id.
  fileprivate mutating func replaceID(by id: String) {
    removeAll { $0.hasPrefix("sentinel myid") }
    append("sentinel myid \(id)")
  }
}
