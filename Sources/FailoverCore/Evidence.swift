import Addresses

/// Everything that the machine was told and may rest a decision on.
///
/// It keeps facts and answers questions about them; what follows from the answers is decided by
/// the states.
struct Evidence: Equatable, Sendable {
  /// The Sentinels, in the order of their endpoints.
  var sentinels: [SentinelRecord] = []
  /// Which Sentinels count, beyond those in contact.
  var roster = SentinelRoster()
  /// Answers to questions asked before this are void.
  var barrier = Instant(nanoseconds: .min)

  /// How many different Sentinels the configuration names, where that is known better than by its
  /// lines: two may be one process.
  var configuredSentinels: Int?

  /// The endpoints under which Sentinel may name the local instance.
  var localInstances: [Endpoint] = []
  /// The role of the local Redis by its last answer; a dead Redis keeps its last role.
  var localRole: LocalRole?
  /// When that answer was asked for.
  var localProvenAt: Instant?
  /// Whether the local Redis does not answer at present.
  var localIsLost = true
  /// The last change from replica to master that was seen as it happened.
  var flip: Flip?

  /// Votes heard from any Sentinel that may be of this group, by their epochs, newest last; at
  /// most `Evidence.mostVotes`.
  var votes: [Vote] = []
  /// A vote for a Sentinel that is not in contact: a failover may be under way out of sight.
  var unseenElection: Vote?
  /// Selections by failovers, newest last; at most `Evidence.mostSelections`.
  var selections: [Selection] = []
  /// Yield notices, newest last; at most `Evidence.mostNotices`.
  var notices: [YieldNotice] = []

  /// To whom this node last yielded: the word is given to one node at a time.
  var grant: Grant?
  /// Questions for a yield notice, newest last; at most `Evidence.mostNotices`.
  var questions: [Question] = []

  /// The node that a majority names, or named when there last was a majority.
  var namedByMajority: Endpoint?
  /// When a majority began to name the present node.
  var namedSince: Instant?
  /// The node that a majority named before.
  var previouslyNamed: Endpoint?
  /// A naming of another node in a lower epoch, while this one holds.
  var dispute: NamingDispute?
  /// A lease that is doubted, because the wall clock was stepped ahead.
  var doubtedLease: DoubtedLease?
  /// The last time at which so many Sentinels held a node down that it can have no lease.
  var provenDown: ProvenDown?
  /// Since when the conditions of a retake hold without a break.
  var settlingSince: Instant?
  /// When they were last seen to hold.
  var settledAsOf: Instant?

  /// Since when all Sentinels agree on this node and none runs a failover.
  var unanimousSince: Instant?

  /// Whether this node held since it is named: only then it can say that nobody before it does.
  var vouches = false
  /// The last proof on which this node held.
  var proof: LeaseProof?
  /// The lease that a kernel lifetime outlived: what it rests on brings nothing back.
  var spentLease: Instant?
  /// The replicas that acknowledged the local master, and when that was asked (`blind replicas`).
  var acknowledging: [Endpoint] = []
  /// When that was asked.
  var acknowledgedAt: Instant?

  static let mostVotes = 8
  static let mostSelections = 8
  static let mostNotices = 8

  /// A change of the local role from replica to master.
  struct Flip: Equatable, Sendable {
    /// When the new role was seen.
    var at: Instant
    /// Whether the fast path was already taken for it.
    var isUsed = false
  }

  /// A node that so many Sentinels held down that no majority was left for it.
  struct ProvenDown: Equatable, Sendable {
    /// The node.
    var endpoint: Endpoint
    /// When.
    var at: Instant
  }

  /// A lease from before the wall clock was stepped ahead.
  ///
  /// Either the clock was set, and nothing is older than before, or the machine stood still without
  /// its boot clock, as a virtual one can. Fresh answers tell, within a round trip.
  struct DoubtedLease: Equatable, Sendable {
    /// When it would end if the clock was merely set.
    var ends: Instant
    /// How long fresh answers are waited for.
    var until: Instant
    /// By how much the clock was stepped.
    var jump: Duration
  }

