import Addresses

/// The replicas of the local master: what Redis says of them, and when each last gave a sign of life.
struct ReplicaLedger: Equatable, Sendable {
  /// What the local Redis said last; nil while it is not known.
  private(set) var replication: LocalReplication?
  /// When that was asked.
  private(set) var askedAt: Instant?
  /// For each replica that was ever seen or listed, the last sign of life that may have reached
  /// this master; in the order of their endpoints.
  private var signs: [Sign] = []
  /// Those that said that they are about to be stopped, in the order of their words.
  private var stopping: [Stopping] = []
  /// The last sign of life of those of which nothing is known any more.
  private var lastForgotten: Instant?

  /// A greater lag in seconds says no more, and must not overflow.
  private static let maxLag = 3_600
  private static let maxSigns = LocalReplication.maxReplicas

  /// The last sign of life of a replica.
  private struct Sign: Equatable {
    var endpoint: Endpoint
    /// An upper bound of the time of its last acknowledgement.
    var at: Instant
    /// Whether it was attached when last looked.
    var isAttached: Bool
  }

  /// A replica that said that it is about to be stopped: it counts as missing, whatever it still
  /// acknowledges.
  private struct Stopping: Equatable {
    var endpoint: Endpoint
    var saidAt: Instant
    /// Whether it was gone when last looked.
    var isGone = false
    /// Whether it was told that it is needed no more.
    var isDismissed = false
    /// Whether it was told that it may still be promoted.
    var isAwaited = false
  }

  /// Forgets what a lost connection leaves unknown.
  mutating func disconnect() { (replication, askedAt) = (nil, nil) }

  /// Records what INFO says of the replicas.
  ///
  /// A lag of whole seconds bounds the age of an acknowledgement from below by one second less.
  mutating func record(_ observation: LocalReplication, askedAt: Instant, at now: Instant) {
    replication = observation
    self.askedAt = askedAt
    followStopping(observation, at: now)
    for index in signs.indices where signs[index].isAttached {
      let endpoint = signs[index].endpoint
      guard !observation.replicas.contains(where: { $0.endpoint == endpoint }) else { continue }
      signs[index].isAttached = false
      signs[index].at = now
    }
    let attached = attached
    for replica in observation.replicas.prefix(LocalReplication.maxReplicas) {
      let age = min(max(replica.lagSeconds, 1), Self.maxLag) - 1
      note(replica.endpoint, at: now - .seconds(age), isAttached: true, besides: attached)
    }
  }

  /// Records that a replica is about to be stopped.
  mutating func recordStop(of replica: Endpoint, at now: Instant) {
    stopping.removeAll { $0.endpoint == replica }
    guard stopping.count < Self.maxSigns else { return }
    stopping.append(Stopping(endpoint: replica, saidAt: now))
  }

  /// One that comes back counts again; and one that was not stopped after all.
  private mutating func followStopping(_ observation: LocalReplication, at now: Instant) {
    let present = Set(observation.replicas.map(\.endpoint))
    stopping.removeAll { entry in
      (entry.isGone && present.contains(entry.endpoint))
        || now - entry.saidAt >= Timing.replicaStopLimit
    }
    for index in stopping.indices {
      stopping[index].isGone = !present.contains(stopping[index].endpoint)
    }
  }

  /// Tells those that are about to stop, once each, that they may, where no write waits for them (`isFree`);
  /// or that they are awaited, while a failover may have one of them promoted (`isKept`).
  mutating func answerStopping(
    from local: Endpoint, isKept: Bool, isFree: Bool, _ turn: inout Turn
  ) {
    for index in stopping.indices where !stopping[index].isDismissed {
      let replica = stopping[index].endpoint
      if isKept {
        guard !stopping[index].isAwaited else { continue }
        stopping[index].isAwaited = true
        turn.order(.publish(.replicaAwaited(replica, from: local), also: replica))
      } else if isFree {
        stopping[index].isDismissed = true
        turn.order(.publish(.replicaDismissed(replica, from: local), also: replica))
      }
    }
  }

  /// Follows those that are about to stop by what Sentinels say, where the master is not asked about them.
  mutating func followStopping(isReached: (Endpoint) -> Bool) {
    stopping.removeAll { $0.isGone && isReached($0.endpoint) }
    for index in stopping.indices where !isReached(stopping[index].endpoint) {
      stopping[index].isGone = true
    }
  }

