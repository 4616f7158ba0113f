import Addresses
import FailoverCore

/// What answers a move, as a script describes it: the other daemon, the Sentinels' words about
/// themselves, and the local priority.
struct MoveActor {
  /// Sentinels in TILT, and what their CKQUORUM fails with.
  var inTilt: Set<SentinelID> = []
  var quorumProblems: [SentinelID: String] = [:]
  /// Sentinels that take no order, and what they say to it.
  var orderProblems: [SentinelID: String] = [:]
  /// How a Sentinel answers the order to fail over; `OK` if it is not here.
  var answers: [SentinelID: FailoverAnswer] = [:]
  /// Sentinels that don't answer the order.
  var slow: Set<SentinelID> = []
  /// Nodes without a daemon.
  var withoutDaemon: Set<Endpoint> = []
  /// How the daemon of the target answers offers; nothing if it does not.
  var target: TargetWord? = .ready
  /// The local `replica-priority`, in force and in the file.
  var priority = 100
  var filedPriority = 100
  /// Whether CONFIG refuses it.
  var refusesPriority = false
  /// The move that another node drives here, and whether its daemon lives.
  var offered: MoveOffer?
  var nextOffer: Instant?

  /// Whether every order is checked against what a move promises.
  var isChecked = false
  /// The Sentinel that a move commanded.
  var commanded: SentinelID?
  /// The moves that were reported to be over.
  var ended = 0
  var begun = 0

  var pending: [Effect] = []
  var due: [Notice] = []
  /// The offer that was last written down.
  var noted: MoveOffer?

  /// What the target's daemon says.
  enum TargetWord { case ready, refusing(MoveRefusal) }
}

extension TraceDirector {
  /// Keeps what is answered a millisecond later; notes what a reader wants to see.
  mutating func carryOutMove(_ effect: Effect) {
    switch effect {
    case .publish(.moveOffered(let offer), _):
      var same = offer
      same.round = moves.noted?.round ?? 0
      if same != moves.noted { note(TraceText.describe(effect)) }
      moves.noted = offer
      answerOffer(offer)
    case .reportDeath(let news): note("death: \(TraceText.plain("\(news)"))")
    case .inspectSentinels, .readReplication, .readPriority, .readIdentity:
      moves.pending.append(effect)
    case .commandFailover, .setPriority, .relieve:
      note(TraceText.describe(effect))
      moves.pending.append(effect)
    default:
      note(TraceText.describe(effect))
    }
  }

  private mutating func answerOffer(_ offer: MoveOffer) {
    let refusal: MoveRefusal?
    switch moves.target {
    case nil: return
    case .ready: refusal = nil
    case .refusing(let why): refusal = why
    }
    moves.due.append(
      .moveAnswered(
        from: offer.target, id: offer.id, round: offer.round, refusal: refusal))
  }

  /// Answers what was ordered and asked a millisecond ago; repeats the other driver's offer.
  mutating func tickMoves() {
    let (pending, due) = (moves.pending, moves.due)
    (moves.pending, moves.due) = ([], [])
    for notice in due { tell(.noticeReceived(notice)) }
    for effect in pending { answer(effect) }
    guard let at = moves.nextOffer, at <= now, let offer = moves.offered else { return }
    moves.nextOffer = now + .milliseconds(500)
    moves.offered?.round += 1
    tell(.noticeReceived(.moveOffered(offer)))
  }

  private mutating func answer(_ effect: Effect) {
    switch effect {
    case .inspectSentinels:
      for actor in sentinels where actor.isConnected && actor.answers {
        let said = SentinelInspection(
          isInTilt: moves.inTilt.contains(actor.id),
          quorumProblem: moves.quorumProblems[actor.id],
          orderProblem: moves.orderProblems[actor.id])
        tell(.sentinelInspected(actor.id, said, sentAt: now))
      }
    case .readReplication:
      if local.role == .master {
        tell(
          .localReplicationObserved(
            LocalReplication(replicas: redis.replicas, offset: redis.offset), sentAt: now))
      }
    case .readIdentity:
      guard local.role != nil else { return }
      tell(.localIdentityObserved(local.identity, peers: peers, sentAt: now))
    case .readPriority:
      tell(.localPriorityObserved(moves.refusesPriority ? nil : moves.priority, sentAt: now))
    case .setPriority(let value, let isLasting): answerPriority(value, isLasting: isLasting)
    case .commandFailover(let id): answerCommand(id)
    case .relieve(let endpoint, let setting): redis.nodes[endpoint]?.fence = setting
    default: return
    }
  }

  /// The nodes beside which a daemon lives.
  var peers: [Endpoint] {
    redis.nodes.keys.filter { !moves.withoutDaemon.contains($0) }.sorted()
  }

  private mutating func answerPriority(_ value: Int, isLasting: Bool) {
    guard local.role != nil else { return tell(.priorityAnswered(value, .unreachable)) }
    guard !moves.refusesPriority else { return tell(.priorityAnswered(value, .refused("NOPERM"))) }
    moves.priority = value
    if isLasting { moves.filedPriority = value }
    tell(.priorityAnswered(value, nil))
  }

  /// An accepted order shows at once in the Sentinel's flags (`sentinel.c sentinelStartFailover`).
  private mutating func answerCommand(_ id: SentinelID) {
    guard let place = sentinels.firstIndex(where: { $0.id == id }),
      !moves.slow.contains(id)
    else { return }
    let answer =
      moves.orderProblems[id].map { .refused($0) } ?? moves.answers[id] ?? .accepted
    if case .refused = answer {
    } else {
      sentinels[place].view.flags.formUnion([.failoverInProgress, .forceFailover])
      sentinels[place].view.failoverState = .waitStart
    }
    tell(.failoverAnswered(id, answer))
  }
}

// MARK: - What a move promises

extension TraceDirector {
  /// No Sentinel is commanded before the fence is closed, and no fence is opened while the failover
  /// that was commanded may still come.
  mutating func checkMove(_ effects: [Effect]) {
    for effect in effects {
      switch effect {
      case .commandFailover(let id):
        moves.commanded = id
        if !redis.inForce.isClosed { failure = "commanded with an open fence at \(stamp)" }
      case .fence(.set(let setting)) where !setting.isClosed:
        let leader = sentinels.first { $0.id == moves.commanded }
        if local.role == .master, leader?.view.flags.contains(.forceFailover) == true {
          failure = "opened while a failover is pending at \(stamp)"
        }
      case .reportMove(let report):
        if case .entered(.preflight) = report.news { moves.begun += 1 }
        if case .ended(.refused(let findings)) = report.news, case .moveUnderWay = findings.first {
          continue
        }
        if case .ended = report.news { moves.ended += 1 }
      default: continue
      }
    }
  }
}
