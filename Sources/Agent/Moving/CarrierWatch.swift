import Addresses
import FailoverCore

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
  mutating func decide(at now: Instant, _ facts: () -> Facts?) -> Decision {
    guard let lostAt, now - lostAt >= Self.patience,
      movedAt.map({ now - $0 >= Self.rest }) ?? true
    else { return .stay }
    guard let facts = facts(), facts.isHolder,
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