  /// Those that are about to stop, or have, by their own word of late: nobody that may be promoted.
  func stopping(at now: Instant) -> [Endpoint] {
    stopping.filter { now - $0.saidAt < Timing.replicaStopLimit }.map(\.endpoint)
  }

  /// Whether a replica is one of them, as far as was looked.
  func isStopping(_ replica: Endpoint) -> Bool { stopSaidAt(replica) != nil }

  /// When a replica said that it is about to be stopped; nil if it did not.
  private func stopSaidAt(_ replica: Endpoint) -> Instant? {
    stopping.first { $0.endpoint == replica }?.saidAt
  }

  /// Records replicas that should be attached; one that was never looked for may have given a sign
  /// of life just now.
  mutating func expect(_ known: [Endpoint], at now: Instant) {
    for endpoint in known where !signs.contains(where: { $0.endpoint == endpoint }) {
      note(endpoint, at: now, isAttached: false, besides: known)
    }
  }

  private mutating func note(
    _ endpoint: Endpoint, at: Instant, isAttached: Bool, besides known: [Endpoint]
  ) {
    if let index = signs.firstIndex(where: { $0.endpoint == endpoint }) {
      signs[index].at = max(signs[index].at, at)
      signs[index].isAttached = isAttached
      return
    }
    if signs.count >= Self.maxSigns { forgetOldest(but: known) }
    guard signs.count < Self.maxSigns else { return }
    let index = signs.firstIndex { $0.endpoint > endpoint } ?? signs.count
    signs.insert(Sign(endpoint: endpoint, at: at, isAttached: isAttached), at: index)
  }

  /// Makes room: what is known no more is forgotten, but for when it last gave a sign of life.
  private mutating func forgetOldest(but known: [Endpoint]) {
    let forgettable = signs.indices.filter {
      !signs[$0].isAttached && !known.contains(signs[$0].endpoint)
    }
    guard let oldest = forgettable.min(by: { signs[$0].at < signs[$1].at }) else { return }
    lastForgotten = max(signs[oldest].at, lastForgotten ?? signs[oldest].at)
    signs.remove(at: oldest)
  }

  /// The endpoints of the attached replicas, each once: a connection that is half open makes one
  /// replica appear twice.
  var attached: [Endpoint] {
    (replication?.replicas ?? []).reduce(into: []) { attached, replica in
      if !attached.contains(replica.endpoint) { attached.append(replica.endpoint) }
    }
  }

  /// The replicas that count as good, each once.
  func good(maxLagSeconds: Int) -> [Endpoint] {
    (replication?.replicas ?? []).reduce(into: []) { good, replica in
      guard replica.isGood(maxLagSeconds: maxLagSeconds), !good.contains(replica.endpoint),
        stopSaidAt(replica.endpoint) == nil
      else { return }
      good.append(replica.endpoint)
    }
  }

  /// How many replicas are good, by the lag in INFO or by Redis's own count.
  ///
  /// Acknowledgements come each second, so at a lag of one the whole seconds are two apart for
  /// some milliseconds now and then. Redis looks once a second, and only that refuses writes.
  func goodCount(maxLagSeconds: Int) -> Int {
    let byLag = good(maxLagSeconds: maxLagSeconds).count
    let online = (replication?.replicas ?? []).filter(\.isOnline)
    let ending = online.count { stopSaidAt($0.endpoint) != nil }
    return max(byLag, min(replication?.goodReplicas ?? 0, online.count) - ending)
  }

  /// The last time at which a replica that is not good now may have given a sign of life, be it
  /// listed still or forgotten; nil while one of those that are known was never looked for.
  func lastSign(known: [Endpoint], maxLagSeconds: Int) -> Instant? {
    let good = good(maxLagSeconds: maxLagSeconds)
    guard known.allSatisfy({ endpoint in signs.contains { $0.endpoint == endpoint } })
    else { return nil }
    let silent = signs.filter { !good.contains($0.endpoint) }
    // One that is about to stop counts as gone since it said so.
    let last = silent.map { stopSaidAt($0.endpoint) ?? $0.at }
    return (last + [lastForgotten ?? Instant(nanoseconds: .min)]).max()
  }
}
