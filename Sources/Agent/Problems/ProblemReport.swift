import Addresses
import FailoverCore
import Kernel
import Wording

/// What is wrong with a group at one moment, as far as this host knows, and how people are told.
struct ProblemReport {
  let masterName: String
  let now: Instant
  let status: GroupStatus
  /// Names of the group's Sentinels that can't be resolved, each with the reason.
  let unresolvedNames: [(host: String, reason: String)]
  /// What the local Redis and the Sentinels refuse, in their own words.
  let refusals: [GroupProblem]
  let instances: InstanceFinder
  /// The host's own addresses, without the virtual ones.
  let ownAddresses: Set<IPAddress>
  /// What this host's configuration says, and those of the others by their own word.
  let rules: SharedRules
  let otherRules: [(node: Endpoint, rules: String)]
  /// What keeps addresses from serving on this host, and whether one of them is here.
  let troubles: [(trouble: AddressTrouble, addresses: [VirtualAddress], isHere: Bool)]

  /// Whether this host would see that its Redis died, nil while it was not looked; and whether systemd
  /// then starts it again without asking.
  let death: (isVisible: Bool?, lacksGuard: Bool)
  /// Whether another daemon speaks for this host's instance.
  let hasSecondDaemon: Bool

  /// What is wrong; empty if all is well.
  var problems: [GroupProblem] {
    names + refusals + namedInstances + counts + differingRules + host + claims + conflicts
      + deaths + secondDaemon + selfListed + markedDown
  }

  // MARK: - Names, configuration, host

  /// Names of Sentinels that can't be resolved, as one problem.
  private var names: [GroupProblem] {
    guard let first = unresolvedNames.first else { return [] }
    let others =
      switch unresolvedNames.count {
      case 1: ""
      case 2: "; nor can \(unresolvedNames[1].host)"
      default: "; nor can \(unresolvedNames.count - 1) other names of Sentinels"
      }
    return [
      GroupProblem(
        label: "name-unresolved",
        sentence:
          "the name \(first.host) can't be resolved (\(first.reason))\(others); asked again "
          + "every few seconds. Correct the name, /etc/hosts or the name server")
    ]
  }

  /// Other hosts whose configuration says something else than this one's.
  private var differingRules: [GroupProblem] {
    otherRules.compactMap { node, theirs in
      let differing = rules.differences(from: theirs)
      guard !differing.isEmpty else { return nil }
      let names = differing.map { "'\($0)'" }.joined(separator: ", ")
      return GroupProblem(
        label: "configuration-differs",
        sentence:
          "vipd.conf of \(node) says something else than this host's about \(names): the hosts of a "
          + "group must agree. Make them alike, and reload")
    }
  }

  /// What keeps the addresses from serving on this host, now or once they come.
  private var host: [GroupProblem] {
    troubles.map { trouble, addresses, isHere in
      GroupProblem(
        label: trouble.label,
        sentence: trouble.sentence(of: addresses, move: isHere ? "vipctl move \(masterName)" : nil))
    }
  }

  /// How long a claim to a held address is told: a machine that has it speaks only now and then.
  private static let claimIsTold = Duration.seconds(120)

  /// Another machine that claims what is held here.
  private var conflicts: [GroupProblem] {
    guard status.basis != .none, let claim = status.lastClaim, now - claim.at < Self.claimIsTold
    else { return [] }
    return [
      GroupProblem(
        label: "address-conflict",
        sentence:
          "\(claim.mac) claims \(claim.address), which this host holds, last "
          + "\((now - claim.at).shortText) ago: clients may reach that machine instead, and no other "
          + "host could take the address. Find it (ip neigh, the switch's table) and remove the "
          + "address there")
    ]
  }

  /// A named master that is a replica: Sentinel makes it no master, and nobody may hold.
  private var namedReplica: [GroupProblem] {
    guard case .replica(let master)? = status.localRole, let named = status.named,
      named.by >= status.counts.majority, named.endpoint == status.localInstance,
      !status.sentinels.contains(where: { $0.view?.isFailoverPending == true })
    else { return [] }
    let whose = master.map { $0 == named.endpoint ? " of itself" : " of \($0)" } ?? ""
    return [
      GroupProblem(
        label: "named-replica",
        sentence:
          "\(named.by) of \(named.of) Sentinels name this node as the master, and its Redis is a "
          + "replica\(whose), so nobody holds the address. If no failover is under way: REPLICAOF NO "
          + "ONE on the node that has the data, and SENTINEL REMOVE and MONITOR it where that is another"
      )
    ]
  }

