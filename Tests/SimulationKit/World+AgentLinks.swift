import Addresses
import FailoverCore

/// The agent's connections: one to each Sentinel, two to the local Redis, and those that carry
/// its notices.
extension World {
  private static let pollPeriod = 200 * millisecond
  private static let answerTimeout = second
  private static let refusedRetry = 500 * millisecond
  private static let rolePeriod = 200 * millisecond
  private static let localRetryDelay = 100 * millisecond
  private static let maxUnanswered = 4

  func received(
    _ message: Message, on connection: Connection, by agent: AgentShell, atAcceptor: Bool
  ) {
    switch connection.purpose {
    case .agentSentinel: receivedFromSentinel(message, on: connection, agent)
    case .agentLocal: receivedFromRedis(message, on: connection, agent)
    case .agentSubscription: receivedOnChannel(message, on: connection, agent)
    case .agentPublishing:
      switch message {
      case .closed, .refused:
        if agent.publishing[connection.tag] === connection {
          agent.publishing[connection.tag] = nil
        }
      default: break
      }
    case .agentInspection: receivedFromNode(message, on: connection, agent)
    case .sentinelCommands, .sentinelSubscription, .replication: break
    }
  }

  // MARK: Sentinels

  func openSentinel(_ index: Int, _ agent: AgentShell) {
    guard !dirt.removed.contains(index) else { return }
    guard !isUnresolved(index, agent) else {
      arm(index, agent, after: second)
      return
    }
    let connection = connect(
      agent.process, to: sentinels[index].process, .agentSentinel, tag: index)
    agent.sentinelLinks[index].connection = connection
    agent.sentinelLinks[index].isReady = false
    agent.sentinelLinks[index].unanswered = 1
    send(.identify, on: connection)
    arm(index, agent, after: World.answerTimeout)
  }

  private func arm(_ index: Int, _ agent: AgentShell, after delay: Int64) {
    agent.sentinelLinks[index].generation += 1
    schedule(
      .sentinelLink(index, generation: agent.sentinelLinks[index].generation),
      for: agent.process, after: delay)
  }

  func poll(_ index: Int, _ agent: AgentShell) {
    let link = agent.sentinelLinks[index]
    guard let connection = link.connection, link.isReady,
      link.unanswered < World.maxUnanswered
    else { return }
    if link.unanswered == 0 {
      arm(index, agent, after: World.answerTimeout)
    }
    agent.sentinelLinks[index].unanswered += 1
    send(.poll(sentAt: localClock(of: agent)), on: connection)
  }

  /// The timer of a link: the next poll, a time-out, or the next attempt to connect.
  func linkTimer(_ index: Int, _ agent: AgentShell, generation: Int) {
    let link = agent.sentinelLinks[index]
    guard generation == link.generation else { return }
    guard let connection = link.connection else {
      openSentinel(index, agent)
      return
    }
    if link.unanswered == 0 {
      poll(index, agent)
    } else {
      close(connection, byAcceptor: false)
      lost(index, agent, .unreachable)
    }
  }

  /// A Sentinel left the configuration: it is not followed any more.
  func drop(_ index: Int, _ agent: AgentShell) {
    if let connection = agent.sentinelLinks[index].connection {
      close(connection, byAcceptor: false)
    }
    agent.sentinelLinks[index].connection = nil
    agent.sentinelLinks[index].isReady = false
    agent.sentinelLinks[index].generation += 1
    tell(agent, .sentinelForgotten(sentinelEndpoints[index]))
  }

  private func lost(_ index: Int, _ agent: AgentShell, _ loss: ConnectionLoss) {
    agent.sentinelLinks[index].connection = nil
    agent.sentinelLinks[index].isReady = false
    let backoff = agent.sentinelLinks[index].backoff
    agent.sentinelLinks[index].backoff = min(
      backoff * 2, AgentShell.SentinelLink.maxBackoff)
    arm(index, agent, after: loss == .refused ? World.refusedRetry : backoff)
    tell(agent, .sentinelDisconnected(sentinelEndpoints[index], loss))
    failCommand(index, agent)
  }

