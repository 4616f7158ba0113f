@testable import Agent
@testable import Kernel

/// A network that does what it is told, in memory: its three seams, and what they were told together.
final class FakeNetwork {
  let addresses: FakeAddresses
  let links: FakeLinks
  let sessions: FakeSessions
  private let log = FakeCalls()

  init() {
    addresses = FakeAddresses(log)
    links = FakeLinks()
    sessions = FakeSessions(log)
  }

  /// What the daemon is given.
  var seams: HostNetwork { HostNetwork(addresses: addresses, links: links, sessions: sessions) }

  /// What changed something, in its order.
  var calls: [String] {
    get { log.calls }
    set { log.calls = newValue }
  }

  /// Who is told what the kernel reports.
  var report: (HostNetworkEvent) -> Void = { _ in } {
    didSet {
      addresses.report = report
      links.report = report
    }
  }
}
