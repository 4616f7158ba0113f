import Testing

@testable import Lab

extension RealServers {
  /// `down-after` is so long that no Sentinel has a part in what these wait for.
  @Suite("A death that is known")
  struct Deaths {
    private static func withGroup(
      _ lines: [String], fence: String? = "min-replicas all max-lag 1",
      _ body: (Trial) throws -> Void
    ) throws {
      try RealServers.withDaemons {
        $0.downAfterMilliseconds = 30_000
        $0.fence = fence
        $0.extraConfiguration = lines
      } _: { trial in
        // A node that became the master a moment ago orders nothing; nor does one without peers.
        if fence != nil { try trial.lab.awaitFence("armed", of: trial.group, on: 1) }
        try body(trial)
      }
    }

    @Test(arguments: [true, false])
    func `Killed: one Sentinel is told, and a replica serves long before one could notice`(
      hasFence: Bool
    ) throws {
      try Self.withGroup(
        hasFence ? [] : ["on-death mymaster failover"],
        fence: hasFence ? "min-replicas all max-lag 1" : nil
      ) { trial in
        let fault = try trial.lab.kill(.redis(trial.group.name), on: 1)
        try trial.awaitTakeover(after: fault)
        #expect(!trial.observation.hasSeen("+sdown", after: fault))
      }
    }

    @Test func `Killed while a move waits for its target to be preferred: no less at once`() throws
    {
      try Self.withGroup([]) { trial in
        let log = "\(trial.lab.directory)/vipctl.log"
        let command = try trial.lab.startVipctl(
          Laboratory.neighbour("vipctl"), on: 1, ["move", "mymaster", "--to", "10.77.0.3"], log: log
        )
        // Sentinel sees it up to ten seconds later (INFO).
        try waitUntil("the target to be preferred", timeoutMilliseconds: 10_000) {
          trial.lab.setting("replica-priority", of: trial.group, on: 3) == "1"
        }
        let fault = try trial.lab.kill(.redis(trial.group.name), on: 1)
        try trial.awaitTakeover(after: fault)
        #expect(!trial.observation.hasSeen("+sdown", after: fault))
        try waitUntil("the end of vipctl", timeoutMilliseconds: 10_000) {
          !command.isRunning
        }
        #expect(try readFile(log).contains("the master died before anything was changed"))
      }
    }

    @Test func `Killed and started again without its data: no replica loses any`() throws {
      try Self.withGroup([]) { trial in
        try trial.fill(5_000, on: 1)
        let fault = try trial.lab.kill(.redis(trial.group.name), on: 1)
        try trial.lab.start(.redis(trial.group.name), on: 1)
        let promotion = try trial.awaitTakeover(after: fault)
        try trial.awaitReplica(on: 1)
        for host in 1...3 {
          try waitUntil("h\(host) to have every key", timeoutMilliseconds: 30_000) {
            trial.keyCount(on: host) >= 5_000
          }
        }
        #expect(promotion.host != 1)
      }
    }

    /// Redis before 7.0 does not say where the file of a master ends.
    @Test func `Killed and started again with an older file of as many keys: no value goes back`()
      throws
    {
      try Self.withGroup([]) { trial in
        try trial.fill(5_000, on: 1)
        try trial.delaySynchronization()
        let redis = try trial.lab.connection(to: .redis(trial.group.name), on: 1)
        _ = try redis.command("SAVE")
        try trial.fill(5_000, "newer", on: 1)
        // vipd sees the second process only, as where systemd is quicker than its look.
        let fault = try trial.lab.freeze(.agent, on: 1)
        try trial.lab.kill(.redis(trial.group.name), on: 1)
        try trial.lab.start(.redis(trial.group.name), on: 1)
        try waitUntil("the older values", timeoutMilliseconds: 10_000) {
          trial.hasAll(5_000, "first", on: 1)
        }
        try trial.lab.thaw(.agent, on: 1)
        #expect(try trial.awaitTakeover(after: fault).host != 1)
        try trial.awaitReplica(on: 1)
        for host in 1...3 {
          try waitUntil("h\(host) to have the newer values", timeoutMilliseconds: 30_000) {
            trial.hasAll(5_000, "newer", on: host)
          }
        }
      }
    }

