import Addresses

// MARK: - Orders to the fence

extension FailoverMachine {
  /// Whether a setting is in force or on its way.
  ///
  /// Asking for no replica is the same at any lag, unless the operator's own setting is restored.
  func isOrdered(_ setting: FenceSetting) -> Bool {
    guard let expected = fence.expected, configuration.fence != .off, setting.minReplicas == 0
    else { return fence.expected == setting }
    return expected.minReplicas == 0
  }

  /// Orders a setting, and says why.
  mutating func order(
    _ setting: FenceSetting, _ reason: FenceReason, _ orders: inout [Effect]
  ) {
    guard !isOrdered(setting), fence.pending.count < FenceRecord.mostPending else { return }
    send(.set(setting), &orders)
    fence.persisted = nil
    fence.isOpenedForSelection = reason == .selectedHere
    // An order that is repeated because it failed is told once.
    guard fence.lastFailed != .set(setting) else { return }
    let change = FenceChange(order: .set(setting), to: fenceState(of: setting), reason: reason)
    orders.append(.reportFence(change))
  }

  /// Has the setting that was ordered written to the file.
  mutating func persist(
    _ setting: FenceSetting, at now: Instant, _ orders: inout [Effect]
  ) {
    guard fence.persisted != setting, isOrdered(setting), !fence.pending.contains(.persist),
      fence.persistRetryAt.map({ $0 <= now }) ?? true
    else { return }
    send(.persist, &orders)
  }

  /// Keeps what is armed over restarts: only by that a later daemon knows it for ours.
  mutating func remember(armed setting: FenceSetting, _ orders: inout [Effect]) {
    guard case .minReplicas = configuration.fence, setting.minReplicas > 0,
      let memory = fence.memory, memory.armed != setting
    else { return }
    fence.memory?.armed = setting
    orders.append(.keepFence(fence.memory))
  }

  /// Makes the local Redis a replica of the named node, once that says itself that it is a master.
  mutating func demote(to successor: Endpoint, at now: Instant, _ orders: inout [Effect]) {
    if let until = fence.demotionRetryAt, now < until { return }
    if let answer = fence.successor, answer.endpoint == successor,
      now - answer.askedAt <= Timing.viewLifetime
    {
      if answer.role == .master {
        let order = FenceOrder.demote(to: successor, armedSetting)
        send(order, &orders)
        guard fence.lastFailed != order else { return }
        orders.append(
          .reportFence(FenceChange(order: order, to: .armed, reason: .anotherNamed(successor))))
        return
      }
      raise(.successorIsNoMaster(successor), &orders)
    }
    if let asked = fence.successorAskedAt, now - asked < Timing.pollInterval { return }
    fence.successorAskedAt = now
    orders.append(.inspect(successor))
  }

  private mutating func send(_ order: FenceOrder, _ orders: inout [Effect]) {
    fence.pending.append(order)
    orders.append(.fence(order))
  }

  /// Leaves no closed fence behind when the daemon stops: what is armed refuses by itself.
  ///
  /// Unless a move awaits its failover: what is written before it would be lost with it.
  mutating func leaveFence(_ orders: inout [Effect]) {
    guard fence.expected?.isClosed == true, closedSetting != nil, !isFailoverAwaited
    else { return }
    order(armedSetting, .stopping, &orders)
  }
}

// MARK: - What becomes of them

extension FailoverMachine {
  /// Records the local role; a change of it may have rewritten the file.
  mutating func recordRole(
    _ role: LocalRole, sentAt: Instant, at now: Instant, _ orders: inout [Effect]
  ) {
    let before = evidence.localRole
    fence.answersSince = fence.answersSince ?? now
    if evidence.recordRole(role, sentAt: sentAt, at: now) { orders.append(.pollSentinels) }
    guard evidence.localRole != before else { return }
    fence.persisted = nil
    guard case .replica = evidence.localRole else { return }
    fence.closure = nil
    if fence.problem?.isOfRole == true { recordFenceProblem(nil, &orders) }
  }

