import Addresses
import Configuration
import FailoverCore
import Logging

/// Decides when the holder of an address whose interface lost its carrier moves the master by itself.
///
/// Sentinel sees a healthy master there, and no client reaches it. Where the cable carries the
/// Sentinels or the replication too, it is their failover that helps, and this does nothing.
struct CarrierWatch {
  /// How long a carrier must be missing: a port that flaps, or negotiates anew, is back by then.
  static let patience = Duration.milliseconds(200)
  /// The least time between two moves that start by themselves.
  static let rest = Duration.seconds(60)

  /// What is known of the group when the carrier has been missing for long enough.
  struct Facts {
    /// Whether this node holds on confirmations of the Sentinels, and no move or pause is on.
    var isHolder: Bool
    /// When each Sentinel's last answer was asked for.
    var provenAt: [Instant]
    /// How many of them the lease needs.
    var needed: Int
    /// The replicas that Sentinel could promote.
    var replicas: [Endpoint]
    /// Those whose own daemon said lately that its interfaces are up.
    var serving: Set<Endpoint>
  }

  /// What is to be done.
  enum Decision: Equatable {
    /// Nothing.
    case stay
    /// Move to whichever replica Sentinel chooses: that takes no waiting.
    case moveAnywhere
    /// Move to this one: others have no carrier either.
    case move(to: Endpoint)
  }

  /// The addresses whose interface can't carry traffic.
  private(set) var lost: Set<VirtualAddress> = []
  private var lostAt: Instant?
  private var movedAt: Instant?

  /// Whether the interfaces of all addresses can carry traffic.
  var areLinksUp: Bool { lost.isEmpty }

  /// Takes in that the interface of addresses can't carry traffic any more.
  mutating func lose(_ addresses: [VirtualAddress], at now: Instant) {
    guard !addresses.isEmpty else { return }
    lost.formUnion(addresses)
    lostAt = lostAt ?? now
  }

  /// Takes in that it can again.
  mutating func restore(_ addresses: [VirtualAddress]) {
    lost.subtract(addresses)
    if lost.isEmpty { lostAt = nil }
  }

  /// What is to be done now; a move is decided for once, and then not for a minute.
  mutating func decide(at now: Instant, _ facts: () -> Facts) -> Decision {
    guard let lostAt, now - lostAt >= Self.patience,
      movedAt.map({ now - $0 >= Self.rest }) ?? true
    else { return .stay }
    let facts = facts()
    guard facts.isHolder,
      // Asked since: the Sentinels are reached without that cable.
      facts.provenAt.count(where: { $0 >= lostAt }) >= facts.needed
    else { return .stay }
    let able = facts.replicas.filter(facts.serving.contains)
    guard let target = able.first else { return .stay }
    movedAt = now
    return able == facts.replicas ? .moveAnywhere : .move(to: target)
  }
}

extension CarrierWatch.Facts {
  /// Takes them from the status of a group.
  init(of status: GroupStatus, replicas: [Endpoint], serving: Set<Endpoint>) {
    self.init(
      isHolder: status.state == .holding && status.basis == .sentinels && status.move == nil
        && status.pause == nil,
      provenAt: status.sentinels.compactMap(\.provenAt), needed: status.counts.confirmations,
      replicas: replicas, serving: serving)
  }
}

extension Group {
  /// How long a move that started by itself may take to be under way; one to a named target waits
  /// until Sentinel has seen that it is preferred.
  static let carrierMoveLimit = Duration.seconds(20)

  /// Moves the master away from a host whose interface lost its carrier, if that is wanted.
  func tickCarrier(at now: Instant) {
    guard section.movesOnCarrierLoss else { return }
    let decision = carrier.decide(at: now) {
      let status = machine.status(at: now)
      return CarrierWatch.Facts(
        of: status, replicas: machine.promotableReplicas(at: now),
        serving: channel.peers.servingNodes(at: now))
    }
    var request = MoveRequest(
      id: MoveID.random(in: 1...MoveID.max), deadline: now + Self.carrierMoveLimit)
    switch decision {
    case .stay: return
    case .moveAnywhere: request.acceptsAnyTarget = true
    case .move(let target): request.target = target
    }
    let names = section.virtualAddresses.filter(carrier.lost.contains)
    journal.complain(
      "The interface of \(names.map { "\($0.address)" }.joined(separator: ", ")) lost its carrier: "
        + "the master moves to a host whose interfaces are up")
    services.noticeStall()
    carryOut(moves.begin(request, at: now))
  }
}
