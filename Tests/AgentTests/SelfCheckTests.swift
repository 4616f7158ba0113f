import Addresses
import ChannelMessages
import ControlProtocol
import FailoverCore
import PeerKit
import Platform
import Store
import Testing
import Wording

@testable import Agent
@testable import Control
@testable import Metrics

private let looker = Endpoint(address: .v4(IPv4Address(10, 77, 0, 3)), port: 6379)
private let ownMAC = MACAddress(rawValue: 0x0200_0a4d_0002)
private let otherMAC = MACAddress(rawValue: 0x0200_0a4d_0001)
private let take = Instant.milliseconds(10_000)

/// What a node says that reached as many addresses as are wanted.
private func answer(
  _ reached: Int = 2, nonce: UInt64 = 7, missed: [AddressCheckAnswer.Miss] = [],
  by macs: [MACAddress] = [ownMAC], held: Duration = .milliseconds(40)
) -> AddressCheckAnswer {
  AddressCheckAnswer(
    node: looker, asker: 1, nonce: nonce, reached: reached, missed: missed,
    claimants: macs.map { .init(address: ipv4VIP, macAddress: $0) }, after: .milliseconds(2),
    held: held)
}

private let miss = AddressCheckAnswer.Miss(address: ipv6VIP, reason: .silent)

@Suite struct SelfCheckTests {
  var check = SelfCheck(
    nonce: 7, addresses: [ipv4VIP, ipv6VIP], takenAt: take, begunAt: take + .milliseconds(1))

  private mutating func hear(
    _ answer: AddressCheckAnswer, after milliseconds: Int64
  ) -> SelfCheckResult? {
    check.heard(answer, at: take + .milliseconds(milliseconds)) { $0 == ownMAC }
  }

  private mutating func conclude(
    after milliseconds: Int64, isAlone: Bool = false
  ) -> SelfCheckResult? {
    check.conclude(at: take + .milliseconds(milliseconds), isAlone: isAlone)
  }

