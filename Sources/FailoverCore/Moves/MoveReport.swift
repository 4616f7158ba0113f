public import Addresses

/// News of a move, for the operator who waits for it, the log and the history.
public struct MoveReport: Equatable, Sendable {
  /// The move.
  public var id: MoveID
  /// How long ago it was asked for.
  public var elapsed: Duration
  /// What happened.
  public var news: MoveNews

  /// Makes a report.
  public init(id: MoveID, elapsed: Duration, news: MoveNews) {
    self.id = id
    self.elapsed = elapsed
    self.news = news
  }
}

/// What happened in a move.
public enum MoveNews: Equatable, Sendable {
  /// It entered a phase.
  case entered(MovePhase)
  /// What forbids it now may pass within seconds, and all are asked anew.
  case waiting([MoveFinding])
  /// It can be done, and so.
  case planned(MovePlan)
  /// It is to be undone. The fence stays closed until it is certain that no failover follows.
  case undoing(MoveFailure)
  /// It is over; always the last news of a move, and said once.
  case ended(MoveEnd)
}

/// The steps of a move, in their order.
public enum MovePhase: String, Equatable, Sendable, CaseIterable, Comparable {
  /// Looking whether everything allows it; nothing is changed.
  case preflight
  /// The target gets ready, and Sentinel gets to know that it is preferred.
  case preparing
  /// The fence closes: from here on writes are refused.
  case closing
  /// Every replica gets what was written before.
  case draining
  /// One Sentinel is told to fail over, and selects a replica.
  case commanding
  /// The address is let go; the target is being promoted.
  case yielding
  /// The target has the address; the Sentinels get to know it.
  case promoting
  /// A majority names the new master; the old one becomes its replica.
  case demoting

  /// Orders by time.
  public static func < (left: MovePhase, right: MovePhase) -> Bool {
    left.order < right.order
  }

  private var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// How a move ends.
public enum MoveEnd: Equatable, Sendable {
  /// A dry run found nothing that forbids it.
  case checked
  /// Nothing was changed; why.
  case refused([MoveFinding])
  /// All that was changed is as it was before; why.
  case undone(MoveFailure)
  /// Another node is the master.
  case done(MoveOutcome)
  /// Neither: the fence follows its own rules from here on; why.
  case failed(MoveFailure)
}

/// How a move is going to be done.
public struct MovePlan: Equatable, Sendable {
  /// The present master.
  public var from: Endpoint
  /// The node that is to become the master.
  public var target: Endpoint
  /// The Sentinel that will be told to fail over.
  public var through: SentinelID
  /// Whether the target has to lower its `replica-priority` for the time of the move.
  public var prefers: Bool
  /// Whether writes are refused until the new master is there, so that none is lost.
  public var closesFence: Bool
  /// The replicas that must have everything before a Sentinel is told; empty if nothing closes.
  public var replicas: [Endpoint]
  /// Whether another replica than the target is as good, if the Sentinel chooses it.
  public var acceptsAnyTarget: Bool

  /// Makes a plan.
  public init(
    from: Endpoint, target: Endpoint, through: SentinelID, prefers: Bool, closesFence: Bool,
    replicas: [Endpoint], acceptsAnyTarget: Bool = false
  ) {
    self.acceptsAnyTarget = acceptsAnyTarget
    self.from = from
    self.target = target
    self.through = through
    self.prefers = prefers
    self.closesFence = closesFence
    self.replicas = replicas
  }
}

/// What came of a move.
public struct MoveOutcome: Equatable, Sendable {
  /// The node that a majority names now; Sentinel may have chosen another than the target.
  public var promoted: Endpoint
  /// The node that was to become the master.
  public var target: Endpoint
  /// From the order to close the fence until the new master said that it has the address; nothing
  /// if nothing was closed, or it did not say so.
  public var writeGap: Duration?
  /// Whether no acknowledged write is lost; if not, it is not known.
  ///
  /// The fence was closed without a break, and the promoted node had everything.
  public var keptEveryWrite: Bool

  /// Makes an outcome.
  public init(promoted: Endpoint, target: Endpoint, writeGap: Duration?, keptEveryWrite: Bool) {
    self.promoted = promoted
    self.target = target
    self.writeGap = writeGap
    self.keptEveryWrite = keptEveryWrite
  }
}

/// Why a move is not done, or not to the end.
public enum MoveFailure: Equatable, Sendable {
  /// The operator, or the end of the connection that asked for it.
  case cancelled
  /// The request's deadline came before a replica was selected.
  case deadlinePassed(MovePhase)
  /// Something came up that would have been a reason to refuse it.
  case found(MoveFinding)
  /// The target's daemon does not answer on the channel.
  case targetSilent(Endpoint)
  /// The target's daemon does not take part.
  case targetRefused(Endpoint, MoveRefusal)
  /// The Sentinel to be commanded does not get to know that the target is preferred.
  case preferenceUnseen(SentinelID)
  /// A Sentinel still has the target for the master that it was, and would demote it.
  case targetSeenAsMaster(Endpoint, by: SentinelID)
  /// The fence could not be closed; nil if Redis did not answer in time.
  case fenceNotClosed(FenceProblem?)
  /// These replicas did not get everything in time.
  case drainTooSlow(behind: [Endpoint])
  /// The Sentinel refused to fail over, in its own words.
  case sentinelRefused(SentinelID, String)
  /// The Sentinel's answer was lost.
  case sentinelLost(SentinelID)
  /// No replica was selected in time: the Sentinel may be in TILT.
  case nobodySelected(SentinelID)
  /// A replica was selected, and not promoted.
  case notPromoted
  /// The right to hold the address ended for another reason.
  case groundsLost(Reason)
  /// The new master is named, and this node has not become its replica in time.
  case notDemoted(to: Endpoint)
  /// The operator paused the group or let go of the address.
  case paused
  /// The daemon stops.
  case stopping
  /// The local Redis died before anything was changed that it could undo.
  case masterDied
}

/// What `status` shows of a move.
public struct MoveStatus: Equatable, Sendable {
  /// The move.
  public var id: MoveID
  /// The present master, which drives it.
  public var from: Endpoint?
  /// The node that is to become the master; nil while that is not chosen.
  public var target: Endpoint?
  /// The phase; nil at the target, which does not know it.
  public var phase: MovePhase?
  /// Why it is being undone; nil while it goes on.
  public var failure: MoveFailure?

  /// Makes a status.
  public init(
    id: MoveID, from: Endpoint?, target: Endpoint?, phase: MovePhase?, failure: MoveFailure?
  ) {
    self.id = id
    self.from = from
    self.target = target
    self.phase = phase
    self.failure = failure
  }
}
