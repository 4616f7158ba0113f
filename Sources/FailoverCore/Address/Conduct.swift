import Addresses

/// What this node did and said about the address, and what others told it in return.
struct Conduct: Equatable, Sendable {
  /// Whether this node held since it is named: only then it can say that nobody before it does.
  private(set) var hasHeld = false
  /// To whom this node last yielded: the word is given to one node at a time.
  private var grant: Grant?
  /// Questions for a yield notice, newest last.
  private var questions: [Question] = []
  /// Yield notices, newest last.
  private var notices: [YieldNotice] = []

  private static let maxNotices = 8

  private struct Grant: Equatable {
    var target: Endpoint
    var at: Instant
  }

  /// A selected node's question for a yield notice.
  struct Question: Equatable, Sendable {
    /// The node.
    var from: Endpoint
    /// The epoch of its selection; 0 if it does not know it.
    var epoch: UInt64
    /// What the answer is to repeat.
    var nonce: UInt64
  }

  /// A notice that a node does not hold.
  struct YieldNotice: Equatable, Sendable {
    /// The node.
    var from: Endpoint
    /// In which epoch it yielded.
    var epoch: UInt64
    /// The nonce of the question that it answers; 0 if none.
    var nonce: UInt64
    /// When it arrived.
    var heardAt: Instant
  }
}

// MARK: - Holding

extension Conduct {
  /// Notes that this node holds.
  mutating func recordHolding() { hasHeld = true }

  /// Forgets that this node held: another is named since.
  mutating func forgetHolding() { hasHeld = false }
}

// MARK: - Yielding

extension Conduct {
  /// Answers a node that says that it is selected: a holder yields, another says it has nothing.
  ///
  /// Only an instance that some Sentinel lists is heard, and each selection ends a holding once.
  mutating func answer(
    _ question: Question, in state: AddressState, hasAddress: Bool, _ evidence: inout Evidence,
    _ turn: inout Turn
  ) {
    guard !evidence.panel.isLocal(question.from), evidence.panel.knows(question.from) else {
      return
    }
    turn.order(.pollSentinels)
    let epoch = question.epoch == 0 ? nil : question.epoch
    switch state {
    case .held(let holding):
      if let epoch, epoch <= holding.epoch { return }
      keep(question)
    case .standby, .yielding: keep(question)
    case .prepared, .stopped: break
    }
    evidence.panel.recordClaim(of: question.from, epoch: epoch, at: turn.now)
    switch state {
    case .held, .prepared, .stopped: return
    case .standby, .yielding:
      // A held address that could not be removed yet is not given up.
      guard evidence.local.role == .master, hasHeld, !hasAddress else { return }
      publishYield(to: question.from, epoch: question.epoch, evidence.panel, &turn)
    }
  }

  /// Keeps a question for a yield notice; a node's newer one replaces its older.
  private mutating func keep(_ question: Question) {
    questions.removeAll { $0.from == question.from }
    questions.append(question)
    if questions.count > Self.maxNotices { questions.removeFirst() }
  }

  /// Tells the node that comes next.
  ///
  /// - Returns: Whether there is one: then no proof may bring the address back.
  mutating func tellSuccessor(
    _ reason: Reason, _ panel: SentinelPanel, _ turn: inout Turn
  ) -> Bool {
    let successor: (target: Endpoint, epoch: UInt64)
    switch reason {
    case .anotherSelected(let target, let epoch), .newerEpoch(let target, let epoch),
      .anotherNamed(let target, let epoch, _, _):
      successor = (target, epoch)
    case .askedToYield(let target):
      let selection = panel.elections.selections.last { $0.target == target }
      successor = (target, selection?.epoch ?? 0)
    default:
      return false
    }
    turn.order(.keepProof(nil))
    publishYield(to: successor.target, epoch: successor.epoch, panel, &turn)
    return true
  }

  /// Repeats the word to the node that comes next while its questions can't arrive: the Redis that would
  /// hand them on is gone.
  ///
  /// The first word may have come before that node saw its selection, or been lost with the connections
  /// that the promotion ends.
  mutating func repeatYield(_ yield: Yield, _ evidence: Evidence, _ turn: inout Turn) {
    guard let due = repetitionDue(evidence), turn.now >= due, grant?.target == yield.target else {
      return
    }
    publishYield(to: yield.target, epoch: yield.epoch, evidence.panel, &turn)
  }

  /// When the word is due again; nil while nobody needs it.
  func repetitionDue(_ evidence: Evidence) -> Instant? {
    evidence.local.isLost ? grant.map { $0.at + Timing.questionInterval } : nil
  }

  /// Publishes that this node does not hold, to one node at a time.
  ///
  /// Two that are told so may both take at their flips. Another is told when the first one's
  /// provisional holding is surely over; a newer epoch is no excuse, for the first may not have
  /// heard its vote.
  private mutating func publishYield(
    to target: Endpoint, epoch: UInt64, _ panel: SentinelPanel, _ turn: inout Turn
  ) {
    guard let local = panel.localInstances.first else { return }
    if let grant, grant.target != target,
      turn.age(of: grant.at) < Timing.preparedLifetime + Timing.minSettling
    {
      return
    }
    grant = Grant(target: target, at: turn.now)
    let nonce = questions.last { $0.from == target }?.nonce ?? 0
    let notice = Notice.yielded(from: local, target: target, epoch: epoch, nonce: nonce)
    turn.order(.publish(notice, also: target))
  }

  /// Records a yield notice.
  mutating func record(_ notice: YieldNotice) {
    notices.append(notice)
    if notices.count > Self.maxNotices { notices.removeFirst() }
  }

  /// Whether a node said lately that it does not hold.
  func hasYielded(_ node: Endpoint, at now: Instant) -> Bool {
    notices.contains { $0.from == node && now - $0.heardAt <= Timing.yieldLifetime }
  }

  /// Whether the old holder said, to this selection, that it does not hold.
  func hasYielded(to preparation: Preparation) -> Bool {
    notices.contains { notice in
      notice.from == preparation.oldMaster && notice.heardAt >= preparation.since
        && (notice.nonce == preparation.nonce || notice.epoch == preparation.epoch)
    }
  }
}
