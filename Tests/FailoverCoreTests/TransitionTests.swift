import Addresses
import FailoverCore
import Testing

/// Every event in every state: the machine moves only along the documented transitions.
@Suite struct TransitionTests {
  /// A script that ends in each state.
  static let routes: [(state: StateName, script: String)] = [
    (.standby, "master b\n0 role replica b\n0 start\n1000 end\n"),
    (.prepared, selected),
    (.holding, held),
    (.blind, held + "5000 all refused\n8000 end\n"),
    (.yielding, held + "5000 s1 starts\n5100 s1 selects b\n5200 end\n"),
    (.paused, held + "3000 pause 60000\n3100 end\n"),
  ]

  static let fenced = "fence all\nnodes me=10.77.0.1 b=10.77.0.2\n"
  static let held = "master me\n0 role master\n0 start proof=100 present=1900\n2000 end\n"
  static let selected = """
    master b
    0 role replica b
    0 start
    5000 s1 starts
    5000 s1 votes s1 1
    5100 s1 selects me
    5110 end

    """

  /// The transitions that the states document.
  static let allowed: [StateName: Set<StateName>] = [
    .standby: [.standby, .prepared, .holding, .paused],
    .prepared: [.prepared, .holding, .standby, .paused],
    .holding: [.holding, .blind, .standby, .yielding, .paused],
    .blind: [.blind, .holding, .standby, .yielding, .paused],
    .yielding: [.yielding, .prepared, .standby, .paused],
    .paused: [.paused, .standby, .prepared, .holding, .blind, .yielding],
  ]

  static let me = Endpoint(address: .v4(IPv4Address(10, 77, 0, 1)), port: 6379)
  static let other = Endpoint(address: .v4(IPv4Address(10, 77, 0, 2)), port: 6379)
  static let sentinel = Endpoint(address: .v4(IPv4Address(10, 77, 0, 1)), port: 26379)
  static let address = VirtualAddress(
    address: .v4(IPv4Address(10, 77, 0, 100)), interface: "eth0", subnetPrefixLength: 24)

  /// What is told of the fence.
  static func fenceEvents(at now: Instant) -> [Event] {
    let setting = FenceSetting(minReplicas: 1, maxLagSeconds: 1)
    let closed = FenceSetting(minReplicas: FenceSetting.closedCount, maxLagSeconds: 1)
    let replication = LocalReplication(replicas: [AttachedReplica(endpoint: other)], offset: 9)
    return [
      .localReplicationObserved(replication, sentAt: now),
      .localReplicationObserved(LocalReplication(replicas: [], offset: 0), sentAt: now),
      .localFenceObserved(setting, sentAt: now), .localFenceObserved(closed, sentAt: now),
      .localFenceUnreadable(.refused("NOPERM")), .localFenceUnreadable(.unreachable),
      .fenceAnswered(.set(setting), nil), .fenceAnswered(.set(closed), .refused("NOPERM")),
      .fenceAnswered(.persist, nil), .fenceAnswered(.persist, .notPersisted("no file")),
      .fenceAnswered(.demote(to: other, setting), nil),
      .fenceAnswered(.demote(to: other, setting), .notDemoted("no", isSet: true)),
      .nodeObserved(other, NodeObservation(role: .master), sentAt: now),
      .nodeObserved(other, nil, sentAt: now),
    ]
  }

  static func events(at now: Instant) -> [Event] {
    let promoted = ReplicaView(endpoint: other, flags: [.slave, .promoted])
    let mac = MACAddress(rawValue: 7)
    return [
      .started(StartupFacts()), .sentinelConnected(sentinel, runID: "s1"),
      .sentinelDisconnected(sentinel, .refused), .sentinelDisconnected(sentinel, .closed),
      .sentinelDisconnected(sentinel, .unreachable), .sentinelForgotten(sentinel),
      .sentinelReplied(sentinel, SentinelView(named: me), sentAt: now),
      .sentinelReplied(sentinel, SentinelView(named: other, configEpoch: 9), sentAt: now),
      .sentinelReplied(
        sentinel,
        SentinelView(named: me, failoverState: .waitPromotion, replicas: [promoted]),
        sentAt: now),
      .sentinelLacksMaster(sentinel, sentAt: now),
      .sentinelHinted(sentinel, .voted(leader: "elsewhere", epoch: 9)),
      .sentinelHinted(sentinel, .newEpoch(9)), .sentinelHinted(sentinel, .changed), .hookCalled,
      .localInstancesChanged([]), .localInstancesChanged([other]),
      .localRoleObserved(.master, sentAt: now),
      .localRoleObserved(.replica(of: other), sentAt: now), .localRedisLost(.closed),
      .localReplicasObserved(acknowledging: [other], sentAt: now),
      .probeCompleted(1, claimedBy: nil), .probeCompleted(1, claimedBy: mac),
      .noticeReceived(.yielded(from: other, target: me, epoch: 1, nonce: 0)),
      .noticeReceived(.selected(from: other, epoch: 1, nonce: 3)),
      .claimSeen(address.address, by: mac), .addressAppeared(address),
      .addressVanished(address), .addressFailed(address, .interface("eth0 is down")),
      .addressFailed(address, .kernel("no buffer space")), .linkLost([address]),
      .linkRestored([address]),
      .clockDisturbed(.clockJump(.seconds(60))), .clockDisturbed(.stall(.seconds(9))), .woke,
      .pauseRequested(until: nil), .resumeRequested, .releaseRequested(until: nil),
      .stopRequested(.release), .stopRequested(.keep),
    ] + fenceEvents(at: now) + moveEvents(at: now)
  }

  @Test("Every event in every state leads along a documented transition", arguments: 0..<12)
  func transitions(route: Int) throws {
    let (name, bare) = Self.routes[route / 2]
    let script = route % 2 == 0 ? bare : Self.fenced + bare
    let (_, director) = try TraceScript.playing(script)
    #expect(director.machine.status(at: director.now).state == name)
    for event in Self.events(at: director.now) {
      var machine = director.machine
      let effects = machine.handle(event, at: director.now)
      var state = name
      for case .report(let change) in effects {
        #expect(change.from == state, "\(name), \(event)")
        #expect(Self.allowed[change.from]?.contains(change.to) == true, "\(change), \(event)")
        state = change.to
      }
      #expect(machine.status(at: director.now).state == state, "\(event)")
    }
  }

  @Test("A stopped machine decides nothing any more")
  func stopped() throws {
    let (_, director) = try TraceScript.playing(Self.held)
    var machine = director.machine
    _ = machine.handle(.stopRequested(.keep), at: director.now)
    for event in Self.events(at: director.now) {
      #expect(machine.handle(event, at: director.now).isEmpty)
    }
  }
}
