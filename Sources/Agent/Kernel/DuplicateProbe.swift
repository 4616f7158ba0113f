import Addresses
import FailoverCore
import NIOCore

/// One duplicate probe: two rounds 20 ms apart, and 20 ms more to hear an answer.
///
/// Far shorter than RFC 5227 §2.1.1 asks, since the one to be found is a holder on the same link
/// that answers within a millisecond.
struct DuplicateProbe {
  static let gap = TimeAmount.milliseconds(20)

  let id: ProbeID
  let addresses: [VirtualAddress]
  var hasSentSecond = false
  var claimedBy: MACAddress?
  var timer: Scheduled<Void>?

  /// Takes in a claim; only the first counts.
  mutating func heard(_ address: IPAddress, by mac: MACAddress) {
    guard claimedBy == nil, addresses.contains(where: { $0.address == address }) else { return }
    claimedBy = mac
  }
}

/// A running series of announcements.
struct AnnouncementSeries {
  var addresses: [VirtualAddress]
  var plan: AnnouncementPlan
  var remainingRounds: Int
  var timer: Scheduled<Void>?

  /// How long until the next round; nothing if there is none.
  var nextDelay: TimeAmount? {
    let delay = remainingRounds > 0 ? plan.interval : plan.refresh
    return delay.map { .nanoseconds($0.wholeNanoseconds) }
  }
}