  /// Records a fact about the fence.
  mutating func recordFence(_ event: Event, at now: Instant, _ orders: inout [Effect]) {
    switch event {
    case .localReplicationObserved(let observation, let sentAt):
      guard sentAt >= evidence.barrier else { return }
      let missing = missingReplicas
      fence.record(observation, askedAt: sentAt, at: now)
      // Writes are refused now or soon: what opens the fence must be newer than this.
      if missingReplicas != missing, !missingReplicas.isEmpty { orders.append(.pollSentinels) }
      for known in knownForFence where !fence.signs.contains(where: { $0.endpoint == known }) {
        fence.note(known, at: now, isAttached: false)
      }
    case .localFenceObserved(let setting, let sentAt):
      recordFenceReading(setting, sentAt: sentAt, at: now, &orders)
    case .localFenceUnreadable(let problem):
      fence.inForce = nil
      // Whether it is closed still can't be told any more.
      if move?.closedAt != nil, move?.isDemoted == false { move?.isUnbroken = false }
      recordFenceProblem(problem, &orders)
    case .fenceAnswered(let order, let problem):
      recordFenceAnswer(order, problem, at: now, &orders)
    case .nodeObserved(let endpoint, let observation, let sentAt):
      guard sentAt >= evidence.barrier else { return }
      fence.successor = FenceRecord.Successor(
        endpoint: endpoint, role: observation?.role, askedAt: sentAt)
    default: return
    }
  }

  /// Records what became of an order.
  mutating func recordFenceAnswer(
    _ order: FenceOrder, _ problem: FenceProblem?, at now: Instant, _ orders: inout [Effect]
  ) {
    guard let place = fence.pending.firstIndex(of: order) else { return }
    fence.pending.remove(at: place)
    if let problem, !(order.isDemotion && problem.isOfFile) {
      recordFailedFenceOrder(order, problem, at: now, &orders)
      return
    }
    fence.lastFailed = nil
    switch order {
    case .set(let setting):
      recordSet(setting, at: now)
      // That it could be closed again does not make it a replica.
      if fence.problem?.isOfFile != true, !(setting.isClosed && fence.problem?.isOfRole == true) {
        recordFenceProblem(nil, &orders)
      }
    case .persist:
      recordFenceProblem(nil, &orders)
      fence.persisted = fence.inForce
      if case .off = configuration.fence { forgetFence(&orders) }
    case .demote(_, let setting):
      recordSet(setting, at: now)
      fence.persisted = problem == nil ? setting : nil
      recordFenceProblem(problem, &orders)
      fence.closure = nil
      // It said so itself; an answer to an older ROLE says less.
      evidence.localRole = .replica(of: order.newMaster)
      evidence.localProvenAt = now
      orders.append(.readLocalRole)
    }
  }

  private mutating func recordFailedFenceOrder(
    _ order: FenceOrder, _ problem: FenceProblem, at now: Instant, _ orders: inout [Effect]
  ) {
    fence.lastFailed = order
    // Whether it was carried out will be read over the next connection.
    if problem == .unreachable { fence.inForce = nil }
    recordFenceProblem(problem, &orders)
    guard problem != .unreachable else { return }
    if order == .persist {
      fence.persistRetryAt = now + Timing.persistRetry
      // Without a file the operator's setting is back as far as it can be.
      if case .off = configuration.fence { forgetFence(&orders) }
    } else if case .demote(_, let setting) = order, case .notDemoted(_, let isSet) = problem {
      // The fence was opened by it: it is closed again at once.
      if isSet { recordSet(setting, at: now) }
      fence.demotionRetryAt = now + Timing.fenceRetry
    } else {
      fence.retryAt = now + Timing.fenceRetry
    }
  }

  private mutating func recordSet(_ setting: FenceSetting, at now: Instant) {
    fence.inForce = setting
    fence.lastSet = setting
    fence.lastSetAt = now
  }

  /// The mode is off and the operator's setting is back: nothing is left to remember.
  private mutating func forgetFence(_ orders: inout [Effect]) {
    fence.memory = nil
    orders += [.keepFence(nil), .watchFence(false)]
  }

  /// Records a problem, or that there is none any more.
  mutating func recordFenceProblem(_ problem: FenceProblem?, _ orders: inout [Effect]) {
    fence.problem = problem
    guard let problem else {
      settleAlarms { if case .fenceFailed = $0 { true } else { false } }
      return
    }
    if problem != .unreachable { raise(.fenceFailed(problem), &orders) }
  }

