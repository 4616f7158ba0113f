import Addresses

/// A planned move that this node, the master, drives.
struct MoveMachine: Equatable, Sendable {
  private let policy: FencePolicy
  /// How far it is; nil without a move.
  private var progress: MoveProgress?

  /// Makes a machine without a move.
  init(_ configuration: GroupConfiguration) { policy = configuration.fence }

  /// The move, if there is one.
  var id: MoveID? { progress?.request.id }

  /// Whether there is a move.
  var isActive: Bool { if case .some = progress { true } else { false } }

  private func rules(
    _ move: MoveProgress, _ evidence: Evidence, _ address: AddressView, _ fence: FenceView,
    at now: Instant
  ) -> MoveRules {
    MoveRules(
      move: move, evidence: evidence, address: address, fence: fence, policy: policy, now: now)
  }

  /// What the move asks of the address and of the fence.
  func hold(
    _ evidence: Evidence, _ address: AddressView, _ fence: FenceMachine, at now: Instant
  ) -> MoveHold {
    guard let move = progress else { return .none }
    let rules = rules(move, evidence, address, fence.view(evidence), at: now)
    return MoveHold(
      isFenced: move.isFenced, isClosed: move.wantsClosed, awaitsFailover: move.awaitsFailover,
      keepsFrom: rules.keepsFrom, keepsReplicas: move.plan != nil)
  }

  /// What `status` shows.
  func status(local: Endpoint?) -> MoveStatus? {
    progress.map { move in
      MoveStatus(
        id: move.request.id, from: move.plan?.from ?? local,
        target: move.plan?.target ?? move.request.target, phase: move.phase,
        failure: move.failure)
    }
  }
}

// MARK: - What is told

extension MoveMachine {
  /// Begins a move, unless there is one.
  ///
  /// - Returns: Whether it was begun.
  mutating func begin(
    _ request: MoveRequest, _ panel: SentinelPanel, _ turn: inout Turn
  ) -> Bool {
    if let other = progress?.request.id {
      guard other != request.id else { return false }
      let news = MoveNews.ended(.refused([.moveUnderWay(other)]))
      turn.order(.reportMove(MoveReport(id: request.id, elapsed: .zero, news: news)))
      return false
    }
    progress = MoveProgress(request, at: turn.now)
    report(.entered(.preflight), &turn)
    askAll(panel, &turn)
    return true
  }

  private func askAll(_ panel: SentinelPanel, _ turn: inout Turn) {
    turn.order([.pollSentinels, .inspectSentinels, .readReplication])
    let listed = panel.listedReplicas
    if let wanted = progress?.request.target, !listed.contains(wanted) {
      turn.order(.inspect(wanted))
    }
    turn.inspect(listed)
  }

  /// Gives a move up, unless it is past giving up.
  mutating func cancel(_ id: MoveID, _ turn: inout Turn) {
    guard let move = progress, move.request.id == id, move.phase < .yielding else { return }
    fail(.cancelled, &turn)
  }

  /// Gives up a move that has changed nothing yet, for the local Redis is dead.
  ///
  /// What follows from that must not wait for its end. Later on a failover may come of it.
  mutating func recordDeath(_ turn: inout Turn) {
    guard let move = progress, !move.isFenced, move.commandedAt == nil else { return }
    fail(.masterDied, &turn)
  }

  /// Records what a Sentinel said of itself.
  mutating func record(_ said: SentinelInspection?, from id: SentinelID, sentAt: Instant) {
    progress?.record(Inquiry.Inspection(endpoint: id, said: said, askedAt: sentAt))
  }

  /// Records what became of the order to fail over.
  mutating func record(_ answer: FailoverAnswer, from id: SentinelID, at now: Instant) {
    progress?.record(answer, from: id, at: now)
  }

  /// Records what a node said of itself.
  mutating func record(_ node: Inquiry.Node, _ turn: inout Turn) {
    progress?.record(node)
    // Each answer that is not enough, and none, is the next question, until its time is over.
    if let move = progress, move.phase == .draining, move.failure == nil,
      move.plan?.replicas.contains(node.endpoint) == true, !move.hasEverything(node.endpoint)
    {
      turn.order(.inspect(node.endpoint))
    }
  }

