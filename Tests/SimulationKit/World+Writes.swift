import FailoverCore

/// The writers: one on each node writes to that node's own address, and one elsewhere to the
/// virtual address; without a pause, each.
extension World {
  /// A master's term begins.
  func beginTerm(_ server: RedisServer) {
    server.term = terms.count
    terms.append(Term(node: server.node, began: now, cause: cause(of: Array(redis.indices))))
  }

  /// Nothing more is added to what a server has: its term or its link ends here.
  func settleHistory(_ server: RedisServer) {
    refreshWrites(server, isOver: true)
    server.history = history(of: server.node, at: now)
    server.term = nil
    server.stream = nil
  }

  /// Counts anew the replicas that are good (`replication.c refreshGoodSlavesCount`).
  func recountReplicas(_ server: RedisServer) {
    let second = wallSecond(of: server)
    server.goodReplicas = server.followers.count {
      $0.isOnline && second - $0.acknowledged <= server.fence.maxLagSeconds
    }
    refreshWrites(server)
  }

  func wallSecond(of server: RedisServer) -> Int64 {
    hosts[server.host].wallClock(at: now) / 1_000
  }

  /// Something changed on which it may depend whether writes are acknowledged here.
  func refreshWrites(_ server: RedisServer, isOver: Bool = false) {
    let next = isOver ? Acceptance() : acceptance(of: server)
    let before = server.acceptance
    guard next != before else { return }
    if before.isOwn, now > server.acceptanceBegan {
      acknowledged.append(
        AcknowledgedWrites(acceptance: before, from: server.acceptanceBegan, to: now))
    }
    server.acceptance = next
    server.acceptanceBegan = now
    if configuration.fence != nil, before.isOwn != next.isOwn || before.isVirtual != next.isVirtual
    {
      note(.writable(server.node, own: next.isOwn, virtual: next.isVirtual))
    }
    if next.isVirtual { noteFirstWrite(server) }
  }

  func refreshAllWrites() {
    for server in redis { refreshWrites(server) }
  }

  private func acceptance(of server: RedisServer) -> Acceptance {
    guard let term = server.term, isAlive(server) else { return Acceptance() }
    var result = Acceptance()
    result.isOwn =
      server.fence.minReplicas == 0 || server.fence.maxLagSeconds == 0
      || server.goodReplicas >= server.fence.minReplicas
    guard result.isOwn else { return result }
    result.term = term
    result.fence = label(of: server)
    result.fault = lastFault
    result.isVirtual = hosts[server.host].addresses[0].isPresent && isReachable(server.host)
    if result.fence == .closed { violate("acknowledges through a closed fence", node: server.node) }
    return result
  }

  /// Whether a Redis serves its clients now.
  func isAlive(_ server: RedisServer) -> Bool {
    server.hasStarted && hosts[server.host].isAwake && isRunning(server.process)
      && !isFrozen(server.process)
  }

  private func isReachable(_ host: Int) -> Bool {
    hosts.indices.contains { $0 != host && passes($0, host) && passes(host, $0) }
  }

  private func label(of server: RedisServer) -> FenceLabel {
    guard let fence = configuration.fence else { return .off }
    if server.fence.isClosed { return .closed }
    if fence.refusesConfiguration { return .half }
    let whole = fence.armed(replicas: redis.count - 1).minReplicas
    return server.fence.maxLagSeconds > 0 && server.fence.minReplicas >= whole ? .armed : .open
  }

  private func noteFirstWrite(_ server: RedisServer) {
    guard let promoted = server.unwrittenSince else { return }
    server.unwrittenSince = nil
    statistics.writes.firstWrites.append(now - promoted)
  }
}
