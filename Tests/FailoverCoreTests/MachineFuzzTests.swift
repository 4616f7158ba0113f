import Addresses
import FailoverCore
import FuzzKit
import Testing

/// Random events in random order: whatever comes, the machine keeps its promises.
@Suite struct MachineFuzzTests {
  static let me = Endpoint(address: .v4(IPv4Address(10, 77, 0, 1)), port: 6379)
  static let other = Endpoint(address: .v4(IPv4Address(10, 77, 0, 2)), port: 6379)
  static let address = VirtualAddress(
    address: .v4(IPv4Address(10, 77, 0, 100)), interface: "eth0", subnetPrefixLength: 24)

  @Test("No sequence of events makes the machine break a promise", arguments: 1...24)
  func promises(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed) &* 0x9e37_79b9_7f4a_7c15)
    var machine = FailoverMachine(
      configuration: GroupConfiguration(
        masterName: "mymaster", virtualAddresses: [Self.address], configuredSentinels: 3,
        blindPolicy: [.release, .replicas, .hold][seed % 3],
        fence: seed % 2 == 0 ? .off : .minReplicas(.all, maxLagSeconds: 1)))
    var now = Instant.milliseconds(1_000)
    _ = machine.handle(.started(StartupFacts()), at: now)
    _ = machine.handle(.localInstancesChanged([Self.me]), at: now)
    var held = false
    var settings: [FenceSetting] = []
    for _ in 0..<3_000 {
      now = now + .milliseconds(Int(random.next() % 120))
      let event = Self.event(at: now, &random)
      var twin = machine
      let effects = machine.handle(event, at: now)
      expect(twin.handle(event, at: now) == effects && twin == machine, "not deterministic")
      expect(effects.count <= 24, "a runaway")
      check(effects, holdsBefore: &held)
      check(fence: effects, &settings)
      for order in effects.fenceOrders where random.next() % 4 > 0 {
        _ = machine.handle(.fenceAnswered(order, Self.problem(&random)), at: now)
      }
      let status = machine.status(at: now)
      expect(status.basis == .none || status.obstacles.isEmpty, "an obstacle while holding")
    }
  }

  /// `#expect` takes longer than the machine does, and this is asked a million times.
  private func expect(_ isSo: Bool, _ broken: Comment, at place: SourceLocation = #_sourceLocation)
  {
    if !isSo { Issue.record(broken, sourceLocation: place) }
  }

  /// The address comes before its announcement, and nothing is announced that is not held.
  private func check(_ effects: [Effect], holdsBefore held: inout Bool) {
    for effect in effects {
      switch effect {
      case .installAddresses(_, let lifetime):
        held = true
        if case .seconds(let seconds) = lifetime {
          expect((2...5).contains(seconds), "a lifetime out of bounds")
        }
      case .removeAddresses: held = false
      case .announce: expect(held, "announced without holding")
      default: continue
      }
    }
  }

  /// The fence is closed before the address goes, and a machine with the mode off orders nothing.
  private func check(fence effects: [Effect], _ settings: inout [FenceSetting]) {
    for effect in effects {
      guard case .fence(let order) = effect else { continue }
      if case .set(let setting) = order { settings.append(setting) }
      if case .demote(_, let setting) = order {
        expect(!setting.isClosed && setting.minReplicas > 0, "demoted without being armed")
      }
    }
    let close = effects.firstIndex { effect in
      if case .fence(.set(let setting)) = effect { setting.isClosed } else { false }
    }
    let removal = effects.firstIndex { if case .removeAddresses = $0 { true } else { false } }
    if let close, let removal { expect(close < removal, "the address went before the writes") }
    // What is closed is never written to the file.
    let isClosed = settings.last?.isClosed == true
    expect(!isClosed || !effects.fenceOrders.contains(.persist), "closed, and persisted")
  }

  private static func problem(_ random: inout SeededGenerator) -> FenceProblem? {
    switch random.next() % 15 {
    case 0: .unreachable
    case 1: .refused("NOPERM")
    case 2: .notPersisted("no file")
    case 3: .notDemoted("no", isSet: true)
    case 4: .notDemoted("no", isSet: false)
    default: nil
    }
  }

  private static func fenceEvent(at now: Instant, _ random: inout SeededGenerator) -> Event {
    let counts = [0, 1, 2, FenceSetting.closedCount, .max, .min]
    let lags = [0, 1, 10, .max, .min]
    switch random.next() % 5 {
    case 0:
      return .localFenceObserved(
        FenceSetting(
          minReplicas: counts[Int(random.next() % 6)], maxLagSeconds: lags[Int(random.next() % 5)]),
        sentAt: now)
    case 1: return .localFenceUnreadable(.refused("NOPERM"))
    case 2:
      return .nodeObserved(
        other, random.next() % 3 == 0 ? nil : NodeObservation(role: .master), sentAt: now)
    default:
      let replica = AttachedReplica(
        endpoint: other, isOnline: random.next() % 4 > 0,
        lagSeconds: lags[Int(random.next() % 5)], offset: random.next())
      return .localReplicationObserved(
        LocalReplication(replicas: random.next() % 3 == 0 ? [] : [replica], offset: random.next()),
        sentAt: now)
    }
  }

  private static func event(at now: Instant, _ random: inout SeededGenerator) -> Event {
    let id = Endpoint(
      address: .v4(IPv4Address(10, 77, 0, UInt8(1 + random.next() % 3))), port: 26379)
    let sentAt = now - .milliseconds(Int(random.next() % 3))
    switch random.next() % 27 {
    case 24, 25, 26: return fenceEvent(at: now, &random)
    case 0: return .sentinelConnected(id, runID: "\(id)")
    case 1: return .sentinelDisconnected(id, random.next() % 2 == 0 ? .refused : .closed)
    case 2: return .sentinelHinted(id, .voted(leader: "\(id)", epoch: random.next() % 9))
    case 3: return .sentinelHinted(id, .newEpoch(random.next() % 9))
    case 4: return .localRoleObserved(.replica(of: other), sentAt: sentAt)
    case 5, 6, 7: return .localRoleObserved(.master, sentAt: sentAt)
    case 8: return .localRedisLost(.closed)
    case 9, 10: return .probeCompleted(Int(random.next() % 50), claimedBy: nil)
    case 11: return .addressAppeared(address)
    case 12: return .addressVanished(address)
    case 13: return .claimSeen(address.address, by: MACAddress(rawValue: 9))
    case 14:
      return .noticeReceived(
        .yielded(from: other, target: me, epoch: random.next() % 9, nonce: 0))
    case 15: return .noticeReceived(.selected(from: other, epoch: random.next() % 9, nonce: 1))
    case 16: return .clockDisturbed(.stall(.milliseconds(Int(random.next() % 4_000))))
    case 17: return .clockDisturbed(.clockJump(.milliseconds(Int(random.next() % 4_000) - 2_000)))
    case 18: return .woke
    default: return .sentinelReplied(id, view(&random), sentAt: sentAt)
    }
  }

  /// What a Sentinel that lies, or is no Sentinel, can say.
  private static func exaggerate(_ view: inout SentinelView, _ random: inout SeededGenerator) {
    let absurd: [Duration] = [
      .milliseconds(Int64.max), .milliseconds(Int64.min), .zero, .milliseconds(-1),
    ]
    view.lastOkPingReply = absurd[Int(random.next() % 4)]
    view.downAfter = absurd[Int(random.next() % 4)]
    view.failoverTimeout = absurd[Int(random.next() % 4)]
    view.configEpoch = .max
    view.quorum = [Int.max, Int.min, 0, -1][Int(random.next() % 4)]
    view.otherSentinels = [Int.max, Int.min, 62, -1][Int(random.next() % 4)]
  }

  private static func view(_ random: inout SeededGenerator) -> SentinelView {
    var view = SentinelView(named: random.next() % 4 == 0 ? other : me)
    view.master = random.next() % 8 == 0 ? other : view.named
    view.configEpoch = random.next() % 9
    view.lastOkPingReply = .milliseconds(Int(random.next() % 1_500))
    if random.next() % 40 == 0 { exaggerate(&view, &random) }
    if random.next() % 9 == 0 { view.flags.insert(.subjectivelyDown) }
    view.replicas = [ReplicaView(endpoint: view.named == me ? other : me)]
    if random.next() % 9 == 0 {
      view.failoverState = SentinelView.FailoverState.allCases[Int(random.next() % 7)]
      view.replicas[0].flags.insert(.promoted)
    }
    return view
  }
}

extension [Effect] {
  /// The orders to the fence among these, in their order.
  var fenceOrders: [FenceOrder] {
    compactMap { if case .fence(let order) = $0 { order } else { nil } }
  }
}
