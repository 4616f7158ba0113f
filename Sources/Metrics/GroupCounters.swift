package import ControlProtocol
package import FailoverCore
package import Wording

/// What a group counts.
package struct GroupCounters: Equatable, Sendable {
  package var transitions: [TransitionKey: Int] = [:]
  package var alarms: [String: Int] = [:]
  package var fenceChanges: [FenceKey: Int] = [:]
  /// Addresses announced by ARP, and by neighbour advertisements.
  package var arpAnnouncements = 0
  package var neighbourAnnouncements = 0
  /// From the promotion to the first announcement.
  package var takeovers = Histogram()
  /// From a take to an answer of the addresses to another host.
  package var answering = Histogram()
  /// Looks whether the addresses answer, by what came of them.
  package var selfChecks: [SelfCheckResult.Outcome: Int] = [:]
  /// What newly kept the address away, by its label.
  package var refusals: [String: Int] = [:]
  package var claims = 0
  package var repairs = 0
  package var nonsense = 0
  package var refusedMessages = 0
  package var hookCalls = 0
  package var sessions = StatusDocument.Sessions()

  package init() {}

  /// The labels of one transition counter.
  package struct TransitionKey: Hashable, Sendable {
    package var from: StateName
    package var to: StateName
    package var reason: String

    package init(from: StateName, to: StateName, reason: String) {
      self.from = from
      self.to = to
      self.reason = reason
    }
  }

  /// The labels of one counter of the fence.
  package struct FenceKey: Hashable, Sendable {
    package var to: FenceState
    package var reason: String

    package init(to: FenceState, reason: String) {
      self.to = to
      self.reason = reason
    }
  }
}
