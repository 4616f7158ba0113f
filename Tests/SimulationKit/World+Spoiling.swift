import FailoverCore

/// Replies that lose fields and entries, as `SentinelReplyDecoder` gives what is left of them.
extension World {
  /// How often a field is spoiled where it is not always the same, in thousandths.
  private static let spoiledPerMille = 300

  /// A part of a reply that can't be used.
  private enum SpoiledPart: CaseIterable {
    case master, flags, age, downAfter, failoverTimeout, configEpoch, quorum, otherSentinels
    case replica, replicaFlags, replicaAge, address, runID, helloAge
  }

  func spoil(
    _ view: inout SentinelView, _ list: inout [ListedSentinel], of sentinel: SentinelServer
  ) {
    for index in dirt.spoiling {
      let fault = configuration.faults[index]
      let isOfAll = fault.mask & 3 == 0
      guard isOfAll || fault.target == sentinel.index else { continue }
      if !isOfAll, fault.mask & 4 == 4 {
        // One server of another kind: always the same part. All of that kind would be no spoiling:
        // where none tells the age of its last pong, nothing can be proven.
        let part = SpoiledPart.allCases[fault.mask >> 3 % SpoiledPart.allCases.count]
        spoil(part, &view, &list)
      } else if dirtRandom.chance(perMille: World.spoiledPerMille) {
        spoil(dirtRandom.pick(SpoiledPart.allCases), &view, &list)
      }
    }
  }

  private func spoil(
    _ part: SpoiledPart, _ view: inout SentinelView, _ list: inout [ListedSentinel]
  ) {
    switch part {
    case .master: view.master = nil
    case .flags:
      view.flags = []
      view.lastOkPingReply = nil
    case .age: view.lastOkPingReply = nil
    case .downAfter: view.downAfter = nil
    case .failoverTimeout: view.failoverTimeout = nil
    case .configEpoch: view.configEpoch = 0
    case .quorum: view.quorum = nil
    case .otherSentinels: view.otherSentinels = nil
    case .replica:
      if !view.replicas.isEmpty { view.replicas.remove(at: chosen(view.replicas.count)) }
    case .replicaFlags:
      guard !view.replicas.isEmpty else { return }
      let place = chosen(view.replicas.count)
      view.replicas[place].flags = []
      view.replicas[place].lastOkPingReply = nil
    case .replicaAge:
      guard !view.replicas.isEmpty else { return }
      view.replicas[chosen(view.replicas.count)].lastOkPingReply = nil
    case .address:
      if !list.isEmpty { list[chosen(list.count)].endpoint = nil }
    case .runID:
      if !list.isEmpty { list[chosen(list.count)].runID = "" }
    case .helloAge:
      if !list.isEmpty { list[chosen(list.count)].helloAge = nil }
    }
  }

  private func chosen(_ count: Int) -> Int { dirtRandom.index(0...(count - 1)) }
}
