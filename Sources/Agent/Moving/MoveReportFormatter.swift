import Addresses
import Control
import ControlProtocol
import FailoverCore
import Store
import Wording

/// Turns the driver's reports on one move into lines for people and programs.
struct MoveReportFormatter {
  /// When each phase was entered, in their order.
  private(set) var phases: [(phase: MovePhase, at: Duration)] = []
  private(set) var plan: MovePlan?
  /// The sessions that this host had ended when the move began.
  private let sessionsBefore: Int

  init(sessionsBefore: Int) {
    self.sessionsBefore = sessionsBefore
  }

  /// The lines for a report; `sessionsEnded` is the present count of this host.
  mutating func lines(for report: MoveReport, sessionsEnded: Int) -> [MoveLine] {
    switch report.news {
    case .entered(let phase):
      if phases.count < MovePhase.allCases.count * 2 { phases.append((phase, report.elapsed)) }
      let plan = plan
      return [
        MoveLine(.phase, phase.sentence(plan)) { line in
          line.phase = phase.rawValue
          line.atMs = report.elapsed.wholeMilliseconds
        }
      ]
    case .planned(let plan):
      self.plan = plan
      return plan.sentences.map { MoveLine(.plan, $0) }
    case .waiting(let findings):
      return [MoveLine(.note, "waits for what may pass: \(findings.waitSentence)")]
    case .undoing(let failure):
      return [
        MoveLine(.phase, "gives back what can be given back: \(failure.sentence)") { line in
          line.phase = "undoing"
          line.atMs = report.elapsed.wholeMilliseconds
        }
      ]
    case .ended(let end):
      let sessions = max(0, sessionsEnded - sessionsBefore)
      return findings(of: end) + [result(end, elapsed: report.elapsed, sessions: sessions)]
    }
  }

  /// The entry in the history for a move that has changed anything; nil for another.
  func entry(
    of end: MoveEnd, elapsed: Duration, sessionsEnded: Int, wallNanoseconds: Int64
  ) -> HistoryEntry? {
    switch end {
    case .checked, .refused: return nil
    case .undone, .done, .failed: break
    }
    var entry = HistoryEntry(
      "move", wallNanoseconds: wallNanoseconds,
      phases: phases.map { Self.phase($0.phase.rawValue, at: $0.at) }
        + [Self.phase(end.label, at: elapsed)])
    entry.add("reason", end.label)
    entry.add("text", end.sentence)
    entry.add("from", plan?.from.description)
    entry.add("to", plan?.target.description)
    guard case .done(let outcome) = end else { return entry }
    entry.add("promoted", outcome.promoted.description)
    entry.add("writeGapMs", outcome.writeGap?.wholeMilliseconds)
    entry.add("disconnected", Int64(max(0, sessionsEnded - sessionsBefore)))
    entry.add("writesLost", outcome.keptEveryWrite ? 0 : nil)
    return entry
  }

  private static func phase(_ name: String, at elapsed: Duration) -> HistoryEntry.Phase {
    HistoryEntry.Phase(name: name, microseconds: elapsed.wholeNanoseconds / 1_000)
  }

  /// How long each phase took, up to an end.
  func durations(until end: Duration) -> [(phase: MovePhase, took: Duration)] {
    phases.indices.map { index in
      let next = index + 1 < phases.count ? phases[index + 1].at : end
      return (phases[index].phase, next - phases[index].at)
    }
  }

  private func findings(of end: MoveEnd) -> [MoveLine] {
    guard case .refused(let findings) = end else { return [] }
    return Self.worthTelling(findings).prefix(PendingMoves.lineLimit / 2).map { finding in
      MoveLine(.finding, finding.sentence) { line in
        line.label = finding.label
        line.remedy = MoveLine.shortened(finding.remedy)
      }
    }
  }

  /// Each once; of a target that is no replica of this group that is all there is to say; a node that does
  /// not hold the address has no fence that matters.
  private static func worthTelling(_ findings: [MoveFinding]) -> [MoveFinding] {
    var unlisted: [Endpoint] = []
    var told: [MoveFinding] = []
    let isHolder = !findings.contains { if case .notHolder = $0 { true } else { false } }
    return findings.filter { finding in
      guard !told.contains(finding) else { return false }
      told.append(finding)
      switch finding {
      case .targetUnlisted(let node, _):
        defer { unlisted.append(node) }
        return !unlisted.contains(node)
      case .targetBehind(let node), .targetUnanswering(let node), .targetNotReplica(let node),
        .targetLinkDown(let node):
        return !unlisted.contains(node)
      case .fenceHalf, .fenceOff: return isHolder
      default: return true
      }
    }
  }

  private func result(_ end: MoveEnd, elapsed: Duration, sessions: Int) -> MoveLine {
    MoveLine(.result, end.sentence) { line in
      line.outcome = end.label
      line.atMs = elapsed.wholeMilliseconds
      line.from = plan?.from.description
      line.target = plan?.target.description
      if case .done(let outcome) = end {
        line.promoted = outcome.promoted.description
        line.writeGapMs = outcome.writeGap?.wholeMilliseconds
        line.disconnected = sessions
        line.writesLost = outcome.keptEveryWrite ? 0 : nil
        line.writesLostText = outcome.keptEveryWrite ? nil : doubt
      }
      line.phases = durations(until: elapsed).map { phase, took in
        MoveDocument.Phase { ($0.phase, $0.ms) = (phase.rawValue, took.wholeMilliseconds) }
      }
      line.remains = remains(after: end).map(MoveLine.shortened)
    }
  }

  /// Why it is not known that no write was lost.
  private var doubt: String {
    plan?.closesFence == false
      ? "not known: no fence was closed (--accept-loss)"
      : "not known: the fence was open for a moment, or another node than the target was promoted"
  }

  /// What the operator still has to look after.
  private func remains(after end: MoveEnd) -> [String] {
    guard case .failed(let failure) = end else { return [] }
    switch failure {
    case .notDemoted(let node):
      return [
        "the old master refuses writes and follows \(node) as soon as that can be asked; "
          + "see vipctl status there"
      ]
    default:
      return [
        "the master refuses writes until it is certain that no failover follows; "
          + "see vipctl status and vipctl why on its host"
      ]
    }
  }
}
