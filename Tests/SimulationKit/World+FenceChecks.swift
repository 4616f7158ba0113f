import FailoverCore

/// What must hold of fences: while the world runs, and in the end.
extension World {
  /// How long a holder must have been named and in touch before its refusals are counted.
  private static let confirmedEnough = 8 * second
  /// How much longer than its replicas may be silent it may refuse.
  private static let refusalMargin = 3 * second
  /// How long the machine may be wrong about its Redis: it reads each second, and orders.
  private static let maxMisbelief = 2_500 * millisecond

  func checkWrites() {
    guard let named = checks.namedNode, isServing(named) else {
      checks.confirmedSince = nil
      checks.refusalStretch = 0
      return
    }
    guard !redis[named].acceptance.isVirtual else {
      checks.refusalStretch = 0
      noteConfirmed(named)
      return
    }
    statistics.writes.unwritable += Checks.period
    let holds = checks.holders == 1 << named
    if holds { statistics.writes.refused += Checks.period }
    let isConfirmed = noteConfirmed(named)
    guard holds, isConfirmed, redis[named].hasStarted, let fence = configuration.fence else {
      checks.refusalStretch = 0
      return
    }
    checks.refusalStretch += Checks.period
    let longest = max(statistics.writes.maxRefusal, checks.refusalStretch)
    statistics.writes.maxRefusal = longest
    let bound = Int64(fence.maxLagSeconds) * second + World.refusalMargin
    // A move whose failover was ordered and hangs, as in TILT, keeps the writes refused: what is
    // acknowledged before the promotion could be lost (docs/adr/0014).
    let now = localClock(of: agents[named])
    if agents[named].machine.status(at: now).move?.phase != nil {
      checks.refusalStretch = 0
      return
    }
    if checks.refusalStretch == bound, fence.isWhole {
      violate("holds, is confirmed, and refuses writes for long", node: named)
    }
  }

  /// Whether a node has been named, holding on confirmations and in touch for long.
  @discardableResult
  private func noteConfirmed(_ node: Int) -> Bool {
    guard checks.holders == 1 << node, isInTouch(node), basis(of: node) == "sentinels",
      agents[node].isUndisturbed(since: checks.confirmedSince ?? now)
    else {
      checks.confirmedSince = nil
      return false
    }
    let since = checks.confirmedSince ?? now
    checks.confirmedSince = since
    return now - since > World.confirmedEnough
  }

  /// The machine knows what its Redis has in force, but for a moment.
  func checkBelief(_ node: Int) {
    let agent = agents[node]
    guard configuration.fence != nil, hosts[node].isAwake, isAlive(redis[node]),
      isRunning(agent.process), !isFrozen(agent.process), agent.local.isEstablished,
      let believed = agent.machine.fenceSetting,
      believed != redis[node].fence
    else {
      checks.misbelievesSince[node] = nil
      return
    }
    let since = checks.misbelievesSince[node] ?? now
    checks.misbelievesSince[node] = since
    if now - since == World.maxMisbelief {
      violate("believes in a fence of \(believed.minReplicas) for long", node: node)
    }
  }

  /// What is still to be done before all fences of a healthy world are as they should be.
  func unsettledFence(_ named: Int) -> String? {
    guard let fence = configuration.fence else { return nil }
    for server in redis {
      if server.fence.isClosed { return "node\(server.node) is left with a closed fence" }
      if server.savedFence.isClosed { return "node\(server.node) has a closed fence in its file" }
    }
    for server in redis where server.priority != 100 || server.savedPriority != 100 {
      return "node\(server.node) is left with a priority of \(server.priority), "
        + "\(server.savedPriority) in its file"
    }
    for agent in agents where agent.machine.status(at: localClock(of: agent)).move != nil {
      return "node\(agent.node) is still moving"
    }
    guard !fence.refusesConfiguration else { return nil }
    let armed = fence.armed(replicas: redis.count - 1)
    let server = redis[named]
    if server.fence != armed {
      return "the master asks for \(server.fence.minReplicas) replicas, not \(armed.minReplicas)"
    }
    if fence.hasFile, server.savedFence != armed {
      return "the master's file asks for \(server.savedFence.minReplicas) replicas"
    }
    return nil
  }
}
