import Addresses

/// What is looked for in each Redis's own answers.
extension DoctorRules {
  /// The rules.
  static let redisRules: [Rule] = [
    redisReach, redisRights, bind, protectedMode, priorities, replication, older, writable,
    masterauth, minReplicas, fenceFile,
  ]

  /// Servers that do not answer vipd.
  static func redisReach(_ facts: DoctorFacts) -> [DoctorFinding] {
    facts.servers.compactMap { server in
      let node = "\(server.base.node)"
      if let problem = server.base.loginProblem {
        return DoctorFinding(
          .redisPassword, node, "Redis \(node) lets vipd in no more: \(problem.text)",
          "write its password into the file of 'auth-pass-file redis \(facts.master)', on every"
            + " host, then: vipctl reload")
      }
      guard let problem = server.base.problem else { return nil }
      if problem.isProtectedMode {
        return DoctorFinding(
          .redisProtected, node, ServerWords.protected(server.base.node),
          "a password (requirepass, or users), or on that host: CONFIG SET protected-mode no,"
            + " CONFIG REWRITE")
      }
      return DoctorFinding(
        .redisUnreachable, node, "no answer from Redis \(node): \(problem.text)",
        "on that host: systemctl status redis-server; and 'bind' in its redis.conf")
    }
  }

  /// Rights that the user lacks, and those that it does not need.
  static func redisRights(_ facts: DoctorFacts) -> [DoctorFinding] {
    let needed = AccessRights.redis(user: facts.redisUser ?? "vipd", hasFence: facts.wantsFence)
    let missing = facts.servers.filter { !$0.refusedCommands.isEmpty }.map { server in
      DoctorFinding(
        .redisRightMissing, "\(server.base.node)",
        "Redis \(server.base.node) refuses to vipd: \(joined(server.refusedCommands))",
        "its user needs, on every host: \(needed); and 'rename-command' must leave them their names"
      )
    }
    let wide = facts.servers.filter(\.isUserWide).map { server in
      DoctorFinding(
        .redisRightWide, "\(server.base.node)",
        "the user \(facts.redisUser ?? "vipd") of Redis \(server.base.node) may use every command",
        "what it needs and nothing more: ACL SETUSER \(facts.redisUser ?? "vipd") -@all, then \(needed)"
      )
    }
    return missing + wide
  }

  /// Whether each Redis listens at the addresses, standbys too.
  static func bind(_ facts: DoctorFacts) -> [DoctorFinding] {
    facts.servers.flatMap { server in
      let host = facts.hosts.first { server.names.contains($0.name) }
      return facts.addresses.filter { address in
        let family = if case .v4 = address { "ipv4" } else { "ipv6" }
        let nonlocal = host?.setting("net.\(family).ip_nonlocal_bind") == 1
        return !server.base.listens(at: address, bindsNonlocal: nonlocal)
      }.map { address in
        let wildcard = if case .v4 = address { "*" } else { "* -::*" }
        return DoctorFinding(
          .redisBind, "\(server.base.node)", ServerWords.deaf(server.base, at: address),
          "on that host: CONFIG SET bind '\(wildcard)', CONFIG REWRITE")
      }
    }
  }

  /// Protected mode that closes a Redis to all but its host, which one that is asked over loopback does
  /// not show by itself.
  static func protectedMode(_ facts: DoctorFacts) -> [DoctorFinding] {
    facts.servers.filter { server in
      server.isAskedOverLoopback && !server.base.needsLogin
        && server.settings["protected-mode"] == "yes" && server.settings["requirepass"] == ""
    }.map { server in
      DoctorFinding(
        .redisProtected, "\(server.base.node)", ServerWords.protected(server.base.node),
        "a password (requirepass, or users), or: CONFIG SET protected-mode no, CONFIG REWRITE")
    }
  }

  /// Replicas of which none may be promoted.
  static func priorities(_ facts: DoctorFacts) -> [DoctorFinding] {
    let told = facts.replicas.compactMap { replica in
      replica.settings["replica-priority"].map { (replica.base.node, $0) }
    }
    if facts.areServersAsked, facts.masterServer != nil, facts.replicas.isEmpty {
      return [
        DoctorFinding(
          .noReplica, "the master has no replica: nobody can be promoted",
          "start a Redis on another host with 'replicaof' and the master's address")
      ]
    }
    guard !told.isEmpty, told.count == facts.replicas.count, told.allSatisfy({ $0.1 == "0" })
    else { return [] }
    return [
      DoctorFinding(
        .replicaPriorityZero,
        "replica-priority is 0 on every replica (\(joined(told.map { "\($0.0)" }))): Sentinel"
          + " promotes none of them",
        "CONFIG SET replica-priority 100, CONFIG REWRITE, on one of them at least")
    ]
  }