  private func receivedFromSentinel(
    _ message: Message, on connection: Connection, _ agent: AgentShell
  ) {
    let index = connection.tag
    guard agent.sentinelLinks[index].connection === connection else { return }
    let endpoint = sentinelEndpoints[index]
    switch message {
    case .closed: lost(index, agent, .closed)
    case .refused: lost(index, agent, .refused)
    case .identity(let runID):
      agent.sentinelLinks[index].isReady = true
      agent.sentinelLinks[index].unanswered = 0
      agent.sentinelLinks[index].backoff = AgentShell.SentinelLink.minBackoff
      agent.sentinelLinks[index].listedAt = nil
      tell(agent, .sentinelConnected(endpoint, runID: runID))
      if agent.sentinelLinks[index].unanswered == 0 { poll(index, agent) }
    case .pollReply(let view, let peers, let sentAt):
      agent.sentinelLinks[index].unanswered -= 1
      arm(
        index, agent,
        after: agent.sentinelLinks[index].unanswered == 0
          ? World.pollPeriod : World.answerTimeout)
      tellList(peers, of: index, agent, sentAt: sentAt)
      tell(agent, .sentinelReplied(endpoint, view, sentAt: sentAt))
    case .sentinelInspection, .failOverReply: receivedAboutMove(message, from: index, agent)
    case .hint(let hint): tell(agent, .sentinelHinted(endpoint, hint))
    default: break
    }
  }

  /// Tells the list of a Sentinel as the shell asks for it: after each connection and event that
  /// concerns it, and each 10 s.
  private func tellList(
    _ peers: [ListedSentinel], of index: Int, _ agent: AgentShell, sentAt: Instant
  ) {
    let link = agent.sentinelLinks[index]
    let isDue = link.listedAt.map { sentAt - $0 >= .seconds(10) } ?? true
    guard isDue || link.listed != peers.map(\.runID) else { return }
    agent.sentinelLinks[index].listedAt = sentAt
    agent.sentinelLinks[index].listed = peers.map(\.runID)
    tell(agent, .sentinelListed(sentinelEndpoints[index], peers, sentAt: sentAt))
    // The shell follows whomever is listed: nobody answers at these.
    for case let endpoint? in peers.map(\.endpoint)
    where !sentinelEndpoints.contains(endpoint) && !agent.deadEndpoints.contains(endpoint) {
      agent.deadEndpoints.append(endpoint)
      tell(agent, .sentinelDisconnected(endpoint, .unreachable))
    }
  }

  // MARK: The local Redis

  func openLocal(_ agent: AgentShell) {
    agent.local.connection = connect(
      agent.process, to: redis[agent.node].process, .agentLocal, tag: agent.node)
    agent.local.isEstablished = false
    agent.local.isWaiting = false
    armLocal(agent, after: World.answerTimeout)
  }

  private func armLocal(_ agent: AgentShell, after delay: Int64) {
    agent.local.generation += 1
    schedule(
      .localLink(generation: agent.local.generation), for: agent.process, after: delay)
  }

  func readRole(_ agent: AgentShell) {
    guard let connection = agent.local.connection else {
      openLocal(agent)
      return
    }
    guard agent.local.isEstablished, !agent.local.isWaiting else { return }
    agent.local.isWaiting = true
    send(.role(sentAt: localClock(of: agent)), on: connection)
    armLocal(agent, after: World.answerTimeout)
  }

  func localTimer(_ agent: AgentShell, generation: Int) {
    guard generation == agent.local.generation else { return }
    guard let connection = agent.local.connection else {
      openLocal(agent)
      return
    }
    if agent.local.isEstablished, !agent.local.isWaiting {
      readRole(agent)
    } else {
      close(connection, byAcceptor: false)
      lostLocal(agent, .unreachable)
    }
  }

  private func lostLocal(_ agent: AgentShell, _ loss: ConnectionLoss) {
    agent.local.connection = nil
    agent.local.isEstablished = false
    tell(agent, .localRedisLost(loss))
    if loss == .refused { noticeDeath(agent) }
    failOrders(agent)
    failPriorities(agent)
    guard agent.local.connection == nil else { return }
    if loss == .closed {
      openLocal(agent)
    } else {
      armLocal(agent, after: World.localRetryDelay)
    }
  }

