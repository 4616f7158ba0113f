import Addresses

/// The planned move of which this node is, or last was, the target.
struct MoveTargetMachine: Equatable, Sendable {
  private var watch: Watch?
  private var priority = PriorityKeeper()

  /// What is known of the move.
  private struct Watch: Equatable {
    /// The driver's last offer.
    var offer: MoveOffer
    /// When it was heard.
    var heardAt: Instant
    /// Whether an answer is owed.
    var isAnswerDue = true
    /// Whether the driver said that the move is over, or nothing is left to do for it.
    var isOver = false
    /// Whether it was said that the address is here.
    var hasArrived = false
    /// When the silent driver was last asked.
    var inspectedAt: Instant?
    /// What it said.
    var driver: Inquiry.Node?
    /// When its fence was last set.
    var relievedAt: Instant?

    /// Since when the driver counts as silent.
    var silentSince: Instant { heardAt + Timing.moveSilence }
    /// Whether the driver is alive, as far as is known.
    func isAlive(at now: Instant) -> Bool { !isOver && now < silentSince }
  }

  /// What `status` shows.
  var status: MoveStatus? {
    guard let watch, !watch.isOver else { return nil }
    return MoveStatus(
      id: watch.offer.id, from: watch.offer.from, target: watch.offer.target, phase: nil,
      failure: nil)
  }

  /// The instants at which something changes by itself.
  var deadlines: [Instant] {
    var deadlines = [priority.retryAt]
    if let watch, !watch.isOver {
      deadlines += [
        watch.silentSince, watch.silentSince + Timing.relieveLimit,
        watch.inspectedAt.map { $0 + Timing.pollInterval },
      ]
    }
    return deadlines.compactMap { $0 }
  }
}

// MARK: - What is told

extension MoveTargetMachine {
  /// Begins with what an earlier daemon left to restore.
  mutating func start(_ memory: PriorityMemory?) { priority.start(memory) }

  /// Forgets what a lost connection leaves unknown.
  mutating func disconnect() { priority.disconnect() }

  /// Records what the local Redis says of its priority; nil if it does not tell.
  mutating func recordPriority(_ observed: Int?, sentAt: Instant, at now: Instant) {
    priority.record(observed, sentAt: sentAt, at: now)
  }

  /// Records what became of an order to set the priority.
  mutating func recordPriorityAnswer(
    _ value: Int, _ problem: FenceProblem?, _ turn: inout Turn
  ) {
    priority.record(value, problem, &turn)
  }

  /// Records what a node says of itself: it may be the driver.
  mutating func record(_ node: Inquiry.Node) {
    if node.endpoint == watch?.offer.from { watch?.driver = node }
  }

  /// Records that the driver said that its move is over.
  mutating func recordEnd(from node: Endpoint, _ id: MoveID) {
    if watch?.offer.from == node, watch?.offer.id == id { watch?.isOver = true }
  }

  /// Records that another node wants this one to become the master.
  mutating func record(
    _ offer: MoveOffer, isDriving: Bool, _ panel: SentinelPanel, _ turn: inout Turn
  ) {
    guard panel.isLocal(offer.target), !panel.isLocal(offer.from) else { return }
    if let known = watch, known.offer.id == offer.id, known.offer.from == offer.from {
      // A late word of a move that is over changes nothing.
      guard !known.isOver, offer.round >= known.offer.round else { return }
      watch?.offer = offer
      watch?.heardAt = turn.now
      watch?.isAnswerDue = true
    } else if watch?.isAlive(at: turn.now) == true || isDriving {
      answer(offer, .otherMove, &turn)
    } else {
      watch = Watch(offer: offer, heardAt: turn.now)
    }
  }

  private func answer(_ offer: MoveOffer, _ refusal: MoveRefusal?, _ turn: inout Turn) {
    let notice = Notice.moveAnswered(
      from: offer.target, id: offer.id, round: offer.round, refusal: refusal)
    turn.order(.publish(notice, also: offer.from))
  }
}

// MARK: - Deciding

