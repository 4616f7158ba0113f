import Addresses
import FailoverCore
import Testing

extension TransitionTests {
  /// The events that belong to planned moves.
  static func moveEvents(at now: Instant) -> [Event] {
    let offer = MoveOffer(
      from: other, target: me, id: 7, round: 1, through: "s1", prefers: true,
      armed: FenceSetting(minReplicas: 1, maxLagSeconds: 1))
    return [
      .moveRequested(MoveRequest(id: 7, deadline: now + .seconds(60))),
      .moveRequested(MoveRequest(id: 8, target: other, deadline: now, acceptsLoss: true)),
      .moveCancelled(7), .sentinelInspected(sentinel, nil, sentAt: now),
      .sentinelInspected(sentinel, SentinelInspection(isInTilt: true), sentAt: now),
      .failoverAnswered(sentinel, .accepted), .failoverAnswered(sentinel, .refused("INPROG")),
      .failoverAnswered(sentinel, .lost), .localPriorityObserved(100, sentAt: now),
      .localPriorityObserved(nil, sentAt: now), .priorityAnswered(1, nil),
      .priorityAnswered(1, .unreachable), .noticeReceived(.moveOffered(offer)),
      .noticeReceived(.moveAnswered(from: other, id: 7, round: 0, refusal: nil)),
      .noticeReceived(.moveAnswered(from: other, id: 7, round: .max, refusal: .paused)),
      .noticeReceived(.moveEnded(from: other, id: 7)),
      .noticeReceived(.moveArrived(from: other, id: 7)),
    ]
  }
}

/// Every event in every phase of a move.
@Suite struct MoveTransitionTests {
  static let begun = """
    check moves
    nodes me=10.77.0.1 b=10.77.0.2
    fence all
    0 role master
    0 replica b good
    0 node b replica-of me
    0 start proof=100 present=1900

    """
  static let routes: [(phase: MovePhase, script: String)] = [
    (.preflight, "3000 move\n3000 end\n"),
    (.preparing, "3000 target silent\n3000 move\n3100 end\n"),
    (.closing, "3000 redis hangs\n3000 move\n3100 end\n"),
    (.draining, "3000 offset me 9\n3000 move\n3100 end\n"),
    (.commanding, "3000 move\n3100 end\n"),
    (.yielding, "3000 move\n3200 s1 selects b\n3210 end\n"),
    (.promoting, "3000 move\n3200 s1 selects b\n3210 arrived b\n3220 end\n"),
    (
      .demoting,
      "3000 move\n3200 s1 selects b\n3300 s1 promoted b 1\n3310 s2 s3 names b epoch 1\n3330 end\n"
    ),
  ]

  /// Whether this node is a replica now, on which a fence has no effect, or the target itself.
  private func isOfReplica(_ event: Event) -> Bool {
    switch event {
    case .localRoleObserved(.replica, _), .localInstancesChanged([TransitionTests.other]): true
    default: false
    }
  }

  @Test("In every phase every event leads on, or back to nothing", arguments: 0..<8)
  func transitions(route: Int) throws {
    let (phase, script) = Self.routes[route]
    let (_, director) = try TraceScript.playing(Self.begun + script)
    let before = try #require(director.machine.status(at: director.now).move)
    #expect(before.phase == phase)
    for event in TransitionTests.events(at: director.now) {
      var machine = director.machine
      let effects = machine.handle(event, at: director.now)
      let ends = effects.filter {
        if case .reportMove(let report) = $0, report.id == 7, case .ended = report.news {
          true
        } else {
          false
        }
      }
      let after = machine.status(at: director.now).move
      if let after {
        #expect(ends.isEmpty, "\(event)")
        #expect((after.phase ?? .preflight) >= phase, "\(phase), \(event)")
      } else {
        #expect(ends.count == 1, "\(phase), \(event)")
      }
      // From the closing on nothing that happens opens the fence at once, but the daemon's end.
      if phase >= .closing, phase < .demoting, event != .stopRequested(.keep),
        event != .stopRequested(.release)
      {
        let opened = effects.fenceOrders.contains { order in
          if case .set(let setting) = order { !setting.isClosed } else { false }
        }
        #expect(!opened || isOfReplica(event), "\(phase), \(event)")
      }
    }
  }
}
