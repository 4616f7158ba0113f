import Addresses
import FailoverCore

/// A seeded world of hosts, networks, Redis, Sentinels and agents around the real machines.
///
/// Time is whole nanoseconds, and whatever happens at one time happens in the order in which it
/// was scheduled, so that one configuration always gives one trace.
final class World {
  let configuration: WorldConfiguration
  /// Whether every fact and every order stands in the trace.
  var isVerbose = false

  var now: Int64 = 0
  var queue = EventQueue<Happening>()
  var random: SeededRandom
  /// For all that has to do with writes, so that the rest is drawn as if there were none.
  var writeRandom: SeededRandom
  /// For all that has to do with dirt, likewise.
  var dirtRandom: SeededRandom

  var hosts: [Host] = []
  var processes: [ProcessRecord] = []
  var redis: [RedisServer] = []
  var sentinels: [SentinelServer] = []
  var agents: [AgentShell] = []
  let nodeEndpoints: [Endpoint]
  let sentinelEndpoints: [Endpoint]

  /// The open ends of each process.
  var connections: [[Connection]] = []
  /// For each pair of hosts, how many faults block the way.
  var blocked: [Int]
  var lossPerMille: [Int]
  var extraDelay: [Int64]

  var activeFaults: [ActiveFault]
  var dirt: Dirt
  var lastFault: FaultKind?
  var forcedAt: Int64?
  var forcedInMinorityAt: Int64?
  var resetAt: Int64?
  var pausedAt: [Int64?]
  var pauseEndedAt: [Int64?]

  /// Every master's time, and the writes that it acknowledged in it.
  var terms: [Term] = []
  var acknowledged: [AcknowledgedWrites] = []

  /// The node that drives the planned move, and its term then.
  var moveNode: Int?
  var moveTerm: Int?

  var milestones: [Milestone.Entry] = []
  var statistics = Outcome()
  var checks: Checks

  init(_ configuration: WorldConfiguration) {
    self.configuration = configuration
    random = SeededRandom(seed: configuration.seed)
    writeRandom = SeededRandom(seed: configuration.seed &+ 0x5772_6974_6573)
    dirtRandom = SeededRandom(seed: configuration.seed &+ 0x4469_7274)
    let hostCount = configuration.hostCount
    dirt = Dirt(sentinels: configuration.sentinelHosts.count, hosts: hostCount)
    nodeEndpoints = (0..<configuration.redisCount).map {
      Endpoint(address: WorldConfiguration.address($0 + 1), port: 6379)
    }
    sentinelEndpoints = configuration.sentinelHosts.map {
      Endpoint(address: WorldConfiguration.address($0 + 1), port: 26379)
    }
    blocked = Array(repeating: 0, count: hostCount * hostCount)
    lossPerMille = Array(repeating: 0, count: hostCount)
    extraDelay = Array(repeating: 0, count: hostCount)
    pausedAt = Array(repeating: nil, count: hostCount)
    pauseEndedAt = Array(repeating: nil, count: hostCount)
    activeFaults = Array(repeating: ActiveFault(), count: configuration.faults.count)
    checks = Checks(nodes: configuration.redisCount)
    makeHosts(hostCount)
    makeServers()
    for index in configuration.faults.indices {
      queue.push(.faultBegins(index), at: configuration.faults[index].begins)
      queue.push(.faultEnds(index), at: configuration.faults[index].ends)
    }
    if let move = configuration.move {
      queue.push(.operatorMoves, at: move.at)
      if let cancelled = move.cancelled { queue.push(.operatorCancelsMove, at: cancelled) }
    }
    if configuration.isDirty { queue.push(.dirt(.cleanUp), at: configuration.cleanUpAt) }
    queue.push(.sample, at: Checks.period)
  }

  private func makeHosts(_ count: Int) {
    for _ in 0..<count {
      hosts.append(
        Host(
          drift: random.number(-500...500), bootOffset: random.number(100...10_000) * second,
          wallOffset: random.number(0...1_000) + 1_000_000,
          addresses: Array(repeating: KernelAddress(), count: configuration.addressCount)))
    }
  }

  private func makeServers() {
    let nodes = configuration.redisCount
    for node in 0..<nodes {
      addProcess(on: node)
      let server = RedisServer(node: node, process: node, host: node)
      server.savedReplicaOf = node == 0 ? nil : 0
      if let armed = configuration.establishedFence { server.savedFence = armed }
      redis.append(server)
    }
    for node in 0..<nodes where configuration.hasAgents {
      let agent = AgentShell(
        node: node, process: addProcess(on: node),
        machine: FailoverMachine(configuration: configuration.group),
        sentinels: configuration.sentinelHosts.count, nodes: nodes)
      if let armed = configuration.establishedFence {
        agent.fence = FenceMemory(operatorSetting: .serverDefault, armed: armed)
      }
      if node == 0, configuration.hasFreshProof {
        agent.proof = LeaseProof(provenAt: localClock(of: agent), configEpoch: 0)
      }
      agents.append(agent)
    }
    for (index, host) in configuration.sentinelHosts.enumerated() {
      let sentinel = SentinelServer(
        index: index, process: addProcess(on: host), host: host,
        downAfter: configuration.downAfter[index], quorum: configuration.quorum,
        failoverTimeout: configuration.failoverTimeout)
      let time = time(of: sentinel)
      sentinel.replicas = (1..<nodes).map {
        SentinelInstance(kind: .replica, index: $0, time: time)
      }
      sentinel.peers = configuration.sentinelHosts.indices.filter { $0 != index }.map {
        SentinelInstance(kind: .sentinel, index: $0, time: time)
      }
      sentinels.append(sentinel)
    }
    // Redis first, then Sentinel, then the agents, as after the boot of all hosts.
    for server in redis { schedule(.start, for: server.process, after: 1) }
    for sentinel in sentinels { schedule(.start, for: sentinel.process, after: 2) }
    for agent in agents {
      schedule(.start, for: agent.process, after: random.number(3_000...5_000_000))
    }
  }

