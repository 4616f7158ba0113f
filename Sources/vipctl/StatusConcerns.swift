import ControlProtocol

extension StatusDocument.Group {
  /// Whether this host has the address by right, paused or not.
  var isHolding: Bool { lease.basis != "none" }

  /// Whether the Redis of this host is an old master that Sentinel has not made a replica yet: who
  /// holds is told through the new master, and this one does not follow it.
  var awaitsDemotion: Bool {
    local.role == "master" && named != nil && named?.address != local.address
  }

  /// Whether a problem says already why no instance is this host's.
  private var isAbsenceExplained: Bool {
    let labels: Set = ["not-in-group", "monitors-loopback", "monitors-virtual-address"]
    return (problems ?? []).contains { labels.contains($0.id) }
  }

  /// The concern that no daemon says that it holds.
  static var holderless: String { "no node is known to hold the address" }

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
      concerns.append(Self.holderless)
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

extension StatusDocument.SelfCheck {
  /// Whether an operator should look at it.
  var isBad: Bool { result != "outside" && result != "local" }
}

extension StatusDocument.Fence {
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
