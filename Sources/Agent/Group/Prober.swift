import Addresses
import FailoverCore
import NIOCore

/// Asks the link who has a group's addresses before they are taken, and answers others that ask.
final class Prober {
  /// How often probes of others make a holder poll, at most.
  private static let pollGap = Duration.milliseconds(100)

  /// The probe that was ordered last, under way or over.
  private(set) var probe: DuplicateProbe?

  private let network: any HostNetwork
  private let loop: any EventLoop
  private let clock: HostClock
  private let noticeStall: () -> Void
  private let poll: () -> Void
  private let deliver: (Event) -> Void
  /// When the Sentinels were last polled because of another host's probe.
  private var polledAt: Instant?

  /// Makes a prober; `poll` asks every Sentinel about the group, and `deliver` takes what was found.
  init(_ services: GroupServices, poll: @escaping () -> Void, deliver: @escaping (Event) -> Void) {
    network = services.network
    loop = services.loop
    clock = services.clock
    noticeStall = services.noticeStall
    self.poll = poll
    self.deliver = deliver
  }

  /// Begins a probe, in the place of the one before.
  func begin(_ id: ProbeID, _ addresses: [VirtualAddress]) {
    end()
    probe = DuplicateProbe(id: id, addresses: addresses)
    send()
  }

  /// Reports nothing any more.
  func end() { probe?.timer?.cancel() }

  /// Takes in that somebody else claims an address.
  func heardClaim(of address: IPAddress, by mac: MACAddress) { probe?.heard(address, by: mac) }

  /// Takes in that another host probes for an address: it is about to take it.
  func heardProbe(
    of address: IPAddress, by mac: MACAddress, own: MACAddress, in state: StateName
  ) {
    let now = clock.now()
    // What the other host knows this holder may not.
    if state == .holding || state == .blind { return pollNowAndThen(at: now) }
    switch probe?.crossed(address, by: mac, own: own, isAwaited: state == .prepared, at: now) {
    case nil, .ignores: return
    case .yields:
      // One that is under way is reported when it ends.
      if probe?.completedAt != nil { deliver(.claimSeen(address, by: mac)) }
    case .insists:
      guard let virtual = probe?.addresses.first(where: { $0.address == address }) else { return }
      _ = network.probe(virtual)
    }
  }

  private func send() {
    guard let current = probe else { return }
    for problem in current.addresses.compactMap({ network.probe($0) }) {
      deliver(.addressFailed(problem.address, problem.failure))
    }
    probe?.timer = loop.assumeIsolated().scheduleTask(in: DuplicateProbe.gap) { [weak self] in
      self?.timerFired()
    }
  }

  private func timerFired() {
    noticeStall()
    guard let current = probe else { return }
    if current.hasSentSecond || current.claimedBy != nil {
      probe?.completedAt = clock.now()
      deliver(.probeCompleted(current.id, claimedBy: current.claimedBy))
    } else {
      probe?.hasSentSecond = true
      send()
    }
  }

  private func pollNowAndThen(at now: Instant) {
    if let polledAt, now - polledAt < Self.pollGap { return }
    polledAt = now
    poll()
  }
}
