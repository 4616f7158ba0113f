import Addresses
import ChannelMessages
import FailoverCore
import Testing

@testable import Agent

private let replica = Endpoint(address: .v4(IPv4Address(10, 77, 0, 2)), port: 6379)
private let third = Endpoint(address: .v4(IPv4Address(10, 77, 0, 3)), port: 6379)
private let start = Instant(nanoseconds: 1_000_000_000_000)

private func at(_ milliseconds: Int64) -> Instant { start + .milliseconds(milliseconds) }

private func wish(_ id: MoveID = 7) -> ForwardedMove {
  ForwardedMove(id: id, driver: 0, from: third, target: replica, timeout: .seconds(60))
}

private func entered(_ phase: MovePhase, _ milliseconds: Int64 = 0, id: MoveID = 7) -> MoveReport {
  MoveReport(id: id, elapsed: .milliseconds(milliseconds), news: .entered(phase))
}

private func ended(_ end: MoveEnd, _ milliseconds: Int64 = 0, id: MoveID = 7) -> MoveReport {
  MoveReport(id: id, elapsed: .milliseconds(milliseconds), news: .ended(end))
}

extension MoveDesk {
  fileprivate mutating func reported(_ report: MoveReport, at now: Instant) -> [Action] {
    reported(report, at: now, wallNanoseconds: 0)
  }
}

/// The lines that a driver sends, with their numbers.
private func sent(_ actions: [MoveDesk.Action]) -> [ForwardedLine] {
  actions.compactMap { action in
    guard case .send(.moveLine(let line), _) = action else { return nil }
    return line
  }
}

@Suite struct MoveDeskDrivingTests {
  @Test func `A wish from elsewhere begins a move once, and its lines go back there`() {
    var desk = MoveDesk()
    let first = desk.heard(wish(), from: 0xa, at: start)
    #expect(first == [.begin(MoveRequest(id: 7, target: replica, deadline: start + .seconds(60)))])
    let actions = desk.reported(entered(.preflight), at: start)
    #expect(sent(actions).map(\.number) == [1])
    guard case .send(_, let also) = actions.first else {
      Issue.record("nothing is sent")
      return
    }
    #expect(also == third, "directly, for the master is about to change")
    let again = desk.heard(wish(), from: 0xa, at: at(500))
    #expect(sent(again).map(\.number) == [1], "it was not heard yet")
  }

  @Test func `Only what was not heard is sent again; if nothing is missing, a sign of life`() {
    var desk = MoveDesk()
    var wish = wish()
    _ = desk.heard(wish, from: 0xa, at: start)
    for phase in [MovePhase.preflight, .preparing, .closing] {
      _ = desk.reported(entered(phase), at: start)
    }
    wish.heard = 1
    #expect(sent(desk.heard(wish, from: 0xa, at: at(500))).map(\.number) == [2, 3])
    wish.heard = 3
    #expect(sent(desk.heard(wish, from: 0xa, at: at(1_000))).map(\.number) == [0])
    _ = desk.reported(ended(.undone(.cancelled)), at: at(1_100))
    let last = sent(desk.heard(wish, from: 0xa, at: at(1_500)))
    #expect(last.map(\.isLast) == [true])
  }

  @Test func `The lines of a move that has ended are kept for a while, and then forgotten`() {
    var desk = MoveDesk()
    _ = desk.heard(wish(), from: 0xa, at: start)
    _ = desk.reported(ended(.checked), at: start)
    _ = desk.tick(at: at(30_000))
    #expect(sent(desk.heard(wish(), from: 0xa, at: at(30_000))).count == 1)
    _ = desk.tick(at: at(30_001))
    var late = wish()
    late.isCancelled = true
    let actions = desk.heard(late, from: 0xa, at: at(30_001))
    #expect(sent(actions).map(\.isLast) == [true])
  }

  @Test func `A move is called off from elsewhere, and by nobody but who asked for it`() {
    var desk = MoveDesk()
    _ = desk.heard(wish(), from: 0xa, at: start)
    var cancelled = wish()
    cancelled.isCancelled = true
    #expect(desk.heard(cancelled, from: 0xb, at: start).isEmpty)
    #expect(desk.heard(cancelled, from: 0xa, at: start).first == .cancel(7))
    #expect(!desk.heard(cancelled, from: 0xa, at: start).contains(.cancel(7)))
  }

  @Test func `A wish that comes after its own calling off begins nothing`() {
    var desk = MoveDesk()
    var cancelled = wish()
    cancelled.isCancelled = true
    _ = desk.heard(cancelled, from: 0xa, at: start)
    let late = desk.heard(wish(), from: 0xa, at: at(10))
    #expect(sent(late).map(\.isLast) == [true])
    #expect(!late.contains { if case .begin = $0 { true } else { false } })
  }

  @Test func `A flood of wishes is bounded, and what has ended makes room`() {
    var desk = MoveDesk()
    for id in 1...100 as ClosedRange<MoveID> { _ = desk.heard(wish(id), from: 0xa, at: start) }
    #expect(!desk.hasRoom)
    #expect(desk.heard(wish(200), from: 0xa, at: start).isEmpty)
    _ = desk.reported(ended(.checked, id: 1), at: start)
    #expect(desk.hasRoom)
    let actions = desk.heard(wish(201), from: 0xa, at: start)
    #expect(actions.count == 1)
  }

  @Test func `Any line fits into a message, whatever Redis says in an error`() throws {
    var desk = MoveDesk()
    _ = desk.heard(wish(), from: 0xa, at: start)
    let text = String(repeating: "é\u{1}\" ", count: 1_000)
    let end = MoveEnd.refused([.quorumUnreachable(third, text)])
    for line in sent(desk.reported(ended(end), at: start)) {
      let message = ChannelMessage(sender: 1, sequence: 1, body: .moveLine(line))
      let bytes = Array(message.encoded(masterName: "m", key: nil).utf8)
      #expect(bytes.count <= ChannelMessage.longest)
      #expect(try ChannelMessage(decoding: bytes, masterName: "m", key: nil) == message)
    }
  }
}
