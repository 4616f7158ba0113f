import Control
import FailoverCore
import Store
import Wording

extension HistoryEntry {
  /// The entry of news of a death.
  init(_ news: DeathNews, wallNanoseconds: Int64) {
    self.init("death", wallNanoseconds: wallNanoseconds)
    add("reason", news.label)
    add("text", news.sentence)
  }

  /// The entry of a transition.
  init(_ transition: Transition, _ report: GroupReport, wallNanoseconds: Int64) {
    self.init("transition", wallNanoseconds: wallNanoseconds, phases: report.phases)
    add("from", transition.from.rawValue)
    add("to", transition.to.rawValue)
    add("basis", transition.basis.rawValue)
    add("reason", transition.reason.label)
    add("text", transition.sentence)
    add("afterMs", report.after?.wholeMilliseconds)
  }

  /// The entry of a daemon that begins to follow a group: what was before it is another's.
  init(started version: String, wallNanoseconds: Int64) {
    self.init("started", wallNanoseconds: wallNanoseconds)
    add("text", "vipd \(version) follows this group from now on")
    add("version", version)
  }

  /// The entry of a change of the fence.
  init(_ change: FenceChange, wallNanoseconds: Int64) {
    self.init("fence", wallNanoseconds: wallNanoseconds)
    add("fence", change.to.rawValue)
    add("reason", change.reason.label)
    add("text", change.sentence)
  }
}
