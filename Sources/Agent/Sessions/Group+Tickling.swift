import Addresses
import Configuration
import FailoverCore
import Logging
import NIOCore

// MARK: - Waking the clients of a holder that is gone

extension Group {
  /// How long the first tickles wait at most until the kernel answers for a new IPv6 address.
  private static let reachabilityLimit = Duration.milliseconds(50)

  /// Wakes clients when this node has taken the addresses, and stops when it lets go.
  func followSessions(_ transition: Transition) {
    let holds: (StateName) -> Bool = { $0 == .holding || $0 == .blind }
    guard holds(transition.from) != holds(transition.to) else { return }
    if holds(transition.to) {
      // Not within the call that takes: the address and its announcement have gone out, and
      // whatever the take still has to do comes before the clients.
      services.loop.assumeIsolated().execute { [weak self] in self?.beginTickling() }
    } else {
      stopTickling()
    }
  }

  private func beginTickling() {
    guard isHolding, let port = instances.followed.map(clientPort) else { return }
    sessions.parted = nil
    let targets = targets(of: sessions.inventory.take(), port: port)
    guard !targets.isEmpty else { return }
    journal.logger.info("Waking \(targets.count) clients of the last holder")
    wake(targets, rounds: TickleRun.rounds)
  }

  /// The clients of addresses, each with what a tickle to it takes.
  func targets(
    of content: [(address: IPAddress, clients: [PackedEndpoint])], port: UInt16
  ) -> [TickleRun.Target] {
    content.flatMap { address, clients -> [TickleRun.Target] in
      guard let virtual = section.virtualAddresses.first(where: { $0.address == address }) else {
        return []
      }
      let source = PackedEndpoint(Endpoint(address: address, port: port))
      return clients.map { TickleRun.Target(virtualAddress: virtual, source: source, client: $0) }
    }
  }

  /// Sends tickles, in so many rounds; what was being sent before is given up.
  func wake(_ targets: [TickleRun.Target], rounds: Int) {
    stopTickling()
    guard !targets.isEmpty else { return }
    sessions.figures.tickledClients += targets.count
    sessions.run = TickleRun(targets, rounds: rounds)
    beginTickleRound(waitingSince: services.clock.now())
  }

  /// Stops; what was not woken by now is not this node's to wake.
  func stopTickling() {
    sessions.tickleTimer?.cancel()
    sessions.tickleTimer = nil
    sessions.run = nil
  }

  /// Begins a round once the addresses can be reached and it is known who speaks to them already.
  private func beginTickleRound(waitingSince: Instant) {
    guard let run = sessions.run, !run.isOver else { return stopTickling() }
    let addresses = Set(run.targets.map(\.virtualAddress)).sorted { $0.address < $1.address }
    let now = services.clock.now()
    let isEarly = addresses.contains { !services.network.isReachable($0) }
    if isEarly, now - waitingSince < Self.reachabilityLimit {
      return scheduleTickling(in: .milliseconds(2)) {
        $0.beginTickleRound(waitingSince: waitingSince)
      }
    }
    let ends = addresses.compactMap { address in
      run.targets.first { $0.virtualAddress == address }?.source.endpoint
    }
    services.census.read(ends, limit: SessionShare.limit, isUrgent: true) { [weak self] reading in
      guard let self, sessions.run != nil else { return }
      var present: [IPAddress: Set<PackedEndpoint>] = [:]
      for (end, clients) in zip(ends, reading?.clients ?? []) {
        present[end.address] = Set(clients)
      }
      sessions.run?.beginRound(without: present)
      sendTickles(roundBegun: now)
    }
  }

  private func sendTickles(roundBegun: Instant) {
    guard var run = sessions.run else { return }
    let queue = run.server.flatMap { services.network.acceptQueue(of: $0) }
    for target in run.nextSlice(queue) {
      let isSent = services.network.tickle(
        target.client, from: target.source, of: target.virtualAddress, run.variant)
      if isSent { sessions.figures.tickles += 1 } else { sessions.figures.failedTickles += 1 }
    }
    sessions.run = run
    if !run.isRoundOver {
      return scheduleTickling(in: TickleRun.pause) { $0.sendTickles(roundBegun: roundBegun) }
    }
    guard !run.isOver else { return stopTickling() }
    let next = roundBegun + TickleRun.interval - services.clock.now()
    scheduleTickling(in: .nanoseconds(max(0, next.wholeNanoseconds))) {
      $0.beginTickleRound(waitingSince: $0.services.clock.now())
    }
  }

  private func scheduleTickling(in delay: TimeAmount, _ work: @escaping (Group) -> Void) {
    sessions.tickleTimer = services.loop.assumeIsolated().scheduleTask(in: delay) { [weak self] in
      guard let self else { return }
      work(self)
    }
  }
}

// MARK: - Ending sessions

extension Group {
  /// How long a release waits for Redis where the kernel can't end sessions itself.
  static let killLimit = Duration.milliseconds(3)

  /// Ends the sessions of addresses, by the kernel or, where it can't, by Redis.
  func endSessions(of addresses: [VirtualAddress]) {
    if let ended = services.network.endSessions(of: addresses) {
      moves.sessionsEnded += ended
      return
    }
    guard let port = instances.followed.map(clientPort) else { return }
    let present = addresses.filter(services.network.isPresent)
    let ends = (present.isEmpty ? addresses : present).map {
      Endpoint(address: $0.address, port: port)
    }
    guard redis.killClients(of: ends), !present.isEmpty else { return }
    services.network.waitForSessionsToEnd(of: present, port: port, for: Self.killLimit)
  }
}
