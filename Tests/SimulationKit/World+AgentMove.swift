import Addresses
import FailoverCore

/// The agent's questions and orders of a planned move.
extension World {
  func inspectSentinels(_ agent: AgentShell) {
    for link in agent.sentinelLinks where link.isReady {
      guard let connection = link.connection else { continue }
      send(.inspectSentinel(sentAt: localClock(of: agent)), on: connection)
    }
  }

  func commandFailover(_ sentinel: SentinelID, _ agent: AgentShell) {
    guard let index = sentinelEndpoints.firstIndex(of: sentinel),
      agent.sentinelLinks[index].isReady, let connection = agent.sentinelLinks[index].connection
    else {
      agent.pending.append(.failoverAnswered(sentinel, .lost))
      return
    }
    agent.sentinelLinks[index].isCommanded = true
    send(.failOver, on: connection)
  }

  /// A link to a Sentinel was lost: what it was told may have been begun, or not.
  func failCommand(_ index: Int, _ agent: AgentShell) {
    guard agent.sentinelLinks[index].isCommanded else { return }
    agent.sentinelLinks[index].isCommanded = false
    tell(agent, .failoverAnswered(sentinelEndpoints[index], .lost))
  }

  func receivedAboutMove(_ message: Message, from index: Int, _ agent: AgentShell) {
    switch message {
    case .sentinelInspection(let inspection, let sentAt):
      tell(agent, .sentinelInspected(sentinelEndpoints[index], inspection, sentAt: sentAt))
    case .failOverReply(let answer):
      agent.sentinelLinks[index].isCommanded = false
      tell(agent, .failoverAnswered(sentinelEndpoints[index], answer))
    default: break
    }
  }

  /// A Sentinel is asked or told by an agent.
  func serveMove(_ message: Message, on connection: Connection, by sentinel: SentinelServer) {
    func reply(_ message: Message) { send(message, on: connection, fromAcceptor: true) }
    switch message {
    case .inspectSentinel(let sentAt):
      reply(.sentinelInspection(inspection(of: sentinel), sentAt: sentAt))
    case .failOver:
      if sentinel.master.flags.contains(.failoverInProgress) {
        reply(.failOverReply(.refused("INPROG Failover already in progress")))
      } else if forceFailover(sentinel) {
        forcedAt = now
        reply(.failOverReply(.accepted))
      } else {
        reply(.failOverReply(.refused("NOGOODSLAVE No suitable replica to promote")))
      }
    default: break
    }
  }

  /// `sentinelIsQuorumReachable`.
  private func inspection(of sentinel: SentinelServer) -> SentinelInspection {
    let usable =
      1 + sentinel.peers.count { $0.flags.isDisjoint(with: .down) && !$0.isDisconnected }
    let majority = (sentinel.peers.count + 1) / 2 + 1
    let isReachable = usable >= sentinel.quorum && usable >= majority
    return SentinelInspection(
      isInTilt: sentinel.isTilted,
      quorumProblem: isReachable ? nil : "NOQUORUM \(usable) usable Sentinels.")
  }

  // MARK: Redis

  func askPriority(_ agent: AgentShell) {
    guard let connection = agent.local.connection, agent.local.isEstablished else { return }
    send(.readPriority(sentAt: localClock(of: agent)), on: connection)
  }

  func setPriority(_ priority: Int, isLasting: Bool, _ agent: AgentShell) {
    guard let connection = agent.local.connection, agent.local.isEstablished else {
      agent.pending.append(.priorityAnswered(priority, .unreachable))
      return
    }
    agent.unansweredPriorities.append(priority)
    send(.setPriority(priority, isLasting: isLasting), on: connection)
  }

  func askReplication(_ agent: AgentShell) {
    guard let connection = agent.local.connection, agent.local.isEstablished else { return }
    send(.replication(sentAt: localClock(of: agent)), on: connection)
  }

  func failPriorities(_ agent: AgentShell) {
    let priorities = agent.unansweredPriorities
    agent.unansweredPriorities = []
    for priority in priorities { tell(agent, .priorityAnswered(priority, .unreachable)) }
  }

  func receivedAboutPriority(_ message: Message, _ agent: AgentShell) {
    switch message {
    case .priorityReply(let priority, let sentAt):
      tell(agent, .localPriorityObserved(priority, sentAt: sentAt))
    case .priorityOrderReply(let priority, let problem):
      if let place = agent.unansweredPriorities.firstIndex(of: priority) {
        agent.unansweredPriorities.remove(at: place)
      }
      tell(agent, .priorityAnswered(priority, problem))
    default: break
    }
  }

  /// Sets the fence of another node; no answer is waited for.
  func relieve(_ endpoint: Endpoint, _ setting: FenceSetting, _ agent: AgentShell) {
    guard let node = node(of: endpoint) else { return }
    send(.relieve(setting), on: inspectionConnection(to: node, agent))
  }

  func servePriority(_ message: Message, on connection: Connection, by server: RedisServer) {
    func reply(_ message: Message) { send(message, on: connection, fromAcceptor: true) }
    let isRefused = configuration.fence?.refusesConfiguration ?? false
    switch message {
    case .readPriority(let sentAt):
      reply(.priorityReply(isRefused ? nil : server.priority, sentAt: sentAt))
    case .setPriority(let priority, let isLasting):
      guard !isRefused else {
        reply(.priorityOrderReply(priority, .refused("NOPERM")))
        return
      }
      server.priority = priority
      note(.priority(server.node, priority))
      let isKept = !isLasting || rewriteFile(server)
      reply(.priorityOrderReply(priority, isKept ? nil : .notPersisted("ERR no config file")))
    case .relieve(let setting):
      if !isRefused { set(setting, server) }
    default: break
    }
  }
}
