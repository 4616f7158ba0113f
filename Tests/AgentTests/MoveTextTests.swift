import Addresses
import Control
import FailoverCore
import Foundation
import Testing

@testable import Agent
@testable import Wording

private let node = Endpoint(address: .v4(IPv4Address(10, 77, 0, 2)), port: 6379)
private let sentinel = Endpoint(address: .v4(IPv4Address(10, 77, 0, 3)), port: 26_379)

private let findings: [MoveFinding] = [
  .notHolder(.standby, .none, named: nil), .notHolder(.holding, .provisional, named: node),
  .paused, .moveUnderWay(1), .fenceOff, .fenceHalf(nil), .fenceHalf(.unreachable),
  .replicationUnknown, .addressClaimed(node.address, by: MACAddress(rawValue: 0x02_00)),
  .sentinelSilent(sentinel), .sentinelsMissing(following: 2, of: 3),
  .sentinelNames(sentinel, node), .failoverInProgress(sentinel), .masterDown(sentinel),
  .sentinelUninspected(sentinel), .sentinelInTilt(sentinel),
  .quorumUnreachable(sentinel, "NOQUORUM 1 usable Sentinels"),
  .orderForbidden(sentinel, "NOPERM"), .electionUnseen(epoch: 9),
  .noTarget, .targetIsMaster, .targetUnlisted(node, by: sentinel),
  .targetDown(node, by: sentinel), .targetExcluded(node), .targetUnanswering(node),
  .targetNotReplica(node), .targetLinkDown(node), .targetBehind(node), .replicaBehind(node),
  .replicaStopping(node), .replicaPreferred(node, priority: 1),
]

private let failures: [MoveFailure] = [
  .cancelled, .deadlinePassed(.preparing), .found(.paused), .targetSilent(node),
  .targetRefused(node, .configRefused), .preferenceUnseen(sentinel),
  .targetSeenAsMaster(node, by: sentinel), .fenceNotClosed(nil),
  .fenceNotClosed(.refused("ERR")), .drainTooSlow(behind: [node]),
  .sentinelRefused(sentinel, "INPROG"), .sentinelLost(sentinel), .nobodySelected(sentinel),
  .notPromoted, .groundsLost(.leaseEnded), .notDemoted(to: node), .paused, .stopping,
  .masterDied,
]

/// A line as its reader sees it.
private func object(_ line: MoveLine) throws -> [String: Any] {
  let read = try JSONSerialization.jsonObject(with: Data(line.json.utf8))
  return try #require(read as? [String: Any])
}

@Suite struct MoveTextTests {
  @Test(arguments: findings)
  func `A finding says what is wrong, where, and what to do`(finding: MoveFinding) {
    #expect(!finding.sentence.isEmpty && !finding.sentence.hasSuffix("."))
    #expect(!finding.remedy.isEmpty)
    #expect(finding.label.allSatisfy { ("a"..."z").contains($0) || $0 == "-" })
    let text = finding.sentence + finding.remedy
    for place in [node, sentinel] where "\(finding)".contains("\(place)") {
      #expect(text.contains("\(place)"), "it names \(place)")
    }
  }

  @Test func `No two findings look alike to a program`() {
    #expect(Set(findings.map(\.label)).count == 29)
  }

  @Test(arguments: failures)
  func `A failure says why`(failure: MoveFailure) {
    #expect(!failure.sentence.isEmpty && !failure.sentence.hasSuffix("."))
  }

  @Test(arguments: MoveRefusal.allCases)
  func `A target that takes no part says why`(refusal: MoveRefusal) {
    #expect(!refusal.sentence.isEmpty)
  }