  /// A vote of one Sentinel for a leader.
  struct Vote: Equatable, Sendable {
    /// The run id of the leader.
    var leader: String
    /// The epoch.
    var epoch: UInt64
    /// When it was heard.
    var heardAt: Instant
  }

  /// A replica that a failover selected for promotion.
  struct Selection: Equatable, Sendable {
    /// The Sentinel that runs the failover; nothing if the selected node said so itself.
    var leader: SentinelID?
    /// The replica.
    var target: Endpoint
    /// The master that it is to follow.
    var oldMaster: Endpoint?
    /// The epoch of the failover, if it was heard.
    var epoch: UInt64?
    /// When it was first seen.
    var seenAt: Instant
    /// Whether it still stands.
    var isCurrent = true
    /// Whether this node prepared for it already: each selection is prepared for once.
    var isUsed = false
  }

  /// A yield notice that this node gave.
  struct Grant: Equatable, Sendable {
    /// To whom.
    var target: Endpoint
    /// When.
    var at: Instant
  }

  /// A selected node's question for a yield notice.
  struct Question: Equatable, Sendable {
    /// The node.
    var from: Endpoint
    /// What the answer is to repeat.
    var nonce: UInt64
  }

  /// A notice that a node does not hold.
  struct YieldNotice: Equatable, Sendable {
    /// The node.
    var from: Endpoint
    /// Whom it yielded to.
    var target: Endpoint
    /// In which epoch.
    var epoch: UInt64
    /// The nonce of the question that it answers; 0 if none.
    var nonce: UInt64
    /// When it arrived.
    var heardAt: Instant
  }
}

// MARK: - Counting as Sentinel counts

extension Evidence {
  /// N: the greatest number of Sentinels configured, reported or remembered.
  ///
  /// A Sentinel after RESET reports itself alone, and must never be a majority of itself. What
  /// makes it smaller stands in `SentinelRoster`.
  func sentinelCount(configured: Int) -> Int {
    max(1, configured, roster.highWater, sentinels.count { roster.counts($0) })
  }

  /// m: more than half of N.
  static func majority(of count: Int) -> Int { count / 2 + 1 }

  /// q: the least quorum that any Sentinel reports; the majority if none does.
  func quorum(count: Int) -> Int {
    let reported = sentinels.compactMap { $0.view?.quorum }.min()
    return min(max(reported ?? Self.majority(of: count), 1), count)
  }

  /// The numbers that the rules speak of.
  func counts(configured: Int) -> Counts {
    let count = sentinelCount(configured: configured)
    let majority = Self.majority(of: count)
    let quorum = quorum(count: count)
    return Counts(
      sentinels: count, majority: majority, quorum: quorum,
      confirmations: max(majority, count - quorum + 1))
  }

  /// N, m, q and k.
  struct Counts: Equatable, Sendable {
    /// N: how many Sentinels there are.
    var sentinels: Int
    /// m: more than half of them.
    var majority: Int
    /// q: so many must agree before a master is objectively down.
    var quorum: Int
    /// k = max(m, N − q + 1): so many must confirm that no q others can agree on its death.
    var confirmations: Int
    /// N − m + 1: without so many there is no majority.
    var blocking: Int { sentinels - majority + 1 }
  }
}

// MARK: - Naming

extension Evidence {
  /// Whether an endpoint is the local instance.
  func isLocal(_ endpoint: Endpoint) -> Bool { localInstances.contains(endpoint) }

  /// Whether an endpoint is known and the local instance.
  func isLocal(_ endpoint: Endpoint?) -> Bool { endpoint.map { isLocal($0) } ?? false }

  /// How many Sentinels name an endpoint in views at most `age` old.
  func namings(of endpoint: Endpoint, within age: Duration, at now: Instant) -> Int {
    sentinels.count { $0.view(within: age, at: now)?.named == endpoint }
  }

  /// How many Sentinels name the local instance in views at most `age` old.
  func localNamings(within age: Duration, at now: Instant) -> Int {
    sentinels.count { record in
      record.view(within: age, at: now).map { isLocal($0.named) } ?? false
    }
  }

  /// The greatest config epoch at which the local instance is named; nothing if it is not.
  func localEpoch(at now: Instant) -> UInt64? {
    sentinels.compactMap { record -> UInt64? in
      guard let view = record.view(within: Timing.viewLifetime, at: now), isLocal(view.named)
      else { return nil }
      return view.configEpoch
    }.max()
  }

