import Addresses

/// What the local Redis says of itself.
struct LocalInstance: Equatable, Sendable {
  /// Its role by its last answer; a dead Redis keeps its last role.
  private(set) var role: LocalRole?
  /// When that answer was asked for.
  private(set) var provenAt: Instant?
  /// Whether it does not answer at present.
  private(set) var isLost = true
  /// When it answered again after a silence; nil if it never was silent.
  private var resumedAt: Instant?
  /// The last change from replica to master that was seen as it happened.
  private(set) var flip: Flip?
  private var acknowledgement: Acknowledgement?
  private var isWatchingReplicas = false

  /// A change of the role from replica to master.
  struct Flip: Equatable, Sendable {
    /// When the new role was seen.
    let at: Instant
    /// Whether the fast path was already taken for it.
    fileprivate(set) var isUsed = false
  }

  /// The replicas that acknowledged what this master wrote, and when that was asked.
  private struct Acknowledgement: Equatable {
    var replicas: [Endpoint]
    var askedAt: Instant
  }

  /// Whether it is a replica by its last answer.
  var isReplica: Bool { if case .replica = role { true } else { false } }

  /// Whether it answered so recently that it lives.
  func answers(at now: Instant) -> Bool {
    !isLost && provenAt.map { now - $0 <= Timing.localProofLifetime } == true
  }

  /// Whether what comes over its channel was said just now.
  ///
  /// A Redis that hung delivers at once whatever was published in the meantime, however old that is.
  func delivers(at now: Instant) -> Bool {
    guard let provenAt, now - provenAt <= Timing.localProofLifetime else { return false }
    return resumedAt.map { now - $0 > Timing.backlogTime } ?? true
  }

  /// Records the role.
  ///
  /// - Returns: Whether a replica was just seen to have become master.
  mutating func record(_ next: LocalRole, sentAt: Instant, at now: Instant) -> Bool {
    guard provenAt.map({ $0 <= sentAt }) ?? true else { return false }
    if let provenAt, now - provenAt > Timing.localProofLifetime { resumedAt = now }
    let isFlip = isReplica && next == .master
    if isFlip { flip = Flip(at: now) }
    role = next
    provenAt = sentAt
    isLost = false
    return isFlip
  }

  /// Records that it does not answer.
  mutating func recordLoss() { isLost = true }

  /// Records that it said, in answer to an order, that it follows a master now.
  mutating func recordDemotion(to master: Endpoint?, at now: Instant) {
    role = .replica(of: master)
    provenAt = now
  }

  /// Begins anew with another instance, of which nothing is known.
  mutating func replace() {
    role = nil
    provenAt = nil
    isLost = true
    resumedAt = nil
    flip = nil
  }

  /// Notes that the fast path was taken: each flip opens it once.
  mutating func useFlip() { flip?.isUsed = true }

  /// Starts or stops watching the replicas (`blind replicas`).
  mutating func watchReplicas(_ isNeeded: Bool, _ turn: inout Turn) {
    guard isNeeded != isWatchingReplicas else { return }
    isWatchingReplicas = isNeeded
    turn.order(.watchReplicas(isNeeded))
  }

  /// Records which replicas acknowledged this master (`blind replicas`).
  mutating func recordAcknowledging(_ replicas: [Endpoint], sentAt: Instant) {
    acknowledgement = Acknowledgement(replicas: replicas, askedAt: sentAt)
  }

  /// Whether each of these replicas acknowledged this master just now.
  func isAcknowledged(by replicas: [Endpoint], at now: Instant) -> Bool {
    guard let acknowledgement, now - acknowledgement.askedAt <= Timing.acknowledgementLifetime
    else { return false }
    return replicas.allSatisfy(acknowledgement.replicas.contains)
  }
}