  /// Records what became of an order to the fence.
  mutating func record(_ order: FenceOrder, _ problem: FenceProblem?) {
    if order.isDemotion, problem?.isOfFile ?? true { progress?.recordDemotion() }
  }

  /// Records that the fence can't be read: whether it is closed still can't be told any more.
  mutating func recordUnreadableFence() {
    if progress?.closedAt != nil, progress?.isDemoted == false { progress?.recordBreak() }
  }

  /// Records the target's answer to an offer.
  mutating func recordAnswer(
    from node: Endpoint, _ id: MoveID, round: UInt64, _ refusal: MoveRefusal?, at now: Instant
  ) {
    let offeredAt = Instant(nanoseconds: Int64(bitPattern: round))
    guard let move = progress, move.request.id == id, move.plan?.target == node,
      offeredAt >= move.startedAt, offeredAt <= now
    else { return }
    progress?.record(MoveProgress.Answer(refusal: refusal, offeredAt: offeredAt))
  }

  /// Records the target's word that it has the address.
  mutating func recordArrival(of node: Endpoint, _ id: MoveID, at now: Instant) {
    guard let move = progress, move.request.id == id, move.plan?.target == node,
      move.commandedAt != nil, move.arrivedAt == nil
    else { return }
    progress?.recordArrival(at: now)
  }
}

// MARK: - Deciding

extension MoveMachine {
  /// Brings a move forward, as far as what is known allows; called after each decision about the
  /// address, and before that about the fence.
  mutating func decide(
    _ evidence: Evidence, _ address: AddressView, _ fence: FenceView, _ turn: inout Turn
  ) {
    // The longest chain is three: closed, drained and commanded.
    for _ in 0..<4 {
      guard let before = progress else { break }
      advance(rules(before, evidence, address, fence, at: turn.now), &turn)
      guard let after = progress, after != before else { break }
    }
    inspectTarget(&turn)
    keepOffering(evidence.panel, armed: fence.armed, &turn)
  }

  private mutating func advance(_ rules: MoveRules, _ turn: inout Turn) {
    let move = rules.move
    watchClosure(rules)
    if move.failure != nil {
      decideUndo(rules, &turn)
      return
    }
    if move.phase < .yielding, turn.now >= move.request.deadline {
      fail(.deadlinePassed(move.phase), &turn)
      return
    }
    switch move.phase {
    case .preflight: decidePreflight(rules, &turn)
    case .preparing: decidePreparing(rules, &turn)
    case .closing: decideClosing(rules, &turn)
    case .draining: decideDraining(rules, &turn)
    case .commanding: decideCommanding(rules, &turn)
    case .yielding, .promoting: decidePromoting(rules, &turn)
    case .demoting: decideDemoting(rules, &turn)
    }
  }

  /// Notes whether the fence was open for a moment since it was closed.
  ///
  /// A connection that ends says nothing of the fence: Sentinel's demotion ends it, and a Redis that
  /// was restarted shows what it has before its role.
  private mutating func watchClosure(_ rules: MoveRules) {
    guard rules.move.closedAt != nil, !rules.move.isDemoted, rules.evidence.local.role == .master,
      let inForce = rules.fence.inForce, !inForce.isClosed
    else { return }
    progress?.recordBreak()
  }

  private mutating func decidePreflight(_ rules: MoveRules, _ turn: inout Turn) {
    switch MovePreflight(rules: rules).verdict {
    case .wait: return
    case .refused(let findings): refuse(findings, rules, &turn)
    case .possible(let plan):
      progress?.settle(plan)
      report(.planned(plan), &turn)
      if rules.move.request.isDryRun {
        end(.checked, &turn)
      } else {
        enter(.preparing, &turn)
      }
    }
  }