extension MoveTargetMachine {
  /// Does what a move asks of its target, and restores what it changed.
  mutating func decide(
    _ evidence: Evidence, _ address: AddressView, isFenceClosed: Bool, _ turn: inout Turn
  ) {
    if !evidence.local.isLost {
      let isWanted = wantsPreference(evidence.panel, address, at: turn.now)
      priority.decide(isWanted: isWanted, mayPersist: !isFenceClosed, &turn)
    }
    guard let watch, !watch.isOver else { return }
    if watch.isAnswerDue { answerIfReady(watch, evidence, address, &turn) }
    if address.state.holding != nil, !watch.hasArrived {
      self.watch?.hasArrived = true
      let notice = Notice.moveArrived(from: watch.offer.target, id: watch.offer.id)
      turn.order(.publish(notice, also: watch.offer.from))
    }
    if !watch.isAlive(at: turn.now) { relieveIfLeft(watch, evidence, address, &turn) }
  }

  /// Answers an offer, unless the priority is not lowered yet.
  private mutating func answerIfReady(
    _ watch: Watch, _ evidence: Evidence, _ address: AddressView, _ turn: inout Turn
  ) {
    let refusal = refusal(of: watch.offer, evidence, address)
    if refusal == nil, watch.offer.prefers, !priority.isLowered { return }
    self.watch?.isAnswerDue = false
    // From the flip on the driver looks at the Sentinels, and hears of the arrival.
    if watch.hasArrived || evidence.local.role == .master { return }
    answer(watch.offer, refusal, &turn)
  }

  private func refusal(
    of offer: MoveOffer, _ evidence: Evidence, _ address: AddressView
  ) -> MoveRefusal? {
    if address.pause != nil { return .paused }
    if evidence.local.isLost { return .redisLost }
    guard evidence.local.isReplica, evidence.panel.naming.current == offer.from else {
      return .notReplica
    }
    return offer.prefers && priority.isRefused ? .configRefused : nil
  }

  /// Whether a living driver wants this node preferred, and it is not the master yet.
  private func wantsPreference(
    _ panel: SentinelPanel, _ address: AddressView, at now: Instant
  ) -> Bool {
    guard address.pause == nil, let watch, watch.isAlive(at: now), watch.offer.prefers,
      !address.state.isHeldByConfirmations
    else { return false }
    return panel.naming.current == watch.offer.from
  }
}

// MARK: - A driver that is silent

extension MoveTargetMachine {
  /// Arms the fence that a dead driver left closed, once no failover can come any more.
  private mutating func relieveIfLeft(
    _ watch: Watch, _ evidence: Evidence, _ address: AddressView, _ turn: inout Turn
  ) {
    guard watch.offer.armed.minReplicas > 0, address.pause == nil,
      evidence.local.role != .master, turn.age(of: watch.silentSince) < Timing.relieveLimit
    else {
      self.watch?.isOver = true
      return
    }
    if let seen = watch.driver, seen.askedAt >= watch.relievedAt ?? watch.silentSince,
      let said = seen.said
    {
      guard said.role == .master, let fence = said.fence, fence.isClosed else {
        self.watch?.isOver = true
        return
      }
      if turn.age(of: seen.askedAt) <= Timing.viewLifetime,
        isOrphaned(watch.offer, evidence.panel, at: turn.now),
        watch.relievedAt.map({ turn.age(of: $0) >= Timing.relieveInterval }) ?? true
      {
        self.watch?.relievedAt = turn.now
        turn.order(.relieve(watch.offer.from, watch.offer.armed))
      }
    }
    if let asked = watch.inspectedAt, turn.age(of: asked) < Timing.pollInterval { return }
    self.watch?.inspectedAt = turn.now
    turn.order(.inspect(watch.offer.from))
  }

  /// Whether a silent driver is still the master, and no failover is under way or ordered.
  ///
  /// The Sentinel that it may have commanded must be in contact, or its process gone.
  private func isOrphaned(_ offer: MoveOffer, _ panel: SentinelPanel, at now: Instant) -> Bool {
    let views = panel.views(at: now)
    guard views.count >= panel.counts.majority, views.allSatisfy({ $0.named == offer.from }),
      !panel.isFailoverPending(at: now)
    else { return false }
    return panel.records.contains { record in
      record.runID == offer.through
        && (record.view(within: Timing.viewLifetime, at: now) != nil || record.refuses(at: now))
    }
  }
}
