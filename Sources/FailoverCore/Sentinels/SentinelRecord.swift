import Addresses

/// What is known of one Sentinel.
struct SentinelRecord: Equatable, Sendable {
  /// The endpoint by which it is reached.
  let id: SentinelID
  /// Its run id, by which votes name it; nil before the first contact.
  private(set) var runID: String?
  /// Whether the connection stands.
  private(set) var isConnected = false
  /// When the connection was made: answers to older questions are void.
  private(set) var connectedAt: Instant?
  /// How the last connection ended or failed.
  private(set) var loss: ConnectionLoss?
  /// When a connection was last refused.
  private(set) var refusedAt: Instant?
  /// Its last answer, maybe from before the connection was made: then nothing is proven by it.
  private(set) var view: SentinelView?
  /// When that answer was asked for, on this connection: what it says was true then, not later.
  private(set) var provenAt: Instant?
  /// The last `down-after-milliseconds` that it told.
  private(set) var downAfter: Duration?
  /// The last pong from the local instance that it vouches for; nil if it does not confirm.
  var pongAt: Instant?
  /// The newest epoch in which a vote for it was heard: that of the failover that it leads.
  var ledEpoch: UInt64?
  /// Whether it was already reported as not knowing the master name.
  private(set) var lacksMaster = false
  /// The other Sentinels that it listed last on this connection, and when it was asked for them.
  private(set) var list: List?

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

  /// Begins a connection: what was asked before counts no more, what was confirmed does.
  mutating func connect(runID: String, at now: Instant) {
    self.runID = runID
    isConnected = true
    loss = nil
    connectedAt = now
    provenAt = nil
    list = nil
    lacksMaster = false
  }

  /// Ends the connection, or an attempt at one.
  mutating func disconnect(_ loss: ConnectionLoss, at now: Instant) {
    isConnected = false
    self.loss = loss
    if loss == .refused { refusedAt = now }
  }

  /// Whether an answer to a question of this instant is of this connection, and no older than the last.
  func accepts(sentAt: Instant, at now: Instant) -> Bool {
    isConnected && sentAt <= now && connectedAt.map { $0 <= sentAt } ?? false
      && provenAt.map { $0 <= sentAt } ?? true
  }

  /// Takes an answer, and the last pong from the local instance that it proves.
  ///
  /// If it confirms nothing there is none; where it denies nothing either, what was proven before
  /// stands.
  mutating func take(_ view: SentinelView, pong: Instant?, leavesOpen: Bool, sentAt: Instant) {
    self.view = view
    provenAt = sentAt
    lacksMaster = false
    downAfter = view.downAfter ?? downAfter
    if let pong {
      // The answer proves the pong to be at least so young; an earlier answer may have shown more.
      pongAt = max(pong, pongAt ?? pong)
    } else if !leavesOpen {
      pongAt = nil
    }
  }

  /// Takes a list of the other Sentinels.
  ///
  /// - Returns: Whether it names others than before.
  mutating func take(_ entries: [ListedSentinel], sentAt: Instant) -> Bool {
    let others = Array(entries.filter { $0.runID != runID }.prefix(Timing.maxSentinels))
    let isNews = list?.entries.map(\.runID) != others.map(\.runID)
    list = List(entries: others, count: entries.count, provenAt: sentAt)
    return isNews
  }

  /// The list, with the hellos that came since the connection.
  ///
  /// A Sentinel that starts takes everyone that it knew for just heard (`sentinel.c
  /// createSentinelRedisInstance`): only a hello since then shows that one lives.
  var heardSinceConnection: [ListedSentinel] {
    guard let list else { return [] }
    return list.entries.map { entry in
      var entry = entry
      if let age = entry.helloAge, let connectedAt, list.provenAt - age <= connectedAt {
        entry.helloAge = nil
      }
      return entry
    }
  }

  /// Records that it does not know the master name.
  ///
  /// - Returns: Whether that is news.
  mutating func loseMaster() -> Bool {
    defer { lacksMaster = true }
    view = nil
    pongAt = nil
    return !lacksMaster
  }

  /// Its view, if it is connected and the view was asked for at most `age` ago.
  func view(within age: Duration, at now: Instant) -> SentinelView? {
    guard isConnected, let view, let provenAt, now - provenAt <= age else { return nil }
    return view
  }

  /// The config epoch in which it names whom it names.
  ///
  /// A leader past its promotion names the node that it promoted, in the epoch of its failover; but it
  /// shows the epoch of whatever newer failover it has heard of since, if that is about the master that
  /// it is still called after (`sentinel.c sentinelProcessHelloMessage`).
  func epoch(of view: SentinelView) -> UInt64 {
    guard view.master != nil, view.master != view.named else { return view.configEpoch }
    return min(view.configEpoch, ledEpoch ?? 0)
  }

  /// Until when it confirms the local instance: it can't call it down before.
  ///
  /// Each Sentinel by its own `down-after`: that of another says nothing about its patience.
  func confirmsUntil(limit: Duration?) -> Instant? {
    guard let pongAt, let downAfter else { return nil }
    return pongAt + Timing.lease(downAfter: downAfter, limit: limit)
  }

  /// Whether it marks an instance down, as master or as replica, in its present view.
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
