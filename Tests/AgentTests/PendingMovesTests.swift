import Addresses
import ChannelMessages
import Control
import ControlProtocol
import FailoverCore
import Store
import Testing

@testable import Agent

private let master = Endpoint(address: .v4(IPv4Address(10, 77, 0, 1)), port: 6379)
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

/// The wishes that an asker sends.
private func wishes(_ actions: [PendingMoves.Action]) -> [ForwardedMove] {
  actions.compactMap { action in
    guard case .send(.move(let wish), _) = action else { return nil }
    return wish
  }
}

/// What is shown where the move was asked for.
private func shown(_ actions: [PendingMoves.Action]) -> [MoveLine] {
  actions.compactMap { action in
    guard case .show(_, let line) = action else { return nil }
    return line
  }
}

@Suite struct PendingMovesHereTests {
  @Test func `A move that is asked for at the holder begins there, with its deadline`() {
    var moves = PendingMoves()
    let actions = moves.ask(wish(), of: nil, at: start)
    let request = MoveRequest(id: 7, target: replica, deadline: start + .seconds(60))
    #expect(actions == [.begin(request)])
  }

  @Test func `What the machine reports is shown, and the result is the last`() {
    var moves = PendingMoves()
    _ = moves.ask(wish(), of: nil, at: start)
    let first = shown(moves.reported(entered(.preflight), at: start))
    #expect(first.map(\.isLast) == [false])
    let last = shown(moves.reported(ended(.undone(.cancelled)), at: start))
    #expect(last.map(\.isLast) == [true])
    #expect(moves.reported(entered(.closing), at: start).isEmpty, "nothing follows the result")
  }

  @Test func `A report on a move that nobody asked for here is shown to nobody`() {
    var moves = PendingMoves()
    #expect(moves.reported(entered(.preflight), at: start).isEmpty)
  }

  @Test func `Whoever waits gets a sign of life each second`() {
    var moves = PendingMoves()
    _ = moves.ask(wish(), of: nil, at: start)
    let early = moves.tick(at: at(999))
    let due = moves.tick(at: at(1_000))
    let again = moves.tick(at: at(1_900))
    #expect(early.isEmpty && due == [.show(7, .pulse)] && again.isEmpty)
    _ = moves.reported(ended(.checked), at: at(2_000))
    #expect(moves.tick(at: at(9_000)).isEmpty)
  }

  @Test func `A move is cancelled once, and not after its end`() {
    var moves = PendingMoves()
    _ = moves.ask(wish(), of: nil, at: start)
    let actions = [moves.cancel(7, at: start), moves.cancel(7, at: start)]
    #expect(actions == [[.cancel(7)], []])
    _ = moves.ask(wish(8), of: nil, at: start)
    _ = moves.reported(ended(.checked, id: 8), at: start)
    #expect(moves.cancel(8, at: start).isEmpty)
    #expect(moves.cancel(9, at: start).isEmpty)
  }

  @Test func `The end of a move that changed something is kept in the history`() throws {
    var moves = PendingMoves()
    moves.ended(sessions: 3)
    _ = moves.ask(wish(), of: nil, at: start)
    let plan = MovePlan(
      from: master, target: replica, through: third, prefers: false, closesFence: true,
      replicas: [replica])
    _ = moves.reported(MoveReport(id: 7, elapsed: .zero, news: .planned(plan)), at: start)
    _ = moves.reported(entered(.preflight), at: start)
    _ = moves.reported(entered(.closing, 12), at: start)
    moves.ended(sessions: 5)
    let outcome = MoveOutcome(
      promoted: replica, target: replica, writeGap: .milliseconds(194), keptEveryWrite: true)
    let actions = moves.reported(ended(.done(outcome), 900), at: start)
    let entry = try #require(
      actions.compactMap { action -> HistoryEntry? in
        guard case .remember(let entry) = action else { return nil }
        return entry
      }.first)
    #expect(entry.kind == "move")
    #expect(entry.fields.first { $0.name == "writeGapMs" }?.value == .number(194))
    #expect(entry.fields.first { $0.name == "disconnected" }?.value == .number(5))
    #expect(entry.phases.map(\.name) == ["preflight", "closing", "done"])
    #expect(entry.phases.map(\.microseconds) == [0, 12_000, 900_000])
    #expect(shown(actions).last?.json.contains(#""writesLost":0"#) == true)
  }

  @Test(arguments: [MoveEnd.checked, .refused([.fenceOff])])
  func `A move that changed nothing leaves no trace in the history`(end: MoveEnd) {
    var moves = PendingMoves()
    _ = moves.ask(wish(), of: nil, at: start)
    let actions = moves.reported(ended(end), at: start)
    let isKept = actions.contains { if case .remember = $0 { true } else { false } }
    #expect(!isKept)
  }
}