  @Test mutating func `The first who reached every address counts, less what it held back`() {
    #expect(
      hear(answer(), after: 54)
        == SelfCheckResult(
          outcome: .outside, after: .milliseconds(14), by: looker, macAddress: ownMAC, count: 2))
    #expect(hear(answer(), after: 60) == nil)
    #expect(conclude(after: 5_000) == nil)
  }

  @Test mutating func `Nobody can have held back more time than there was`() {
    #expect(hear(answer(held: .seconds(60)), after: 54)?.after == .zero)
  }

  @Test mutating func `The answer to another question counts for nothing, nor a late one`() {
    #expect(hear(answer(nonce: 8), after: 54) == nil)
    #expect(hear(answer(), after: 3_501) == nil)
  }

  @Test mutating func `Another machine that answers on the link counts, also afterwards`() {
    #expect(hear(answer(), after: 54)?.outcome == .outside)
    let found = hear(answer(by: [ownMAC, otherMAC]), after: 90)
    #expect(
      found
        == SelfCheckResult(
          outcome: .foreign, after: .milliseconds(50), by: looker, macAddress: otherMAC,
          address: ipv4VIP, count: 2))
    #expect(hear(answer(by: [otherMAC]), after: 95) == nil)
  }

  @Test mutating func `A claim of an address that is not asked about counts for nothing`() {
    var stray = answer()
    stray.claimants = [.init(address: .v4(IPv4Address(10, 77, 0, 9)), macAddress: otherMAC)]
    #expect(hear(stray, after: 54)?.outcome == .outside)
  }

  @Test mutating func `Who missed an address is heard only if nobody reached all`() {
    #expect(hear(answer(1, missed: [miss]), after: 3_050) == nil)
    #expect(conclude(after: 3_500) == nil)
    check.heardLocally(AddressCaller.Outcome(reached: 2, at: take + .milliseconds(2)))
    #expect(
      conclude(after: 3_501)
        == SelfCheckResult(
          outcome: .failed, by: looker, address: ipv6VIP, reason: .silent, answersHere: true,
          count: 2))
    var other = SelfCheck(
      nonce: 7, addresses: [ipv4VIP, ipv6VIP], takenAt: take, begunAt: take)
    _ = other.heard(answer(1, missed: [miss]), at: take + .seconds(1)) { _ in true }
    #expect(
      other.heard(answer(), at: take + .seconds(2)) { _ in true }?.outcome == .outside)
  }

  @Test mutating func `Who is configured with fewer addresses has not looked`() {
    #expect(hear(answer(1), after: 54) == nil)
    check.heardLocally(AddressCaller.Outcome(reached: 2, at: take + .milliseconds(2)))
    #expect(conclude(after: 3_501)?.outcome == .local)
  }

  @Test mutating func `With nobody else, this host's own word counts, and says so`() {
    #expect(conclude(after: 1, isAlone: true) == nil)
    check.heardLocally(AddressCaller.Outcome(reached: 2, at: take + .milliseconds(2)))
    #expect(conclude(after: 90) == nil)
    #expect(
      conclude(after: 90, isAlone: true)
        == SelfCheckResult(outcome: .local, after: .milliseconds(2), count: 2))
  }

  @Test mutating func `An address that answers nowhere is said to fail, with the reason`() {
    let missed = [AddressCheckAnswer.Miss(address: ipv4VIP, reason: .refused)]
    check.heardLocally(
      AddressCaller.Outcome(reached: 1, missed: missed, at: take + .seconds(3)))
    #expect(
      conclude(after: 3_501)
        == SelfCheckResult(
          outcome: .failed, address: ipv4VIP, reason: .refused, count: 2))
  }

  @Test mutating func `The others are asked each half second until one answers`() {
    let asked = stride(from: 0, to: 4_000, by: 100).filter {
      check.ask(at: take + .milliseconds(Int64($0)))
    }
    #expect(asked == [0, 500, 1_000, 1_500, 2_000, 2_500, 3_000, 3_500])
    _ = check.heard(answer(), at: take + .milliseconds(54)) { _ in true }
    #expect(check.ask(at: take + .milliseconds(600)) == false)
  }
}

@Suite struct SelfCheckTextTests {
  @Test func `Each result is a sentence`() {
    let results = [
      SelfCheckResult(outcome: .outside, after: .milliseconds(14), by: looker, macAddress: ownMAC),
      SelfCheckResult(outcome: .outside, by: looker),
      SelfCheckResult(outcome: .outside, after: .milliseconds(14), by: looker, count: 3),
      SelfCheckResult(outcome: .local, after: .milliseconds(2)),
      SelfCheckResult(
        outcome: .failed, by: looker, address: ipv6VIP, reason: .replica, answersHere: true),
      SelfCheckResult(outcome: .failed, address: ipv4VIP, reason: .refused),
      SelfCheckResult(outcome: .foreign, by: looker, macAddress: otherMAC, address: ipv4VIP),
    ]
    #expect(
      results.map(\.sentence) == [
        "10.77.0.3:6379 reached the address 14 ms after the take; 02:00:0a:4d:00:02 answers on "
          + "the link",
        "10.77.0.3:6379 reached the address now",
        "10.77.0.3:6379 reached all 3 addresses 14 ms after the take",
        "on this host, 2 ms after the take; no other host could look",
        "10.77.0.3:6379 did not reach fd77::100 within 3.0 s: a replica answers; on this host it "
          + "answers",
        "this host did not reach 10.77.0.100 within 3.0 s: the connection is refused",
        "02:00:0a:4d:00:01 answers for 10.77.0.100 on the link, as 10.77.0.3:6379 heard, and is not "
          + "of this host",
      ])
  }

  @Test func `The history keeps who looked, when it answered, and who answers on the link`() {
    let entry = HistoryEntry(
      SelfCheckResult(outcome: .outside, after: .milliseconds(14), by: looker, macAddress: ownMAC),
      wallNanoseconds: 1)
    #expect(entry.kind == "answered")
    #expect(entry.fields.map(\.name) == ["checked", "text", "afterMs", "by", "mac"])
    #expect(entry.fields[0].value == .text("outside") && entry.fields[2].value == .number(14))
    let failed = HistoryEntry(
      SelfCheckResult(outcome: .failed, address: ipv4VIP, reason: .silent), wallNanoseconds: 1)
    #expect(failed.kind == "unanswered")
    #expect(failed.fields.map(\.name) == ["checked", "text", "address", "reason"])
  }
}

