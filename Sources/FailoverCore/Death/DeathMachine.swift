import Addresses

/// What this node does when the master here is known to be dead, or came back with less than its
/// replicas have: nobody has to become sure of it.
struct DeathMachine: Equatable, Sendable {
  private let configuration: GroupConfiguration
  private var state = State.alive
  /// The process that last was a master here, or a replica with all of its master's data; nil before one
  /// was asked.
  private var process: String?
  /// Whether a failover made the local Redis a master while this daemon watched: it is then what its
  /// replicas follow, whatever they have.
  private var wasPromoted = false
  /// When a replica last said that it is not synchronized: what it has is not its master's yet.
  private var unlinkedAt: Instant?
  /// Since when the local master has answered without telling which process it is.
  private var unknownSince: Instant?
  /// When it was last asked for; nil while no answer is awaited.
  private var identityAskedAt: Instant?
  /// Whether it is to be asked for once the address was decided about.
  private var wantsIdentity = false
  /// When a failover was last ordered.
  private var orderedAt: Instant?
  /// What the process that runs now lacks of what its replicas had, where that is past mending.
  private(set) var emptied: DataLoss?
  /// Until when a master that came back with less must not do without its replicas: they have
  /// synchronized by then, or never will.
  private var emptiedUntil: Instant?

  /// Where it stands.
  private enum State: Equatable {
    /// Redis lives, or its death is nobody's business here.
    ///
    /// Can transition to: `asking` (a master is known to be dead, or was restarted).
    case alive
    /// The Sentinels and the replicas are asked.
    ///
    /// Can transition to: `asking` (anew), `ordered`, `left` (something forbids it, or time is over),
    /// `alive` (Redis answers, or has as much as its replicas).
    case asking(Inquest)
    /// A Sentinel was told to fail over; what had been found out of a master that was restarted.
    ///
    /// Can transition to: `asking` (it refused, and the master was restarted), `left` (it refused, or its
    /// answer was lost), `alive`.
    case ordered(SentinelID, Inquest?)
    /// It is left to the Sentinels.
    ///
    /// Can transition to: `alive`, `asking` (Redis came back with less than its replicas have).
    case left(DeathRefusal)
  }

  /// Makes a machine for a Redis that lives.
  init(_ configuration: GroupConfiguration) { self.configuration = configuration }

  /// What `status` shows.
  var status: DeathStatus? {
    switch state {
    case .alive: nil
    case .asking(let inquest): inquest.restarted == nil ? .asking : .comparing
    case .ordered(let id, _): .ordered(id)
    case .left(let refusal): .left(refusal)
    }
  }

  /// Whether a failover that was ordered may still come.
  var isOrdered: Bool { if case .ordered = state { true } else { false } }

  /// What is in doubt about the data of the local master.
  func doubt(at now: Instant) -> DataDoubt {
    if case .asking(let inquest) = state, inquest.restarted != nil {
      // The first process that a daemon meets has most likely run all the time.
      return inquest.isTold ? .compared : .open
    }
    if let emptiedUntil, now < emptiedUntil { return .open }
    guard let unknownSince else { return .none }
    // One that keeps it to itself is not asked for ever.
    return now - unknownSince < Timing.localProofLifetime ? .open : .none
  }

  /// The instants at which something changes by itself.
  var deadlines: [Instant] {
    guard case .asking(let inquest) = state else { return [emptiedUntil].compactMap { $0 } }
    return inquest.deadlines
  }
}

/// Whether it is certain that a master has what its replicas have; until then its fence must not begin to do
/// without them.
enum DataDoubt: Equatable {
  /// It is, as far as anybody knows.
  case none
  /// It is not known yet, or they may have more.
  case open
  /// It was restarted and is being compared with them: what is written meanwhile may be lost.
  case compared
}

/// What is looked at after a death, or a restart.
struct Inquest: Equatable, Sendable {
  /// When it was begun.
  let begunAt: Instant
  /// What Sentinels and replicas said since they were last asked.
  var inquiry: Inquiry
  /// The nodes whose daemons said lately that the address could be served there.
  var peers: [Endpoint]
  /// What a master that was restarted says of itself; nil for one that is dead.
  var restarted: LocalIdentity?
  /// Whether people were told of it.
  var isTold = true
  /// Whether the Sentinels are asked too: not before a master that was restarted is known to have less.
  var asksSentinels: Bool
  /// When something is asked again: Redis still reads its file, or a replica has not answered.
  var askAgainAt: Instant?
  /// When all are asked anew, since what forbade a failover may pass.
  var nextRoundAt: Instant?