  /// Who keeps the addresses from the master that is named.
  private var claims: [GroupProblem] {
    guard status.state == .standby, status.localRole == .master else { return [] }
    let address = status.virtualAddresses.first.map { "\($0.address)" } ?? "the address"
    return status.obstacles.compactMap { obstacle in
      guard case .addressInUse(let mac) = obstacle else { return nil }
      return GroupProblem(
        label: "address-in-use",
        sentence: "\(mac) answers for \(address), so it is not taken here: find that machine (ip "
          + "neigh, the switch's table) and remove the address there; where it answers for every "
          + "address, as LVS and proxy ARP do, write 'probe \(masterName) ignore \(mac)'")
    }
  }

  /// What a death here would lead to, or led to.
  private var deaths: [GroupProblem] {
    DeathProblems(
      masterName: masterName, status: status, instance: instances.followed,
      isVisible: death.isVisible, lacksGuard: death.lacksGuard
    ).problems
  }

  /// A daemon besides this one that speaks for the same Redis: each takes the addresses, and each
  /// removes them when it ends.
  private var secondDaemon: [GroupProblem] {
    guard hasSecondDaemon, let node = instances.followed else { return [] }
    return [Self.secondDaemon(of: node)]
  }

  static func secondDaemon(of node: Endpoint) -> GroupProblem {
    GroupProblem(
      label: "second-daemon",
      sentence:
        "another vipd speaks for \(node) too, so the address may be on two hosts, or go when one of them "
        + "ends. On this host: pgrep -a vipd, and stop one. On another: its 'redis' line names this node"
    )
  }

  // MARK: - How Sentinel names the instances

  /// What is wrong with how Sentinel names the instances, the worst first.
  private var namedInstances: [GroupProblem] {
    let isLoopback: (Endpoint) -> Bool = { $0.address.isLoopback }
    let isVirtual: (Endpoint) -> Bool = instances.namedVirtual.contains
    return [
      problem(
        "monitors-loopback", of: instances.masters(where: isLoopback), monitorsLoopback),
      problem(
        "monitors-virtual-address", of: instances.masters(where: isVirtual),
        monitorsVirtualAddress),
      problem("names-loopback", of: instances.replicas(where: isLoopback), namesLoopback),
      problem(
        "names-virtual-address", of: instances.replicas(where: isVirtual), namesVirtualAddress),
      notInGroup,
    ].compactMap { $0 }
  }

  private func problem(
    _ label: String, of names: [(by: SentinelID, named: Endpoint)],
    _ sentence: (_ by: Subject, _ named: Endpoint) -> String
  ) -> GroupProblem? {
    guard let named = names.first?.named else { return nil }
    let by = Subject(sentinels: names.filter { $0.named == named }.map(\.by))
    return GroupProblem(label: label, sentence: sentence(by, named))
  }

  private func monitorsLoopback(_ by: Subject, _ named: Endpoint) -> String {
    "\(by.doing("monitor")) \(masterName) at \(named), which every host takes for itself"
      + "\(Self.hostNameHint(named)): on each Sentinel SENTINEL REMOVE \(masterName), then "
      + "SENTINEL MONITOR \(masterName) ADDRESS PORT QUORUM with an address that all hosts reach"
  }

  private func namesLoopback(_ by: Subject, _ named: Endpoint) -> String {
    "\(by.doing("list")) a replica at \(named), which every host takes for itself"
      + "\(Self.hostNameHint(named)); it is not followed. Set replica-announce-ip in its "
      + "redis.conf to an address that all hosts reach, then SENTINEL RESET \(masterName)"
  }

  private func monitorsVirtualAddress(_ by: Subject, _ named: Endpoint) -> String {
    "\(by.doing("monitor")) the virtual address \(named.address) as the master: SENTINEL REMOVE "
      + "\(masterName), then SENTINEL MONITOR \(masterName) NODE PORT QUORUM on each Sentinel"
  }

