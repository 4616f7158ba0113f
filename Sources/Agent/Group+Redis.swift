import Addresses
import Configuration
import FailoverCore
import Logging

extension Group {
  /// Takes in an answer of a Sentinel: first what it says of this host, then the rest.
  func sentinelReplied(_ id: SentinelID, _ view: SentinelView, sentAt: Instant) {
    if instances.learn(view, from: id) { refreshInstances() }
    handle(.sentinelReplied(id, view, sentAt: sentAt))
  }

  /// Looks again which of the named instances is this host's.
  func refreshInstances() {
    let virtual = Set(section.virtualAddresses.map(\.address))
    let hasChanged = instances.refresh(isOwn: services.network.isOwn, virtual: virtual)
    guard hasChanged, let followed = instances.followed else { return }
    let others = instances.own.dropFirst().map(\.description).joined(separator: ", ")
    journal.logger.info(
      "This host's instance is \(followed)\(others.isEmpty ? "" : ", beside \(others)")")
    handle(.localInstancesChanged(instances.own))
    followLocalRedis()
  }

  /// Connects to the local Redis, if it is known which it is: as Sentinel names it, unless the file
  /// says more.
  func followLocalRedis() {
    guard let followed = instances.followed else { return }
    redis.follow(section.redisLocal ?? followed)
  }
}

extension GroupSection {
  /// The port at which clients find an instance behind the virtual addresses.
  ///
  /// A port that only a translation knows, before it, is not one of the addresses'.
  func clientPort(of node: Endpoint) -> UInt16 { redisLocal?.port ?? node.port }
}
