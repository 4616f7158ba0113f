import FailoverCore

/// The agent's loop: facts in, orders out.
extension World {
  /// How long the loop must have stalled to say so.
  static let noticedStall = 200 * millisecond

  func localClock(of agent: AgentShell) -> Instant {
    Instant(nanoseconds: hosts[agent.node].bootClock(at: now))
  }

  func start(_ agent: AgentShell) {
    agent.startedAt = now
    agent.hasStarted = true
    agent.machine = FailoverMachine(configuration: configuration.group)
    agent.pending = []
    agent.isHandling = false
    agent.lastTransition = nil
    agent.isWatchingReplicas = false
    agent.isWatchingFence = false
    agent.unansweredOrders = []
    agent.unansweredPriorities = []
    agent.wakeAt = nil
    for index in agent.sentinelLinks.indices {
      agent.sentinelLinks[index] = AgentShell.SentinelLink()
    }
    agent.deadEndpoints = []
    agent.local = AgentShell.LocalLink()
    agent.subscription = AgentShell.LocalLink()
    for index in agent.publishing.indices {
      agent.publishing[index] = nil
      agent.inspections[index] = AgentShell.Inspection()
    }
    let clock = hosts[agent.node].bootClock(at: now)
    let present = configuration.virtualAddresses.indices.compactMap { index in
      let entry = hosts[agent.node].addresses[index]
      return entry.isPresent
        ? StartupFacts.PresentAddress(
          virtualAddress: configuration.virtualAddresses[index],
          remaining: entry.toldLifetime(at: clock).map { .nanoseconds($0) })
        : nil
    }
    tell(
      agent,
      .started(
        StartupFacts(
          proof: agent.proof, rememberedSentinels: agent.rememberedSentinels,
          knownSentinels: agent.knownSentinels,
          pause: agent.pause, present: present, fence: agent.fence,
          priority: agent.priority)))
    tell(agent, .localInstancesChanged([nodeEndpoints[agent.node]]))
    openLocal(agent)
    openSubscription(agent)
    for index in agent.sentinelLinks.indices { openSentinel(index, agent) }
  }

  /// Hands the machine a fact, and carries out its orders before the next.
  func tell(_ agent: AgentShell, _ event: Event) {
    guard agent.hasStarted else { return }
    agent.pending.append(event)
    guard !agent.isHandling else { return }
    agent.isHandling = true
    var next = 0
    while next < agent.pending.count {
      let event = agent.pending[next]
      next += 1
      if isVerbose { note(.event(agent.node, event)) }
      let effects = agent.machine.handle(event, at: localClock(of: agent))
      statistics.events += 1
      if effects.count > World.mostEffects {
        violate("\(effects.count) effects for one event", node: agent.node)
      }
      for effect in effects {
        if isVerbose { note(.effect(agent.node, effect)) }
        if let left = agent.effectsBeforeCrash {
          guard left > 0 else {
            agent.pending = []
            crash(agent)
            return
          }
          agent.effectsBeforeCrash = left - 1
        }
        perform(effect, agent)
      }
    }
    agent.pending.removeAll(keepingCapacity: true)
    agent.isHandling = false
  }

  /// More orders than this for one fact would be a runaway.
  private static let mostEffects = 48

  private func addressIndices(_ addresses: [VirtualAddress]) -> [Int] {
    addresses.compactMap { configuration.virtualAddresses.firstIndex(of: $0) }
  }

