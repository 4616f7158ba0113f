import ChannelMessages
import Configuration
import FailoverCore
import PeerKit
import Platform
import Testing

@testable import Agent

@Suite(.timeLimit(.minutes(10))) struct CarrierMoveTests {
  /// What a coordinator is given and gives.
  private final class Bench {
    var peers = PeerTable()
    var requests: [MoveRequest] = []
    let group: Group
    let start: Instant

    init(_ group: Group) {
      self.group = group
      start = group.services.clock.now()
      let state = NodeState(
        node: otherHolder, isHolding: false, version: "1", areLinksUp: true)
      _ = peers.learn(state, from: 42, at: start + .seconds(1))
    }

    private func status(at now: Instant) -> GroupStatus {
      var status = holderStatus()
      status.state = .holding
      for place in status.sentinels.indices { status.sentinels[place].provenAt = now }
      return status
    }

    func coordinator() -> MoveCoordinator {
      var section = group.section
      section.movesOnCarrierLoss = true
      let port = GroupPort(
        sender: 1, journal: Journal(group.configuration, group.services),
        view: { [self] in
          var view = GroupView()
          view.peers = peers
          return view
        }, status: { [self] in status(at: $0) }, send: { _, _ in },
        deliver: { [self] event in
          if case .moveRequested(let request) = event { requests.append(request) }
        })
      return MoveCoordinator(section, group.services, port) { _ in [otherHolder] }
    }
  }

  @Test(arguments: [
    (end: MoveEnd.refused([.targetBehind(otherHolder)]), isTriedAgain: true),
    (end: .undone(.fenceNotClosed(nil)), isTriedAgain: true),
    (end: .failed(.fenceNotClosed(nil)), isTriedAgain: false),
  ])
  func `A move off a dead cable that changed nothing is asked for again`(
    end: MoveEnd, isTriedAgain: Bool
  ) async {
    await GroupBench.runWithRedis { _, group, done in
      let bench = Bench(group)
      let moves = bench.coordinator()
      moves.lostLink(of: [sampleVirtual])
      let first = bench.start + .seconds(1)
      moves.tick(at: first)
      #expect(bench.requests.count == 1)
      let id = bench.requests.first?.id ?? 0
      // Of another move nothing is learned.
      moves.reported(report(id &+ 1, .refused([])), at: first)
      moves.tick(at: first + .seconds(3))
      #expect(bench.requests.count == 1)
      moves.reported(report(id, end), at: first)
      moves.tick(at: first + .milliseconds(2_500))
      #expect(bench.requests.count == (isTriedAgain ? 2 : 1))
      done()
    }
  }
}

private func report(_ id: MoveID, _ end: MoveEnd) -> MoveReport {
  MoveReport(id: id, elapsed: .zero, news: .ended(end))
}
