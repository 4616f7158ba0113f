import Addresses
import FailoverCore
import NIOCore

/// One duplicate probe as it goes out: two rounds 20 ms apart, and 20 ms more to hear an answer.
///
/// Far shorter than RFC 5227 §2.1.1 asks, since the one to be found is a holder on the same link
/// that answers within a millisecond.
struct ProbeRun {
  /// How many packets go out for each address.
  ///
  /// A third would take the probe past the earliest promotion that it is made for (ADR 26).
  static let rounds = 2
  /// How long after each of them the next, or the end, comes.
  static let gap = TimeAmount.milliseconds(20)

  let id: ProbeID
  let addresses: [VirtualAddress]
  var roundsSent = 0
  var claimedBy: MACAddress?
  /// When it ended; nothing while it is under way.
  var completedAt: Instant?
  var timer: Scheduled<Void>?
  private var insistences = 0

  init(id: ProbeID, addresses: [VirtualAddress]) {
    self.id = id
    self.addresses = addresses
  }

  /// Takes in a claim; only the first counts.
  mutating func heard(_ address: IPAddress, by mac: MACAddress) {
    guard claimedBy == nil, addresses.contains(where: { $0.address == address }) else { return }
    claimedBy = mac
  }

  /// What the probe of another host makes of this one.
  enum Crossing: Equatable {
    /// Nothing: it is over, or about something else.
    case ignores
    /// The other host has the right of way: this probe counts as answered.
    case yields
    /// This host has the right of way, and the other one must hear of it: probe once more.
    case insists
  }

  /// Takes in that another host probes as well (RFC 5227 §2.1.1), and decides who goes on.
  ///
  /// Of two probes that cross, that of the lower Ethernet address counts, so that one host goes on
  /// and only one. A probe that ended unanswered still stands while the promotion is awaited for
  /// which it was made; the other host may have begun after its last packet. Otherwise it is made
  /// again once it is needed.
  ///
  /// Only the lowest address of a group decides: on two interfaces the two hosts' Ethernet addresses
  /// may be ordered otherwise, and both would give way.
  mutating func crossed(
    _ address: IPAddress, by mac: MACAddress, own: MACAddress, isAwaited: Bool, at now: Instant
  ) -> Crossing {
    guard claimedBy == nil, mac != own, address == addresses.map(\.address).min() else {
      return .ignores
    }
    if let completedAt, now - completedAt > Timing.probeLifetime { return .ignores }
    if mac.rawValue < own.rawValue || (completedAt != nil && !isAwaited) {
      claimedBy = mac
      return .yields
    }
    insistences += 1
    return insistences <= Self.maxInsistences ? .insists : .ignores
  }

  /// How often it is repeated for others at most: a flood of probes must not make one of answers.
  private static let maxInsistences = 16
}
