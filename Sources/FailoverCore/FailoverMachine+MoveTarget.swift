import Addresses

// MARK: - The target of a move

extension FailoverMachine {
  /// Records that another node wants this one to become the master.
  mutating func recordOffer(_ offer: MoveOffer, at now: Instant, _ orders: inout [Effect]) {
    guard evidence.isLocal(offer.target), !evidence.isLocal(offer.from) else { return }
    if let known = watch, known.offer.id == offer.id, known.offer.from == offer.from {
      // A late word of a move that is over changes nothing.
      guard !known.isOver, offer.round >= known.offer.round else { return }
      watch?.offer = offer
      watch?.heardAt = now
      watch?.isAnswerDue = true
      return
    }
    guard watch?.isAlive(at: now) != true, move == nil else {
      answer(offer, .otherMove, &orders)
      return
    }
    watch = MoveWatch(offer: offer, heardAt: now)
  }

  private func answer(_ offer: MoveOffer, _ refusal: MoveRefusal?, _ orders: inout [Effect]) {
    let notice = Notice.moveAnswered(
      from: offer.target, id: offer.id, round: offer.round, refusal: refusal)
    orders.append(.publish(notice, also: offer.from))
  }

  /// Does what a move asks of its target, and restores what it changed.
  mutating func decideWatch(at now: Instant, _ orders: inout [Effect]) {
    decidePriority(at: now, &orders)
    guard let watch, !watch.isOver else { return }
    if watch.isAnswerDue { answerIfReady(watch, &orders) }
    if case .held = state, !watch.hasArrived {
      self.watch?.hasArrived = true
      let notice = Notice.moveArrived(from: watch.offer.target, id: watch.offer.id)
      orders.append(.publish(notice, also: watch.offer.from))
    }
    if !watch.isAlive(at: now) { relieveIfLeft(watch, at: now, &orders) }
  }

  /// Answers an offer, unless the priority is not lowered yet.
  private mutating func answerIfReady(_ watch: MoveWatch, _ orders: inout [Effect]) {
    let refusal = refusal(of: watch.offer)
    if refusal == nil, watch.offer.prefers, priority.inForce != PriorityMemory.preferred {
      return
    }
    self.watch?.isAnswerDue = false
    // From the flip on the driver looks at the Sentinels, and hears of the arrival.
    if watch.hasArrived || evidence.localRole == .master { return }
    answer(watch.offer, refusal, &orders)
  }

  private func refusal(of offer: MoveOffer) -> MoveRefusal? {
    if pause != nil { return .paused }
    if evidence.localIsLost { return .redisLost }
    guard case .replica = evidence.localRole, evidence.namedByMajority == offer.from else {
      return .notReplica
    }
    return offer.prefers && priority.isRefused ? .configRefused : nil
  }
}

// MARK: - A driver that is silent

extension FailoverMachine {
  /// Arms the fence that a dead driver left closed, once no failover can come any more.
  private mutating func relieveIfLeft(
    _ watch: MoveWatch, at now: Instant, _ orders: inout [Effect]
  ) {
    let silentSince = watch.heardAt + Timing.moveSilence
    guard watch.offer.armed.minReplicas > 0, pause == nil, evidence.localRole != .master,
      now - silentSince < Timing.relieveLimit
    else {
      self.watch?.isOver = true
      return
    }
    if let seen = watch.driver, seen.askedAt >= watch.relievedAt ?? silentSince,
      let said = seen.said
    {
      guard said.role == .master, let fence = said.fence, fence.isClosed else {
        self.watch?.isOver = true
        return
      }
      if now - seen.askedAt <= Timing.viewLifetime, isOrphaned(watch.offer, at: now),
        watch.relievedAt.map({ now - $0 >= Timing.relieveInterval }) ?? true
      {
        self.watch?.relievedAt = now
        orders.append(.relieve(watch.offer.from, watch.offer.armed))
      }
    }
    if let asked = watch.inspectedAt, now - asked < Timing.pollInterval { return }
    self.watch?.inspectedAt = now
    orders.append(.inspect(watch.offer.from))
  }

