import Addresses

// MARK: - A planned move: what is told

extension FailoverMachine {
  /// Records a fact about a move.
  mutating func recordMove(_ event: Event, at now: Instant, _ orders: inout [Effect]) {
    switch event {
    case .moveRequested(let request):
      begin(request, at: now, &orders)
    case .moveCancelled(let id):
      guard let driver = move, driver.request.id == id, driver.phase < .yielding else { return }
      fail(.cancelled, at: now, &orders)
    case .sentinelInspected(let id, let said, let sentAt):
      guard sentAt >= evidence.barrier else { return }
      move?.record(MoveDriver.Inspection(sentinel: id, said: said, askedAt: sentAt))
    case .failoverAnswered(let id, let answer):
      guard let driver = move, driver.plan?.through == id, driver.commandedAt != nil,
        driver.command == nil
      else { return }
      move?.command = answer
      if answer == .lost { move?.lostAt = now }
    case .nodeObserved(let endpoint, let said, let sentAt):
      guard sentAt >= evidence.barrier else { return }
      recordNode(MoveDriver.Node(endpoint: endpoint, said: said, askedAt: sentAt), &orders)
    case .fenceAnswered(let order, let problem):
      if order.isDemotion, problem?.isOfFile ?? true { move?.isDemoted = true }
    case .localPriorityObserved(let observed, let sentAt):
      guard sentAt >= evidence.barrier, priority.pending == nil,
        priority.setAt.map({ $0 <= sentAt }) ?? true
      else { return }
      priority.inForce = observed
      priority.isRefused = observed == nil
      priority.retryAt = observed == nil ? now + Timing.fenceRetry : nil
    case .priorityAnswered(let value, let problem):
      recordPriorityAnswer(value, problem, at: now, &orders)
    default: return
    }
  }

  private mutating func recordNode(_ node: MoveDriver.Node, _ orders: inout [Effect]) {
    if node.endpoint == watch?.offer.from { watch?.driver = node }
    move?.record(node)
    // Each answer that is not enough, and none, is the next question, until its time is over.
    if let driver = move, driver.phase == .draining, driver.failure == nil,
      driver.plan?.replicas.contains(node.endpoint) == true,
      !driver.hasEverything(node.endpoint)
    {
      orders.append(.inspect(node.endpoint))
    }
  }

  /// Records what another daemon says about a move.
  mutating func recordMoveNotice(_ notice: Notice, at now: Instant, _ orders: inout [Effect]) {
    switch notice {
    case .moveOffered(let offer):
      recordOffer(offer, at: now, &orders)
    case .moveAnswered(let from, let id, let round, let refusal):
      let offeredAt = Instant(nanoseconds: Int64(bitPattern: round))
      guard let driver = move, driver.request.id == id, driver.plan?.target == from,
        offeredAt >= driver.startedAt, offeredAt <= now
      else { return }
      if let known = driver.answer, known.offeredAt > offeredAt { return }
      move?.answer = MoveDriver.Answer(refusal: refusal, offeredAt: offeredAt)
    case .moveEnded(let from, let id):
      if watch?.offer.from == from, watch?.offer.id == id { watch?.isOver = true }
    case .moveArrived(let from, let id):
      guard let driver = move, driver.request.id == id, driver.plan?.target == from,
        driver.commandedAt != nil, driver.arrivedAt == nil
      else { return }
      move?.arrivedAt = now
    case .yielded, .selected: return
    }
  }

  private mutating func begin(
    _ request: MoveRequest, at now: Instant, _ orders: inout [Effect]
  ) {
    if let driver = move {
      guard driver.request.id != request.id else { return }
      orders.append(
        .reportMove(
          MoveReport(
            id: request.id, elapsed: .zero,
            news: .ended(.refused([.moveUnderWay(driver.request.id)])))))
      return
    }
    move = MoveDriver(request, at: now)
    report(.entered(.preflight), at: now, &orders)
    orders += [.pollSentinels, .inspectSentinels, .readReplication]
    for candidate in request.target.map({ [$0] }) ?? [] where !listedReplicas.contains(candidate) {
      orders.append(.inspect(candidate))
    }
    for replica in listedReplicas { orders.append(.inspect(replica)) }
  }
}

// MARK: - What is decided

extension FailoverMachine {
  /// Brings a move forward, as far as what is known allows; called after each decision about the
  /// address, and before that about the fence.
  mutating func decideMove(at now: Instant, _ orders: inout [Effect]) {
    decideWatch(at: now, &orders)
    // The longest chain is three: closed, drained and commanded.
    for _ in 0..<4 {
      guard let before = move else { break }
      advance(before, at: now, &orders)
      guard let after = move, after != before else { break }
    }
    inspectTarget(at: now, &orders)
    keepOffering(at: now, &orders)
  }

