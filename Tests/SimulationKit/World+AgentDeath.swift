import Addresses
import FailoverCore

/// What the agent does about a local Redis that died, or is another process than before.
extension World {
  /// A connection to the local Redis was refused: no process of the host has a socket of its port.
  func noticeDeath(_ agent: AgentShell) {
    guard !isRunning(redis[agent.node].process) else { return }
    tell(agent, .localRedisDied(peers: servingPeers(of: agent)))
  }

  /// The nodes whose daemons run, as their last state lines say.
  private func servingPeers(of agent: AgentShell) -> [Endpoint] {
    agents.filter { $0.node != agent.node && isRunning($0.process) && $0.pause == nil }
      .map { nodeEndpoints[$0.node] }
  }

  func askIdentity(_ agent: AgentShell) {
    guard let connection = agent.local.connection, agent.local.isEstablished else { return }
    send(.readIdentity(sentAt: localClock(of: agent)), on: connection)
  }

  func serveIdentity(_ server: RedisServer, sentAt: Instant, on connection: Connection) {
    let identity = LocalIdentity(
      process: "\(server.runID)", offset: UInt64(fineOffset(of: server)), keys: keys(of: server),
      isLinkUp: server.isMaster || server.isLinkUp)
    send(.identityReply(identity, sentAt: sentAt), on: connection, fromAcceptor: true)
  }

  /// How much a Redis has, as a number of keys: each millisecond of writing leaves one.
  func keys(of server: RedisServer) -> UInt64 {
    UInt64(history(of: server.node, at: now).written(in: terms) / millisecond)
  }

  func receivedIdentity(_ identity: LocalIdentity, sentAt: Instant, _ agent: AgentShell) {
    tell(
      agent,
      .localIdentityObserved(identity, peers: servingPeers(of: agent), sentAt: sentAt))
  }

  // MARK: - How Redis comes back

  /// `repl-diskless-sync-delay`.
  static let syncDelay = 5 * second
  /// How long `vipctl guard` waits at most, and how often it asks.
  private static let guardLimit = 5 * second
  private static let guardPeriod = 20 * millisecond

  /// Starts a Redis once its unit lets it.
  func launch(_ server: RedisServer) {
    let since = server.guardedSince ?? now
    if configuration.deaths?.hasGuard == true, server.node < agents.count,
      now - since < World.guardLimit, mustWait(agents[server.node])
    {
      server.guardedSince = since
      schedule(.start, for: server.process, after: World.guardPeriod)
      return
    }
    server.guardedSince = nil
    start(server)
  }

  private func mustWait(_ agent: AgentShell) -> Bool {
    guard isRunning(agent.process), !isFrozen(agent.process) else { return false }
    let status = agent.machine.status(at: localClock(of: agent))
    return !status.guardVerdict(isDeathVisible: true).mayStart
  }

  func isFirstStart(_ server: RedisServer) -> Bool { server.runID <= server.node * 1_000 + 1 }

  /// It comes back without what it had.
  func forgetData(_ server: RedisServer) {
    server.history = History()
    server.offsetBase = now
    server.isEmptied = true
    server.emptiedAt = now
  }

  func noteDeath(_ news: DeathNews, _ agent: AgentShell) {
    note(.death(agent.node, news))
  }
}

extension History {
  /// How long was written, in nanoseconds.
  func written(in terms: [Term]) -> Int64 {
    segments.reduce(0) { $0 + max(0, $1.until - terms[$1.term].began) }
  }
}