  /// What a master that was restarted was found to lack.
  var loss: DataLoss?
  /// What last kept a failover from being ordered, though it might pass.
  var obstacle: DeathRefusal?

  /// When a Sentinel refused the order: nothing is decided for a moment.
  var refusedAt: Instant?
  /// The Sentinels that did: others are told first.
  var refusedBy: [SentinelID] = []

  /// For how long it goes on; of a death, one round of questions.
  let limit: Duration
  /// How long a replica that does not answer may hold it up.
  var patience = Timing.deathLimit

  /// The instants at which something changes by itself.
  var deadlines: [Instant] {
    [
      inquiry.startedAt + Timing.deathPatience, inquiry.startedAt + limit, begunAt + limit,
      askAgainAt, nextRoundAt, refusedAt.map { $0 + Timing.pollInterval },
    ].compactMap { $0 }
  }

  /// What goes on after a Sentinel refused: all are asked anew a moment later.
  func refused(by id: SentinelID, _ words: String, at now: Instant) -> Inquest {
    var inquest = self
    inquest.obstacle = .sentinelRefused(id, words)
    if !refusedBy.contains(id) { inquest.refusedBy.append(id) }
    inquest.refusedAt = now
    inquest.asksSentinels = false
    return inquest
  }
}

// MARK: - What is told

extension DeathMachine {
  /// Records that the local Redis is dead, which matters if it was a master that was held for.
  mutating func recordDeath(
    peers: [Endpoint], _ evidence: Evidence, _ address: AddressView, _ turn: inout Turn
  ) {
    guard configuration.deathPolicy == .failover, address.state.holding != nil else { return }
    switch state {
    case .alive: break
    // One that was restarted died again.
    case .asking(let inquest) where inquest.restarted != nil: break
    case .asking, .ordered, .left: return
    }
    turn.order(.reportDeath(.known))
    state = .asking(
      Inquest(
        begunAt: turn.now, inquiry: Inquiry(at: turn.now), peers: peers, asksSentinels: true,
        limit: Timing.deathLimit))
    askAll(evidence.panel, &turn)
  }

  /// Records that the local Redis does not answer.
  mutating func recordLoss() {
    (identityAskedAt, unknownSince, wantsIdentity) = (nil, nil, false)
  }

  /// Records that the local Redis answers; one that was lost is asked which process it is.
  mutating func recordLife(
    _ role: LocalRole, wasLost: Bool, _ turn: inout Turn
  ) {
    // Which process a replica is, is asked too: one that dies around its promotion comes back as a master,
    // or is promoted before it has its master's data.
    let isUnlinked = unlinkedAt.map { turn.age(of: $0) >= Timing.linkQuestion } ?? false
    if wasLost || isUnlinked || (role == .master && process == nil) { wantsIdentity = true }
    guard role == .master else {
      state = .alive
      (unknownSince, emptiedUntil, emptied) = (nil, nil, nil)
      wasPromoted = true
      return
    }
    switch state {
    case .alive: break
    case .asking(let inquest):
      if inquest.restarted == nil {
        turn.order(.reportDeath(.left(.returned)))
        state = .alive
      }
    // It is back before anybody was promoted, or never will be.
    case .ordered, .left: state = .alive
    }
    guard wasLost || process == nil else { return }
    if !wasPromoted || process != nil { unknownSince = unknownSince ?? turn.now }
  }

  private mutating func askIdentity(_ turn: inout Turn) {
    if let identityAskedAt, turn.age(of: identityAskedAt) < Timing.identityRetry { return }
    (identityAskedAt, wantsIdentity) = (turn.now, false)
    turn.order(.readIdentity)
  }