  private mutating func advance(
    _ driver: MoveDriver, at now: Instant, _ orders: inout [Effect]
  ) {
    watchClosure(driver)
    if driver.failure != nil {
      decideUndo(driver, at: now, &orders)
      return
    }
    if driver.phase < .yielding, now >= driver.request.deadline {
      fail(.deadlinePassed(driver.phase), at: now, &orders)
      return
    }
    switch driver.phase {
    case .preflight: decidePreflight(driver, at: now, &orders)
    case .preparing: decidePreparing(driver, at: now, &orders)
    case .closing: decideClosing(driver, at: now, &orders)
    case .draining: decideDraining(driver, at: now, &orders)
    case .commanding: decideCommanding(driver, at: now, &orders)
    case .yielding, .promoting: decidePromoting(driver, at: now, &orders)
    case .demoting: decideDemoting(driver, at: now, &orders)
    }
  }

  /// Notes whether the fence was open for a moment since it was closed.
  ///
  /// A connection that ends says nothing of the fence: Sentinel's demotion ends it, and a Redis that
  /// was restarted shows what it has before its role.
  private mutating func watchClosure(_ driver: MoveDriver) {
    guard driver.closedAt != nil, !driver.isDemoted, evidence.localRole == .master,
      let inForce = fence.inForce, !inForce.isClosed
    else { return }
    move?.isUnbroken = false
  }

  /// Says that the driver is alive, and what it wants.
  private mutating func keepOffering(at now: Instant, _ orders: inout [Effect]) {
    guard let driver = move, let plan = driver.plan, driver.phase >= .preparing,
      driver.offeredAt.map({ now - $0 >= Timing.moveOfferInterval }) ?? true
    else { return }
    move?.offeredAt = now
    let through = evidence.sentinels.first { $0.id == plan.through }?.runID ?? ""
    let armed =
      plan.closesFence ? armedSetting : FenceSetting(minReplicas: 0, maxLagSeconds: 0)
    let offer = MoveOffer(
      from: plan.from, target: plan.target, id: driver.request.id,
      round: UInt64(bitPattern: now.nanoseconds), through: through, prefers: plan.prefers,
      armed: armed)
    orders.append(.publish(.moveOffered(offer), also: plan.target))
  }

  /// Enters a phase and reports it.
  mutating func enter(_ phase: MovePhase, at now: Instant, _ orders: inout [Effect]) {
    move?.phase = phase
    move?.phaseSince = now
    move?.failure = nil
    move?.failedAt = nil
    report(.entered(phase), at: now, &orders)
  }

  /// Wants a move undone; where nothing was changed yet, that is done with it.
  mutating func fail(_ failure: MoveFailure, at now: Instant, _ orders: inout [Effect]) {
    guard let driver = move, driver.failure == nil else { return }
    move?.failure = failure
    move?.failedAt = now
    guard driver.isFenced || driver.commandedAt != nil else {
      end(.undone(failure), at: now, &orders)
      return
    }
    report(.undoing(failure), at: now, &orders)
    orders.append(.pollSentinels)
  }

  /// Ends a move; the target is told, so that it restores what it changed.
  mutating func end(_ how: MoveEnd, at now: Instant, _ orders: inout [Effect]) {
    guard let driver = move else { return }
    report(.ended(how), at: now, &orders)
    if driver.offeredAt != nil, let plan = driver.plan {
      let notice = Notice.moveEnded(from: plan.from, id: driver.request.id)
      orders.append(.publish(notice, also: plan.target))
    }
    move = nil
  }

  /// Reports news.
  mutating func report(_ news: MoveNews, at now: Instant, _ orders: inout [Effect]) {
    guard let driver = move else { return }
    orders.append(
      .reportMove(
        MoveReport(id: driver.request.id, elapsed: now - driver.startedAt, news: news)))
  }

  /// What `status` shows.
  var moveStatus: MoveStatus? {
    if let driver = move {
      return MoveStatus(
        id: driver.request.id, from: driver.plan?.from ?? evidence.localInstances.first,
        target: driver.plan?.target ?? driver.request.target, phase: driver.phase,
        failure: driver.failure)
    }
    guard let watch, !watch.isOver else { return nil }
    return MoveStatus(
      id: watch.offer.id, from: watch.offer.from, target: watch.offer.target, phase: nil,
      failure: nil)
  }
}
