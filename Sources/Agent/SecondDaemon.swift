import Addresses

extension Group {
  /// A daemon besides this one that speaks for the same Redis: each takes the addresses, and each removes
  /// them when it ends.
  var secondDaemonProblems: [GroupProblem] {
    guard let node = instances.followed,
      peers.hasSecondDaemon(of: node, at: services.clock.now())
    else { return [] }
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
}