  private func namesVirtualAddress(_ by: Subject, _ named: Endpoint) -> String {
    "\(by.doing("list")) the virtual address \(named) as a replica; it is not followed. Remove it "
      + "with SENTINEL RESET \(masterName) once no replica uses that address"
  }

  /// The Sentinels of which a sentence speaks.
  private struct Subject {
    var sentinels: [SentinelID]

    /// The beginning of the sentence, up to its verb.
    func doing(_ verb: String) -> String {
      let names = sentinels.map(\.description).joined(separator: ", ")
      return sentinels.count == 1 ? "Sentinel \(names) \(verb)s" : "Sentinels \(names) \(verb)"
    }
  }

  /// Debian gives a host's own name this address (`/etc/hosts`, Debian reference §5.1.1).
  private static func hostNameHint(_ named: Endpoint) -> String {
    guard named.address == .v4(IPv4Address(127, 0, 1, 1)) else { return "" }
    return " (/etc/hosts often gives it to a host's own name: give that name its real address)"
  }

  private var notInGroup: GroupProblem? {
    let named = instances.known.filter { !instances.isNobody($0) }
    guard instances.own.isEmpty, !named.isEmpty else { return nil }
    let here = ownAddresses.filter { !$0.isLoopback && !$0.isLinkLocal }.sorted()
    return GroupProblem(
      label: "not-in-group",
      sentence: "no Sentinel names an instance of this host: they name \(Self.list(named)); "
        + "this host has \(here.isEmpty ? "no address" : Self.list(here)). "
        + "Add: redis \(masterName) ADDRESS PORT (as Sentinel names it)")
  }

  /// The first few of a list, which a message of a stranger must not make endless.
  private static func list(_ items: [some CustomStringConvertible]) -> String {
    let shown = items.prefix(8).map(\.description).joined(separator: ", ")
    return items.count > 8 ? "\(shown) and \(items.count - 8) more" : shown
  }

  // MARK: - How the Sentinels count

  /// What is wrong with how the group's Sentinels count, and with what they say.
  private var counts: [GroupProblem] {
    missingSentinels + listedSentinels + quorum + namedReplica + tolerance
      + status.sentinels.compactMap(clock) + oldConfiguration
      + unnamedMaster + status.sentinels.filter(\.lacksMaster).map(lacksMaster)
  }

  /// Sentinels that count and are not there, each by name.
  private var missingSentinels: [GroupProblem] {
    let counted = status.counts.known.filter { $0.sentinel.fate == .counted }
    // An id that was met once makes nothing greater where all that count are in contact.
    let present = counted.count { $0.isInContact }
    let phantoms = status.sentinelCount > present ? counted.filter { $0.isPhantom } : []
    // Where most are out of reach it is this host that is cut off, and forgetting them would make
    // the rest a majority of itself.
    if !status.reachesMajority, phantoms.count > 1 { return [cutOff(phantoms)] }
    var problems = phantoms.map { known in
      GroupProblem(
        label: "sentinel-missing",
        sentence:
          "Sentinel \(known.sentinel.place) counts and is not in contact: \(known.lastWord)."
          + remedy(for: known))
    }
    let unnamed = status.sentinelCount - max(counted.count, status.sentinels.count)
    let isListed = status.sentinels.allSatisfy { !$0.isConnected || $0.list != nil }
    if unnamed > 0, isListed, status.sentinelCount > status.counts.configured {
      problems.append(
        GroupProblem(
          label: "sentinel-missing",
          sentence:
            "\(status.sentinelCount) Sentinels count, \(unnamed) of them from memory only: no Sentinel "
            + "lists them any more. If they are gone for good: vipctl sentinels forget unknown"))
    }
    return problems
  }

  private func remedy(for known: GroupStatus.KnownStatus) -> String {
    guard status.reachesMajority else { return " See whether its host runs and is reached" }
    let forget = "vipctl sentinels forget \(known.sentinel.runID)"
    if known.listedBy.isEmpty {
      return
        " Once all Sentinels have agreed for a minute it counts no more. If it stays: \(forget)"
    }
    return " If it is gone for good: SENTINEL RESET \(masterName) on one Sentinel after the other, "
      + "30 s apart; vipd alone can be told by \(forget)"
  }

