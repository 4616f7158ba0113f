import Addresses
import FailoverCore

/// The agent's questions and orders about the fence.
extension World {
  private static let replicationPeriod = 100 * millisecond
  /// CONFIG GET with every so manyth reading of the replicas.
  private static let settingRounds = 10
  private static let inspectionTimeout = second
  private static let maxInspections = 8

  func watchFence(_ isWatching: Bool, _ agent: AgentShell) {
    agent.isWatchingFence = isWatching
    agent.fenceGeneration += 1
    guard isWatching else { return }
    readSetting(agent)
    readFence(agent, generation: agent.fenceGeneration, round: 0)
  }

  /// Asks for the replicas, and now and then for the setting.
  func readFence(_ agent: AgentShell, generation: Int, round: Int) {
    guard generation == agent.fenceGeneration, agent.isWatchingFence else { return }
    if let connection = agent.local.connection, agent.local.isEstablished {
      if agent.knownMaster == agent.node {
        send(.replication(sentAt: localClock(of: agent)), on: connection)
      }
      if round % World.settingRounds == 0 { readSetting(agent) }
    }
    schedule(
      .watchFence(generation: generation, round: round + 1), for: agent.process,
      after: World.replicationPeriod)
  }

  func readSetting(_ agent: AgentShell) {
    guard let connection = agent.local.connection, agent.local.isEstablished else { return }
    send(.fenceReading(sentAt: localClock(of: agent)), on: connection)
  }

  func carryOut(_ order: FenceOrder, _ agent: AgentShell) {
    guard let connection = agent.local.connection, agent.local.isEstablished else {
      agent.pending.append(.fenceAnswered(order, .unreachable))
      return
    }
    agent.unansweredOrders.append(order)
    send(.order(order), on: connection)
  }

  /// The connection is gone; whether the orders on it were carried out is not known.
  func failOrders(_ agent: AgentShell) {
    let orders = agent.unansweredOrders
    agent.unansweredOrders = []
    for order in orders { tell(agent, .fenceAnswered(order, .unreachable)) }
  }

  func receivedAboutFence(_ message: Message, _ agent: AgentShell) {
    switch message {
    case .fenceReply(let setting?, let sentAt):
      tell(agent, .localFenceObserved(setting, sentAt: sentAt))
    case .fenceReply(nil, _): tell(agent, .localFenceUnreadable(.refused("NOPERM")))
    case .replicationReply(let replication, let sentAt):
      tell(agent, .localReplicationObserved(replication, sentAt: sentAt))
    case .orderReply(let order, let problem):
      if let place = agent.unansweredOrders.firstIndex(of: order) {
        agent.unansweredOrders.remove(at: place)
      }
      tell(agent, .fenceAnswered(order, problem))
    default: break
    }
  }

  // MARK: Other nodes

  /// Asks another node for itself; an answer that is late is none.
  func inspect(_ endpoint: Endpoint, _ agent: AgentShell) {
    guard let node = node(of: endpoint),
      agent.inspections[node].sentAt.count < World.maxInspections
    else { return }
    let sentAt = localClock(of: agent)
    let connection = inspectionConnection(to: node, agent)
    if agent.inspections[node].sentAt.isEmpty { armInspection(node, agent) }
    agent.inspections[node].sentAt.append(sentAt)
    send(.inspect(sentAt: sentAt), on: connection)
  }

  func inspectionConnection(to node: Int, _ agent: AgentShell) -> Connection {
    if let connection = agent.inspections[node].connection { return connection }
    let connection = connect(
      agent.process, to: redis[node].process, .agentInspection, tag: node)
    agent.inspections[node].connection = connection
    return connection
  }

  /// The answer to the oldest question must come in time.
  private func armInspection(_ node: Int, _ agent: AgentShell) {
    agent.inspections[node].generation += 1
    schedule(
      .inspection(node: node, generation: agent.inspections[node].generation),
      for: agent.process, after: World.inspectionTimeout)
  }

  func inspectionTimer(_ node: Int, _ agent: AgentShell, generation: Int) {
    guard agent.inspections[node].generation == generation,
      !agent.inspections[node].sentAt.isEmpty
    else { return }
    if let connection = agent.inspections[node].connection {
      close(connection, byAcceptor: false)
    }
    failInspection(node, agent)
  }

  private func failInspection(_ node: Int, _ agent: AgentShell) {
    agent.inspections[node].connection = nil
    let unanswered = agent.inspections[node].sentAt
    agent.inspections[node].sentAt = []
    for sentAt in unanswered {
      tell(agent, .nodeObserved(nodeEndpoints[node], nil, sentAt: sentAt))
    }
  }

  func receivedFromNode(_ message: Message, on connection: Connection, _ agent: AgentShell) {
    let node = connection.tag
    guard agent.inspections[node].connection === connection else { return }
    switch message {
    case .closed, .refused: failInspection(node, agent)
    case .inspectReply(let observation, let sentAt):
      agent.inspections[node].sentAt.removeAll { $0 == sentAt }
      armInspection(node, agent)
      tell(agent, .nodeObserved(nodeEndpoints[node], observation, sentAt: sentAt))
    default: break
    }
  }
}