@Suite struct SelfCheckReportTests {
  private let result = SelfCheckResult(
    outcome: .foreign, after: .milliseconds(14), by: looker, macAddress: otherMAC,
    address: ipv4VIP)

  @Test func `Who follows events hears of it`() {
    let report = GroupReport(masterName: "m", at: take, subject: .selfCheck(result))
    #expect(
      report.document(clock: HostClock()).json.contains(
        #""kind":"unanswered","reason":"foreign-mac","text":"The address does not answer as "#
          + "it should: 02:00:0a:4d:00:01 answers for 10.77.0.100 on the link"))
  }

  @Test func `The status tells what was found, or nothing`() throws {
    let report = StatusReport(clock: HostClock(), node: "h1", problems: [])
    var entry = StatusReport.Entry(status: holderStatus(), holder: nil, fenceDoubt: nil)
    #expect(report.json([entry]).contains(#""selfCheck":null"#))
    entry.selfCheck = result
    #expect(
      report.json([entry]).contains(
        #""selfCheck":{"result":"foreign-mac","afterMs":14,"by":"10.77.0.3:6379","#
          + #""mac":"02:00:0a:4d:00:01","text":"02:00:0a:4d:00:01 answers for "#))
  }
}

@Suite struct CheckDutyTests {
  private let answered = AddressCaller.Outcome(reached: 1, at: take + .milliseconds(12))
  private var duty = CheckDuty(AddressCheck(node: otherHolder, nonce: 9), from: 8, at: take)

  @Test mutating func `The answer says how long it took, and how long it was held back`() {
    #expect(duty.answerToTell(from: looker, at: take + .milliseconds(20)) == nil)
    duty.heard(ipv4VIP, by: ownMAC)
    duty.end(answered)
    duty.heard(ipv4VIP, by: otherMAC)
    let told = duty.answerToTell(from: looker, at: take + .milliseconds(62))
    #expect(
      told
        == AddressCheckAnswer(
          node: looker, asker: 8, nonce: 9, reached: 1,
          claimants: [.init(address: ipv4VIP, macAddress: ownMAC)], after: .milliseconds(12),
          held: .milliseconds(50)))
  }

  @Test mutating func `A question that is repeated is answered again, four times a second at most`()
  {
    duty.end(answered)
    let told = (0..<20).filter {
      duty.answerToTell(from: looker, at: take + .milliseconds(100 + 50 * Int64($0))) != nil
    }
    #expect(told == [0, 5, 10, 15])
  }

  @Test
  mutating func `Another look begins once this one is done, and a second after its beginning`() {
    #expect(duty.isOver(at: take + .seconds(9)) == false)
    duty.end(answered)
    #expect(duty.isOver(at: take + .milliseconds(999)) == false)
    #expect(duty.isOver(at: take + .seconds(1)))
  }

  @Test mutating func `Each machine that answers is kept once, and no more than are told`() {
    for number in 0..<100 {
      duty.heard(ipv4VIP, by: MACAddress(rawValue: UInt64(number % 50)))
    }
    #expect(duty.claimants.count == AddressCheckAnswer.maxParts)
    #expect(Set(duty.claimants).count == AddressCheckAnswer.maxParts)
  }
}