  private func cutOff(_ missing: [GroupStatus.KnownStatus]) -> GroupProblem {
    let places = Self.list(missing.map(\.sentinel.place))
    if missing.allSatisfy({ status.isSurelyGone($0.sentinel) }) {
      return GroupProblem(
        label: "sentinel-missing",
        sentence:
          "\(missing.count) of \(status.sentinelCount) Sentinels are gone: \(places). Their hosts "
          + "refuse the connection, so their processes don't run: start them")
    }
    return GroupProblem(
      label: "sentinel-missing",
      sentence:
        "\(missing.count) of \(status.sentinelCount) Sentinels are out of contact at once: \(places). "
        + "As a rule it is this host that is cut off: look at its network first. Nobody is forgotten "
        + "from a host that reaches no majority")
  }

  /// Sentinels that vipd leaves out on the operator's word, and that Sentinel itself still counts.
  private var listedSentinels: [GroupProblem] {
    let left = status.counts.known.filter {
      $0.sentinel.fate == .forgotten && $0.isPhantom && !$0.listedBy.isEmpty
    }
    guard let first = left.first else { return [] }
    let lists = status.sentinels.compactMap { $0.isConnected ? $0.list?.count : nil }
    let electors = (lists.max() ?? 0) + 1
    let others = left.count == 1 ? "" : " and \(left.count - 1) more"
    return [
      GroupProblem(
        label: "sentinel-listed",
        sentence:
          "Sentinel \(first.sentinel.place)\(others) was forgotten here, but "
          + "\(Self.list(first.listedBy)) still count\(first.listedBy.count == 1 ? "s" : "") it: a "
          + "failover takes \(electors / 2 + 1) votes of \(electors). SENTINEL RESET \(masterName) on "
          + "one Sentinel after the other, 30 s apart")
    ]
  }

  /// A quorum that can't be reached, or that differs.
  private var quorum: [GroupProblem] {
    let quorums = status.sentinels.compactMap { $0.isConnected ? $0.view?.quorum : nil }
    guard let least = quorums.min(), let greatest = quorums.max() else { return [] }
    let cure = "SENTINEL SET \(masterName) quorum \(status.sentinelCount / 2 + 1) on each"
    if greatest > status.sentinelCount {
      return [
        GroupProblem(
          label: "quorum-unreachable",
          sentence: "the quorum is \(greatest), and \(status.sentinelCount) "
            + "Sentinel\(status.sentinelCount == 1 ? " counts" : "s count"): no failover is possible "
            + "where it is asked for. \(cure)")
      ]
    }
    guard least != greatest else { return [] }
    return [
      GroupProblem(
        label: "quorum-differs",
        sentence:
          "the Sentinels differ in their quorum, from \(least) to \(greatest), so a failover depends on "
          + "which of them leads it. \(cure)")
    ]
  }

  private var tolerance: [GroupProblem] {
    guard status.toleratedSentinelLosses == 0, status.basis == .sentinels || status.basis == .none,
      status.sentinels.contains(where: { $0.isConnected && $0.named != nil })
    else { return [] }
    let (counts, all) = (status.counts, status.sentinelCount)
    let answering =
      switch (status.basis, counts.able) {
      case (.sentinels, 1): "does"
      case (.sentinels, _): "do"
      case (_, 1): "is in contact"
      default: "are in contact"
      }
    let cause: String
    let present = counts.known.count { $0.sentinel.fate == .counted && $0.isInContact }
    let isLacking = present < all
    if !isLacking, counts.quorum < counts.majority {
      cause =
        "with quorum \(counts.quorum) of \(all) the address goes when one Sentinel is down; quorum "
        + "\(counts.majority) tolerates \(all - counts.majority): SENTINEL SET \(masterName) quorum "
        + "\(counts.majority) on each"
    } else if !isLacking, all < 3 {
      cause = "\(all == 1 ? "one Sentinel counts" : "two Sentinels count"); three tolerate one"
    } else {
      cause =
        "\(counts.confirmations) of \(all) must confirm the holder, and \(counts.able) "
        + "\(answering). Look after the others"
    }
    return [GroupProblem(label: "no-tolerance", sentence: "no Sentinel may fail: \(cause)")]
  }