    @Test func `The successor is killed in its first moments: what the third node has is kept`()
      throws
    {
      try Self.withGroup([]) { trial in
        try trial.fill(5_000, on: 1)
        try trial.delaySynchronization()
        let first = try trial.lab.kill(.redis(trial.group.name), on: 1)
        try trial.lab.start(.redis(trial.group.name), on: 1)
        let promotion = try trial.awaitTakeover(after: first)
        // No Sentinel names it yet; it comes back as a master, with nothing.
        let second = try trial.lab.kill(.redis(trial.group.name), on: promotion.host)
        try trial.lab.start(.redis(trial.group.name), on: promotion.host)
        #expect(try trial.awaitTakeover(after: second).host != promotion.host)
        for host in 1...3 {
          try waitUntil("h\(host) to have every key", timeoutMilliseconds: 60_000) {
            trial.keyCount(on: host) >= 5_000
          }
        }
      }
    }

    @Test func `A stop right after another waits until the replicas are ready for it`() throws {
      try Self.withGroup([]) { trial in
        let vipctl = Laboratory.neighbour("vipctl")
        let (first, told) = try trial.lab.vipctl(vipctl, on: 1, ["handover", "--port", "6379"])
        #expect(first == 0, "\(told)")
        try trial.lab.stop(.redis(trial.group.name), on: 1)
        let holder = try trial.awaitMaster(besides: 1)
        try trial.lab.start(.redis(trial.group.name), on: 1)
        let (second, output) = try trial.lab.vipctl(
          vipctl, on: holder, ["handover", "--port", "6379"])
        #expect(second == 0 && output.contains("waits for what may pass"), "\(output)")
        _ = try trial.awaitMaster(besides: holder)
      }
    }

    @Test func `A Redis that died waits with its start until its successor is named`() throws {
      try Self.withGroup([]) { trial in
        let fault = try trial.lab.kill(.redis(trial.group.name), on: 1)
        let (status, output) = try trial.lab.vipctl(
          Laboratory.neighbour("vipctl"), on: 1, ["guard", "--port", "6379"])
        #expect(status == 0)
        #expect(output.contains("waits with its start"), "\(output)")
        #expect(output.contains("is the master now"), "\(output)")
        try trial.awaitTakeover(after: fault)
      }
    }

    @Test func `What concerns no master ends at once, and says so`() throws {
      try Self.withGroup([]) { trial in
        let vipctl = Laboratory.neighbour("vipctl")
        for (host, words, sentence) in [
          (1, ["guard", "mymaster"], "it answers already"),
          (1, ["guard", "--port", "7000"], "no group of this vipd"),
          (1, ["handover", "--port", "7000"], "no group of this vipd"),
        ] {
          let (status, output) = try trial.lab.vipctl(vipctl, on: host, words)
          #expect(status == 0 && output.contains(sentence), "\(words): \(output)")
        }
      }
    }

    @Test func `No write waits for a replica whose stop is announced`() throws {
      try Self.withGroup([]) { trial in
        let vipctl = Laboratory.neighbour("vipctl")
        let (status, output) = try trial.lab.vipctl(vipctl, on: 2, ["handover", "mymaster"])
        let sentence = "no write at 10.77.0.1:6379 waits for it"
        #expect(status == 0 && output.contains(sentence), "\(output)")
        // It is attached still, and asked for no more.
        let count = trial.lab.setting("min-replicas-to-write", of: trial.group, on: 1)
        #expect(count == "1")
        try trial.lab.stop(.redis(trial.group.name), on: 2)
        try trial.lab.start(.redis(trial.group.name), on: 2)
        try trial.lab.awaitFence("armed", of: trial.group, on: 1)
        #expect(trial.lab.setting("min-replicas-to-write", of: trial.group, on: 1) == "2")
      }
    }

    @Test func `A stop is a move: nothing is lost`() throws {
      let result = try RealServers.withWriter { trial throws(LabError) in
        let stamp = Stamp.now()
        let (status, output) = try trial.lab.vipctl(
          Laboratory.neighbour("vipctl"), on: 1, ["handover", "--port", "6379"])
        guard status == 0 else { throw .refused("vipctl ended with \(status): \(output)") }
        try trial.lab.stop(.redis(trial.group.name), on: 1)
        try trial.awaitServiceElsewhere(after: stamp)
      }
      #expect(result.master != 1)
      #expect(result.lost.count == 0, "\(result.lost)")
    }

