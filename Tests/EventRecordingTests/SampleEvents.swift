import Addresses
import FailoverCore

/// At least one event of each kind, with every form that its payload can take.
enum SampleEvents {
  /// The kinds of event; a new one that has no sample makes a test fail.
  enum Kind: CaseIterable {
    case started, sentinelConnected, sentinelDisconnected, sentinelForgotten, sentinelReplied
    case sentinelListed, sentinelsConfigured, forgetRequested
    case sentinelLacksMaster, sentinelHinted, hookCalled, localInstancesChanged
    case localRoleObserved, localRedisLost, localReplicasObserved, probeCompleted
    case noticeReceived, claimSeen, addressAppeared, addressVanished, addressFailed, linkLost
    case linkRestored
    case localReplicationObserved, localFenceObserved, localFenceUnreadable, fenceAnswered
    case nodeObserved
    case sentinelInspected, failoverAnswered, localPriorityObserved, priorityAnswered
    case moveRequested, moveCancelled
    case localRedisDied, localIdentityObserved
    case clockDisturbed, woke, pauseRequested, resumeRequested, releaseRequested, stopRequested
  }

  /// The kind of an event, without a default: the compiler asks for every new one.
  static func kind(of event: Event) -> Kind {
    switch event {
    case .started: .started
    case .sentinelConnected: .sentinelConnected
    case .sentinelDisconnected: .sentinelDisconnected
    case .sentinelForgotten: .sentinelForgotten
    case .sentinelReplied: .sentinelReplied
    case .sentinelListed: .sentinelListed
    case .sentinelsConfigured: .sentinelsConfigured
    case .forgetRequested: .forgetRequested
    case .sentinelLacksMaster: .sentinelLacksMaster
    case .sentinelHinted: .sentinelHinted
    case .hookCalled: .hookCalled
    case .localInstancesChanged: .localInstancesChanged
    case .localRoleObserved: .localRoleObserved
    case .localRedisLost: .localRedisLost
    case .localReplicasObserved: .localReplicasObserved
    case .localRedisDied: .localRedisDied
    case .localIdentityObserved: .localIdentityObserved
    case .localReplicationObserved: .localReplicationObserved
    case .localFenceObserved: .localFenceObserved
    case .localFenceUnreadable: .localFenceUnreadable
    case .fenceAnswered: .fenceAnswered
    case .nodeObserved: .nodeObserved
    case .sentinelInspected: .sentinelInspected
    case .failoverAnswered: .failoverAnswered
    case .localPriorityObserved: .localPriorityObserved
    case .priorityAnswered: .priorityAnswered
    case .moveRequested: .moveRequested
    case .moveCancelled: .moveCancelled
    case .probeCompleted: .probeCompleted
    case .noticeReceived: .noticeReceived
    case .claimSeen: .claimSeen
    case .addressAppeared: .addressAppeared
    case .addressVanished: .addressVanished
    case .addressFailed: .addressFailed
    case .linkLost: .linkLost
    case .linkRestored: .linkRestored
    case .clockDisturbed: .clockDisturbed
    case .woke: .woke
    case .pauseRequested: .pauseRequested
    case .resumeRequested: .resumeRequested
    case .releaseRequested: .releaseRequested
    case .stopRequested: .stopRequested
    }
  }

  static let version4 = Endpoint(address: .v4(IPv4Address(10, 77, 0, 1)), port: 6379)
  static let version6 = Endpoint(address: .v6(IPv6Address(high: 0xfd77 << 48, low: 2)), port: 0)
  /// An IPv4 address in the clothes of IPv6, which other parsers turn into the former.
  static let mapped = Endpoint(
    address: .v6(IPv6Address(high: 0, low: 0xffff_0a4d_0001)), port: 65_535)
  static let address = VirtualAddress(
    address: .v4(IPv4Address(10, 77, 0, 100)), interface: "eth0", subnetPrefixLength: 24)
  static let odd = VirtualAddress(
    address: version6.address, interface: "a@b;c,d/e=f %2D\n", subnetPrefixLength: 128)
  static let mac = MACAddress(rawValue: 0x0200_0a4d_0001)
  static let instant = Instant(nanoseconds: 1_234_567_890_123)
  /// Texts that would be something else if they were not escaped.
  static let texts = ["", "-", "%", "none", "a b=c;d,e|f@g#", "\n  wake\r\t\0", "größe 😀", "%2D"]

  static let all: [Event] = ofSentinels + replies + ofHost + ofFence + ofMoves + ofOperator