@Suite struct PendingMovesElsewhereTests {
  private let driver: PeerTable.Peer = (0xd, master)

  private func line(_ number: Int, _ text: String = "{}", isLast: Bool = false) -> ForwardedLine {
    ForwardedLine(id: 7, asker: 0xa, number: number, isLast: isLast, text: text)
  }

  /// Moves of which one was passed on.
  private func asked() -> PendingMoves {
    var moves = PendingMoves()
    _ = moves.ask(wish(), of: driver, at: start)
    return moves
  }

  @Test func `A wish is passed on to the very daemon that holds, and says so`() {
    var moves = PendingMoves()
    let actions = moves.ask(wish(), of: driver, at: start)
    #expect(shown(actions).count == 1)
    #expect(wishes(actions).map(\.driver) == [0xd])
    guard case .send(_, let also) = actions.last else {
      Issue.record("nothing is sent")
      return
    }
    #expect(also == master)
  }

  @Test func `A wish is repeated with what was heard, until the result`() {
    var moves = asked()
    #expect(wishes(moves.tick(at: at(499))).isEmpty)
    #expect(wishes(moves.tick(at: at(500))).map(\.heard) == [0])
    _ = moves.heard(line(1), from: 0xd, at: at(600))
    _ = moves.heard(line(2), from: 0xd, at: at(600))
    #expect(wishes(moves.tick(at: at(1_000))).map(\.heard) == [2])
    _ = moves.heard(line(3, isLast: true), from: 0xd, at: at(1_100))
    #expect(moves.tick(at: at(9_000)).isEmpty)
  }

  @Test func `Lines are shown once and in their order, whatever the network does`() {
    var moves = asked()
    var texts: [String] = []
    for number in [2, 1, 1, 3] {
      let actions = moves.heard(line(number, "\(number)"), from: 0xd, at: at(100))
      texts += shown(actions).map(\.json)
    }
    #expect(texts == ["1"], "2 came before its turn, and 3 too")
    texts += shown(moves.heard(line(2, "2"), from: 0xd, at: at(600))).map(\.json)
    texts += shown(moves.heard(line(3, "3"), from: 0xd, at: at(600))).map(\.json)
    #expect(texts == ["1", "2", "3"])
  }

  @Test func `What is driven elsewhere is cancelled, and who waits is told, when the group ends`() {
    var moves = asked()
    let actions = moves.end(at: at(100))
    #expect(wishes(actions).map(\.isCancelled) == [true])
    #expect(shown(actions).map(\.isLast) == [true])
    #expect(moves.end(at: at(200)).isEmpty && moves.tick(at: at(9_000)).isEmpty)
  }

  @Test func `A line from anybody but the driver is not believed`() {
    var moves = asked()
    #expect(moves.heard(line(1), from: 0xe, at: at(100)).isEmpty)
    let end = shown(moves.tick(at: at(2_000)))
    #expect(end.map(\.isLast) == [true], "nor does it count as an answer")
  }

  @Test func `A holder whose vipd does not answer is given up after two seconds`() {
    var moves = asked()
    let early = shown(moves.tick(at: at(1_999)))
    #expect(early.allSatisfy { !$0.isLast })
    let actions = moves.tick(at: at(2_000))
    #expect(wishes(actions).map(\.isCancelled) == [true], "it may have heard the wish")
    #expect(shown(actions).last?.json.contains("does not answer within 2.0 s") == true)
    #expect(moves.tick(at: at(3_000)).isEmpty)
  }

  @Test func `A driver that falls silent is given up, and the outcome is said to be unknown`() {
    var moves = asked()
    _ = moves.heard(line(1), from: 0xd, at: at(100))
    _ = moves.heard(line(0), from: 0xd, at: at(3_000))
    #expect(shown(moves.tick(at: at(7_999))).allSatisfy { !$0.isLast })
    let end = shown(moves.tick(at: at(8_000)))
    #expect(end.last?.isLast == true && end.last?.json.contains("not known here") == true)
  }

  @Test func `Calling off is passed on at once and with every repetition`() {
    var moves = asked()
    #expect(wishes(moves.cancel(7, at: at(100))).map(\.isCancelled) == [true])
    #expect(moves.cancel(7, at: at(200)).isEmpty)
    #expect(wishes(moves.tick(at: at(600))).map(\.isCancelled) == [true])
  }

  @Test func `Whoever waits gets a sign of life each second, though the driver is silent`() {
    var moves = asked()
    _ = moves.heard(line(1), from: 0xd, at: at(100))
    #expect(shown(moves.tick(at: at(1_099))).isEmpty)
    #expect(shown(moves.tick(at: at(1_100))) == [.pulse])
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

  @Test func `A move is cancelled from elsewhere, and by nobody but who asked for it`() {
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