  /// Refuses a move, or asks all anew where what forbids it may pass.
  private mutating func refuse(
    _ findings: [MoveFinding], _ rules: MoveRules, _ turn: inout Turn
  ) {
    guard let next = rules.nextRound(after: findings) else {
      return end(.refused(findings), &turn)
    }
    if let due = rules.move.nextRoundAt {
      guard turn.now >= due else { return }
      progress?.beginRound(at: turn.now)
      askAll(rules.panel, &turn)
    } else {
      if !rules.move.hasWaited { report(.waiting(findings), &turn) }
      progress?.wait(until: next)
    }
  }

  /// Waits until the target is ready and the Sentinel to be commanded prefers it.
  private mutating func decidePreparing(_ rules: MoveRules, _ turn: inout Turn) {
    let move = rules.move
    guard let plan = move.plan, goesOn(rules.obstacle, &turn) else { return }
    if let refusal = move.answer?.refusal {
      fail(.targetRefused(plan.target, refusal), &turn)
    } else if !rules.isAnswered {
      if rules.isAnswerOverdue { fail(.targetSilent(plan.target), &turn) }
    } else if !move.request.acceptsAnyTarget, !rules.isPreferred(plan) {
      if rules.hasLasted(Timing.preferenceLimit) { fail(.preferenceUnseen(plan.through), &turn) }
    } else if let unaware = rules.sentinelThatSeesMaster(plan) {
      if rules.hasLasted(Timing.preferenceLimit) {
        fail(.targetSeenAsMaster(plan.target, by: unaware), &turn)
      }
    } else {
      if plan.closesFence { progress?.recordCloseOrder(at: turn.now) }
      enter(plan.closesFence ? .closing : .commanding, &turn)
      turn.order([.pollSentinels, .inspectSentinels])
    }
  }

  /// Waits until Redis says that the fence is closed.
  private mutating func decideClosing(_ rules: MoveRules, _ turn: inout Turn) {
    guard let plan = rules.move.plan, goesOn(rules.obstacle, &turn) else { return }
    if rules.fence.isClosed {
      progress?.recordClosed(at: turn.now)
      enter(.draining, &turn)
      turn.order([.readReplication] + plan.replicas.map { .inspect($0) })
    } else if case .set(let setting)? = rules.fence.lastFailed, setting.isClosed {
      fail(.fenceNotClosed(rules.fence.status.problem), &turn)
    } else if rules.hasLasted(Timing.closingLimit) {
      fail(.fenceNotClosed(nil), &turn)
    }
  }

  /// Waits until every replica has everything that was written before.
  private mutating func decideDraining(_ rules: MoveRules, _ turn: inout Turn) {
    let move = rules.move
    guard let plan = move.plan, let closedAt = move.closedAt, goesOn(rules.obstacle, &turn),
      staysClosed(rules, &turn)
    else { return }
    let ledger = rules.fence.ledger
    if move.offset == nil, let replication = ledger.replication,
      ledger.askedAt.map({ $0 >= closedAt }) ?? false
    {
      progress?.recordOffset(replication.offset)
      return
    }
    let behind = plan.replicas.filter { !move.hasEverything($0) }
    if move.offset != nil, behind.isEmpty {
      enter(.commanding, &turn)
    } else if rules.hasLasted(Timing.drainLimit) {
      fail(.drainTooSlow(behind: behind), &turn)
    }
  }

  /// Tells one Sentinel to fail over, once all were asked again; then waits for a selection.
  private mutating func decideCommanding(_ rules: MoveRules, _ turn: inout Turn) {
    let move = rules.move
    guard let plan = move.plan else { return }
    guard let commandedAt = move.commandedAt else {
      command(rules, plan, &turn)
      return
    }
    if rules.isOvertaken {
      enter(.yielding, &turn)
      return
    }
    switch move.command {
    case .refused(let text): fail(.sentinelRefused(plan.through, text), &turn)
    case .lost: fail(.sentinelLost(plan.through), &turn)
    case .accepted, nil:
      if rules.panel.record(of: plan.through)?.isConnected != true {
        fail(.sentinelLost(plan.through), &turn)
      } else if turn.age(of: commandedAt) >= Timing.selectionLimit
        || rules.isFailoverOver(since: commandedAt)
      {
        fail(.nobodySelected(plan.through), &turn)
      }
    }
  }

