import Addresses
import Configuration
import FailoverCore

extension Group {
  /// Carries out one order.
  func run(_ effect: Effect, at now: Instant) {
    switch effect {
    case .pollSentinels: isPollWanted = true
    case .readLocalRole: redis.readRole()
    case .watchReplicas(let isWanted): redis.watchReplicas(isWanted)
    case .watchFence(let isWanted): redis.watchFence(isWanted)
    case .fence(let order): redis.carryOut(order)
    case .inspect(let node): inspect(node)
    case .inspectSentinels: services.inspectSentinels(masterName)
    case .commandFailover(let sentinel): services.commandFailover(sentinel, masterName)
    case .readReplication: redis.run(.readReplication)
    case .readPriority: redis.run(.readPriority)
    case .setPriority(let priority, let isLasting):
      // What is to be restored has to be on the disk first: this daemon may die right after it.
      services.store.whenWritten { [weak self] in
        self?.redis.run(.setPriority(priority, isLasting: isLasting))
      }
    case .relieve(let node, let setting): relieve(node, setting)
    case .probe(let id, let addresses): prober.begin(id, addresses)
    case .installAddresses(let addresses, let lifetime):
      fail(services.network.install(addresses, for: lifetime))
    case .removeAddresses(let addresses): fail(services.network.remove(addresses))
    case .endSessions(let addresses): sessions.end(addresses)
    case .handOverSessions(let addresses, let successor):
      sessions.handOver(addresses, to: successor)
    case .announce(let addresses, let plan): announcer.begin(addresses, plan)
    case .stopAnnouncing: announcer.stop()
    case .publish(let notice, let also): publish(notice, also: also)
    case .keepProof(let proof): services.store.keep(proof, of: masterName)
    case .rememberSentinels(let count): services.store.remember(sentinels: count, of: masterName)
    case .keepSentinels(let known): services.store.keep(known, of: masterName)
    case .keepPause(let pause): services.store.keep(pause, of: masterName)
    case .keepFence(let memory): services.store.keep(memory, of: masterName)
    case .keepPriority(let memory): services.store.keep(memory, of: masterName)
    case .wake(let instant): wakeTimer.set(to: instant, at: now)
    case .report(let transition):
      currentState = transition.to
      journal.tell(transition, at: now)
      sessions.follow(transition)
      selfChecks.follow(transition, at: now)
    case .reportFence(let change): journal.tell(change, at: now)
    case .reportMove(let report): moves.reported(report, at: now)
    case .raise(let alarm): journal.tell(alarm, at: now)
    }
  }

  /// Tells the machine of orders that failed.
  private func fail(_ problems: [AddressProblem]) {
    for problem in problems { handle(.addressFailed(problem.address, problem.failure)) }
  }

  /// Takes in that the kernel no longer has an address.
  func lost(_ address: VirtualAddress) {
    handle(.addressVanished(address))
    // Still held, and there again: neither the lease nor this daemon removed it.
    guard machine.status(at: services.clock.now()).basis != .none,
      services.network.isPresent(address)
    else { return }
    journal.count(\.repairs)
    journal.complain("\(address) was removed by somebody else, and put back")
  }

  /// Takes in that somebody else claims one of the group's addresses.
  func heardClaim(of address: IPAddress, by mac: MACAddress) {
    // Whoever answers for every address says nothing by it.
    if section.ignoredClaimants.contains(mac) { return }
    journal.count(\.claims)
    prober.heardClaim(of: address, by: mac)
    sessions.sawSuccessor(at: services.clock.now())
    selfChecks.heardClaim(of: address, by: mac)
    handle(.claimSeen(address, by: mac))
  }

  /// Takes in that another host probes for one of the group's addresses: it is about to take it.
  func heardProbe(of address: IPAddress, by mac: MACAddress, own: MACAddress) {
    prober.heardProbe(of: address, by: mac, own: own, in: currentState)
  }
}
