import ControlProtocol
import FailoverCore
import Wording

/// What a group counts.
struct GroupCounters: Equatable, Sendable {
  var transitions: [TransitionKey: Int] = [:]
  var alarms: [String: Int] = [:]
  var fenceChanges: [FenceKey: Int] = [:]
  /// Addresses announced by ARP, and by neighbour advertisements.
  var arpAnnouncements = 0
  var neighbourAnnouncements = 0
  /// From the promotion to the first announcement.
  var takeovers = Histogram()
  /// From a take to an answer of the addresses to another host.
  var answering = Histogram()
  /// Looks whether the addresses answer, by what came of them.
  var selfChecks: [SelfCheckResult.Outcome: Int] = [:]
  /// What newly kept the address away, by its label.
  var refusals: [String: Int] = [:]
  var claims = 0
  var repairs = 0
  var nonsense = 0
  var refusedMessages = 0
  var hookCalls = 0
  var sessions = StatusDocument.Sessions()

  /// The labels of one transition counter.
  struct TransitionKey: Hashable, Sendable {
    var from: StateName
    var to: StateName
    var reason: String
  }

  /// The labels of one counter of the fence.
  struct FenceKey: Hashable, Sendable {
    var to: FenceState
    var reason: String
  }
}