  private mutating func command(_ rules: MoveRules, _ plan: MovePlan, _ turn: inout Turn) {
    guard goesOn(rules.obstacle, &turn), !plan.closesFence || staysClosed(rules, &turn)
    else { return }
    if let finding = rules.findingsBeforeOrder(plan).first {
      // That one was not asked yet is no reason to give up before the time for it is over.
      if !finding.isOfSilence || rules.hasLasted(Timing.commandLimit) {
        fail(.found(finding), &turn)
      }
    } else if !rules.isAnswered {
      fail(.targetSilent(plan.target), &turn)
    } else {
      progress?.recordCommand(at: turn.now)
      turn.order(.commandFailover(plan.through))
    }
  }

  /// Waits until the target has the address, and then until a majority names it.
  private mutating func decidePromoting(_ rules: MoveRules, _ turn: inout Turn) {
    if rules.successor != nil {
      enter(.demoting, &turn)
    } else if rules.move.phase == .yielding, rules.move.arrivedAt != nil {
      enter(.promoting, &turn)
    } else if rules.isFailoverOver(since: rules.move.phaseSince)
      || rules.hasLasted(Timing.promotionLimit)
    {
      fail(.notPromoted, &turn)
    }
  }

  /// Waits until this node is a replica of the new master.
  private mutating func decideDemoting(_ rules: MoveRules, _ turn: inout Turn) {
    guard let plan = rules.move.plan else { return }
    if let successor = rules.successor, rules.evidence.local.isReplica || !plan.closesFence {
      end(.done(rules.outcome(plan, promoted: successor)), &turn)
    } else if rules.successor == nil, rules.isFailoverOver(since: rules.move.phaseSince) {
      fail(.notPromoted, &turn)
    } else if rules.hasLasted(Timing.demotionLimit) {
      end(.failed(.notDemoted(to: rules.successor ?? plan.target)), &turn)
    }
  }

  /// Fails a move that meets an obstacle.
  private mutating func goesOn(_ obstacle: MoveFailure?, _ turn: inout Turn) -> Bool {
    if let obstacle { fail(obstacle, &turn) }
    return obstacle == nil
  }

  /// Fails a move whose fence is not closed any more.
  private mutating func staysClosed(_ rules: MoveRules, _ turn: inout Turn) -> Bool {
    if !rules.isStillClosed { fail(.fenceNotClosed(rules.fence.status.problem), &turn) }
    return rules.isStillClosed
  }
}

// MARK: - Back

extension MoveMachine {
  /// Undoes a move as soon as no failover can come of it any more.
  ///
  /// Until then the fence stays closed: what would be written now would be lost with the promotion
  /// that may still come. If it comes, the move goes on.
  private mutating func decideUndo(_ rules: MoveRules, _ turn: inout Turn) {
    let move = rules.move
    guard let failure = move.failure, let failedAt = move.failedAt else { return }
    if let isHeard = rules.isHeardAfterLoss { progress?.recordContact(isHeard, at: turn.now) }
    if move.commandedAt != nil, resume(rules, &turn) { return }
    if let since = move.reopeningSince {
      finishUndo(failure, since: since, rules, &turn)
    } else if move.commandedAt == nil, rules.address.state.holding == nil,
      rules.fence.isClosedByRule
    {
      // Another failover began, or the lease is over: the fence closes by its own rules.
      end(.failed(failure), &turn)
    } else if rules.isFailoverOver(since: failedAt) {
      progress?.reopen(since: turn.now)
      finishUndo(failure, since: turn.now, rules, &turn)
    }
  }

  /// Takes an undone move up again if its failover comes after all.
  private mutating func resume(_ rules: MoveRules, _ turn: inout Turn) -> Bool {
    let isBefore = rules.move.phase < .yielding
    guard isBefore ? rules.isOvertaken : rules.successor != nil else { return false }
    progress?.reopen(since: nil)
    enter(isBefore ? .yielding : .demoting, &turn)
    return true
  }

