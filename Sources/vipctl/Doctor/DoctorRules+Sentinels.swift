import Addresses

/// What is looked for in the Sentinels' own answers.
extension DoctorRules {
  /// The rules.
  static let sentinelRules: [Rule] = [
    reach, sentinelRights, monitored, counts, sharedHosts, quorum, downAfter, failoverTimeout,
    tilt, phantoms, naming, names, quorumCheck, hooks,
  ]

  /// Sentinels that do not answer, and those that let vipd in no more.
  static func reach(_ facts: DoctorFacts) -> [DoctorFinding] {
    guard facts.areServersAsked else { return [] }
    let silent = facts.sentinels.compactMap { sentinel in
      sentinel.base.problem.map { (sentinel, $0) }
    }
    var found = silent.map { sentinel, problem in
      let node = "\(sentinel.base.asked)"
      return problem.asksForPassword || isWrongPassword(problem)
        ? DoctorFinding(
          .sentinelPassword, node, "Sentinel \(node) lets vipd in no more: \(problem.text)",
          "write its password into the file of 'auth-pass-file sentinel', then: vipctl reload")
        : DoctorFinding(
          .sentinelUnreachable, node, "no answer from Sentinel \(node): \(problem.text)",
          "see whether it runs, and 'bind' and 'protected-mode' in its sentinel.conf; one that is"
            + " gone for good: SENTINEL RESET \(facts.master) on one Sentinel after the other, 30 s"
            + " apart")
    }
    if silent.count == facts.sentinels.count {
      found.append(
        DoctorFinding(
          .noSentinelAnswers, "no Sentinel of \(facts.master) answers this host",
          "systemctl status redis-sentinel; and the 'sentinel' lines of vipd.conf"))
    }
    return found
  }

  static func isWrongPassword(_ problem: ServerProblem) -> Bool {
    guard case .refused(let words) = problem else { return false }
    return words.hasPrefix("WRONGPASS") || words.hasPrefix("ERR invalid password")
  }

  /// Rights of the user in Sentinel.
  static func sentinelRights(_ facts: DoctorFacts) -> [DoctorFinding] {
    facts.sentinels.compactMap { sentinel in
      sentinel.refusedCommand.map { command in
        DoctorFinding(
          .sentinelRightMissing, "\(sentinel.base.asked)",
          "Sentinel \(sentinel.base.asked) refuses \(command) to vipd",
          "what its user needs: \(AccessRights.sentinel(user: facts.sentinelUser ?? "vipd"))")
      }
    }
  }

  /// A Sentinel that follows other masters.
  static func monitored(_ facts: DoctorFacts) -> [DoctorFinding] {
    facts.sentinels.filter { $0.base.problem == nil && $0.base.master == nil }.map { sentinel in
      DoctorFinding(
        .masterUnmonitored, "\(sentinel.base.asked)",
        "Sentinel \(sentinel.base.asked) does not monitor '\(facts.master)', but: "
          + (sentinel.base.masters.isEmpty ? "nothing" : joined(sentinel.base.masters)),
        "SENTINEL MONITOR \(facts.master) ADDRESS PORT QUORUM there")
    }
  }

  /// How many Sentinels there are: by all lists, each once.
  static func count(_ facts: DoctorFacts) -> Int {
    Set(facts.monitoring.flatMap { [$0.base.id] + $0.base.others.keys }).count
  }

  /// Too few Sentinels, or one that helps nothing.
  static func counts(_ facts: DoctorFacts) -> [DoctorFinding] {
    let count = count(facts)
    if (1..<3).contains(count) {
      let words = ServerWords.fewSentinels(count)
      return [DoctorFinding(.sentinelsFew, words.text, words.remedy)]
    }
    guard count > 0, count % 2 == 0 else { return [] }
    return [
      DoctorFinding(
        .sentinelsEven,
        "there are \(count) Sentinels: no more may fail than of \(count - 1), and a cut in the"
          + " middle leaves no side a majority", "add one on another host, or take one away")
    ]
  }

  /// Sentinels that fail together.
  static func sharedHosts(_ facts: DoctorFacts) -> [DoctorFinding] {
    let nodes = Set(facts.monitoring.flatMap { Array($0.base.others.values) })
    let hosts = Dictionary(grouping: nodes.filter { !$0.isLoopback }, by: \.host)
    return hosts.filter { $0.value.count > 1 }.sorted { $0.key < $1.key }.map { host, nodes in
      DoctorFinding(
        .sentinelsShareHost, host,
        "\(nodes.count) Sentinels run on \(host) and fail with it:"
          + " \(joined(nodes.sorted().map(\.description)))", "one Sentinel a host")
    }
  }

