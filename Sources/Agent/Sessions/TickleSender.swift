import Addresses
import FailoverCore
import Kernel
import NIOCore
import Platform

/// Wakes the clients of a holder that is gone: sends tickles, round by round.
final class TickleSender {
  /// How long the first tickles wait at most until the kernel answers for a new IPv6 address.
  private static let reachabilityLimit = Duration.milliseconds(50)

  /// Tickles that were sent, and that could not be.
  private(set) var sent = 0
  private(set) var failed = 0
  /// Clients that got tickles.
  private(set) var clients = 0

  private let services: GroupServices
  private var run: TickleRun?
  private var timer: Scheduled<Void>?

  init(_ services: GroupServices) { self.services = services }

  /// Whether clients are being woken.
  var isBusy: Bool { run != nil }

  /// Sends tickles, in so many rounds; what was being sent before is given up.
  func wake(_ targets: [TickleRun.Target], rounds: Int) {
    stop()
    guard !targets.isEmpty else { return }
    clients += targets.count
    run = TickleRun(targets, rounds: rounds)
    beginRound(waitingSince: services.clock.now())
  }

  /// Stops; what was not woken by now is not this node's to wake.
  func stop() {
    timer?.cancel()
    timer = nil
    run = nil
  }

  /// Begins a round once the addresses can be reached and it is known who speaks to them already.
  private func beginRound(waitingSince: Instant) {
    guard let run, !run.isOver else { return stop() }
    let addresses = Set(run.targets.map(\.virtualAddress)).sorted { $0.address < $1.address }
    let now = services.clock.now()
    let isEarly = addresses.contains { !services.addresses.isReachable($0) }
    if isEarly, now - waitingSince < Self.reachabilityLimit {
      return schedule(in: .milliseconds(2)) { $0.beginRound(waitingSince: waitingSince) }
    }
    let ends = addresses.compactMap { address in
      run.targets.first { $0.virtualAddress == address }?.source.endpoint
    }
    services.census.read(ends, limit: SessionShare.limit, isUrgent: true) { [weak self] reading in
      guard let self, self.run != nil else { return }
      var present: [IPAddress: Set<PackedEndpoint>] = [:]
      for (end, clients) in zip(ends, reading?.clients ?? []) {
        present[end.address] = Set(clients)
      }
      self.run?.beginRound(without: present)
      send(roundBegun: now)
    }
  }

  private func send(roundBegun: Instant) {
    guard var run else { return }
    let queue = run.server.flatMap { services.sessions.acceptQueue(of: $0) }
    for target in run.nextSlice(queue) {
      let isSent = services.sessions.tickle(
        target.client, from: target.source, of: target.virtualAddress, run.variant)
      if isSent { sent += 1 } else { failed += 1 }
    }
    self.run = run
    if !run.isRoundOver {
      return schedule(in: TickleRun.pause) { $0.send(roundBegun: roundBegun) }
    }
    guard !run.isOver else { return stop() }
    let next = roundBegun + TickleRun.interval - services.clock.now()
    schedule(in: .nanoseconds(max(0, next.wholeNanoseconds))) {
      $0.beginRound(waitingSince: $0.services.clock.now())
    }
  }

  private func schedule(in delay: TimeAmount, _ work: @escaping (TickleSender) -> Void) {
    timer = services.schedule(in: delay) { [weak self] in
      guard let self else { return }
      work(self)
    }
  }
}