  /// Waits until the fence is open again.
  private mutating func finishUndo(
    _ failure: MoveFailure, since: Instant, _ rules: MoveRules, _ turn: inout Turn
  ) {
    let isOpen = rules.fence.inForce.map { !$0.isClosed } ?? false
    if rules.move.plan?.closesFence != true || isOpen, rules.fence.isSettled {
      end(.undone(failure), &turn)
    } else if turn.age(of: since) >= Timing.reopeningLimit {
      end(.failed(failure), &turn)
    }
  }

  /// Wants a move undone; where nothing was changed yet, that is done with it.
  private mutating func fail(_ failure: MoveFailure, _ turn: inout Turn) {
    guard let move = progress, move.failure == nil else { return }
    progress?.fail(failure, at: turn.now)
    guard move.isFenced || move.commandedAt != nil else { return end(.undone(failure), &turn) }
    report(.undoing(failure), &turn)
    turn.order(.pollSentinels)
  }

  /// Ends a move; the target is told, so that it restores what it changed.
  private mutating func end(_ how: MoveEnd, _ turn: inout Turn) {
    guard let move = progress else { return }
    report(.ended(how), &turn)
    if move.offeredAt != nil, let plan = move.plan {
      let notice = Notice.moveEnded(from: plan.from, id: move.request.id)
      turn.order(.publish(notice, also: plan.target))
    }
    progress = nil
  }

  /// Ends a move because the daemon stops.
  ///
  /// After the order the target is not told: it looks after the fence when no other does.
  mutating func stop(_ turn: inout Turn) {
    guard let move = progress else { return }
    if move.awaitsFailover {
      report(.ended(.failed(.stopping)), &turn)
      progress = nil
    } else {
      end(.undone(.stopping), &turn)
    }
  }
}

// MARK: - What others hear

extension MoveMachine {
  /// Enters a phase and reports it.
  private mutating func enter(_ phase: MovePhase, _ turn: inout Turn) {
    progress?.enter(phase, at: turn.now)
    report(.entered(phase), &turn)
  }

  private func report(_ news: MoveNews, _ turn: inout Turn) {
    guard let move = progress else { return }
    turn.order(
      .reportMove(
        MoveReport(id: move.request.id, elapsed: turn.age(of: move.startedAt), news: news)))
  }

  /// Keeps asking the target for its own word once a Sentinel was told to promote it.
  private mutating func inspectTarget(_ turn: inout Turn) {
    guard let move = progress, move.commandedAt != nil, let plan = move.plan,
      move.inspectedAt.map({ turn.age(of: $0) >= Timing.pollInterval }) ?? true
    else { return }
    progress?.recordInspection(at: turn.now)
    turn.order(.inspect(plan.target))
  }

  /// Says that the driver is alive, and what it wants.
  private mutating func keepOffering(
    _ panel: SentinelPanel, armed: FenceSetting, _ turn: inout Turn
  ) {
    guard let move = progress, let plan = move.plan, move.phase >= .preparing,
      move.offeredAt.map({ turn.age(of: $0) >= Timing.moveOfferInterval }) ?? true
    else { return }
    progress?.recordOffer(at: turn.now)
    let none = FenceSetting(minReplicas: 0, maxLagSeconds: 0)
    let offer = MoveOffer(
      from: plan.from, target: plan.target, id: move.request.id,
      round: UInt64(bitPattern: turn.now.nanoseconds),
      through: panel.record(of: plan.through)?.runID ?? "", prefers: plan.prefers,
      armed: plan.closesFence ? armed : none)
    turn.order(.publish(.moveOffered(offer), also: plan.target))
  }

  /// The instants at which something about the move changes by itself.
  func deadlines(
    _ evidence: Evidence, _ address: AddressView, _ fence: FenceView, at now: Instant
  ) -> [Instant] {
    guard let move = progress else { return [] }
    let limit = rules(move, evidence, address, fence, at: now).limit
    return [
      move.phase < .yielding ? move.request.deadline : nil,
      move.phase == .yielding ? move.phaseSince + Timing.handOverDelay : nil,
      move.phaseSince + limit, move.nextRoundAt,
      move.offeredAt.map { $0 + Timing.moveOfferInterval },
      move.reopeningSince.map { $0 + Timing.reopeningLimit },
    ].compactMap { $0 }
  }
}