  private func receivedFromRedis(
    _ message: Message, on connection: Connection, _ agent: AgentShell
  ) {
    guard agent.local.connection === connection else { return }
    switch message {
    case .closed: lostLocal(agent, .closed)
    case .refused: lostLocal(agent, .refused)
    case .established:
      agent.local.isEstablished = true
      if agent.isWatchingFence { readSetting(agent) }
      readRole(agent)
    case .roleReply(let role, let sentAt):
      agent.local.isWaiting = false
      armLocal(agent, after: World.rolePeriod)
      switch role {
      case .master: agent.knownMaster = agent.node
      case .replica(let endpoint): agent.knownMaster = node(of: endpoint) ?? agent.knownMaster
      }
      tell(agent, .localRoleObserved(role, sentAt: sentAt))
    case .replicasReply(let endpoints, let sentAt):
      guard agent.isWatchingReplicas else { return }
      tell(agent, .localReplicasObserved(acknowledging: endpoints, sentAt: sentAt))
    case .identityReply(let identity, let sentAt):
      receivedIdentity(identity, sentAt: sentAt, agent)
    case .priorityReply, .priorityOrderReply: receivedAboutPriority(message, agent)
    case .fenceReply, .replicationReply, .orderReply: receivedAboutFence(message, agent)
    default: break
    }
  }

  func watchReplicas(_ isWatching: Bool, _ agent: AgentShell) {
    agent.isWatchingReplicas = isWatching
    agent.watchGeneration += 1
    if isWatching { readReplicas(agent, generation: agent.watchGeneration) }
  }

  func readReplicas(_ agent: AgentShell, generation: Int) {
    guard generation == agent.watchGeneration, agent.isWatchingReplicas else { return }
    if let connection = agent.local.connection, agent.local.isEstablished {
      send(.replicas(sentAt: localClock(of: agent)), on: connection)
    }
    schedule(
      .watchReplicas(generation: generation), for: agent.process, after: 50 * millisecond)
  }

  func node(of endpoint: Endpoint?) -> Int? {
    endpoint.flatMap { nodeEndpoints.firstIndex(of: $0) }
  }

  // MARK: The channel

  func openSubscription(_ agent: AgentShell) {
    let connection = connect(
      agent.process, to: redis[agent.node].process, .agentSubscription, tag: agent.node)
    agent.subscription.connection = connection
    send(.subscribeNotices, on: connection)
  }

  func subscriptionTimer(_ agent: AgentShell, generation: Int) {
    guard generation == agent.subscription.generation, agent.subscription.connection == nil
    else { return }
    openSubscription(agent)
  }

  private func receivedOnChannel(
    _ message: Message, on connection: Connection, _ agent: AgentShell
  ) {
    guard agent.subscription.connection === connection else { return }
    switch message {
    case .notice(let notice):
      note(.notice(agent.node, notice))
      tell(agent, .noticeReceived(notice))
    case .closed, .refused:
      agent.subscription.connection = nil
      agent.subscription.generation += 1
      schedule(
        .subscription(generation: agent.subscription.generation), for: agent.process,
        after: isRefusal(message) ? AgentShell.SentinelLink.minBackoff : 5 * millisecond)
    default: break
    }
  }

  private func isRefusal(_ message: Message) -> Bool {
    if case .refused = message { true } else { false }
  }

  /// Publishes on the master that replicas follow, and on one node besides.
  func publish(_ notice: Notice, also: Endpoint?, _ agent: AgentShell) {
    var targets = [agent.knownMaster]
    if let also = node(of: also), also != agent.knownMaster { targets.append(also) }
    for target in targets {
      let connection: Connection
      if let open = agent.publishing[target] {
        connection = open
      } else {
        connection = connect(
          agent.process, to: redis[target].process, .agentPublishing, tag: target)
        agent.publishing[target] = connection
      }
      send(.publish(notice), on: connection)
    }
  }
}
