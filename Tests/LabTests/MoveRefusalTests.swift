import Testing

@testable import Lab

extension RealServers {
  @Suite("Moves that can't be done")
  struct RefusedMoves {
    @Test func `Each is refused with its reason, and has changed nothing`() throws {
      try RealServers.withDaemons {
        $0.addSecondGroup()
        $0.quorum = 3
        $0.fence = "min-replicas all max-lag 1"
      } _: { trial in
        for group in trial.lab.plan.groups {
          try trial.lab.awaitFence("armed", of: group, on: group.members[0])
        }
        try trial.refuseWrongTargets()
        try trial.refuseExcludedTarget()
        try trial.refuseWithoutTargetsDaemon()
        try trial.refuseDeadTarget()
        try trial.refuseWithoutQuorum()
        try trial.refuseWithoutTheRight()
        try trial.refuseWhileAnotherAnswers()
        try trial.refuseDuringFailover()
      }
    }
  }
}

extension Trial {
  /// Asks for a move on the first host, and expects its refusal and that all is as it was.
  fileprivate func expectRefusal(
    to target: String, because reason: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let before = try lab.plan.groups.map(lab.footprint)
    let (status, output) = try lab.move(group, to: target, on: 1)
    #expect(status == 1, "\(output)", sourceLocation: sourceLocation)
    #expect(output.contains(reason), "\(output)", sourceLocation: sourceLocation)
    #expect(try lab.plan.groups.map(lab.footprint) == before, sourceLocation: sourceLocation)
  }

  fileprivate func refuseWrongTargets() throws {
    try expectRefusal(to: "10.77.0.1", because: "the target is the master already")
    try expectRefusal(to: "10.77.0.9", because: "knows no replica 10.77.0.9:6379 of this group")
    try expectRefusal(
      to: "10.77.0.3:6380", because: "knows no replica 10.77.0.3:6380 of this group")
  }

  fileprivate func refuseExcludedTarget() throws {
    let replica = try lab.connection(to: .redis(group.name), on: 3)
    _ = try replica.command("CONFIG", "SET", "replica-priority", "0")
    try expectRefusal(to: "10.77.0.3", because: "10.77.0.3:6379 has the priority 0")
    _ = try replica.command("CONFIG", "SET", "replica-priority", "100")
  }

  /// Sentinel must prefer the third host, and only the `vipd` there may lower its priority.
  fileprivate func refuseWithoutTargetsDaemon() throws {
    try lab.kill(.agent, on: 3)
    try expectRefusal(to: "10.77.0.3", because: "no vipd answers at 10.77.0.3:6379")
    try lab.start(.agent, on: 3)
  }

  /// A replica that hangs lags, and one that has ended is gone; the fence has opened for both.
  fileprivate func refuseDeadTarget() throws {
    let redis = Part.redis(group.name)
    let reason = "10.77.0.3:6379 is not attached to the master, not synchronised, or lags"
    try lab.freeze(redis, on: 3)
    try lab.awaitFence("open", of: group, on: 1)
    try expectRefusal(to: "10.77.0.3", because: reason)
    try lab.kill(redis, on: 3)
    try expectRefusal(to: "10.77.0.3", because: reason)
    try lab.start(redis, on: 3)
    try lab.awaitFence("armed", of: group, on: 1)
  }

  /// Of three Sentinels whose quorum is three one ends: a majority remains, no quorum.
  fileprivate func refuseWithoutQuorum() throws {
    try lab.stop(.sentinel, on: 3)
    try waitUntil("a Sentinel to miss its quorum", timeoutMilliseconds: 10_000) {
      () throws(LabError) in
      let reply = try lab.connection(to: .sentinel, on: 1)
        .command("SENTINEL", "CKQUORUM", group.name)
      if case .error = reply { return true }
      return false
    }
    try expectRefusal(to: "10.77.0.2", because: "can't reach a quorum")
    try lab.start(.sentinel, on: 3)
    try lab.awaitSettled()
  }

  /// No Sentinel lets the daemon's user order a failover; a dry run says so as well.
  fileprivate func refuseWithoutTheRight() throws {
    for right in ["-sentinel|failover", "+sentinel|failover"] {
      for number in lab.plan.sentinelHosts {
        let reply = try lab.connection(to: .sentinel, on: number)
          .command("ACL", "SETUSER", "default", right)
        #expect(reply == .status("OK"))
      }
      let reason = "does not let vipd's user order a failover: NOPERM"
      guard right.hasPrefix("-") else { continue }
      try expectRefusal(to: "10.77.0.2", because: reason)
      let (status, output) = try lab.dryRun(group, on: 1)
      #expect(status == 1 && output.contains(reason), "\(output)")
    }
    try awaitMovable()
  }

  /// Waits until nothing forbids a move any more: on a busy machine a question to a Sentinel may go unanswered once.
  private func awaitMovable() throws {
    var doubt = ""
    do {
      try waitUntil("", timeoutMilliseconds: 15_000) { () throws(LabError) in
        let (status, output) = try lab.dryRun(group, on: 1)
        doubt = output
        return status == 0
      }
    } catch {
      Issue.record("a move is still refused: \(doubt)")
    }
  }

  /// The new master would meet that machine, and nobody would have the address.
  fileprivate func refuseWhileAnotherAnswers() throws {
    let hardwareAddress = try lab.bringAnswerer(for: group.firstAddress)
    let reason = "\(hardwareAddress) answers for \(group.firstAddress)"
    try expectRefusal(to: "10.77.0.2", because: reason)
    #expect(try lab.holders(of: group.firstAddress) == [1])
    try lab.silenceAnswerer(for: group.firstAddress)
    try awaitMovable()
  }

  /// The failover goes on as if nobody had asked; a tenth of a second after its start it has
  /// selected a replica, and the address is let go of.
  fileprivate func refuseDuringFailover() throws {
    let stamp = try lab.failover(group, by: 2)
    let (status, output) = try lab.move(group, to: "10.77.0.2", on: 1)
    #expect(status == 1, "\(output)")
    let reasons = [
      "a failover is under way at Sentinel 10.77.0.2:26379", "this node does not hold the address",
    ]
    #expect(reasons.contains { output.contains($0) }, "\(output)")
    try awaitTakeover(after: stamp)
    #expect(try lab.awaitOrder(group) != 1)
    #expect(lab.closedValues(group).isEmpty)
    for number in group.members {
      #expect(lab.setting("replica-priority", of: group, on: number) == "100")
    }
  }
}

extension Laboratory {
  /// Asks a host's `vipd` what speaks against a move.
  func dryRun(
    _ group: GroupPlan, on number: Int
  ) throws(LabError) -> (status: Int32, output: String) {
    try vipctl(Laboratory.neighbour("vipctl"), on: number, ["move", group.name, "--dry-run"])
  }

  /// Asks a host's `vipd` for a move, and waits for its end.
  func move(
    _ group: GroupPlan, to target: String, on number: Int
  ) throws(LabError) -> (status: Int32, output: String) {
    try vipctl(
      Laboratory.neighbour("vipctl"), on: number, ["move", group.name, "--to", target])
  }
}