  private func clock(of sentinel: GroupStatus.SentinelStatus) -> GroupProblem? {
    guard let step = sentinel.clockSetBack else { return nil }
    return GroupProblem(
      label: "sentinel-clock",
      sentence:
        "the clock of Sentinel \(sentinel.id) was set back by \(step.shortText): until it has caught "
        + "up this Sentinel sends no pings and notices no failure. Restart it")
  }

  private var oldConfiguration: [GroupProblem] {
    guard status.basis == .follower, let named = status.named,
      let local = status.localInstance
    else { return [] }
    return [
      GroupProblem(
        label: "old-configuration",
        sentence:
          "the Sentinels name \(named.endpoint) in epoch \(named.configEpoch), which is a replica of "
          + "this node: they came back with an old configuration, and no failover is possible. On "
          + "each: SENTINEL REMOVE \(masterName), then SENTINEL MONITOR \(masterName) "
          + "\(local.address) \(local.port) \(status.counts.quorum), and set its options again")
    ]
  }

  /// How long Sentinel takes at most, as measured, to make an old master a replica.
  private static let demotionTime = Duration.seconds(15)

  /// A master that stays one although Sentinel names another.
  private var unnamedMaster: [GroupProblem] {
    guard status.basis == .none, status.localRole == .master, let named = status.named,
      named.by >= status.counts.majority, named.endpoint != status.localInstance,
      now - status.since > Self.demotionTime
    else { return [] }
    return [
      GroupProblem(
        label: "unnamed-master",
        sentence:
          "the local Redis is a master, and \(named.by) of \(named.of) Sentinels name "
          + "\(named.endpoint). If that is a replica of this one, they came back with an old "
          + "configuration: SENTINEL REMOVE \(masterName) and SENTINEL MONITOR on each. If it is the "
          + "master, make this one its replica: REPLICAOF \(named.endpoint.address) "
          + "\(named.endpoint.port)")
    ]
  }

  /// How long after a failover its leader still lists the new master as the replica that it promoted, and
  /// marks it down: it turns to the next step as each INFO comes, each 10 s.
  private static let failoverEcho = Duration.seconds(30)

  /// Whether this node has held for so long that nothing is left of the failover.
  private var isSettled: Bool { status.basis != .none && now - status.since > Self.failoverEcho }

  /// A replica that announces the address of the master here: Sentinel takes the two for one.
  private var selfListed: [GroupProblem] {
    guard let local = status.localInstance, status.named?.endpoint == local, isSettled else {
      return []
    }
    let listing = status.sentinels.filter { sentinel in
      sentinel.isConnected && sentinel.view?.isFailoverPending == false
        && sentinel.view?.replicas.contains { $0.endpoint == local } == true
    }
    guard !listing.isEmpty else { return [] }
    return [
      GroupProblem(
        label: "master-listed",
        sentence:
          "\(Self.list(listing.map(\.id))) list\(listing.count == 1 ? "s" : "") this master as a "
          + "replica of itself, and may tell it to follow itself: a replica announces \(local) as its "
          + "own address. Correct replica-announce-ip and replica-announce-port there, then SENTINEL "
          + "RESET \(masterName) on one Sentinel after the other")
    ]
  }

  /// A holder whose Redis answers here, and not the Sentinels.
  private var markedDown: [GroupProblem] {
    guard isSettled, status.localRole == .master else { return [] }
    let marking = status.sentinels.filter { sentinel in
      sentinel.isConnected && sentinel.flags?.isDisjoint(with: .down) == false
    }
    guard !marking.isEmpty else { return [] }
    return [
      GroupProblem(
        label: "master-marked-down",
        sentence:
          "\(Self.list(marking.map(\.id))) mark\(marking.count == 1 ? "s" : "") the master here down "
          + "(\(marking.count) of \(status.sentinelCount), quorum \(status.counts.quorum)), though its "
          + "Redis answers on this host: what keeps it from answering them? CLIENT PAUSE, maxclients, "
          + "SENTINEL's auth-pass, a firewall or the network between")
    ]
  }

  private func lacksMaster(_ sentinel: GroupStatus.SentinelStatus) -> GroupProblem {
    GroupProblem(
      label: "master-unknown",
      sentence:
        "Sentinel \(sentinel.id) does not monitor \(masterName), and counts: SENTINEL MONITOR "
        + "\(masterName) there, correct the name in vipd.conf, or take the 'sentinel' line out")
  }
}