  /// The quorum.
  static func quorum(_ facts: DoctorFacts) -> [DoctorFinding] {
    let count = count(facts)
    let values = Set(facts.monitoring.compactMap(\.base.master?.quorum))
    guard let quorum = values.min(), let highest = values.max() else { return [] }
    var found = unlike(
      facts, .quorumUnlike, "quorum", "quorum \(max(count / 2 + 1, 1))"
    ) { $0.base.master?.quorum }
    if quorum == 1, count > 1 {
      found.append(
        DoctorFinding(
          .quorumOne,
          "the quorum is 1: a single Sentinel that lost its way starts a failover of a master that"
            + " all others reach",
          "SENTINEL SET \(facts.master) quorum \(count / 2 + 1), on each"))
    } else if quorum * 2 <= count {
      let words = ServerWords.lowQuorum(quorum, of: count, master: facts.master)
      found.append(DoctorFinding(.quorumMinority, words.text, words.remedy))
    }
    if highest > count {
      found.append(
        DoctorFinding(
          .quorumTooHigh,
          "the quorum is \(highest), and there are \(count) Sentinels: no failover ever begins",
          "SENTINEL SET \(facts.master) quorum \(count / 2 + 1), on each"))
    }
    return found
  }

  /// The least `down-after-milliseconds` at which Sentinel's own pings of one second leave a lease.
  static let shortestDownAfter = 2_000
  /// `failover-timeout` under which a slow replica ends a failover in its middle.
  static let shortestFailoverTimeout = 10_000

  /// When a master counts as down.
  static func downAfter(_ facts: DoctorFacts) -> [DoctorFinding] {
    let values = facts.monitoring.compactMap(\.base.master?.downAfterMilliseconds)
    var found = unlike(
      facts, .downAfterUnlike, "down-after-milliseconds", "down-after-milliseconds 3000"
    ) { $0.base.master?.downAfterMilliseconds }
    if let least = values.min(), least < shortestDownAfter {
      found.append(
        DoctorFinding(
          .downAfterShort,
          "down-after-milliseconds is \(least): Sentinel pings each second, so a single late answer"
            + " is a failover, and the lease of the address has no room",
          "SENTINEL SET \(facts.master) down-after-milliseconds 3000, on each"))
    }
    return found
  }

  /// How long a failover may take.
  static func failoverTimeout(_ facts: DoctorFacts) -> [DoctorFinding] {
    var found = unlike(
      facts, .failoverTimeoutUnlike, "failover-timeout", "failover-timeout 180000"
    ) { $0.failoverTimeout }
    let least = facts.monitoring.compactMap(\.failoverTimeout).min()
    if let least, least < shortestFailoverTimeout {
      found.append(
        DoctorFinding(
          .failoverTimeoutShort,
          "failover-timeout is \(least) ms: a replica that answers late ends a failover in its middle",
          "SENTINEL SET \(facts.master) failover-timeout 180000, on each"))
    }
    return found
  }

  /// Sentinels that see too little.
  static func tilt(_ facts: DoctorFacts) -> [DoctorFinding] {
    facts.monitoring.filter(\.isTilted).map { sentinel in
      DoctorFinding(
        .sentinelInTilt, "\(sentinel.base.asked)",
        "Sentinel \(sentinel.base.asked) is in TILT: its clock or its host stalled, and it takes"
          + " part in no failover for 30 s",
        "see whether that host is overloaded, or its clock is being set")
    }
  }

