import Addresses
import FailoverCore

extension SampleEvents {
  /// What is said of fences, and of the replicas that they ask for.
  static let ofFence: [Event] =
    [
      .localReplicationObserved(LocalReplication(replicas: [], offset: 0), sentAt: instant),
      .localReplicationObserved(
        LocalReplication(
          replicas: [
            AttachedReplica(endpoint: version4, isOnline: true, lagSeconds: 0, offset: .max),
            AttachedReplica(endpoint: version6, isOnline: false, lagSeconds: .min, offset: 1),
          ], offset: .max, goodReplicas: .min),
        sentAt: instant),
      .localFenceObserved(FenceSetting(minReplicas: .max, maxLagSeconds: .min), sentAt: instant),
      .nodeObserved(version6, nil, sentAt: instant),
      .nodeObserved(version6, NodeObservation(role: .replica(of: nil)), sentAt: instant),
      .nodeObserved(
        mapped,
        NodeObservation(
          role: .replica(of: version4), offset: 7, isLinkUp: false, priority: -1,
          fence: FenceSetting(minReplicas: 1, maxLagSeconds: 10)),
        sentAt: instant),
      .nodeObserved(mapped, NodeObservation(role: .master, offset: .max), sentAt: instant),
      .nodeObserved(mapped, NodeObservation(role: .master, keys: .max), sentAt: instant),
      .nodeObserved(
        mapped, NodeObservation(role: .master, keys: 1, stream: "a@b|c;"), sentAt: instant),
      .nodeObserved(
        mapped, NodeObservation(role: .replica(of: nil), stream: "1f"), sentAt: instant),
      .localRedisDied(peers: []), .localRedisDied(peers: [version4, mapped]),
      .localIdentityObserved(
        LocalIdentity(process: "a;b|c d", offset: .max, keys: 0), peers: [], sentAt: instant),
      .localIdentityObserved(
        LocalIdentity(process: "p", offset: 1, keys: 2, isLinkUp: false), peers: [],
        sentAt: instant),
      .localIdentityObserved(
        LocalIdentity(process: "p", isLoading: true, offset: 1, keys: 2, isLinkUp: false),
        peers: [], sentAt: instant),
      .localIdentityObserved(
        LocalIdentity(process: "", isLoading: true, offset: 0, keys: .max), peers: [version6],
        sentAt: instant),
      .localIdentityObserved(
        LocalIdentity(
          process: "p", isLoading: true, offset: 1, keys: 2, isLinkUp: false,
          base: ReplicationPoint(stream: "1f", offset: .max)),
        peers: [], sentAt: instant),
      .localIdentityObserved(
        LocalIdentity(
          process: "p", offset: 1, keys: 2, base: ReplicationPoint(stream: ";@ |", offset: 0)),
        peers: [], sentAt: instant),
      .started(
        StartupFacts(fence: FenceMemory(operatorSetting: .serverDefault))),
      .started(
        StartupFacts(
          fence: FenceMemory(
            operatorSetting: .serverDefault,
            armed: FenceSetting(minReplicas: 2, maxLagSeconds: 1)))),
    ]
    + fenceOrders.map { .fenceAnswered($0, nil) }
    + fenceProblems.map { .fenceAnswered(.persist, $0) }
    + fenceProblems.map { .localFenceUnreadable($0) }

  private static let fenceOrders: [FenceOrder] = [
    .persist, .set(FenceSetting(minReplicas: FenceSetting.closedCount, maxLagSeconds: 1)),
    .demote(to: version6, FenceSetting(minReplicas: 1, maxLagSeconds: 1)),
  ]

  private static let fenceProblems: [FenceProblem] =
    [.unreachable] + texts.map { .refused($0) } + texts.map { .notPersisted($0) }
    + texts.flatMap { [.notDemoted($0, isSet: false), .notDemoted($0, isSet: true)] }
}
