import Addresses

/// The votes for leaders that were heard, and the replicas that leaders selected.
struct Elections: Equatable, Sendable {
  /// A vote for a Sentinel that is not in contact: a failover may be under way out of sight.
  private(set) var unseen: Vote?
  /// Votes heard from any Sentinel that may be of this group, by their epochs, newest last.
  private var votes: [Vote] = []
  /// Selections by failovers, newest last.
  private(set) var selections: [Selection] = []

  private static let maxVotes = 8
  private static let maxSelections = 8

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
    /// The Sentinel that runs the failover; nil if the selected node said so itself.
    let leader: SentinelID?
    /// The replica.
    let target: Endpoint
    /// The master that it is to follow.
    let oldMaster: Endpoint?
    /// The epoch of the failover, if it was heard.
    fileprivate(set) var epoch: UInt64?
    /// When it was first seen.
    let seenAt: Instant
    /// Whether it still stands.
    fileprivate(set) var isCurrent = true
    /// Whether this node prepared for it already: each selection is prepared for once.
    fileprivate(set) var isUsed = false
  }
}

// MARK: - Votes

extension Elections {
  /// The vote in the newest epoch; nil if none may be of this group.
  var newestVote: Vote? { votes.last }

  /// Keeps a vote; of two in one epoch the first, which is the one that its Sentinel stands by.
  mutating func keep(_ vote: Vote) {
    guard !votes.contains(where: { $0.epoch == vote.epoch && $0.leader == vote.leader }) else {
      return
    }
    let index = votes.firstIndex { $0.epoch > vote.epoch } ?? votes.count
    votes.insert(vote, at: index)
    if votes.count > Self.maxVotes { votes.removeFirst() }
  }

  /// Forgets the votes for a leader that was asked after them and runs no failover of this group.
  ///
  /// A vote names no master: it was for another group's failover, or for one that its leader gave
  /// up. A leader shows its failover from before the first vote until its end
  /// (`sentinel.c sentinelStartFailover`).
  mutating func forgetVotes(for leader: SentinelRecord, sentAt: Instant) {
    guard let runID = leader.runID, let view = leader.view, view.failoverState == nil,
      view.flags.isDisjoint(with: [.failoverInProgress, .forceFailover])
    else { return }
    votes.removeAll { $0.leader == runID && $0.heardAt < sentAt }
  }

  /// Notes an election whose leader can't be watched.
  mutating func recordUnseen(_ vote: Vote) { unseen = vote }

  /// Forgets an election out of sight: its outcome is known.
  mutating func settleUnseen() { unseen = nil }
}

// MARK: - Selections

extension Elections {
  /// Records the replica that a leader selected.
  mutating func record(
    _ target: Endpoint, by leader: SentinelID, instead oldMaster: Endpoint?, epoch: UInt64?,
    at now: Instant
  ) {
    if let known = selections.lastIndex(where: {
      $0.leader == leader && $0.target == target && $0.isCurrent
        && ($0.epoch == nil || epoch == nil || $0.epoch == epoch)
    }) {
      selections[known].epoch = selections[known].epoch ?? epoch
      return
    }
    endSelections(by: leader)
    keep(
      Selection(leader: leader, target: target, oldMaster: oldMaster, epoch: epoch, seenAt: now))
  }

  /// Records that a node says of itself that it is selected.
  mutating func recordClaim(of target: Endpoint, epoch: UInt64?, at now: Instant) {
    let known = selections.contains {
      $0.target == target && ($0.epoch == epoch || epoch == nil && $0.isCurrent)
    }
    if !known {
      keep(Selection(leader: nil, target: target, oldMaster: nil, epoch: epoch, seenAt: now))
    }
  }

  private mutating func keep(_ selection: Selection) {
    selections.append(selection)
    if selections.count > Self.maxSelections { selections.removeFirst() }
  }

  /// Marks a leader's selection as over.
  mutating func endSelections(by leader: SentinelID) {
    for index in selections.indices where selections[index].leader == leader {
      selections[index].isCurrent = false
    }
  }

  /// Marks what nodes said of themselves as over once it had its time.
  mutating func expireClaims(at now: Instant) {
    for index in selections.indices where selections[index].leader == nil {
      if now - selections[index].seenAt >= Timing.yieldLifetime {
        selections[index].isCurrent = false
      }
    }
  }

  /// The newest selection that satisfies a condition and was not prepared for; it counts as
  /// prepared for if the caller takes it.
  func firstToPrepare(where isWanted: (Selection) -> Bool) -> Selection? {
    selections.last { $0.isCurrent && !$0.isUsed && isWanted($0) }
  }

  /// Notes that this node prepared for a selection.
  mutating func use(_ selection: Selection) {
    guard let index = selections.lastIndex(of: selection) else { return }
    selections[index].isUsed = true
  }
}