  /// Records which process the local master is, and how much it has.
  mutating func record(
    _ identity: LocalIdentity, peers: [Endpoint], _ evidence: Evidence, isHeld: Bool,
    _ turn: inout Turn
  ) {
    (identityAskedAt, unknownSince, wantsIdentity) = (nil, nil, false)
    guard evidence.local.role == .master else {
      unlinkedAt = identity.isLinkUp ? nil : turn.now
      if identity.isLinkUp { process = identity.process }
      return
    }
    unlinkedAt = nil
    if case .asking(var inquest) = state, inquest.restarted?.process == identity.process {
      (inquest.restarted, inquest.peers) = (identity, peers)
      state = .asking(inquest)
      return
    }
    let before = process
    process = identity.process
    if before != process { (emptied, emptiedUntil) = (nil, nil) }
    // A daemon that was started with its host knows no process before.
    guard before != identity.process, before != nil || !wasPromoted else { return }
    let isTold = before != nil && isHeld
    if isTold { turn.order(.reportDeath(.restarted)) }
    state = .asking(
      Inquest(
        begunAt: turn.now, inquiry: Inquiry(at: turn.now), peers: peers, restarted: identity,
        isTold: isTold, asksSentinels: false, limit: Timing.restartLimit,
        patience: before == nil ? Timing.localProofLifetime : Timing.restartLimit))
    turn.inspect(evidence.panel.listedReplicas)
  }

  private func askAll(_ panel: SentinelPanel, _ turn: inout Turn) {
    turn.order([.pollSentinels, .inspectSentinels])
    turn.inspect(panel.listedReplicas)
  }

  /// Records what a Sentinel said of itself.
  mutating func record(_ inspection: Inquiry.Inspection) {
    guard case .asking(var inquest) = state else { return }
    inquest.inquiry.record(inspection)
    state = .asking(inquest)
  }

  /// Records what a replica said of itself; what is not its last word before a master that died is
  /// asked again.
  mutating func record(_ node: Inquiry.Node, _ turn: inout Turn) {
    guard case .asking(var inquest) = state else { return }
    inquest.inquiry.record(node)
    state = .asking(inquest)
    if inquest.restarted == nil, node.said?.isLinkUp != false {
      turn.order(.inspect(node.endpoint))
    }
  }

  /// Records what became of the order to fail over.
  mutating func record(_ answer: FailoverAnswer, from id: SentinelID, _ turn: inout Turn) {
    guard case .ordered(id, let inquest) = state else { return }
    switch answer {
    case .accepted: break
    case .refused(let words):
      guard let inquest else { return leave(.sentinelRefused(id, words), &turn) }
      // Nothing was begun, so another order can't meet the first.
      orderedAt = nil
      state = .asking(inquest.refused(by: id, words, at: turn.now))
    case .lost:
      leave(.sentinelLost(id), &turn)
      if let loss = inquest?.loss { lament(loss, &turn) }
    }
  }
}

// MARK: - Deciding

extension DeathMachine {
  /// Orders a failover as soon as what is known allows it, or leaves it.
  mutating func decide(
    _ evidence: Evidence, _ address: AddressView, besides move: MoveID?, stopping: [Endpoint],
    _ turn: inout Turn
  ) {
    // One that was just promoted may die within its first moments: it is asked at once, though not before
    // the address is taken.
    if wantsIdentity { askIdentity(&turn) }
    guard case .asking(var inquest) = state,
      inquest.refusedAt.map({ turn.age(of: $0) >= Timing.pollInterval }) ?? true
    else { return }
    let rules = DeathRules(
      inquest: inquest, evidence: evidence, address: address,
      virtualAddresses: configuration.virtualAddresses, stopping: stopping, now: turn.now)
    guard inquest.restarted != nil else {
      if let refusal = limit(at: turn.now, rules) { return leave(refusal, &turn) }
      return order(rules, besides: move, &turn)
    }
    switch rules.comparison {
    case .wait: askAgain(evidence.panel, &turn)
    case .asMuch: conclude(inquest, rules, &turn)
    case .less(let now):
      // What the best of them had at first is what is at stake.
      var loss = now
      if let before = inquest.loss, before.replicaKeys > now.replicaKeys { loss = before }
      inquest.loss = loss
      state = .asking(inquest)
      mend(inquest, loss, rules, besides: move, &turn)
    }
  }

  /// Ends a comparison that finds nothing missing.
  ///
  /// A master that was found to have less is not made whole by replicas that can't be asked any more.
  private mutating func conclude(_ inquest: Inquest, _ rules: DeathRules, _ turn: inout Turn) {
    guard let loss = inquest.loss else {
      state = .alive
      if inquest.isTold { turn.order(.reportDeath(rules.comparisonNews)) }
      return
    }
    guard !rules.isEarly else { return askAgain(rules.panel, &turn) }
    leave(inquest.obstacle ?? .found(.noTarget), &turn)
    lament(loss, &turn)
  }

