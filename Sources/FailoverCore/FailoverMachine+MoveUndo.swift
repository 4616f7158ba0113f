import Addresses

// MARK: - A planned move: back

extension FailoverMachine {
  /// Undoes a move as soon as no failover can come of it any more.
  ///
  /// Until then the fence stays closed: what would be written now would be lost with the promotion
  /// that may still come. If it comes, the move goes on.
  mutating func decideUndo(
    _ driver: MoveDriver, at now: Instant, _ orders: inout [Effect]
  ) {
    guard let failure = driver.failure, let failedAt = driver.failedAt else { return }
    noteContactAfterLoss(driver, at: now)
    if driver.commandedAt != nil, goesOn(driver, at: now, &orders) { return }
    if let since = driver.reopeningSince {
      finishUndo(failure, since: since, at: now, &orders)
      return
    }
    if driver.commandedAt == nil, !isHeld, fence.closure != nil {
      // Somebody else began a failover, or the lease is over: the fence closes by its own rules.
      end(.failed(failure), at: now, &orders)
      return
    }
    guard isFailoverOver(driver, since: failedAt, at: now) else { return }
    move?.reopeningSince = now
    finishUndo(failure, since: now, at: now, &orders)
  }

  private var isHeld: Bool { if case .held = state { true } else { false } }

  /// Takes an undone move up again if its failover comes after all.
  private mutating func goesOn(
    _ driver: MoveDriver, at now: Instant, _ orders: inout [Effect]
  ) -> Bool {
    if driver.phase < .yielding {
      guard isOvertaken(at: now) else { return false }
      move?.reopeningSince = nil
      enter(.yielding, at: now, &orders)
      return true
    }
    guard let named = evidence.majorityNamed(counts, at: now)?.endpoint, !evidence.isLocal(named)
    else { return false }
    move?.reopeningSince = nil
    enter(.demoting, at: now, &orders)
    return true
  }

  /// Waits until the fence is open again.
  private mutating func finishUndo(
    _ failure: MoveFailure, since: Instant, at now: Instant, _ orders: inout [Effect]
  ) {
    if move?.plan?.closesFence != true || fence.inForce?.isClosed == false, fence.pending.isEmpty {
      end(.undone(failure), at: now, &orders)
    } else if now - since >= Timing.reopeningLimit {
      end(.failed(failure), at: now, &orders)
    }
  }

  /// Notes since when a Sentinel whose answer was lost is heard again without a break.
  private mutating func noteContactAfterLoss(_ driver: MoveDriver, at now: Instant) {
    guard let lostAt = driver.lostAt, let plan = driver.plan,
      let record = evidence.sentinels.first(where: { $0.id == plan.through })
    else { return }
    guard record.view(within: Timing.viewLifetime, at: now) != nil,
      record.provenAt.map({ $0 > lostAt }) ?? false
    else {
      move?.heardAgainAt = nil
      return
    }
    if driver.heardAgainAt == nil { move?.heardAgainAt = now }
  }

  /// Whether it is certain that nobody is promoted any more, by answers asked after an instant.
  ///
  /// A majority names this node, no Sentinel in contact names another or has a failover pending,
  /// and the Sentinel that was commanded is one of them, or its process is gone.
  func isFailoverOver(_ driver: MoveDriver, since start: Instant, at now: Instant) -> Bool {
    let naming = evidence.sentinels.count { record in
      record.view(within: Timing.viewLifetime, at: now).map { evidence.isLocal($0.named) } ?? false
        && record.provenAt.map { $0 > start } ?? false
    }
    guard naming >= counts.majority, evidence.newestForeignClaim(at: now) == nil,
      evidence.failoverPending(at: now) == nil
    else { return false }
    guard let commandedAt = driver.commandedAt else { return true }
    return isOrderOver(driver, commandedAt: commandedAt, since: start, at: now)
      && !mayBePromoted(driver, since: start)
  }