  private static let ofSentinels: [Event] =
    texts.map { .sentinelConnected(version4, runID: $0) }
    + [ConnectionLoss.refused, .closed, .unreachable].map { .sentinelDisconnected(version6, $0) }
    + [.sentinelForgotten(mapped), .sentinelLacksMaster(version4, sentAt: instant), .hookCalled]
    + [.sentinelListed(version4, [], sentAt: instant), .sentinelsConfigured(3)]
    + texts.map { text in
      .sentinelListed(
        version6,
        [
          ListedSentinel(runID: text, endpoint: nil),
          ListedSentinel(runID: text, endpoint: mapped, helloAge: .milliseconds(1)),
        ], sentAt: instant)
    }
    + texts.map { .forgetRequested($0) }
    + texts.map { .sentinelHinted(version4, .voted(leader: $0, epoch: .max)) }
    + [.sentinelHinted(version4, .newEpoch(0)), .sentinelHinted(version6, .changed)]

  private static let replies: [Event] =
    ([nil] + SentinelView.FailoverState.allCases.map(Optional.some)).map { state in
      .sentinelReplied(
        version4, SentinelView(named: version4, master: version6, failoverState: state),
        sentAt: instant)
    }
    + ([[]] + InstanceFlags.names.map(\.flag) + [[.master, .objectivelyDown, .promoted]]).map {
      flags in
      .sentinelReplied(
        version6,
        SentinelView(
          named: mapped, flags: flags, lastOkPingReply: .milliseconds(1),
          downAfter: .seconds(1), failoverTimeout: .zero, configEpoch: .max, quorum: .max,
          otherSentinels: -1,
          replicas: [
            ReplicaView(
              endpoint: version4, flags: flags, lastOkPingReply: .milliseconds(-5), priority: 0),
            ReplicaView(endpoint: mapped, priority: .min, isReportedReplica: false),
          ]),
        sentAt: Instant(nanoseconds: -1))
    } + [.sentinelReplied(version4, spoiled, sentAt: instant)]

  /// A reply of which nothing but the name could be used.
  private static var spoiled: SentinelView {
    var view = SentinelView(
      named: version4, flags: [], lastOkPingReply: nil, downAfter: nil, failoverTimeout: nil,
      quorum: nil, otherSentinels: nil,
      replicas: [ReplicaView(endpoint: version6, lastOkPingReply: nil)])
    view.master = nil
    return view
  }

  private static let ofHost: [Event] =
    [
      .localInstancesChanged([]), .localInstancesChanged([version4, version6, mapped]),
      .localRoleObserved(.master, sentAt: instant),
      .localRoleObserved(.replica(of: nil), sentAt: instant),
      .localRoleObserved(.replica(of: version6), sentAt: instant), .localRedisLost(.refused),
      .localReplicasObserved(acknowledging: [], sentAt: instant),
      .localReplicasObserved(acknowledging: [version4, version6], sentAt: instant),
      .probeCompleted(7, claimedBy: nil), .probeCompleted(8, claimedBy: mac),
      .noticeReceived(.yielded(from: version4, target: version6, epoch: 3, nonce: .max)),
      .noticeReceived(.selected(from: version4, epoch: 3, nonce: 0)),
      .claimSeen(version4.address, by: mac), .claimSeen(mapped.address, by: .zero),
      .addressAppeared(address), .addressAppeared(odd), .addressVanished(address),
    ]
    + texts.map { .addressFailed(address, .kernel($0)) }
    + texts.map { .addressFailed(odd, .interface($0)) }
    + [[], [address], [address, odd]].flatMap { addresses -> [Event] in
      [.linkLost(addresses), .linkRestored(addresses)]
    }
    + durations.map { .clockDisturbed(.clockJump($0)) }
    + durations.map { .clockDisturbed(.stall($0)) }

  /// Durations of every sign and size that a recording keeps; the shell has no finer one than
  /// nanoseconds, the text is exact to the attosecond.
  static let durations: [Duration] = [
    .zero, .nanoseconds(1), .nanoseconds(-1), .seconds(1), .milliseconds(-1_500),
    .seconds(Int64.max), .seconds(-Int64.max),
    Duration(secondsComponent: 2, attosecondsComponent: 1),
  ]

  private static let ofOperator: [Event] =
    [nil, instant].flatMap { until -> [Event] in
      [.pauseRequested(until: until), .releaseRequested(until: until)]
    }
    + [
      .started(StartupFacts()),
      .started(
        StartupFacts(
          proof: LeaseProof(provenAt: instant, configEpoch: .max), rememberedSentinels: 5,
          pause: Pause(until: nil),
          present: [
            .init(virtualAddress: address, remaining: nil),
            .init(virtualAddress: odd, remaining: .milliseconds(2_500)),
          ])),
      .started(
        StartupFacts(
          knownSentinels: [
            KnownSentinel(runID: "a b", endpoint: nil, fate: .forgotten),
            KnownSentinel(runID: "", endpoint: mapped, fate: .retired),
            KnownSentinel(runID: "c", endpoint: version4),
          ])),
      .started(StartupFacts(pause: Pause(until: instant))), .woke, .resumeRequested,
      .stopRequested(.release), .stopRequested(.keep),
    ]
}
