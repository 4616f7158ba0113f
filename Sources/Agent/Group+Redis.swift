import Addresses
import Configuration
import FailoverCore
import Logging
import NIOCore

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

  /// Where the local Redis is reached from here: as Sentinel names it, unless the file says more.
  var localRedis: Endpoint? { instances.followed.map { section.redisLocal ?? $0 } }

  /// The port at which clients find an instance behind the virtual addresses.
  ///
  /// A port that only a translation knows, before it, is not one of the addresses'.
  func clientPort(of node: Endpoint) -> UInt16 { section.redisLocal?.port ?? node.port }

  /// Connects to the local Redis, if it is known which it is.
  func followLocalRedis() {
    guard let endpoint = localRedis else { return }
    guard redis?.endpoint != endpoint else { return }
    leaveLocalRedis()
    let link = RedisLink(
      to: endpoint, login: redisLogin, channelName: channel.name, loop: services.loop,
      clock: services.clock,
      decoder: RedisReplyDecoder { [services] in services.address(ofInstance: $0) }
    ) { [weak self] in self?.redisReported($0) }
    link.watchesReplicas = watchesReplicas
    link.watchesFence = watchesFence
    redis = link
    link.tick(at: services.clock.now())
  }

  /// Ends the link to the local Redis, of which nothing is known any more.
  private func leaveLocalRedis() {
    guard let redis else { return }
    redis.end()
    self.redis = nil
    redisCondition.forget()
    lastRole = nil
    handle(.localRedisLost(.closed))
  }

  /// Ends what is left of the link to a master that the local Redis ceased to follow.
  ///
  /// Towards a host that is cut off the kernel sends its last acknowledgements again for minutes. A
  /// master that is back would take them for a good replica's, and accept writes that are lost.
  private func leaveFollowedMaster(_ role: LocalRole) {
    var master: Endpoint?
    if case .replica(let endpoint) = role { master = endpoint }
    defer { followed = master }
    guard let left = followed, left != master else { return }
    // After whatever the new role leads to: a take does not wait for it.
    services.loop.assumeIsolated().execute { [services] in
      services.network.endClosedConnections(to: left)
    }
  }

  func redisReported(_ report: RedisLinkReport) {
    // What is told to people comes behind whatever the fact leads to.
    defer { redisCondition.take(report) }
    switch report {
    case .role(let role, let sentAt):
      let isPromoted = role == .master && lastRole != .master
      lastRole = role
      handle(.localRoleObserved(role, sentAt: sentAt))
      leaveFollowedMaster(role)
      // A line in the log takes longer than the address.
      journal.redisAnswered()
      if isPromoted { journal.noteObstacles(status) }
    case .lost(let loss, let text):
      lastRole = nil
      journal.redisLost(text)
      handle(.localRedisLost(loss))
    case .replicas(let acknowledging, let sentAt):
      handle(.localReplicasObserved(acknowledging: acknowledging, sentAt: sentAt))
    case .replication(let replication, let sentAt):
      handle(.localReplicationObserved(replication, sentAt: sentAt))
    case .fence(let setting, let sentAt): handle(.localFenceObserved(setting, sentAt: sentAt))
    case .fenceUnreadable(let problem): handle(.localFenceUnreadable(problem))
    case .fenceAnswered(let order, let problem): handle(.fenceAnswered(order, problem))
    case .priority(let priority, let sentAt):
      handle(.localPriorityObserved(priority, sentAt: sentAt))
    case .priorityAnswered(let priority, let problem): handle(.priorityAnswered(priority, problem))
    case .message(let bytes): received(bytes)
    case .sentNonsense(let text):
      journal.count(\.nonsense)
      journal.complain("the local Redis answered what can't be used: \(text)")
    case .roleRefused(let words):
      journal.count(\.nonsense)
      journal.complain("the local Redis does not tell its role: \(words.text)")
    case .channelRefused, .health: break
    }
  }
}
