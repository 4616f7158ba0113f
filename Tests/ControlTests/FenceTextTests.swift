import Addresses
import ControlProtocol
import FailoverCore
import Platform
import Testing

@testable import Control
@testable import Wording

@Suite struct FenceTextTests {
  private let armed = FenceSetting(minReplicas: 2, maxLagSeconds: 1)
  private let closed = FenceSetting(minReplicas: FenceSetting.closedCount, maxLagSeconds: 1)

  private func node(_ text: String) throws -> Endpoint { try #require(Endpoint(text)) }

  @Test("A change says what is asked for and why")
  func changes() throws {
    let other = try node("10.77.0.2:6379")
    #expect(
      FenceChange(order: .set(armed), to: .armed, reason: .replicasGood(2)).sentence
        == "fence armed, min-replicas-to-write 2, min-replicas-max-lag 1: all 2 replicas acknowledge"
    )
    #expect(
      FenceChange(order: .set(closed), to: .closed, reason: .letGo(.leaseEnded)).sentence
        == "fence closed, every write is refused: the address was let go: "
        + Reason.leaseEnded.sentence)
    #expect(
      FenceChange(order: .demote(to: other, armed), to: .armed, reason: .anotherNamed(other))
        .sentence.hasSuffix(
          "and the local Redis made a replica of 10.77.0.2:6379: a majority names 10.77.0.2:6379"))
    #expect(FenceReason.replicasMissing([]).sentence.hasSuffix("without any replica"))
    #expect(FenceReason.replicasMissing([other]).sentence.hasSuffix("without 10.77.0.2:6379"))
  }

  @Test("Who follows events is told of a change with its state, reason and sentence")
  func events() {
    let change = FenceChange(order: .set(armed), to: .armed, reason: .replicasGood(1))
    let report = GroupReport(
      masterName: "mymaster", at: HostClock().now(), subject: .fence(change))
    #expect(
      report.document(clock: HostClock()).json.hasSuffix(
        #""master":"mymaster","kind":"fence","to":"armed","reason":"replicas-good","text":"#
          + "\"\(change.sentence)\",\"afterMs\":null}"))
  }

  @Test("Each problem keeps Redis's own words and says what to do")
  func problems() {
    let words = "ERR The server is running without a config file"
    let problems: [(FenceProblem, String)] = [
      (.refused("NOPERM x"), "grant the rights"), (.notPersisted(words), "configuration file"),
      (.notDemoted("ERR y", isSet: true), "by hand"),
    ]
    for (problem, advice) in problems { #expect(problem.sentence.contains(advice)) }
    #expect(FenceProblem.notPersisted(words).sentence.contains("(\(words))"))
    #expect(FenceProblem.refused("NOPERM x").sentence.contains("(NOPERM x)"))
    #expect(Alarm.fenceFailed(.unreachable).sentence.hasPrefix("fence: the local Redis"))
  }

  @Test("Every label is in kebab case, and no two are alike")
  func labels() throws {
    let other = try node("10.77.0.2:6379")
    let reasons: [FenceReason] = [
      .replicasGood(1), .replicasMissing([]), .selectedHere, .letGo(.leaseEnded),
      .anotherNamed(other), .holds, .reconciled, .move, .switchedOff, .stopping,
    ]
    let labels = reasons.map(\.label)
    #expect(Set(labels).count == labels.count)
    for label in labels {
      #expect(label.allSatisfy { ("a"..."z").contains($0) || $0 == "-" }, "\(label)")
    }
  }

  @Test(
    "A max-lag that ends after the next election may begin is doubted",
    arguments: [(1, 3_000, false), (1, 2_001, false), (1, 2_000, true), (10, 3_000, true)])
  func doubt(maxLag: Int, downAfter: Int64, isDoubted: Bool) {
    let machine = FailoverMachine(
      configuration: GroupConfiguration(masterName: "mymaster", virtualAddresses: []))
    var status = machine.status(at: Instant(nanoseconds: 0))
    status.minDownAfter = .milliseconds(downAfter)
    #expect((status.fenceDoubt(.minReplicas(.all, maxLagSeconds: maxLag)) != nil) == isDoubted)
    #expect(status.fenceDoubt(.off) == nil)
    status.minDownAfter = nil
    #expect(status.fenceDoubt(.minReplicas(.all, maxLagSeconds: maxLag)) == nil)
  }
}
