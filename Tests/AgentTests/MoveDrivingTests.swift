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

extension PendingMoves {
  fileprivate mutating func reported(_ report: MoveReport, at now: Instant) -> [Action] {
    reported(report, at: now, wallNanoseconds: 0)
  }
}

/// The lines that a driver sends, with their numbers.
private func sent(_ actions: [PendingMoves.Action]) -> [ForwardedLine] {
  actions.compactMap { action in
    guard case .send(.moveLine(let line), _) = action else { return nil }
    return line
  }
}

@Suite struct PendingMovesDrivingTests {
  @Test func `A wish from elsewhere begins a move once, and its lines go back there`() {
    var moves = PendingMoves()
    let first = moves.heard(wish(), from: 0xa, at: start)
    #expect(first == [.begin(MoveRequest(id: 7, target: replica, deadline: start + .seconds(60)))])
    let actions = moves.reported(entered(.preflight), at: start)
    #expect(sent(actions).map(\.number) == [1])
    guard case .send(_, let also) = actions.first else {
      Issue.record("nothing is sent")
      return
    }
    #expect(also == third, "directly, for the master is about to change")
    let again = moves.heard(wish(), from: 0xa, at: at(500))
    #expect(sent(again).map(\.number) == [1], "it was not heard yet")
  }

  @Test func `Only what was not heard is sent again; if nothing is missing, a sign of life`() {
    var moves = PendingMoves()
    var wish = wish()
    _ = moves.heard(wish, from: 0xa, at: start)
    for phase in [MovePhase.preflight, .preparing, .closing] {
      _ = moves.reported(entered(phase), at: start)
    }
    wish.heard = 1
    #expect(sent(moves.heard(wish, from: 0xa, at: at(500))).map(\.number) == [2, 3])
    wish.heard = 3
    #expect(sent(moves.heard(wish, from: 0xa, at: at(1_000))).map(\.number) == [0])
    _ = moves.reported(ended(.undone(.cancelled)), at: at(1_100))
    let last = sent(moves.heard(wish, from: 0xa, at: at(1_500)))
    #expect(last.map(\.isLast) == [true])
  }

  @Test func `The lines of a move that has ended are kept for a while, and then forgotten`() {
    var moves = PendingMoves()
    _ = moves.heard(wish(), from: 0xa, at: start)
    _ = moves.reported(ended(.checked), at: start)
    _ = moves.tick(at: at(30_000))
    #expect(sent(moves.heard(wish(), from: 0xa, at: at(30_000))).count == 1)
    _ = moves.tick(at: at(30_001))
    var late = wish()
    late.isCancelled = true
    let actions = moves.heard(late, from: 0xa, at: at(30_001))
    #expect(sent(actions).map(\.isLast) == [true])
  }

  @Test func `A move is called off from elsewhere, and by nobody but who asked for it`() {
    var moves = PendingMoves()
    _ = moves.heard(wish(), from: 0xa, at: start)
    var cancelled = wish()
    cancelled.isCancelled = true
    #expect(moves.heard(cancelled, from: 0xb, at: start).isEmpty)
    #expect(moves.heard(cancelled, from: 0xa, at: start).first == .cancel(7))
    #expect(!moves.heard(cancelled, from: 0xa, at: start).contains(.cancel(7)))
  }

  @Test func `A wish that comes after its own calling off begins nothing`() {
    var moves = PendingMoves()
    var cancelled = wish()
    cancelled.isCancelled = true
    _ = moves.heard(cancelled, from: 0xa, at: start)
    let late = moves.heard(wish(), from: 0xa, at: at(10))
    #expect(sent(late).map(\.isLast) == [true])
    #expect(!late.contains { if case .begin = $0 { true } else { false } })
  }

  @Test func `A flood of wishes is bounded, and what has ended makes room`() {
    var moves = PendingMoves()
    for id in 1...100 as ClosedRange<MoveID> { _ = moves.heard(wish(id), from: 0xa, at: start) }
    #expect(!moves.hasRoom)
    #expect(moves.heard(wish(200), from: 0xa, at: start).isEmpty)
    _ = moves.reported(ended(.checked, id: 1), at: start)
    #expect(moves.hasRoom)
    let actions = moves.heard(wish(201), from: 0xa, at: start)
    #expect(actions.count == 1)
  }

  @Test func `Any line fits into a message, whatever Redis says in an error`() throws {
    var moves = PendingMoves()
    _ = moves.heard(wish(), from: 0xa, at: start)
    let text = String(repeating: "é\u{1}\" ", count: 1_000)
    let end = MoveEnd.refused([.quorumUnreachable(third, text)])
    for line in sent(moves.reported(ended(end), at: start)) {
      let message = ChannelMessage(sender: 1, sequence: 1, body: .moveLine(line))
      let bytes = Array(message.encoded(masterName: "m", key: nil).utf8)
      #expect(bytes.count <= ChannelMessage.longest)
      #expect(try ChannelMessage(decoding: bytes, masterName: "m", key: nil) == message)
    }
  }
}