    @Test(arguments: [2, 3])
    func `A master and a replica that are stopped at once: the third serves, and nothing is lost`(
      replica: Int
    ) throws {
      let third = 5 - replica
      let result = try RealServers.withWriter { trial throws(LabError) in
        var handovers: [(host: Int, process: LabProcess)] = []
        for host in [1, replica] {
          let log = "\(trial.lab.directory)/handover\(host).log"
          let process = try trial.lab.startVipctl(
            Laboratory.neighbour("vipctl"), on: host, ["handover", "--port", "6379"], log: log)
          handovers.append((host, process))
        }
        // Each ends as its unit would have it: as soon as it may.
        try waitUntil("the end of both", timeoutMilliseconds: 60_000, paceMilliseconds: 2) {
          () throws(LabError) in
          guard let index = handovers.firstIndex(where: { !$0.process.isRunning }) else {
            return false
          }
          try trial.lab.stop(.redis(trial.group.name), on: handovers.remove(at: index).host)
          return handovers.isEmpty
        }
        try trial.lab.awaitHolder(trial.group, number: third)
        try trial.writer.awaitSuccess(after: .now(), timeoutMilliseconds: 15_000)
      }
      #expect(result.master == third)
      #expect(result.lost.count == 0, "\(result.lost)")
    }

    @Test func `Cut off: the holder closes its fence before its lease ends`() throws {
      try Self.withGroup([]) { trial in
        try trial.lab.isolate(1)
        try trial.lab.awaitFence("closed", of: trial.group, on: 1)
        try waitUntil("the reason", timeoutMilliseconds: 5_000) { () throws(LabError) in
          try trial.lab.vipctl(Laboratory.neighbour("vipctl"), on: 1, ["history", "mymaster"])
            .output.contains("no Sentinel and no replica beyond this host")
        }
      }
    }
  }
}

extension Trial {
  /// Writes so many keys of a value, and waits until every replica has them.
  fileprivate func fill(_ count: Int, _ value: String = "first", on host: Int) throws {
    let script = "for i = 1, ARGV[1] do redis.call('SET', 'key' .. i, ARGV[2]) end return 1"
    _ = try lab.connection(to: .redis(group.name), on: host)
      .command("EVAL", script, "0", "\(count)", value)
    for host in group.members {
      try waitUntil("h\(host) to have the keys", timeoutMilliseconds: 10_000) {
        hasAll(count, value, on: host)
      }
    }
  }

  /// Whether so many keys have a value in a Redis; they were written in their order.
  fileprivate func hasAll(_ count: Int, _ value: String, on host: Int) -> Bool {
    let redis = try? lab.connection(to: .redis(group.name), on: host)
    let reply = try? redis?.command("GET", "key\(count)")
    return keyCount(on: host) >= count && reply?.text == value
  }

  /// What Redis does by default, and labs don't: a full synchronization begins 5 s after it was asked for.
  fileprivate func delaySynchronization() throws {
    for host in group.members {
      let redis = try lab.connection(to: .redis(group.name), on: host)
      _ = try redis.command("CONFIG", "SET", "repl-diskless-sync-delay", "5")
      _ = try redis.command("CONFIG", "REWRITE")
    }
  }

  /// Waits until another host's Redis is the one master.
  fileprivate func awaitMaster(besides host: Int) throws -> Int {
    var found: Int?
    try waitUntil("a master besides h\(host)", timeoutMilliseconds: 30_000) { () throws(LabError) in
      found = try lab.master(of: group)
      return found.map { $0 != host } ?? false
    }
    return found ?? host
  }

  /// How many keys a Redis has; none while it does not answer, as in the moment of a demotion.
  fileprivate func keyCount(on host: Int) -> Int {
    let reply = try? lab.connection(to: .redis(group.name), on: host).command("DBSIZE")
    return Int(reply?.text ?? "") ?? 0
  }
}
