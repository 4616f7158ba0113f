import Addresses

/// What is known of one Sentinel.
struct SentinelRecord: Equatable, Sendable {
  /// The endpoint by which it is reached.
  let id: SentinelID
  /// Its run id, by which votes name it; nothing before the first contact.
  var runID: String?
  /// Whether the connection stands.
  var isConnected = false
  /// When the connection was made: answers to older questions are void.
  var connectedAt: Instant?
  /// How the last connection ended or failed.
  var loss: ConnectionLoss?
  /// When a connection was last refused.
  var refusedAt: Instant?
  /// Its last answer, maybe from before the connection was made: then nothing is proven by it.
  var view: SentinelView?
  /// When that answer was asked for, on this connection: what it says was true then, not later.
  var provenAt: Instant?
  /// The last `down-after-milliseconds` that it told.
  var downAfter: Duration?
  /// The last pong from the local instance that it vouches for; nothing if it does not confirm.
  var pongAt: Instant?
  /// The newest epoch in which a vote for it was heard: that of the failover that it leads.
  var ledEpoch: UInt64?
  /// Whether it was already reported as not knowing the master name.
  var lacksMaster = false
  /// The other Sentinels that it listed last on this connection, and when it was asked for them.
  var list: List?

  /// A list of the other Sentinels.
  struct List: Equatable, Sendable {
    /// The entries, in the order of the reply, without one for the Sentinel itself.
    var entries: [ListedSentinel]
    /// How many entries the reply had: a Sentinel that hears its own hello over another of its addresses
    /// lists itself, and counts itself twice.
    var count: Int
    /// When it was asked for.
    var provenAt: Instant
  }

  /// Makes an empty record.
  init(id: SentinelID) {
    self.id = id
  }

  /// Its view, if it is connected and the view was asked for at most `age` ago.
  func view(within age: Duration, at now: Instant) -> SentinelView? {
    guard isConnected, let view, let provenAt, now - provenAt <= age else { return nil }
    return view
  }

  /// Until when it confirms the local instance: it can't call it down before.
  ///
  /// Each Sentinel by its own `down-after`: that of another says nothing about its patience.
  func confirmsUntil(limit: Duration?) -> Instant? {
    guard let pongAt, let downAfter else { return nil }
    return pongAt + Timing.lease(downAfter: downAfter, limit: limit)
  }

  /// Whether it holds an instance to be down, as master or as replica, in its present view.
  func holdsDown(_ endpoint: Endpoint, at now: Instant) -> Bool {
    guard let view = view(within: Timing.viewLifetime, at: now) else { return false }
    if view.master == endpoint { return !view.flags.isDisjoint(with: .down) }
    return view.replicas.contains {
      $0.endpoint == endpoint && !$0.flags.isDisjoint(with: .down)
    }
  }

  /// Whether its connection was refused so recently that it cannot call anybody down yet.
  ///
  /// That it is back meanwhile changes nothing: a Sentinel waits for `down-after` first.
  func refuses(at now: Instant) -> Bool {
    refusedAt.map { now - $0 <= Timing.refusalLifetime } ?? false
  }
}