  /// The claim with the greatest config epoch for another node than the local instance.
  func newestForeignClaim(at now: Instant) -> (by: SentinelID, named: Endpoint, epoch: UInt64)? {
    var newest: (by: SentinelID, named: Endpoint, epoch: UInt64)?
    for record in sentinels {
      guard let view = record.view(within: Timing.viewLifetime, at: now), !isLocal(view.named)
      else { continue }
      if newest.map({ $0.epoch < view.configEpoch }) ?? true {
        newest = (record.id, view.named, view.configEpoch)
      }
    }
    return newest
  }

  /// The node that a majority names now, if one does.
  func majorityNamed(_ counts: Counts, at now: Instant) -> (endpoint: Endpoint, by: Int)? {
    for record in sentinels {
      guard let view = record.view(within: Timing.viewLifetime, at: now) else { continue }
      let by = namings(of: view.named, within: Timing.viewLifetime, at: now)
      if by >= counts.majority { return (view.named, by) }
    }
    return nil
  }

  /// How many Sentinels answered a poll that was sent within the contact window, and not before
  /// an instant.
  func contacts(since start: Instant = Instant(nanoseconds: .min), at now: Instant) -> Int {
    sentinels.count { record in
      record.view(within: Timing.contactWindow, at: now) != nil
        && record.provenAt.map { $0 >= start } ?? false
    }
  }
}

// MARK: - The lease

extension Evidence {
  /// L: the longest lease that another node may have had by what the Sentinels report.
  ///
  /// Nothing if none reported.
  var longestLease: Duration? {
    sentinels.compactMap { $0.view?.downAfter }
      .map { Timing.lease(downAfter: $0, limit: nil) }.max()
  }

  /// The least `down-after-milliseconds` that any Sentinel reports.
  var leastDownAfter: Duration? { sentinels.compactMap { $0.view?.downAfter }.min() }

  /// When the lease ends: the k-th latest end that one Sentinel confirms.
  func leaseEnd(_ counts: Counts, limit: Duration?) -> Instant? {
    let ends = sentinels.compactMap { $0.confirmsUntil(limit: limit) }.sorted(by: >)
    return ends.count >= counts.confirmations ? ends[counts.confirmations - 1] : nil
  }

  /// How many Sentinels in contact confirm the local instance in their present view.
  func presentConfirmations(at now: Instant) -> Int {
    sentinels.count { $0.pongAt != nil && $0.view(within: Timing.viewLifetime, at: now) != nil }
  }

  /// Whether a view that confirms nothing denies nothing either.
  ///
  /// It names the local instance, and what it says of it could not be used: what was proven before
  /// stands until its time.
  func leavesOpen(_ view: SentinelView) -> Bool {
    guard isLocal(view.named) else { return false }
    if isLocal(view.master) || view.master == nil { return view.flags.isDisjoint(with: .down) }
    guard let promoted = view.replicas.first(where: { isLocal($0.endpoint) }) else { return false }
    return promoted.flags.isDisjoint(with: .down)
  }

  /// The last pong that a view vouches for, if it confirms the local instance as master.
  ///
  /// A leader past `+promoted-slave` still reports the old master's fields; the entry of the
  /// promoted replica takes their place. Under `down-after` 2000 ms the poll counts instead.
  func confirmedPong(of view: SentinelView, sentAt: Instant) -> Instant? {
    guard isLocal(view.named), let downAfter = view.downAfter else { return nil }
    let flags: InstanceFlags
    let lastPong: Duration?
    if isLocal(view.master) {
      (flags, lastPong) = (view.flags, view.lastOkPingReply)
    } else if let promoted = view.replicas.first(where: { isLocal($0.endpoint) }) {
      (flags, lastPong) = (promoted.flags, promoted.lastOkPingReply)
    } else {
      return nil
    }
    guard flags.isDisjoint(with: .down), let age = lastPong else { return nil }
    return downAfter < Timing.leastDownAfterForPongs ? sentAt : sentAt - max(age, .zero)
  }
}
