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
  /// How long after a move that changed nothing the next is tried; twice as long each time, up to `rest`.
  static let retry = Duration.seconds(2)

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
  private var restsUntil: Instant?
  private var pause = Self.retry

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
    guard lost.isEmpty else { return }
    lostAt = nil
    pause = Self.retry
  }

  /// Takes in that the last move was refused or undone: what stood in its way may pass within seconds, as a
  /// replica that has just attached itself, and until then no client reaches the master.
  mutating func changedNothing(at now: Instant) {
    restsUntil = now + pause
    pause = min(pause * 2, Self.rest)
  }

  /// What is to be done now; a move is decided for once, and then not for a minute, or until
  /// `changedNothing` allows it sooner.
  mutating func decide(at now: Instant, _ facts: () -> Facts?) -> Decision {
    guard let lostAt, now - lostAt >= Self.patience,
      restsUntil.map({ now >= $0 }) ?? true
    else { return .stay }
    guard let facts = facts(), facts.isHolder,
      // Asked since: the Sentinels are reached without that cable.
      facts.provenAt.count(where: { $0 >= lostAt }) >= facts.needed
    else { return .stay }
    let able = facts.replicas.filter(facts.serving.contains)
    guard let target = able.first else { return .stay }
    restsUntil = now + Self.rest
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
