import Addresses
import FailoverCore
import Kernel
import NIOCore
import Platform

/// Asks the link who has a group's addresses before they are taken, and answers others that ask.
final class Prober {
  /// How often probes of others make a holder poll, at most.
  private static let pollGap = Duration.milliseconds(100)

  /// The probe that was ordered last, under way or over.
  private(set) var probe: ProbeRun?

  private let services: GroupServices
  private let masterName: String
  private let deliver: (Event) -> Void
  /// When the Sentinels were last polled because of another host's probe.
  private var polledAt: Instant?

  init(_ services: GroupServices, of masterName: String, deliver: @escaping (Event) -> Void) {
    self.services = services
    self.masterName = masterName
    self.deliver = deliver
  }

  /// Begins a probe, in the place of the one before.
  func begin(_ id: ProbeID, _ addresses: [VirtualAddress]) {
    end()
    probe = ProbeRun(id: id, addresses: addresses)
    send()
  }

  /// Reports nothing any more.
  func end() { probe?.timer?.cancel() }

  /// Takes in that somebody else claims an address.
  func heardClaim(of address: IPAddress, by mac: MACAddress) { probe?.heard(address, by: mac) }

  /// Takes in that another host probes for an address: it is about to take it.
  func heardProbe(
    of address: IPAddress, by mac: MACAddress, own: MACAddress, isHeld: Bool, isAwaited: Bool
  ) {
    let now = services.clock.now()
    // What the other host knows this holder may not.
    if isHeld { return pollNowAndThen(at: now) }
    switch probe?.crossed(address, by: mac, own: own, isAwaited: isAwaited, at: now) {
    case nil, .ignores: return
    case .yields:
      // One that is under way is reported when it ends.
      if probe?.completedAt != nil { deliver(.claimSeen(address, by: mac)) }
    case .insists:
      guard let virtual = probe?.addresses.first(where: { $0.address == address }) else { return }
      _ = services.links.probe(virtual)
    }
  }

  private func send() {
    guard let current = probe else { return }
    probe?.roundsSent += 1
    for problem in current.addresses.compactMap({ services.links.probe($0) }) {
      deliver(.addressFailed(problem.address, problem.failure))
    }
    probe?.timer = services.schedule(in: ProbeRun.gap) { [weak self] in
      self?.timerFired()
    }
  }

  private func timerFired() {
    services.noticeStall()
    guard let current = probe else { return }
    if current.roundsSent >= ProbeRun.rounds || current.claimedBy != nil {
      probe?.completedAt = services.clock.now()
      deliver(.probeCompleted(current.id, claimedBy: current.claimedBy))
    } else {
      send()
    }
  }

  private func pollNowAndThen(at now: Instant) {
    if let polledAt, now - polledAt < Self.pollGap { return }
    polledAt = now
    services.pollSentinels(masterName)
  }
}
