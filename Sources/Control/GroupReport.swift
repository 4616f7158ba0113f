package import FailoverCore
package import Store
package import Wording

/// Something that a group reports to people: the log, the history, and who follows events.
package struct GroupReport: Equatable {
  /// What is reported.
  package enum Subject: Equatable {
    case transition(Transition)
    case alarm(Alarm)
    case fence(FenceChange)
    case move(MoveReport)
    case selfCheck(SelfCheckResult)
    case death(DeathNews)
  }

  package let masterName: String
  package let at: Instant
  package let subject: Subject
  /// How long the state before lasted; nil for an alarm and for the first transition.
  package var after: Duration?
  /// The steps of a take or a release; none for anything else.
  package var phases: [HistoryEntry.Phase] = []

  package init(
    masterName: String, at: Instant, subject: Subject, after: Duration? = nil,
    phases: [HistoryEntry.Phase] = []
  ) {
    self.masterName = masterName
    self.at = at
    self.subject = subject
    self.after = after
    self.phases = phases
  }
}
