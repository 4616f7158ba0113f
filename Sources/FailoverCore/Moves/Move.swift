public import Addresses

/// Names one planned move; drawn by the shell for each request, so that two are never confused.
public typealias MoveID = UInt64

/// What an operator asks for with `vipctl move`: another node is to become the master.
public struct MoveRequest: Equatable, Sendable {
  /// The name of this move.
  public var id: MoveID
  /// The replica that is to become the master; nil lets the machine choose the best.
  public var target: Endpoint?
  /// A failover that is not under way by then is undone.
  public var deadline: Instant
  /// Whether the operator accepts that writes can be lost, where there is no fence to close.
  public var acceptsLoss: Bool
  /// Whether to look and report only, and to change nothing.
  public var isDryRun: Bool
  /// Whether any replica that Sentinel may choose is as good as the target: then nobody has to be
  /// preferred, which Sentinel sees only with its next INFO, up to 10 s later.
  public var acceptsAnyTarget: Bool

  /// Makes a request.
  public init(
    id: MoveID, target: Endpoint? = nil, deadline: Instant, acceptsLoss: Bool = false,
    isDryRun: Bool = false, acceptsAnyTarget: Bool = false
  ) {
    self.id = id
    self.target = target
    self.deadline = deadline
    self.acceptsLoss = acceptsLoss
    self.isDryRun = isDryRun
    self.acceptsAnyTarget = acceptsAnyTarget
  }
}

/// What a Sentinel says of itself when a move asks (`INFO sentinel`, `SENTINEL CKQUORUM`, and whether it
/// would take `SENTINEL FAILOVER`).
public struct SentinelInspection: Equatable, Sendable {
  /// `sentinel_tilt`: it distrusts its clock and starts nothing for 30 s, but takes orders.
  public var isInTilt: Bool
  /// The error of `SENTINEL CKQUORUM`, in its own words; nil for `OK`.
  public var quorumProblem: String?
  /// Why the daemon's user may not order a failover there, in its own words; nil if it may.
  public var orderProblem: String?

  /// Makes an inspection.
  public init(
    isInTilt: Bool = false, quorumProblem: String? = nil, orderProblem: String? = nil
  ) {
    self.isInTilt = isInTilt
    self.quorumProblem = quorumProblem
    self.orderProblem = orderProblem
  }
}

/// What became of an order `SENTINEL FAILOVER`.
public enum FailoverAnswer: Equatable, Sendable {
  /// `OK`: it is under way, though a Sentinel in TILT begins only when that is over.
  case accepted
  /// An error, in its own words: `INPROG …`, `NOGOODSLAVE …`. Nothing was begun.
  case refused(String)
  /// No answer in time, or the connection was lost; whether it was begun is not known.
  case lost
}

/// The word of a node that drives a move to the one that is to become the master.
///
/// Said each half second until the move ends; two seconds of silence make the target look whether
/// the driver left its fence closed.
public struct MoveOffer: Equatable, Sendable {
  /// The driver: the present master.
  public var from: Endpoint
  /// The node that is to become the master.
  public var target: Endpoint
  /// The move.
  public var id: MoveID
  /// Which of the driver's offers this is; the answer repeats it.
  public var round: UInt64
  /// The run id of the Sentinel that is or will be told to fail over: while its answer is not
  /// known, nobody reopens the driver's fence.
  public var through: String
  /// Whether the target is to lower its own `replica-priority`, so that Sentinel prefers it.
  public var prefers: Bool
  /// What the driver's fence is to be when the driver can't set it any more; a count of 0 where
  /// there is no fence.
  public var armed: FenceSetting

  /// Makes an offer.
  public init(
    from: Endpoint, target: Endpoint, id: MoveID, round: UInt64, through: String, prefers: Bool,
    armed: FenceSetting
  ) {
    self.from = from
    self.target = target
    self.id = id
    self.round = round
    self.through = through
    self.prefers = prefers
    self.armed = armed
  }
}

/// Why the target of a move does not take part.
public enum MoveRefusal: String, Equatable, Sendable, CaseIterable {
  /// The group is paused there.
  case paused
  /// Its Redis does not answer.
  case redisLost = "redis-lost"
  /// Its Redis is not a replica, or the driver is not the master that a majority names.
  case notReplica = "not-replica"
  /// Its Redis does not tell or take `replica-priority`: CONFIG is refused.
  case configRefused = "config-refused"
  /// It takes part in another move.
  case otherMove = "other-move"
}

/// What a node keeps of its own `replica-priority` while a move has it lowered.
public struct PriorityMemory: Equatable, Sendable {
  /// What the operator had set, which is restored.
  public var original: Int
  /// What the move set.
  public var lowered: Int

  /// Makes a memory.
  public init(original: Int, lowered: Int) {
    self.original = original
    self.lowered = lowered
  }

  /// What a move sets: the best there is, for 0 is never promoted (`sentinel.c
  /// compareSlavesForPromotion`).
  public static let preferred = 1
}
