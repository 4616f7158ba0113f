import Addresses
import FailoverCore

extension Group {
  /// Whether orders about the fence wait for their answer.
  var hasFenceOrders: Bool { redis.hasOrders }

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