  private func perform(_ effect: Effect, _ agent: AgentShell) {
    switch effect {
    case .pollSentinels: for index in agent.sentinelLinks.indices { poll(index, agent) }
    case .readLocalRole: readRole(agent)
    case .watchReplicas(let isWatching): watchReplicas(isWatching, agent)
    case .watchFence(let isWatching): watchFence(isWatching, agent)
    case .fence(let order): carryOut(order, agent)
    case .inspect(let endpoint): inspect(endpoint, agent)
    case .inspectSentinels: inspectSentinels(agent)
    case .commandFailover(let sentinel): commandFailover(sentinel, agent)
    case .readReplication: askReplication(agent)
    case .readIdentity: askIdentity(agent)
    case .readPriority: askPriority(agent)
    case .setPriority(let priority, let isLasting):
      setPriority(priority, isLasting: isLasting, agent)
    case .relieve(let endpoint, let setting): relieve(endpoint, setting, agent)
    case .probe(let id, let addresses):
      agent.probeGeneration += 1
      probe(
        id, addressIndices(addresses), agent, generation: agent.probeGeneration, round: 0,
        claimedBy: nil)
    case .installAddresses(let addresses, let lifetime):
      for index in addressIndices(addresses) {
        install(index, on: agent.node, lifetime)
        agent.pending.append(.addressAppeared(configuration.virtualAddresses[index]))
      }
      noteTake(agent)
    case .removeAddresses(let addresses):
      for index in addressIndices(addresses) where remove(index, from: agent.node, .ordered) {
        agent.pending.append(.addressVanished(configuration.virtualAddresses[index]))
      }
    case .endSessions, .handOverSessions: break
    case .announce(let addresses, let plan):
      agent.announcementGeneration += 1
      announce(
        addressIndices(addresses), plan, agent, generation: agent.announcementGeneration,
        round: 0)
    case .stopAnnouncing: agent.announcementGeneration += 1
    case .publish(let notice, let also): publish(notice, also: also, agent)
    case .keepProof(let proof): store(.proof(proof), agent)
    case .rememberSentinels(let count): store(.sentinels(count), agent)
    case .keepSentinels(let known): store(.knownSentinels(known), agent)
    case .keepPause(let pause): store(.pause(pause), agent)
    case .keepFence(let memory): store(.fence(memory), agent)
    // The shell sends no order about the priority before this is written.
    case .keepPriority(let memory): agent.priority = memory
    case .reportMove(let report): noteMove(report, agent)
    case .wake(let instant): wake(at: instant, agent)
    case .report(let transition):
      agent.lastTransition = transition
      note(.transition(agent.node, transition))
    case .reportFence(let change): note(.fenceChange(agent.node, change))
    case .reportDeath(let news): noteDeath(news, agent)
    case .raise(let alarm): note(.alarm(agent.node, alarm))
    }
  }

  private func store(_ fact: StoredFact, _ agent: AgentShell) {
    // What was not kept before there was dirt draws from that stream.
    let delay: Int64 =
      if case .knownSentinels = fact { dirtRandom.number(1...4) } else { random.number(1...4) }
    schedule(.store(fact), for: agent.process, after: delay * millisecond)
  }

  func keep(_ fact: StoredFact, _ agent: AgentShell) {
    switch fact {
    case .proof(let proof): agent.proof = proof
    case .sentinels(let count): agent.rememberedSentinels = count
    case .knownSentinels(let known): agent.knownSentinels = known
    case .pause(let pause): agent.pause = pause
    case .fence(let memory): agent.fence = memory
    }
  }

  private func wake(at instant: Instant?, _ agent: AgentShell) {
    agent.wakeGeneration += 1
    agent.wakeAt = instant
    guard let instant else { return }
    let left = max(instant.nanoseconds - localClock(of: agent).nanoseconds, 0)
    schedule(
      .wake(generation: agent.wakeGeneration), for: agent.process,
      after: hosts[agent.node].worldDuration(left) + random.number(0...200_000))
  }

  func woke(_ agent: AgentShell, generation: Int) {
    guard generation == agent.wakeGeneration, let instant = agent.wakeAt else { return }
    guard localClock(of: agent) >= instant else {
      wake(at: instant, agent)
      return
    }
    agent.wakeAt = nil
    tell(agent, .woke)
  }

  func probe(
    _ id: ProbeID, _ addresses: [Int], _ agent: AgentShell, generation: Int, round: Int,
    claimedBy: Int?
  ) {
    guard generation == agent.probeGeneration else { return }
    guard round < 2 else {
      tell(agent, .probeCompleted(id, claimedBy: claimedBy.map { macAddress(of: $0) }))
      return
    }
    let claimant = claimedBy ?? claimant(of: addresses, seenFrom: agent.node)
    schedule(
      .probe(id, addresses, generation: generation, round: round + 1, claimedBy: claimant),
      for: agent.process, after: 20 * millisecond)
  }

  func announce(
    _ addresses: [Int], _ plan: AnnouncementPlan, _ agent: AgentShell, generation: Int,
    round: Int
  ) {
    guard generation == agent.announcementGeneration else { return }
    for address in addresses where !hosts[agent.node].addresses[address].isPresent {
      violate("announces an address that the kernel does not have", node: agent.node)
    }
    announce(addresses, from: agent.node)
    guard round + 1 < plan.rounds else { return }
    schedule(
      .announcement(addresses, plan, generation: generation, round: round + 1),
      for: agent.process, after: plan.interval.wholeNanoseconds)
  }
}