  @Test(arguments: MovePhase.allCases)
  func `A phase says what happens, with and without a plan`(phase: MovePhase) {
    let plan = MovePlan(
      from: node, target: node, through: sentinel, prefers: true, closesFence: true,
      replicas: [node])
    #expect(!phase.sentence(nil).isEmpty && !phase.sentence(plan).isEmpty)
    if phase == .preparing { #expect(phase.sentence(plan).contains("up to 15 s")) }
    if phase == .commanding { #expect(phase.sentence(plan).contains("\(sentinel)")) }
  }
}

@Suite struct MoveReportFormatterTests {
  private let plan = MovePlan(
    from: sentinel, target: node, through: sentinel, prefers: false, closesFence: true,
    replicas: [node])

  private func report(_ milliseconds: Int64, _ news: MoveNews) -> MoveReport {
    MoveReport(id: 1, elapsed: .milliseconds(milliseconds), news: news)
  }

  @Test func `A refusal tells each finding, and that nothing was changed`() throws {
    var formatter = MoveReportFormatter(sessionsBefore: 0)
    let end = MoveEnd.refused([.paused, .targetExcluded(node)])
    let lines = formatter.lines(for: report(5, .ended(end)), sessionsEnded: 0)
    #expect(lines.map(\.isLast) == [false, false, true])
    let finding = try object(lines[1])
    #expect(finding["kind"] as? String == "finding")
    #expect(finding["label"] as? String == "target-excluded")
    #expect((finding["remedy"] as? String)?.contains("replica-priority 100") == true)
    let result = try object(lines[2])
    #expect(result["outcome"] as? String == "refused")
    #expect(result["text"] as? String == "refused; nothing was changed")
  }

  @Test func `A target that is no replica of this group is told once, and that is all`() throws {
    var formatter = MoveReportFormatter(sessionsBefore: 0)
    let end = MoveEnd.refused([
      .targetUnlisted(node, by: sentinel), .targetUnlisted(node, by: node), .targetBehind(node),
      .targetUnanswering(node), .paused,
    ])
    let lines = formatter.lines(for: report(5, .ended(end)), sessionsEnded: 0)
    let labels = try lines.map { try object($0)["label"] as? String }
    #expect(labels == ["target-unlisted", "paused", nil])
    let standby = MoveEnd.refused([.notHolder(.yielding, .none, named: node), .fenceHalf(nil)])
    let brief = formatter.lines(for: report(5, .ended(standby)), sessionsEnded: 0)
    #expect(brief.count == 2, "its fence is no matter")
  }

  @Test func `A move that is done has its figures: gap, sessions, losses and phases`() throws {
    var formatter = MoveReportFormatter(sessionsBefore: 10)
    _ = formatter.lines(for: report(0, .entered(.preflight)), sessionsEnded: 10)
    let planned = formatter.lines(for: report(3, .planned(plan)), sessionsEnded: 10)
    #expect(try planned.map { try object($0)["kind"] as? String } == ["plan", "plan", "plan"])
    _ = formatter.lines(for: report(4, .entered(.closing)), sessionsEnded: 10)
    _ = formatter.lines(for: report(9, .entered(.draining)), sessionsEnded: 10)
    let outcome = MoveOutcome(
      promoted: node, target: node, writeGap: .milliseconds(180), keptEveryWrite: true)
    let lines = formatter.lines(for: report(200, .ended(.done(outcome))), sessionsEnded: 12)
    let result = try object(try #require(lines.last))
    #expect(result["writeGapMs"] as? Int == 180 && result["disconnected"] as? Int == 2)
    #expect(result["writesLost"] as? Int == 0 && result["outcome"] as? String == "done")
    let phases = try #require(result["phases"] as? [[String: Any]])
    #expect(phases.map { $0["phase"] as? String } == ["preflight", "closing", "draining"])
    #expect(phases.map { $0["ms"] as? Int } == [4, 5, 191])
  }

  @Test func `What is not known to be kept is not said to be`() throws {
    for closesFence in [true, false] {
      var formatter = MoveReportFormatter(sessionsBefore: 0)
      var plan = plan
      plan.closesFence = closesFence
      _ = formatter.lines(for: report(0, .planned(plan)), sessionsEnded: 0)
      let outcome = MoveOutcome(
        promoted: sentinel, target: node, writeGap: nil, keptEveryWrite: false)
      let lines = formatter.lines(for: report(1, .ended(.done(outcome))), sessionsEnded: 0)
      let result = try object(try #require(lines.last))
      #expect(result["writesLost"] is NSNull && result["writeGapMs"] is NSNull)
      let doubt = result["writesLostText"] as? String
      #expect(doubt?.contains("--accept-loss") == !closesFence)
      #expect((result["text"] as? String)?.contains("Sentinel chose it") == true)
    }
  }

  @Test func `A failed move says what remains; one that was undone leaves nothing`() throws {
    var formatter = MoveReportFormatter(sessionsBefore: 0)
    let failed = formatter.lines(for: report(1, .ended(.failed(.stopping))), sessionsEnded: 0)
    let remains = try object(try #require(failed.last))["remains"] as? [String]
    #expect(remains?.count == 1)
    let undone = formatter.lines(for: report(1, .ended(.undone(.cancelled))), sessionsEnded: 0)
    let nothing = try object(try #require(undone.last))["remains"] as? [String]
    #expect(nothing?.isEmpty == true)
  }

  @Test func `A long text is cut where a character ends`() {
    let text = String(repeating: "ä", count: 500)
    let short = MoveLine.shortened(text)
    #expect(short.utf8.count == 303 && short.hasSuffix("ä..."))
    #expect(MoveLine.shortened("brief") == "brief")
  }
}
