import Addresses
import Configuration
import FailoverCore
import NIOCore

extension Group {
  /// Carries out one order.
  func run(_ effect: Effect, at now: Instant) {
    switch effect {
    case .pollSentinels: isPollWanted = true
    case .readLocalRole: redis?.readRole()
    case .watchReplicas(let isWanted):
      watchesReplicas = isWanted
      redis?.watchesReplicas = isWanted
    case .watchFence(let isWanted):
      watchesFence = isWanted
      redis?.watchesFence = isWanted
    case .fence(let order): carryOut(order)
    case .inspect(let node): inspect(node)
    case .inspectSentinels: services.inspectSentinels(masterName)
    case .commandFailover(let sentinel): services.commandFailover(sentinel, masterName)
    case .readReplication: redis?.run(.readReplication)
    case .readPriority: runErrand(.readPriority)
    case .setPriority(let priority, let isLasting):
      // What is to be restored has to be on the disk first: this daemon may die right after it.
      services.store.whenWritten { [weak self] in
        self?.runErrand(.setPriority(priority, isLasting: isLasting))
      }
    case .relieve(let node, let setting): relieve(node, setting)
    case .probe(let id, let addresses): beginProbe(id, addresses)
    case .installAddresses(let addresses, let lifetime):
      fail(services.network.install(addresses, for: lifetime))
    case .removeAddresses(let addresses): fail(services.network.remove(addresses))
    case .endSessions(let addresses): endSessions(of: addresses)
    case .handOverSessions(let addresses, let successor):
      handOverSessions(of: addresses, to: successor)
    case .announce(let addresses, let plan): beginAnnouncing(addresses, plan)
    case .stopAnnouncing:
      series?.timer?.cancel()
      series = nil
    case .publish(let notice, let also): publish(notice, also: also)
    case .keepProof(let proof): services.store.keep(proof, of: masterName)
    case .rememberSentinels(let count): services.store.remember(sentinels: count, of: masterName)
    case .keepSentinels(let known): services.store.keep(known, of: masterName)
    case .keepPause(let pause): services.store.keep(pause, of: masterName)
    case .keepFence(let memory): services.store.keep(memory, of: masterName)
    case .keepPriority(let memory): services.store.keep(memory, of: masterName)
    case .wake(let instant): setAlarmClock(to: instant, at: now)
    case .report(let transition):
      currentState = transition.to
      journal.tell(transition, at: now)
      followSessions(transition)
      followSelfCheck(transition, at: now)
    case .reportFence(let change): journal.tell(change, at: now)
    case .reportMove(let report): tell(report, at: now)
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

  // MARK: - Probes

  private func beginProbe(_ id: ProbeID, _ addresses: [VirtualAddress]) {
    probe?.timer?.cancel()
    probe = DuplicateProbe(id: id, addresses: addresses)
    sendProbes()
  }

  private func sendProbes() {
    guard let current = probe else { return }
    fail(current.addresses.compactMap { services.network.probe($0) })
    probe?.timer = services.loop.assumeIsolated().scheduleTask(in: DuplicateProbe.gap) {
      [weak self] in
      self?.probeTimerFired()
    }
  }

  private func probeTimerFired() {
    services.noticeStall()
    guard let current = probe else { return }
    if current.hasSentSecond || current.claimedBy != nil {
      probe?.completedAt = services.clock.now()
      handle(.probeCompleted(current.id, claimedBy: current.claimedBy))
    } else {
      probe?.hasSentSecond = true
      sendProbes()
    }
  }

  /// Takes in that somebody else claims one of the group's addresses.
  func heardClaim(of address: IPAddress, by mac: MACAddress) {
    // Whoever answers for every address says nothing by it.
    if section.ignoredClaimants.contains(mac) { return }
    journal.count(\.claims)
    probe?.heard(address, by: mac)
    sawSuccessor(at: services.clock.now())
    selfChecks.duty?.heard(address, by: mac)
    handle(.claimSeen(address, by: mac))
  }

  /// Takes in that another host probes for one of the group's addresses: it is about to take it.
  func heardProbe(of address: IPAddress, by mac: MACAddress, own: MACAddress) {
    let now = services.clock.now()
    guard currentState != .holding, currentState != .blind else { return pollForProbe(at: now) }
    let isAwaited = currentState == .prepared
    switch probe?.crossed(address, by: mac, own: own, isAwaited: isAwaited, at: now) {
    case nil, .ignores: return
    case .yields:
      // One that is under way is reported when it ends.
      if probe?.completedAt != nil { handle(.claimSeen(address, by: mac)) }
    case .insists:
      guard let virtual = probe?.addresses.first(where: { $0.address == address }) else { return }
      _ = services.network.probe(virtual)
    }
  }

  /// Asks the Sentinels what the other host knows and this holder may not.
  private func pollForProbe(at now: Instant) {
    if let last = probePollAt, now - last < Self.probePollGap { return }
    probePollAt = now
    services.pollSentinels(masterName)
  }

  /// How often probes of others make a holder poll, at most.
  private static let probePollGap = Duration.milliseconds(100)

  // MARK: - Announcements

  private func beginAnnouncing(_ addresses: [VirtualAddress], _ plan: AnnouncementPlan) {
    series?.timer?.cancel()
    series = AnnouncementSeries(addresses: addresses, plan: plan, remainingRounds: plan.rounds)
    announceRound()
  }

  private func announceRound() {
    guard var current = series else { return }
    current.remainingRounds = max(0, current.remainingRounds - 1)
    // An address that the kernel removed may be another's by now.
    for address in current.addresses where services.network.isPresent(address) {
      switch address.address {
      case .v4: journal.count(\.arpAnnouncements)
      case .v6: journal.count(\.neighbourAnnouncements)
      }
      if let problem = services.network.announce(address) {
        journal.complain("can't announce \(address): \(problem.failure.sentence)")
      }
    }
    if let delay = current.nextDelay {
      current.timer = services.loop.assumeIsolated().scheduleTask(in: delay) { [weak self] in
        self?.services.noticeStall()
        self?.announceRound()
      }
    }
    series = current
  }

  // MARK: - Waking

  /// Sets when the machine wants to be called.
  ///
  /// A later instant leaves the timer alone, which then finds that it came too early; most
  /// orders move the instant a little further, several times a second.
  private func setAlarmClock(to instant: Instant?, at now: Instant) {
    wakeAt = instant
    guard let instant else { return }
    if let alarmClock, alarmClock.at <= instant { return }
    alarmClock?.timer.cancel()
    // An instant that has passed already must not make the loop spin.
    let delay = TimeAmount.nanoseconds(max(1_000_000, (instant - now).wholeNanoseconds))
    let timer = services.loop.assumeIsolated().scheduleTask(in: delay) { [weak self] in
      guard let self else { return }
      alarmClockRang()
    }
    alarmClock = (timer, instant)
  }

  private func alarmClockRang() {
    services.noticeStall()
    alarmClock = nil
    guard let wakeAt else { return }
    let now = services.clock.now()
    guard wakeAt <= now else { return setAlarmClock(to: wakeAt, at: now) }
    self.wakeAt = nil
    handle(.woke)
  }
}