  /// Records what the local Redis has in force.
  mutating func recordFenceReading(
    _ setting: FenceSetting, sentAt: Instant, at now: Instant, _ orders: inout [Effect]
  ) {
    guard sentAt >= evidence.barrier, fence.pending.isEmpty,
      fence.lastSetAt.map({ $0 < sentAt }) ?? true
    else { return }
    let before = fence.inForce
    if before == nil, fence.problem?.isOfFile == false { recordFenceProblem(nil, &orders) }
    fence.inForce = setting
    guard case .minReplicas = configuration.fence else { return }
    guard let memory = fence.memory else {
      // The first time ever: what is there is the operator's.
      let operators = setting.isClosed ? FenceSetting.serverDefault : setting
      fence.memory = FenceMemory(operatorSetting: operators)
      orders.append(.keepFence(fence.memory))
      return
    }
    guard setting != before, !isOurs(setting, memory) else { return }
    // Of the two directives only what differs from ours is the operator's.
    let ours = fence.lastSet ?? before
    if setting.minReplicas != ours?.minReplicas {
      fence.memory?.operatorSetting.minReplicas = setting.minReplicas
    }
    if setting.maxLagSeconds != ours?.maxLagSeconds {
      fence.memory?.operatorSetting.maxLagSeconds = setting.maxLagSeconds
    }
    orders.append(.keepFence(fence.memory))
    raise(.fenceChangedByHand(setting), &orders)
    settleAlarms { $0 == .fenceChangedByHand(setting) }
  }

  /// Whether a value may have been set by this daemon, or by one before it.
  private func isOurs(_ setting: FenceSetting, _ memory: FenceMemory) -> Bool {
    if setting.isClosed || setting == fence.lastSet { return true }
    // Within one connection nothing but an order of ours changes what is ours.
    if fence.lastSet != nil { return false }
    if setting == memory.operatorSetting { return true }
    // Killed before what it armed was written down, a daemon is known by its lag.
    let isMarked = memory.operatorSetting.maxLagSeconds != maxLagSeconds
    let most = memory.armed?.minReplicas ?? (isMarked ? .max : 0)
    return setting.maxLagSeconds == maxLagSeconds && setting.minReplicas <= most
  }
}

// MARK: - Status

extension FailoverMachine {
  /// What a setting amounts to.
  func fenceState(of setting: FenceSetting) -> FenceState {
    guard case .minReplicas = configuration.fence else { return setting.isClosed ? .closed : .off }
    if setting.isClosed { return .closed }
    return setting.minReplicas > 0 && setting.minReplicas >= armedSetting.minReplicas
      ? .armed : .open
  }

  /// What `status` shows.
  var fenceStatus: FenceStatus {
    guard case .minReplicas = configuration.fence else {
      let isClosed = fence.inForce?.isClosed == true
      return FenceStatus(state: isClosed ? .closed : .off, setting: isClosed ? fence.inForce : nil)
    }
    let missing = evidence.localRole == .master && fence.replication != nil ? missingReplicas : []
    guard let inForce = fence.inForce else {
      return FenceStatus(state: .half, problem: fence.problem ?? .unreachable, missing: missing)
    }
    // A closed fence is the graver news: every write is refused.
    let isWhole = fence.problem == nil || inForce.isClosed
    return FenceStatus(
      state: isWhole ? fenceState(of: inForce) : .half, setting: inForce,
      problem: fence.problem, missing: missing)
  }
}

extension FenceOrder {
  /// The master that the local Redis is to follow, if the order is a demotion.
  var newMaster: Endpoint? { if case .demote(let master, _) = self { master } else { nil } }
  /// Whether it makes the local Redis a replica.
  var isDemotion: Bool { if case .demote = self { true } else { false } }
}

extension FenceProblem {
  /// Whether all but the file is as ordered.
  var isOfFile: Bool { if case .notPersisted = self { true } else { false } }
  /// Whether the local Redis is still a master although it should follow another.
  var isOfRole: Bool { if case .notDemoted = self { true } else { false } }
}
