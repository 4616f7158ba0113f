import Addresses
import FailoverCore
import Kernel
import Metrics
import NIOCore
import Wording

/// Tells the link where a group's addresses are, in the rounds of a plan.
final class AddressAnnouncer {
  private let services: GroupServices
  private let journal: Journal
  private var series: Series?

  /// A running series of announcements.
  private struct Series {
    let addresses: [VirtualAddress]
    let plan: AnnouncementPlan
    var remainingRounds: Int
    var timer: Scheduled<Void>?

    /// How long until the next round; nil if there is none.
    var nextDelay: TimeAmount? {
      let delay = remainingRounds > 0 ? plan.interval : plan.refresh
      return delay.map { .nanoseconds($0.wholeNanoseconds) }
    }
  }

  init(_ services: GroupServices, journal: Journal) {
    self.services = services
    self.journal = journal
  }

  /// Whether no round is to come.
  var isDone: Bool { series?.nextDelay == nil }

  /// Begins a series, in the place of the one before.
  func begin(_ addresses: [VirtualAddress], _ plan: AnnouncementPlan) {
    stop()
    series = Series(addresses: addresses, plan: plan, remainingRounds: plan.rounds)
    announceRound()
  }

  /// Announces nothing any more.
  func stop() {
    series?.timer?.cancel()
    series = nil
  }

  private func announceRound() {
    guard var current = series else { return }
    current.remainingRounds = max(0, current.remainingRounds - 1)
    // An address that the kernel removed may be another's by now.
    for address in current.addresses where services.addresses.isPresent(address) {
      switch address.address {
      case .v4: journal.count(\.arpAnnouncements)
      case .v6: journal.count(\.neighbourAnnouncements)
      }
      if let problem = services.links.announce(address) {
        journal.complain("can't announce \(address): \(problem.failure.sentence)")
      }
    }
    if let delay = current.nextDelay {
      current.timer = services.schedule(in: delay) { [weak self] in
        self?.services.noticeStall()
        self?.announceRound()
      }
    }
    series = current
  }
}
