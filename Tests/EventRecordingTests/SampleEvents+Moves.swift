import Addresses
import FailoverCore

extension SampleEvents {
  /// What is asked and answered in a planned move.
  static let ofMoves: [Event] =
    [
      .sentinelInspected(version4, nil, sentAt: instant),
      .sentinelInspected(version6, SentinelInspection(isInTilt: true), sentAt: instant),
      .failoverAnswered(version6, .accepted), .failoverAnswered(version4, .lost),
      .localPriorityObserved(nil, sentAt: instant), .localPriorityObserved(.min, sentAt: instant),
      .priorityAnswered(.max, nil), .priorityAnswered(1, .unreachable),
      .moveRequested(MoveRequest(id: .max, deadline: instant)),
      .moveRequested(MoveRequest(id: .max, deadline: instant, acceptsAnyTarget: true)),
      .moveRequested(
        MoveRequest(
          id: 0, target: version6, deadline: instant, acceptsLoss: true, isDryRun: true)),
      .moveCancelled(7),
      .started(StartupFacts(priority: PriorityMemory(original: 100, lowered: 1))),
      .started(
        StartupFacts(
          fence: FenceMemory(operatorSetting: .serverDefault),
          priority: PriorityMemory(original: .max, lowered: .min))),
      .noticeReceived(.moveEnded(from: version4, id: .max)),
      .noticeReceived(.moveArrived(from: mapped, id: 0)),
      .noticeReceived(.moveAnswered(from: version6, id: 1, round: .max, refusal: nil)),
      .noticeReceived(.replicaStops(version6)),
      .noticeReceived(.replicaDismissed(mapped, from: version4)),
      .noticeReceived(.replicaAwaited(mapped, from: version4)),
    ]
    + MoveRefusal.allCases.map {
      .noticeReceived(.moveAnswered(from: version6, id: 1, round: 0, refusal: $0))
    }
    + texts.map {
      .sentinelInspected(version4, SentinelInspection(quorumProblem: $0), sentAt: instant)
    }
    + texts.map {
      .sentinelInspected(version6, SentinelInspection(orderProblem: $0), sentAt: instant)
    }
    + texts.map { .failoverAnswered(version4, .refused($0)) }
    + texts.map { through in
      .noticeReceived(
        .moveOffered(
          MoveOffer(
            from: version4, target: mapped, id: 3, round: .max, through: through, prefers: true,
            armed: FenceSetting(minReplicas: 2, maxLagSeconds: 1))))
    }
}