  /// Sentinels and replicas that are listed and not there, and those that one does not list.
  static func phantoms(_ facts: DoctorFacts) -> [DoctorFinding] {
    let remedy =
      "one that is gone for good: SENTINEL RESET \(facts.master) on one Sentinel after the"
      + " other, 30 s apart"
    let down = Set(facts.monitoring.flatMap(\.downSentinels)).sorted().map { node in
      DoctorFinding(
        .sentinelPhantom, "\(node)",
        "Sentinel \(node) is listed and down: it counts for each majority", remedy)
    }
    let replicas = Set(facts.monitoring.flatMap(\.downReplicas)).sorted().map { node in
      DoctorFinding(
        .replicaPhantom, "\(node)", "the replica \(node) is listed and down",
        "start it; \(remedy)")
    }
    let known = Set(facts.monitoring.map(\.base.id))
    let unlisted = facts.monitoring.flatMap { sentinel in
      known.subtracting([sentinel.base.id]).subtracting(sentinel.base.others.keys).sorted().map {
        DoctorFinding(
          .sentinelUnlisted, "\(sentinel.base.asked)",
          "Sentinel \(sentinel.base.asked) does not list the one of run id \($0.prefix(8))",
          "see whether both have the same password for the master: they meet on its channel")
      }
    }
    return down + replicas + unlisted
  }

  /// Sentinels that name different masters.
  static func naming(_ facts: DoctorFacts) -> [DoctorFinding] {
    let names = facts.monitoring.compactMap { sentinel in
      sentinel.base.master.map { (sentinel.base.asked, $0.node) }
    }
    guard Set(names.map { "\($0.1)" }).count > 1 else { return [] }
    return [
      DoctorFinding(
        .sentinelsDisagree,
        "the Sentinels name different masters: "
          + joined(names.map { "\($0.0) names \($0.1)" }),
        "a failover may be under way: run this again; otherwise SENTINEL RESET \(facts.master) on"
          + " those that are wrong")
    ]
  }

  /// Host names beside addresses, and addresses that mean each host itself.
  static func names(_ facts: DoctorFacts) -> [DoctorFinding] {
    let nodes = Set(
      facts.monitoring.flatMap { sentinel in
        [sentinel.base.master?.node].compactMap(\.self) + sentinel.base.replicas
      })
    let own = nodes.filter(\.isLoopback).sorted()
    var found = own.map { node in
      DoctorFinding(
        .loopbackNamed, "Sentinel names \(node): every other host would look for it at itself",
        "SENTINEL REMOVE \(facts.master), then SENTINEL MONITOR with an address that all reach; and"
          + " 'replica-announce-ip' on the replicas")
    }
    let named = nodes.filter { $0.address == nil }.sorted()
    if !named.isEmpty, named.count < nodes.count {
      found.append(
        DoctorFinding(
          .namesMixed,
          "Sentinel knows some servers by name (\(joined(named.map(\.description)))) and others by"
            + " address: one server may count as two",
          "'resolve-hostnames yes' and 'announce-hostnames yes' on each Sentinel, and"
            + " 'replica-announce-ip' with a name on each Redis; or addresses everywhere"))
    }
    return found
  }

  /// What Sentinel says itself.
  static func quorumCheck(_ facts: DoctorFacts) -> [DoctorFinding] {
    facts.monitoring.compactMap { sentinel in
      sentinel.quorumProblem.map { words in
        DoctorFinding(
          .quorumCheckFails, "\(sentinel.base.asked)",
          "SENTINEL CKQUORUM on \(sentinel.base.asked) says: \(words)",
          "start the Sentinels that are down; who they are: vipctl sentinels")
      }
    }
  }

  /// Scripts that only some Sentinels call.
  static func hooks(_ facts: DoctorFacts) -> [DoctorFinding] {
    let told = facts.monitoring.filter { $0.hook != nil }
    let set = told.filter { $0.hook != "" }
    guard !set.isEmpty, set.count < told.count else { return [] }
    let without = told.filter { $0.hook == "" }.map { "\($0.base.asked)" }
    return [
      DoctorFinding(
        .hookUnlike,
        "Sentinel \(joined(without)) has no client-reconfig-script, and the others have one",
        "SENTINEL SET \(facts.master) client-reconfig-script \(set.first?.hook ?? ""), there")
    ]
  }

  /// A number that the Sentinels must have alike.
  private static func unlike(
    _ facts: DoctorFacts, _ kind: DoctorKind, _ name: String, _ setting: String,
    _ value: (DoctorSentinel) -> Int?
  ) -> [DoctorFinding] {
    let values = facts.monitoring.compactMap { sentinel in
      value(sentinel).map { (sentinel.base.asked, $0) }
    }
    guard Set(values.map { $0.1 }).count > 1 else { return [] }
    return [
      DoctorFinding(
        kind,
        "\(name) differs between the Sentinels: " + joined(values.map { "\($0.0) has \($0.1)" }),
        "SENTINEL SET \(facts.master) \(setting), on each")
    ]
  }
}