  /// Whether the commanded Sentinel does nothing about it any more.
  private func isOrderOver(
    _ driver: MoveDriver, commandedAt: Instant, since start: Instant, at now: Instant
  ) -> Bool {
    guard let plan = driver.plan,
      let record = evidence.sentinels.first(where: { $0.id == plan.through })
    else { return true }
    // A forced failover lives in the memory of its process.
    if let refusedAt = record.refusedAt, refusedAt > commandedAt, record.refuses(at: now) {
      return true
    }
    let timeout = evidence.sentinels.compactMap { $0.view?.failoverTimeout }.max() ?? .zero
    if now - commandedAt >= timeout + Timing.deadCommandGrace { return true }
    // Every order is answered once, if only by the news that the answer is lost.
    guard driver.command != nil, record.view(within: Timing.viewLifetime, at: now) != nil,
      let provenAt = record.provenAt, provenAt > max(start, commandedAt)
    else { return false }
    guard driver.lostAt != nil else { return true }
    return driver.heardAgainAt.map { provenAt - $0 > Timing.lostCommandGrace } ?? false
  }

  /// Whether the target may be a master that is about to be named.
  ///
  /// By its own word, asked for since an instant; one that does not answer has had its time to.
  private func mayBePromoted(_ driver: MoveDriver, since start: Instant) -> Bool {
    guard let plan = driver.plan else { return false }
    let node = driver.nodes.first { $0.endpoint == plan.target && $0.askedAt > start }
    guard let node else { return true }
    return node.said?.role == .master
  }

  /// Keeps asking the target for its own word once a Sentinel was told to promote it.
  mutating func inspectTarget(at now: Instant, _ orders: inout [Effect]) {
    guard let driver = move, driver.commandedAt != nil, let plan = driver.plan,
      driver.inspectedAt.map({ now - $0 >= Timing.pollInterval }) ?? true
    else { return }
    move?.inspectedAt = now
    orders.append(.inspect(plan.target))
  }
}

// MARK: - The hold on the fence

extension FailoverMachine {
  /// Whether a move wants the fence closed, whatever else the rules say.
  var isClosedByMove: Bool { move?.wantsClosed ?? false }

  /// Whether an undone move has to arm the fence although this node does not hold: the operator
  /// let go of the address, and nothing else closed it.
  var isReopenedByMove: Bool {
    isFencedByMove && !isClosedByMove && fence.closure == nil && fence.expected?.isClosed == true
  }

  /// Whether a move has the fence, so that a pause does not keep it from being opened again.
  var isFencedByMove: Bool { move?.isFenced ?? false }

  /// Whether a closed fence must stay closed at a stop: what a move commanded may come when nobody
  /// here sees it.
  var isFailoverAwaited: Bool { move?.commandedAt != nil && move?.reopeningSince == nil }

  /// Whether a holder that finds its fence closed must leave it so: a daemon here may have been
  /// driving a move, and died after its order.
  ///
  /// Any Sentinel may be the one that it commanded, so all are heard first, or given their time.
  /// What this daemon closed itself was closed for no move but one that still has it: a failover
  /// that sleeps, as in TILT, then costs no writes, as it costs none to a holder that never let go.
  func mayFailoverCome(at now: Instant) -> Bool {
    if fence.lastSet?.isClosed == true { return false }
    if evidence.failoverUnderWay(at: now) != nil { return true }
    if now - since >= Timing.foundClosedPatience { return false }
    let heard = evidence.sentinels.count {
      $0.view(within: Timing.viewLifetime, at: now) != nil || $0.refuses(at: now)
    }
    return heard < counts.sentinels
  }

  /// Ends a move because the daemon stops.
  ///
  /// After the order the target is not told: it looks after the fence when nobody else does.
  mutating func stopMove(at now: Instant, _ orders: inout [Effect]) {
    guard move != nil else { return }
    if isFailoverAwaited {
      report(.ended(.failed(.stopping)), at: now, &orders)
      move = nil
    } else {
      end(.undone(.stopping), at: now, &orders)
    }
  }
}
