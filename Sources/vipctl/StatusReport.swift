/// What `STATUS` answers (schema 1); fields that this version doesn't know are skipped.
struct StatusReport: Decodable, Equatable {
  var schema: Int
  var version: String
  var node: String?
  /// What is wrong with the daemon itself.
  var problems: [String]?
  var groups: [Group]

  /// One group.
  struct Group: Decodable, Equatable {
    var master: String
    var state: String
    var reason: String
    var vips: [Address]
    var local: Instance
    var named: Naming?
    var lease: Lease
    var fence: Fence?
    var move: Move?
    var guarantee: String
    var guaranteeLosses: [String]?
    var toleratedSentinelLosses: Int
    var since: String
    var pausedUntil: String?
    var kernelRemainingMs: Int64?
    var blindPolicy: String
    var holder: String?
    var obstacles: [String]?
    var selfCheck: SelfCheck?
    /// What an operator should look at now.
    var problems: [Problem]?
    var sentinels: [Sentinel]

    /// Whether this host has the address by right, paused or not.
    var isHolding: Bool { lease.basis != "none" }

    /// Whether the Redis of this host is an old master that Sentinel has not made a replica yet: who
    /// holds is told through the new master, and this one does not follow it.
    var awaitsDemotion: Bool {
      local.role == "master" && named != nil && named?.address != local.address
    }
  }

  /// Something wrong with a group.
  struct Problem: Decodable, Equatable {
    var id: String
    var text: String
  }

  /// A virtual address.
  struct Address: Decodable, Equatable {
    var address: String
    var interface: String
    var present: Bool
  }

  /// The local Redis.
  struct Instance: Decodable, Equatable {
    var address: String?
    var role: String?
  }

  /// Whom most Sentinels name.
  struct Naming: Decodable, Equatable {
    var address: String
    var configEpoch: UInt64
    var by: Int
    var of: Int
  }

  /// What the holding rests on.
  struct Lease: Decodable, Equatable {
    var basis: String
    var remainingMs: Int64?
  }

  /// Whether Redis refuses writes.
  struct Fence: Decodable, Equatable {
    var state: String
    var minReplicas: Int?
    var maxLag: Int?
    /// What is wrong with it.
    var problem: String?
    /// Why it may close too late.
    var doubt: String?
    /// Replicas that are known and not good.
    var missing: [String]?
  }

  /// A planned move under way, at its driver and at its target.
  struct Move: Decodable, Equatable {
    var from: String?
    var target: String?
    var phase: String?
    var undoing: String?
  }

  /// Whether the addresses answer since they were taken.
  struct SelfCheck: Decodable, Equatable {
    var result: String
    var text: String

    /// Whether an operator should look at it.
    var isBad: Bool { result != "outside" && result != "local" }
  }

  /// What one Sentinel says.
  struct Sentinel: Decodable, Equatable {
    var address: String
    var connected: Bool
    /// Whether it counts; those that are gone for good are still tried.
    var counts: Bool?
    var loss: String?
    /// Why it is lost, in its own words or the system's.
    var lossText: String?
    var names: String?
    var configEpoch: UInt64?
    var provenMsAgo: Int64?
    var confirmsForMs: Int64?
    var flags: String?
  }
}

extension StatusReport.Group {
  /// Whether a problem says already why no instance is this host's.
  private var isAbsenceExplained: Bool {
    let labels: Set = ["not-in-group", "monitors-loopback", "monitors-virtual-address"]
    return (problems ?? []).contains { labels.contains($0.id) }
  }

  /// What an operator should look at; nothing if all is well.
  ///
  /// What the settings can't promise is not among these: it is no news.
  var concerns: [String] {
    var concerns: [String] = []
    if pausedUntil != nil {
      concerns.append("paused: this host takes no address and repairs nothing")
    }
    if state == "blind" { concerns.append("blind: too few Sentinels confirm this node") }
    if isHolding, vips.contains(where: { !$0.present }) {
      concerns.append("this host holds, and an address is missing on its interface")
    }
    if !isHolding, vips.contains(where: \.present) {
      concerns.append("this host does not hold, and an address is on its interface")
    }
    if !isHolding, holder == nil, !awaitsDemotion {
      concerns.append("no node is known to hold the address")
    }
    if local.address == nil {
      if !isAbsenceExplained { concerns.append("no Sentinel names a Redis of this host") }
    } else if local.role == nil, !(problems ?? []).contains(where: { $0.id.hasPrefix("redis-") }) {
      concerns.append("the local Redis does not answer")
    }
    if let selfCheck, selfCheck.isBad { concerns.append("self-check: \(selfCheck.text)") }
    if let fence { concerns += fence.concerns(isHolding: isHolding) }
    concerns += (problems ?? []).map(\.text)
    let counted = sentinels.filter { $0.counts ?? true }
    let lost = counted.filter { !$0.connected }.count
    if sentinels.isEmpty { concerns.append("no Sentinel is known") }
    if lost > 0 { concerns.append("\(lost) of \(counted.count) Sentinels out of contact") }
    return concerns
  }
}

extension StatusReport.Fence {
  /// What an operator should look at; nothing if all is well.
  func concerns(isHolding: Bool) -> [String] {
    var concerns: [String] = []
    if let problem {
      concerns.append("fence: \(problem)")
    } else if state == "half" {
      concerns.append("fence: not as it should be, or not known")
    }
    guard isHolding else { return concerns }
    if state == "closed" { concerns.append("fence: closed, Redis refuses every write") }
    let missing = missing ?? []
    guard !missing.isEmpty else { return concerns }
    let names = missing.joined(separator: ", ")
    concerns.append(
      state == "open"
        ? "fence: open without \(names); a write that is acknowledged now may be lost with this host"
        : "fence: missing \(names); Redis refuses writes until enough replicas acknowledge, or a "
          + "majority of Sentinels confirms this master without them")
    return concerns
  }
}
