import ControlProtocol
import FailoverCore
import Platform
import Wording

extension GroupReport {
  /// What who follows `EVENTS` is told.
  func document(clock: HostClock) -> EventDocument {
    var event = EventDocument()
    (event.at, event.master) = (clock.text(of: at), masterName)
    (event.afterMs, event.phases) = (after?.wholeMilliseconds, phases.document)
    switch subject {
    case .transition(let transition):
      (event.kind, event.reason) = ("transition", transition.reason.label)
      event.from = transition.from.rawValue
      event.to = transition.to.rawValue
      event.basis = transition.basis.rawValue
      event.text = transition.sentence
    case .alarm(let alarm):
      (event.kind, event.reason, event.text) = ("alarm", alarm.label, alarm.sentence)
    case .fence(let change):
      (event.kind, event.reason, event.text) = ("fence", change.reason.label, change.sentence)
      event.to = change.to.rawValue
    case .move(let report):
      (event.kind, event.reason, event.text) = ("move", report.label, report.sentence)
    case .death(let news):
      (event.kind, event.reason, event.text) = ("death", news.label, news.sentence)
    case .selfCheck(let result):
      event.kind = result.isBad ? "unanswered" : "answered"
      (event.reason, event.text) = (result.outcome.rawValue, result.logSentence)
    }
    return event
  }
}
