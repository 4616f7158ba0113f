import Addresses
import FailoverCore

extension Group {
  /// Carries out an order about the local fence, which is answered exactly once.
  func carryOut(_ order: FenceOrder) {
    guard let redis else { return handle(.fenceAnswered(order, .unreachable)) }
    redis.carryOut(order)
  }

  /// Whether orders about the fence wait for their answer.
  var hasFenceOrders: Bool { redis?.hasOrders == true }

  /// Asks another node directly, unless what answers there may be this host's own instance, which
  /// must not be told to follow itself.
  func inspect(_ node: Endpoint) {
    if !instances.isNobody(node) { inquirer.ask(node) }
  }

  func makeInquirer() -> NodeInquirer {
    NodeInquirer(
      login: redisLogin, loop: services.loop, clock: services.clock,
      decoder: RedisReplyDecoder { [services] in services.address(ofInstance: $0) }
    ) { [weak self] endpoint, observation, sentAt in
      self?.handle(.nodeObserved(endpoint, observation, sentAt: sentAt))
    }
  }
}

extension GroupStatus {
  /// Why the fence may close too late; nothing if it does not.
  ///
  /// A master that was cut off refuses writes after max-lag and one second, since Redis counts
  /// its replicas once a second; from down-after on another may be elected.
  func fenceDoubt(_ policy: FencePolicy) -> String? {
    guard case .minReplicas(_, let lag) = policy, let downAfter = leastDownAfter,
      .seconds(lag + 1) >= downAfter
    else { return nil }
    return "max-lag \(lag) is too long for down-after-milliseconds \(downAfter.wholeMilliseconds): "
      + "a master that is cut off may take writes for \(lag + 1) s, and another may be elected "
      + "meanwhile; those writes would be lost. Set a shorter max-lag or a longer down-after"
  }
}
