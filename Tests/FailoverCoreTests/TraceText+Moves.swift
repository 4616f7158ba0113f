import Addresses
import FailoverCore

/// News and orders of a move as lines that a person reads.
extension TraceText {
  /// The line of an effect that only moves have; nothing for others.
  static func describeMove(_ effect: Effect) -> String? {
    switch effect {
    case .commandFailover(let id): "command \(id) to fail over"
    case .setPriority(let value, let isLasting):
      "priority \(value)\(isLasting ? " and persist" : "")"
    case .relieve(let endpoint, let setting): "relieve \(endpoint) with \(describe(setting))"
    case .keepPriority(let memory):
      memory.map { "keep priority \($0.original) while \($0.lowered)" } ?? "forget the priority"
    case .reportMove(let report):
      "move \(report.id) +\(report.elapsed.wholeMilliseconds): \(describe(report.news))"
    default: nil
    }
  }

  private static func describe(_ news: MoveNews) -> String {
    switch news {
    case .entered(let phase): "\(phase)"
    case .planned(let plan):
      "plan \(plan.from) to \(plan.target) through \(plan.through)"
        + "\(plan.prefers ? ", preferred" : "")\(plan.closesFence ? "" : ", not fenced")"
        + " after \(plan.replicas.map { "\($0)" }.joined(separator: " "))"
    case .waiting(let findings): "waiting, " + describe(findings)
    case .undoing(let failure): "undoing, \(plain("\(failure)"))"
    case .ended(let end): describe(end)
    }
  }

  private static func describe(_ findings: [MoveFinding]) -> String {
    findings.map { plain("\($0)") }.joined(separator: ", ")
  }

  private static func describe(_ end: MoveEnd) -> String {
    switch end {
    case .checked: "can be done"
    case .refused(let findings): "REFUSED " + describe(findings)
    case .undone(let failure): "UNDONE \(plain("\(failure)"))"
    case .failed(let failure): "FAILED \(plain("\(failure)"))"
    case .done(let outcome):
      "DONE, \(outcome.promoted) instead of \(outcome.target)"
        .replacing(" instead of \(outcome.promoted)", with: "")
        + ", gap \(outcome.writeGap.map { "\($0.wholeMilliseconds) ms" } ?? "unknown")"
        + ", \(outcome.keptEveryWrite ? "every write kept" : "losses unknown")"
    }
  }

  /// The line of a notice that only moves have; nothing for others.
  static func describeMove(_ notice: Notice) -> String? {
    switch notice {
    case .moveOffered(let offer):
      "offer \(offer.id) from \(offer.from) to \(offer.target)"
        + "\(offer.prefers ? " preferred" : "") through \(offer.through)"
        + " armed \(describe(offer.armed))"
    case .moveAnswered(let from, let id, _, let refusal):
      "answer \(id) from \(from): \(refusal?.rawValue ?? "ready")"
    case .moveEnded(let from, let id): "end of \(id) from \(from)"
    case .moveArrived(let from, let id): "arrival \(id) at \(from)"
    case .yielded, .selected, .replicaStops, .replicaDismissed, .replicaAwaited: nil
    }
  }
}