  @discardableResult
  private func addProcess(on host: Int) -> Int {
    processes.append(ProcessRecord(host: host))
    connections.append([])
    return processes.count - 1
  }

  // MARK: The loop

  /// Runs until a time of the world.
  func run(until end: Int64) {
    while !checks.isOver, now < end, let (time, happening) = queue.pop() {
      now = time
      dispatch(happening)
    }
  }

  /// Runs until the world is healthy for long enough after its last fault, or never gets so.
  func run() -> Outcome {
    let patience = configuration.isDirty ? Checks.patienceAfterDirt : Checks.patience
    run(until: configuration.lastDisturbance + patience)
    return finish()
  }

  func dispatch(_ happening: Happening) {
    switch happening {
    case .arrival(let connection, let atAcceptor, let message):
      arrive(connection, atAcceptor: atAcceptor, message)
    case .retransmission(let connection, let fromAcceptor, let generation):
      retransmit(connection, fromAcceptor: fromAcceptor, generation: generation)
    case .handshake(let connection): shakeHands(connection)
    case .timer(let process, let incarnation, let timer):
      guard processes[process].incarnation == incarnation, isRunning(process) else { return }
      if isFrozen(process) {
        processes[process].backlog.append(happening)
      } else {
        fire(timer, process)
      }
    case .addressExpiry(let host, let address, let generation):
      expire(address, on: host, generation: generation)
    case .faultBegins(let index): begin(index)
    case .faultEnds(let index): end(index)
    case .operatorForcesFailover(let sentinel, let isMinority):
      force(sentinel, isMinority: isMinority)
    case .operatorMoves: requestMove()
    case .operatorCancelsMove: cancelMove()
    case .stream(let node, let generation): streamTimer(node, generation: generation)
    case .dirt(let step): take(step)
    case .sample: sample()
    }
  }

  private func fire(_ timer: Timer, _ process: Int) {
    if process < redis.count {
      fire(timer, redis[process])
    } else if let agent = agent(running: process) {
      fire(timer, agent)
    } else {
      let sentinel = sentinels[process - redis.count - agents.count]
      switch timer {
      case .start: start(sentinel)
      case .sentinelTick: tick(sentinel)
      default: break
      }
    }
  }

  private func fire(_ timer: Timer, _ server: RedisServer) {
    switch timer {
    case .start: launch(server)
    case .redisCron: cron(server)
    case .synchronized(let connection): finishSynchronization(connection, server)
    default: break
    }
  }

  private func fire(_ timer: Timer, _ agent: AgentShell) {
    switch timer {
    case .start: start(agent)
    case .sentinelLink(let index, let generation):
      linkTimer(index, agent, generation: generation)
    case .localLink(let generation): localTimer(agent, generation: generation)
    case .subscription(let generation): subscriptionTimer(agent, generation: generation)
    case .watchReplicas(let generation): readReplicas(agent, generation: generation)
    case .watchFence(let generation, let round):
      readFence(agent, generation: generation, round: round)
    case .inspection(let node, let generation):
      inspectionTimer(node, agent, generation: generation)
    case .wake(let generation): woke(agent, generation: generation)
    case .probe(let id, let addresses, let generation, let round, let claimant):
      probe(id, addresses, agent, generation: generation, round: round, claimedBy: claimant)
    case .announcement(let addresses, let plan, let generation, let round):
      announce(addresses, plan, agent, generation: generation, round: round)
    case .event(let event): tell(agent, event)
    case .store(let fact): keep(fact, agent)
    case .sentinelTick, .redisCron, .synchronized: break
    }
  }

  func received(
    _ message: Message, on connection: Connection, by process: Int, atAcceptor: Bool
  ) {
    if process < redis.count {
      received(message, on: connection, by: redis[process], atAcceptor: atAcceptor)
    } else if let agent = agent(running: process) {
      received(message, on: connection, by: agent, atAcceptor: atAcceptor)
    } else {
      received(
        message, on: connection, by: sentinels[process - redis.count - agents.count],
        atAcceptor: atAcceptor)
    }
  }
}

extension WorldConfiguration {
  /// What the agents of this world are configured with.
  var group: GroupConfiguration {
    GroupConfiguration(
      masterName: "mymaster", virtualAddresses: virtualAddresses,
      configuredSentinels: sentinelHosts.count, blindPolicy: blindPolicy,
      fence: fence?.policy ?? .off, deathPolicy: deaths == nil ? .wait : .failover)
  }
}
