import Addresses
import FailoverCore

/// What is wrong with how the group's Sentinels count, and with what they say.
extension Group {
  /// What an operator should look at; empty if all is well.
  var countProblems: [GroupProblem] {
    let status = status
    return missingSentinels(status) + tolerance(status) + status.sentinels.compactMap(clock)
      + oldConfiguration(status) + unnamedMaster(status)
      + status.sentinels.filter(\.lacksMaster).map(lacksMaster)
  }

  /// Sentinels that count and are not there, each by name.
  private func missingSentinels(_ status: GroupStatus) -> [GroupProblem] {
    let counted = status.counts.known.filter { $0.sentinel.fate == .counted }
    var problems = counted.filter { $0.isPhantom }.map { known in
      GroupProblem(
        label: "sentinel-missing",
        sentence:
          "Sentinel \(known.sentinel.place) counts and is not in contact: \(known.lastWord). If it "
          + "is gone for good: SENTINEL RESET \(masterName) on one Sentinel after the other, 30 s "
          + "apart, or here: vipctl sentinels forget \(known.sentinel.runID)")
    }
    let unnamed = status.sentinelCount - max(counted.count, status.sentinels.count)
    let isListed = status.sentinels.allSatisfy { !$0.isConnected || $0.list != nil }
    if unnamed > 0, isListed, status.sentinelCount > status.counts.configured {
      problems.append(
        GroupProblem(
          label: "sentinel-missing",
          sentence:
            "\(status.sentinelCount) Sentinels count, \(unnamed) of them from memory only: nobody "
            + "lists them any more. If they are gone for good: vipctl sentinels forget unknown"))
    }
    return problems
  }

  private func tolerance(_ status: GroupStatus) -> [GroupProblem] {
    guard status.toleratedSentinelLosses == 0, status.basis == .sentinels || status.basis == .none,
      status.sentinels.contains(where: { $0.isConnected && $0.named != nil })
    else { return [] }
    let (counts, all) = (status.counts, status.sentinelCount)
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
        + "\(status.basis == .sentinels ? "do" : "are in contact"). Look after the others"
    }
    return [GroupProblem(label: "no-tolerance", sentence: "no Sentinel may fail: \(cause)")]
  }

  private func clock(of sentinel: GroupStatus.SentinelStatus) -> GroupProblem? {
    guard let step = sentinel.clockSetBack else { return nil }
    return GroupProblem(
      label: "sentinel-clock",
      sentence:
        "the clock of Sentinel \(sentinel.id) was set back by \(step.shortText): until it has caught "
        + "up this Sentinel pings nobody and notices no failure. Restart it")
  }

  private func oldConfiguration(_ status: GroupStatus) -> [GroupProblem] {
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
  private func unnamedMaster(_ status: GroupStatus) -> [GroupProblem] {
    guard status.basis == .none, status.localRole == .master, let named = status.named,
      named.by >= status.counts.majority, named.endpoint != status.localInstance,
      services.clock.now() - status.since > Self.demotionTime
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

  private func lacksMaster(_ sentinel: GroupStatus.SentinelStatus) -> GroupProblem {
    GroupProblem(
      label: "master-unknown",
      sentence:
        "Sentinel \(sentinel.id) does not monitor \(masterName), and counts: SENTINEL MONITOR "
        + "\(masterName) there, or take its line out of the configuration")
  }
}

extension GroupStatus.KnownStatus {
  /// How long after the last hello a Sentinel out of contact is told by name: twice the period of a
  /// hello (`sentinel.c` SENTINEL_PUBLISH_PERIOD).
  private static let quietHello = Duration.seconds(4)

  /// Whether it is one that nobody has heard for longer than a hello takes.
  var isPhantom: Bool { !isInContact && helloAge.map { $0 >= Self.quietHello } ?? true }

  /// Whether it may be left out on the operator's word: no hello shows that it lives.
  var mayBeForgotten: Bool {
    !isInContact && helloAge.map { $0 >= Timing.helloLifetime } ?? true
  }

  /// When it was heard last, and who lists it.
  var lastWord: String {
    let hello = helloAge.map { "its last hello came \($0.shortText) ago" } ?? "no hello is known"
    guard !listedBy.isEmpty else { return "\(hello), and no Sentinel in contact lists it" }
    return "\(hello); listed by \(listedBy.map(\.description).joined(separator: ", "))"
  }
}

extension KnownSentinel {
  /// Its address and run id, for people.
  var place: String {
    "\(endpoint?.description ?? "without a usable address") (run id \(runID))"
  }
}

extension Daemon {
  /// What is wrong with Sentinels as such, and with their answers about a group.
  func directoryProblems(of masterName: String) -> [GroupProblem] {
    guard let directory else { return [] }
    let lines = directory.lines(of: masterName)
    var problems = directory.twins.filter(\.isCopied).map { twin in
      let places = twin.endpoints.map(\.description).joined(separator: " and ")
      return GroupProblem(
        label: "sentinel-id-copied",
        sentence:
          "\(places) are two Sentinels with one id (\(twin.runID)), and count as one: stop one of "
          + "them, remove the line 'sentinel myid' from its sentinel.conf, and start it again")
    }
    for link in directory.links where link.isConnected && link.masterNames.contains(masterName) {
      if link.refusal(of: masterName) == nil,
        let refusal = directory.words(of: link.id, about: masterName).refusal
      {
        problems.append(
          GroupProblem(
            label: "sentinel-unusable",
            sentence: "Sentinel \(link.id) answers what can't be used: \(refusal)"))
      }
      if link.facts.isTilted == true {
        problems.append(
          GroupProblem(
            label: "sentinel-tilt",
            sentence:
              "Sentinel \(link.id) is in TILT: its clock jumped or its host stood still, and it takes "
              + "part in no failover until it has run for 30 s without another"))
      }
    }
    if lines.isEmpty {
      problems.append(
        GroupProblem(
          label: "no-sentinel", sentence: "no 'sentinel' line of the configuration concerns it"))
    }
    return problems
  }
}
