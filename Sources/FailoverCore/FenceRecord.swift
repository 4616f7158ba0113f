import Addresses

/// What is known of the local fence, and what was asked of it.
///
/// There is no journal of closing: the value itself says that it was closed, and by whom.
struct FenceRecord: Equatable, Sendable {
  /// What the local Redis has in force; nothing while that is not known.
  var inForce: FenceSetting?
  /// Orders that were not answered yet, oldest first; at most `mostPending`.
  var pending: [FenceOrder] = []
  /// What this daemon set last on this connection, and was carried out.
  var lastSet: FenceSetting?
  /// When that was answered: what was asked before may show an older value.
  var lastSetAt: Instant?
  /// The setting that is known to be in the file.
  var persisted: FenceSetting?
  /// What is wrong with the last order or reading.
  var problem: FenceProblem?
  /// What is kept over restarts.
  var memory: FenceMemory?
  /// Why every write is to be refused until the address is held again.
  var closure: FenceReason?
  /// Since when this node has been entitled to the address without having it.
  var entitledSince: Instant?
  /// Whether the fence was opened for a selection, and not yet armed again.
  var isOpenedForSelection = false
  /// The last order that failed, so that its repetition is not told again.
  var lastFailed: FenceOrder?
  /// No order after a failed one before this.
  var retryAt: Instant?
  /// No demotion after a failed one before this.
  var demotionRetryAt: Instant?
  /// No order to write the file after a failed one before this.
  var persistRetryAt: Instant?

  /// What the local Redis says of its replicas.
  var replication: LocalReplication?
  /// When that was asked.
  var replicationAt: Instant?
  /// Since when the local Redis has answered without a break.
  var answersSince: Instant?
  /// For each replica that was ever seen or listed, the last sign of life that may have reached
  /// this master; in the order of their endpoints.
  var signs: [Sign] = []

  /// The named node, when it was last asked directly, and what it said.
  var successor: Successor?
  /// When it was last asked.
  var successorAskedAt: Instant?

  static let mostPending = 16
  /// A greater lag in seconds says no more, and must not overflow.
  static let longestLag = 3_600
  static let mostSigns = LocalReplication.mostReplicas

  /// The last sign of life of a replica.
  struct Sign: Equatable, Sendable {
    /// The replica.
    var endpoint: Endpoint
    /// An upper bound of the time of its last acknowledgement.
    var at: Instant
    /// Whether it was attached when last looked.
    var isAttached: Bool
  }

  /// What the named node says of itself.
  struct Successor: Equatable, Sendable {
    /// The node.
    var endpoint: Endpoint
    /// Its role; nothing if it did not answer.
    var role: LocalRole?
    /// When it was asked.
    var askedAt: Instant
  }

  /// What the last order leads to, if it is carried out; else what is in force.
  var expected: FenceSetting? {
    for order in pending.reversed() {
      switch order {
      case .set(let setting), .demote(_, let setting): return setting
      case .persist: continue
      }
    }
    return inForce
  }

  /// Forgets what a lost connection leaves unknown.
  mutating func disconnect() {
    inForce = nil
    pending = []
    lastSet = nil
    lastSetAt = nil
    replication = nil
    replicationAt = nil
    answersSince = nil
    entitledSince = nil
  }

  /// Records what INFO says of the replicas.
  ///
  /// A lag of whole seconds bounds the age of an acknowledgement from below by one second less.
  mutating func record(_ observation: LocalReplication, askedAt: Instant, at now: Instant) {
    replication = observation
    replicationAt = askedAt
    for replica in observation.replicas.prefix(LocalReplication.mostReplicas) {
      let age = min(max(replica.lagSeconds, 1), Self.longestLag) - 1
      let at = now - .seconds(age)
      note(replica.endpoint, at: at, isAttached: true)
    }
    for place in signs.indices where signs[place].isAttached {
      let endpoint = signs[place].endpoint
      guard !observation.replicas.contains(where: { $0.endpoint == endpoint }) else { continue }
      signs[place].isAttached = false
      signs[place].at = now
    }
  }

  /// Records that a replica may have given a sign of life until an instant.
  mutating func note(_ endpoint: Endpoint, at: Instant, isAttached: Bool) {
    if let place = signs.firstIndex(where: { $0.endpoint == endpoint }) {
      signs[place].at = max(signs[place].at, at)
      signs[place].isAttached = isAttached
      return
    }
    guard signs.count < Self.mostSigns else { return }
    let place = signs.firstIndex { $0.endpoint > endpoint } ?? signs.count
    signs.insert(Sign(endpoint: endpoint, at: at, isAttached: isAttached), at: place)
  }

  /// The replicas that count as good, each once.
  func good(maxLagSeconds: Int) -> [Endpoint] {
    (replication?.replicas ?? []).reduce(into: []) { good, replica in
      guard replica.isGood(maxLagSeconds: maxLagSeconds), !good.contains(replica.endpoint)
      else { return }
      good.append(replica.endpoint)
    }
  }
}