  /// Why no failover is ordered so soon after another.
  ///
  /// A master that came back with less than its replicas have is no matter of patience: they lose it
  /// within seconds.
  private func limit(at now: Instant, _ rules: DeathRules) -> DeathRefusal? {
    if let orderedAt, now - orderedAt < Timing.deathInterval {
      return .orderedRecently(now - orderedAt)
    }
    return rules.promotion.map { .promotedRecently($0) }
  }

  /// Orders one failover, if the rules allow it.
  private mutating func order(
    _ rules: DeathRules, besides move: MoveID?, _ turn: inout Turn
  ) {
    if let move { return leave(.found(.moveUnderWay(move)), &turn) }
    guard case .asking(let inquest) = state else { return }
    switch rules.verdict {
    case .wait:
      if rules.inquest.restarted != nil { askAgain(rules.panel, &turn) }
    case .refused(let refusal):
      // A master that came back with less is asked about until its replicas have lost theirs.
      let isPassing = refusal.isPassing || rules.inquest.restarted != nil
      guard isPassing, rules.mayAskAnew else { return leave(refusal, &turn) }
      askAnew(after: refusal, rules.panel, &turn)
    case .possible(let news, let through):
      state = .ordered(through, rules.inquest.restarted == nil ? nil : inquest)
      orderedAt = turn.now
      turn.order(.commandFailover(through))
      turn.order(.reportDeath(news))
    }
  }

  /// Asks all of them anew after a while: Sentinels read what a replica has each second once its link is
  /// down, and the role of one that was just promoted each 10 s (`sentinel.c sentinelSendPeriodicCommands`).
  private mutating func askAnew(
    after refusal: DeathRefusal, _ panel: SentinelPanel, _ turn: inout Turn
  ) {
    guard case .asking(var inquest) = state else { return }
    inquest.obstacle = refusal
    guard let due = inquest.nextRoundAt else {
      inquest.nextRoundAt = turn.now + Timing.pollInterval
      state = .asking(inquest)
      return
    }
    guard turn.now >= due else { return }
    inquest.nextRoundAt = nil
    inquest.inquiry = Inquiry(at: turn.now)
    state = .asking(inquest)
    askAll(panel, &turn)
  }

  /// Fails over from a master that came back with less, while its replicas still have their data.
  private mutating func mend(
    _ before: Inquest, _ loss: DataLoss, _ rules: DeathRules, besides move: MoveID?,
    _ turn: inout Turn
  ) {
    // Nothing can be ordered before this node holds.
    if configuration.deathPolicy == .failover, !rules.address.state.isHeldByConfirmations,
      rules.isEarly
    {
      return askAgain(rules.panel, &turn)
    }
    emptiedUntil = emptiedUntil ?? turn.now + Timing.restartLimit
    guard configuration.deathPolicy == .failover else {
      state = .left(.policy)
      return lament(loss, &turn)
    }
    guard before.asksSentinels else {
      // A round of its own: they may list others than those that were asked so far.
      var inquest = before
      inquest.asksSentinels = true
      inquest.inquiry = Inquiry(at: turn.now)
      state = .asking(inquest)
      return askAll(rules.panel, &turn)
    }
    order(rules, besides: move, &turn)
    switch state {
    case .left: lament(loss, &turn)
    // By now its replicas may be synchronizing with it.
    case .ordered where turn.age(of: before.begunAt) >= Timing.syncDelay: lament(loss, &turn)
    case .alive, .asking, .ordered: break
    }
  }

  /// Says what is lost.
  private mutating func lament(_ loss: DataLoss, _ turn: inout Turn) {
    emptied = loss
    turn.raise(.masterEmptied(loss))
    turn.settleAlarms { $0 == .masterEmptied(loss) }
  }

  /// Asks again what was not answered, or not to the end.
  private mutating func askAgain(_ panel: SentinelPanel, _ turn: inout Turn) {
    guard case .asking(var inquest) = state else { return }
    let due = inquest.askAgainAt ?? inquest.inquiry.startedAt + Timing.identityRetry
    if turn.now >= due {
      inquest.askAgainAt = turn.now + Timing.identityRetry
      turn.order(.readIdentity)
      if inquest.asksSentinels { turn.order(.inspectSentinels) }
      turn.inspect(panel.listedReplicas)
    } else {
      inquest.askAgainAt = due
    }
    state = .asking(inquest)
  }

  private mutating func leave(_ refusal: DeathRefusal, _ turn: inout Turn) {
    state = .left(refusal)
    turn.order(.reportDeath(.left(refusal)))
  }
}