  /// How long ago a replica may have acknowledged, in seconds: it does so each second.
  static let maxLag = 5

  /// Replicas that do not follow.
  static func replication(_ facts: DoctorFacts) -> [DoctorFinding] {
    let master = facts.masterServer
    let strays = facts.replicas.compactMap { replica -> DoctorFinding? in
      let node = "\(replica.base.node)"
      if let own = replica.master, let named = master?.base.node, own != named {
        return DoctorFinding(
          .replicaOfAnother, node, "Redis \(node) follows \(own), and Sentinel names \(named)",
          "on it: REPLICAOF \(named.host) \(named.port); it may also be one that follows a replica")
      }
      guard replica.isLinkUp == false else { return nil }
      return DoctorFinding(
        .replicaLinkDown, node, "the link of the replica \(node) to its master is down",
        "see its log; most often 'masterauth' and 'masteruser' are not what the master asks for")
    }
    let late = (master?.lags ?? [:]).filter { $0.value > maxLag }.sorted { $0.key < $1.key }
    return strays
      + late.map { node, lag in
        DoctorFinding(
          .replicaLag, "\(node)", "the replica \(node) acknowledged \(lag) s ago",
          "see the network and the load of that host; the lag: INFO replication on the master")
      }
  }

  /// A replica of an older version can't read what a newer master sends.
  static func older(_ facts: DoctorFacts) -> [DoctorFinding] {
    guard let newest = facts.masterServer?.base.version else { return [] }
    return facts.replicas.compactMap { replica in
      guard let version = replica.base.version, isOlder(version, than: newest) else { return nil }
      return DoctorFinding(
        .replicaOlder, "\(replica.base.node)",
        "the replica \(replica.base.node) has version \(version), its master \(newest)",
        "update it: a replica may be newer than its master, and not older")
    }
  }

  static func isOlder(_ version: String, than other: String) -> Bool {
    let (left, right) = (numbers(version), numbers(other))
    return left.lexicographicallyPrecedes(right)
  }

  private static func numbers(_ version: String) -> [Int] {
    version.split(separator: ".").map { Int($0) ?? 0 }
  }

  /// A replica that takes writes, which are lost.
  static func writable(_ facts: DoctorFacts) -> [DoctorFinding] {
    facts.replicas.filter { $0.settings["replica-read-only"] == "no" }.map { replica in
      DoctorFinding(
        .replicaWritable, "\(replica.base.node)",
        "the replica \(replica.base.node) takes writes (replica-read-only no), which nobody gets",
        "CONFIG SET replica-read-only yes, CONFIG REWRITE")
    }
  }

  /// A server that could not follow a master that asks for a password: the old master, after a failover.
  static func masterauth(_ facts: DoctorFacts) -> [DoctorFinding] {
    guard facts.servers.contains(where: { $0.settings["requirepass"] == "yes" }) else { return [] }
    return facts.servers.filter { $0.settings["masterauth"] == "" }.map { server in
      DoctorFinding(
        .masterauthMissing, "\(server.base.node)",
        "Redis \(server.base.node) has no masterauth, and others of the group ask for a password: it"
          + " can follow none of them, also after a failover",
        "CONFIG SET masterauth PASSWORD, CONFIG REWRITE, on it")
    }
  }

  /// `min-replicas-to-write` that can't be met.
  static func minReplicas(_ facts: DoctorFacts) -> [DoctorFinding] {
    guard let master = facts.masterServer,
      let wanted = master.settings["min-replicas-to-write"].flatMap({ Int($0) }),
      // A million is the closed fence, which status tells of.
      wanted > facts.replicas.count, wanted < 1_000_000
    else { return [] }
    return [
      DoctorFinding(
        .minReplicasShort, "\(master.base.node)",
        "min-replicas-to-write is \(wanted), and there are \(facts.replicas.count) replicas: Redis"
          + " refuses every write",
        "CONFIG SET min-replicas-to-write \(facts.replicas.count), CONFIG REWRITE")
    ]
  }

  /// A fence that is lost with a restart.
  static func fenceFile(_ facts: DoctorFacts) -> [DoctorFinding] {
    guard facts.wantsFence else { return [] }
    return facts.servers.filter { $0.base.file == "" }.map { server in
      DoctorFinding(
        .fenceUnwritable, "\(server.base.node)",
        "Redis \(server.base.node) was started without a file: the fence is lost when it restarts",
        "start it with a file of its own, in a directory that it may write to")
    }
  }
}