  /// Whether a silent driver is still the master, and no failover is under way or ordered.
  ///
  /// The Sentinel that it may have commanded must be in contact, or its process gone.
  private func isOrphaned(_ offer: MoveOffer, at now: Instant) -> Bool {
    let views = evidence.sentinels.compactMap { $0.view(within: Timing.viewLifetime, at: now) }
    guard views.count >= counts.majority, views.allSatisfy({ $0.named == offer.from }),
      evidence.failoverPending(at: now) == nil
    else { return false }
    return evidence.sentinels.contains { record in
      record.runID == offer.through
        && (record.view(within: Timing.viewLifetime, at: now) != nil || record.refuses(at: now))
    }
  }
}

// MARK: - The local priority

extension FailoverMachine {
  /// Whether a living driver wants this node preferred, and it is not the master yet.
  private func wantsPreference(at now: Instant) -> Bool {
    guard pause == nil, let watch, watch.isAlive(at: now), watch.offer.prefers else { return false }
    if case .held(let tenure) = state, tenure.basis == .sentinels { return false }
    return evidence.namedByMajority == watch.offer.from
  }

  /// Lowers the priority for a move, and restores what was lowered when that is over.
  private mutating func decidePriority(at now: Instant, _ orders: inout [Effect]) {
    let wanted = wantsPreference(at: now)
    guard wanted || priority.memory != nil, !evidence.localIsLost, priority.pending == nil,
      priority.retryAt.map({ $0 <= now }) ?? true
    else { return }
    guard let inForce = priority.inForce else {
      priority.retryAt = now + Timing.priorityRetry
      orders.append(.readPriority)
      return
    }
    if wanted {
      lowerPriority(from: inForce, &orders)
    } else if let memory = priority.memory {
      restorePriority(memory, inForce: inForce, at: now, &orders)
    }
  }

  private mutating func lowerPriority(from inForce: Int, _ orders: inout [Effect]) {
    // 0 is an operator's word: never promoted.
    guard inForce > PriorityMemory.preferred else { return }
    // What is not the move's own is the operator's, also when it changed meanwhile.
    let memory = PriorityMemory(original: inForce, lowered: PriorityMemory.preferred)
    if priority.memory != memory {
      priority.memory = memory
      orders.append(.keepPriority(memory))
    }
    set(priority: PriorityMemory.preferred, isLasting: false, &orders)
  }

  private mutating func restorePriority(
    _ memory: PriorityMemory, inForce: Int, at now: Instant, _ orders: inout [Effect]
  ) {
    guard inForce == memory.lowered else {
      // Redis started with what its file says, or an operator set something else meanwhile.
      forgetPriority(&orders)
      return
    }
    // What is written to the file is all that is in force, and closed is nothing that lasts.
    guard fence.expected?.isClosed != true else { return }
    set(priority: memory.original, isLasting: true, &orders)
  }

  private mutating func set(priority value: Int, isLasting: Bool, _ orders: inout [Effect]) {
    priority.pending = value
    orders.append(.setPriority(value, isLasting: isLasting))
  }

  private mutating func forgetPriority(_ orders: inout [Effect]) {
    priority.memory = nil
    priority.retryAt = nil
    orders.append(.keepPriority(nil))
    settleAlarms { if case .priorityNotRestored = $0 { true } else { false } }
  }

  /// Records what became of an order to set the priority.
  mutating func recordPriorityAnswer(
    _ value: Int, _ problem: FenceProblem?, at now: Instant, _ orders: inout [Effect]
  ) {
    guard priority.pending == value else { return }
    priority.pending = nil
    if let problem, !problem.isOfFile {
      priority.inForce = nil
      priority.isRefused = problem != .unreachable
      priority.retryAt = now + Timing.fenceRetry
      if let memory = priority.memory, value == memory.original, priority.isRefused {
        raise(.priorityNotRestored(memory, problem), &orders)
      }
      return
    }
    priority.inForce = value
    priority.setAt = now
    priority.isRefused = false
    // Without a file to write, Sentinel could not write it either.
    if value == priority.memory?.original { forgetPriority(&orders) }
  }
}
