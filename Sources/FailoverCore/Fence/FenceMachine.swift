import Addresses

/// The local fence: what is in force, what was asked of it, and what it is to be.
///
/// Redis refuses writes by itself, also when this daemon is dead; the machine decides how many
/// replicas it asks for. There is no journal of closing: the value itself says that it was closed,
/// and by a daemon of this kind.
struct FenceMachine: Equatable, Sendable {
  private let configuration: GroupConfiguration
  /// The replicas of the local master.
  private(set) var ledger = ReplicaLedger()
  /// What the local Redis has in force; nil while that is not known.
  private var inForce: FenceSetting?
  /// Orders that were not answered yet, oldest first.
  private var pending: [FenceOrder] = []
  /// What this daemon set last on this connection, and was carried out.
  private var lastSet: FenceSetting?
  /// When that was answered: what was asked before may show an older value.
  private var lastSetAt: Instant?
  /// The setting that is known to be in the file.
  private var persisted: FenceSetting?
  /// What is wrong with the last order or reading.
  private var problem: FenceProblem?
  /// What is kept over restarts.
  private var memory: FenceMemory?
  /// Why every write is to be refused until the address is held again.
  private var closure: FenceReason?
  /// Whether the fence was opened for a selection, and not yet armed again.
  private var isOpenedForSelection = false
  /// The last order that failed, so that its repetition is not told again.
  private var lastFailed: FenceOrder?
  /// No order after a failed one before this; of demotions and of orders to write the file likewise.
  private var retryAt: Instant?
  private var demotionRetryAt: Instant?
  private var persistRetryAt: Instant?
  /// Since when the local Redis has answered without a break.
  private var answersSince: Instant?
  private var successor = SuccessorWatch()
  private var isolation = IsolationWatch()

  private static let maxPending = 16

  /// Makes a machine that knows nothing of the fence.
  init(_ configuration: GroupConfiguration) { self.configuration = configuration }

  private var policy: FencePolicy { configuration.fence }

  /// What the last order leads to, if it is carried out; else what is in force.
  private var expected: FenceSetting? {
    for order in pending.reversed() {
      switch order {
      case .set(let setting), .demote(_, let setting): return setting
      case .persist: continue
      }
    }
    return inForce
  }

  /// What was last armed, or would be with every replica that is known.
  ///
  /// At least one: a master that restarts must not acknowledge anything by itself.
  private func armedSetting(_ panel: SentinelPanel) -> FenceSetting {
    if let armed = memory?.armed, armed.minReplicas > 0 { return armed }
    return policy.setting(replicas: max(knownReplicas(panel).count, 1))
  }

  /// Every replica that should be attached: those that are, and those that Sentinels list.
  private func knownReplicas(_ panel: SentinelPanel) -> [Endpoint] {
    let attached = ledger.attached
    return attached
      + panel.listedReplicas.filter { !attached.contains($0) && !isNoReplica($0) }
  }

  /// Whether an endpoint is no replica's own: a virtual address, or a loopback that Sentinel was told.
  private func isNoReplica(_ endpoint: Endpoint) -> Bool {
    endpoint.address.isLoopback
      || configuration.virtualAddresses.contains { $0.address == endpoint.address }
  }

  /// Those that are not good.
  private func missingReplicas(_ panel: SentinelPanel) -> [Endpoint] {
    let good = ledger.good(maxLagSeconds: policy.maxLagSeconds)
    return knownReplicas(panel).filter { !good.contains($0) }.sorted()
  }
}

// MARK: - What others see

/// What the other rooms are told of the fence.
struct FenceView {
  /// What `status` shows.
  let status: FenceStatus
  /// What the local Redis has in force; nil while that is not known.
  let inForce: FenceSetting?
  /// What is in force once every order is carried out.
  let expected: FenceSetting?
  /// The last order that failed.
  let lastFailed: FenceOrder?
  /// Whether no order waits for its answer.
  let isSettled: Bool
  /// Whether it is closed by its own rules until the address is held again.
  let isClosedByRule: Bool
  /// What is armed when all is well.
  let armed: FenceSetting
  /// The replicas of the local master.
  let ledger: ReplicaLedger

  /// Whether every write is refused.
  var isClosed: Bool { inForce?.isClosed == true }
}

extension FenceMachine {
  /// What the other rooms are told.
  func view(_ evidence: Evidence) -> FenceView {
    FenceView(
      status: status(evidence), inForce: inForce, expected: expected, lastFailed: lastFailed,
      isSettled: pending.isEmpty, isClosedByRule: closure != nil,
      armed: armedSetting(evidence.panel), ledger: ledger)
  }

  /// The replicas that are about to stop, by their own word.
  func stoppingReplicas(at now: Instant) -> [Endpoint] { ledger.stopping(at: now) }

  /// Whether it is closed once every order is carried out.
  var isExpectedClosed: Bool { expected?.isClosed == true }

  /// When an order that failed is tried again, and when silence beyond this host counts.
  func deadlines(_ evidence: Evidence, _ address: AddressView) -> [Instant] {
    [retryAt, demotionRetryAt, persistRetryAt].compactMap { $0 }
      + (policy == .off ? [] : isolation.deadlines(evidence, address))
  }

  /// What is in force, as `status` shows it: with the fence off only what refuses every write.
  var shownSetting: FenceSetting? {
    policy == .off && inForce?.isClosed != true ? nil : inForce
  }

  /// What `status` shows.
  func status(_ evidence: Evidence) -> FenceStatus {
    guard policy != .off else {
      return FenceStatus(state: inForce?.isClosed == true ? .closed : .off, setting: shownSetting)
    }
    let isMaster = evidence.local.role == .master && ledger.replication != nil
    let missing = isMaster ? missingReplicas(evidence.panel) : []
    guard let inForce else {
      return FenceStatus(state: .half, problem: problem ?? .unreachable, missing: missing)
    }
    // A closed fence is the graver news: every write is refused.
    let isWhole = problem == nil || inForce.isClosed
    return FenceStatus(
      state: isWhole ? state(of: inForce, evidence.panel) : .half, setting: inForce,
      problem: problem, missing: missing)
  }

  /// What a setting amounts to.
  private func state(of setting: FenceSetting, _ panel: SentinelPanel) -> FenceState {
    guard policy != .off else { return setting.isClosed ? .closed : .off }
    if setting.isClosed { return .closed }
    return setting.minReplicas > 0 && setting.minReplicas >= armedSetting(panel).minReplicas
      ? .armed : .open
  }
}

// MARK: - Deciding

extension FenceMachine {
  /// Brings the fence to what it should be; called after each decision about the address.
  mutating func decide(
    _ evidence: Evidence, _ address: AddressView, _ hold: MoveHold, doubt: DataDoubt,
    _ turn: inout Turn
  ) {
    if policy != .off { isolation.askIfSilent(evidence, address, &turn) }
    answerStopping(evidence, hold, &turn)
    if let retryAt, turn.now < retryAt { return }
    // A demotion on its way settles everything; what is not known is not changed.
    guard inForce != nil, !pending.contains(where: \.isDemotion) else { return }
    switch goal(evidence, address, hold, doubt: doubt, at: turn.now) {
    case .unchanged: return
    case .armed(let reason):
      orderLasting(armedSetting(evidence.panel), reason, evidence.panel, &turn)
    case .lasting(let setting, let reason): orderLasting(setting, reason, evidence.panel, &turn)
    case .passing(let setting, let reason): order(setting, reason, evidence.panel, &turn)
    case .closed(let reason):
      if let closed = policy.closedSetting { order(closed, reason, evidence.panel, &turn) }
    case .demoted(let successor):
      if let closed = policy.closedSetting {
        order(closed, .anotherNamed(successor), evidence.panel, &turn)
      }
      demote(to: successor, evidence.panel, &turn)
    }
  }

  /// Tells replicas that are about to stop once neither a write nor a move needs them any more.
  private mutating func answerStopping(_ evidence: Evidence, _ hold: MoveHold, _ turn: inout Turn) {
    guard let local = evidence.panel.localInstances.first, evidence.local.role == .master
    else { return }
    let needed = policy == .off ? 0 : inForce?.minReplicas ?? .max
    if policy == .off { ledger.followStopping { evidence.panel.isPromotable($0, at: turn.now) } }
    let isFree = pending.isEmpty && needed <= ledger.goodCount(maxLagSeconds: policy.maxLagSeconds)
    ledger.answerStopping(from: local, isKept: hold.keepsReplicas, isFree: isFree, &turn)
  }

  private func goal(
    _ evidence: Evidence, _ address: AddressView, _ hold: MoveHold, doubt: DataDoubt,
    at now: Instant
  ) -> FenceGoal {
    guard policy != .off else {
      // What the operator had set comes back; nothing else is touched.
      guard let memory, address.state != .stopped else { return .unchanged }
      return .lasting(memory.operatorSetting, .switchedOff)
    }
    let rules = FenceRules(
      evidence: evidence, address: address, hold: hold, policy: policy, ledger: ledger,
      known: knownReplicas(evidence.panel), missing: missingReplicas(evidence.panel),
      expected: expected, closure: closure, isOpenedForSelection: isOpenedForSelection,
      isClosedHere: lastSet?.isClosed == true, answersSince: answersSince, doubt: doubt,
      isIsolated: isolation.isIsolated(evidence.panel, at: now), now: now)
    return rules.goal
  }

  /// Closes the fence at once, before the address is let go.
  mutating func close(
    _ reason: FenceReason, _ evidence: Evidence, isPaused: Bool, _ turn: inout Turn
  ) {
    guard !isPaused, let closed = policy.closedSetting, evidence.local.role == .master else {
      return
    }
    closure = reason
    guard inForce != nil else { return }
    order(closed, reason, evidence.panel, &turn)
  }

  /// Lets the fence be armed again: the address is held.
  mutating func endClosure() { closure = nil }

  /// Leaves no closed fence behind when the daemon stops: what is armed refuses by itself.
  ///
  /// Unless a move awaits its failover: what is written before it would be lost with it.
  mutating func leave(_ panel: SentinelPanel, _ hold: MoveHold, _ turn: inout Turn) {
    guard expected?.isClosed == true, policy != .off, !hold.awaitsFailover else { return }
    order(armedSetting(panel), .stopping, panel, &turn)
  }
}

// MARK: - Orders

extension FenceMachine {
  /// Whether a setting is in force or on its way.
  ///
  /// Asking for no replica is the same at any lag, unless the operator's own setting is restored.
  private func isOrdered(_ setting: FenceSetting) -> Bool {
    guard let expected, policy != .off, setting.minReplicas == 0 else { return expected == setting }
    return expected.minReplicas == 0
  }

  /// Orders a setting, and says why.
  private mutating func order(
    _ setting: FenceSetting, _ reason: FenceReason, _ panel: SentinelPanel, _ turn: inout Turn
  ) {
    guard !isOrdered(setting), pending.count < Self.maxPending else { return }
    send(.set(setting), &turn)
    persisted = nil
    isOpenedForSelection = reason == .selectedHere
    // An order that is repeated because it failed is told once.
    guard lastFailed != .set(setting) else { return }
    let change = FenceChange(order: .set(setting), to: state(of: setting, panel), reason: reason)
    turn.order(.reportFence(change))
  }

  /// Orders a setting that is to last: it is kept, ordered, and written to the file.
  ///
  /// What is armed is kept over restarts: only by that a later daemon knows it for ours.
  private mutating func orderLasting(
    _ setting: FenceSetting, _ reason: FenceReason, _ panel: SentinelPanel, _ turn: inout Turn
  ) {
    if policy != .off, setting.minReplicas > 0, let memory, memory.armed != setting {
      self.memory?.armed = setting
      turn.order(.keepFence(self.memory))
    }
    order(setting, reason, panel, &turn)
    guard persisted != setting, isOrdered(setting), !pending.contains(.persist),
      persistRetryAt.map({ $0 <= turn.now }) ?? true
    else { return }
    send(.persist, &turn)
  }

  /// Makes the local Redis a replica of the named node, once that says itself that it is a master.
  private mutating func demote(
    to named: Endpoint, _ panel: SentinelPanel, _ turn: inout Turn
  ) {
    if let demotionRetryAt, turn.now < demotionRetryAt { return }
    guard successor.requireMaster(named, &turn) else { return }
    let order = FenceOrder.demote(to: named, armedSetting(panel))
    send(order, &turn)
    guard lastFailed != order else { return }
    turn.order(.reportFence(FenceChange(order: order, to: .armed, reason: .anotherNamed(named))))
  }

  private mutating func send(_ order: FenceOrder, _ turn: inout Turn) {
    pending.append(order)
    turn.order(.fence(order))
  }
}

// MARK: - What the local Redis says

extension FenceMachine {
  /// Voids what was concluded from silence before: the loop stalled, or the clock moved.
  mutating func recordDisturbance(at now: Instant) { isolation.restart(at: now) }

  /// Begins with what an earlier daemon kept.
  mutating func start(_ memory: FenceMemory?, _ turn: inout Turn) {
    self.memory = memory
    if policy != .off || memory != nil { turn.order(.watchFence(true)) }
  }

  /// Forgets what a lost connection leaves unknown.
  mutating func disconnect() {
    ledger.disconnect()
    inForce = nil
    pending = []
    (lastSet, lastSetAt) = (nil, nil)
    answersSince = nil
  }

  /// Records that the local Redis answers.
  mutating func recordAnswer(at now: Instant) { answersSince = answersSince ?? now }

  /// Records a change of the local role, which may have rewritten the file.
  mutating func recordRole(_ role: LocalRole?, _ turn: inout Turn) {
    persisted = nil
    guard case .replica = role else { return }
    closure = nil
    if problem?.isOfRole == true { record(nil, &turn) }
  }

  /// Records what the local Redis says of its replicas.
  mutating func record(
    _ observation: LocalReplication, _ panel: SentinelPanel, sentAt: Instant, _ turn: inout Turn
  ) {
    let before = missingReplicas(panel)
    ledger.record(observation, askedAt: sentAt, at: turn.now)
    let missing = missingReplicas(panel)
    // Writes are refused now or soon: what opens the fence must be newer than this.
    if missing != before, !missing.isEmpty { turn.order(.pollSentinels) }
    ledger.expect(knownReplicas(panel), at: turn.now)
  }

  /// Records that a replica is about to be stopped: what opens the fence must be newer than this.
  mutating func recordStop(of replica: Endpoint, _ turn: inout Turn) {
    ledger.recordStop(of: replica, at: turn.now)
    turn.order(.pollSentinels)
  }

  /// Records that the local Redis does not tell its setting.
  mutating func recordUnreadable(_ problem: FenceProblem, _ turn: inout Turn) {
    inForce = nil
    record(problem, &turn)
  }

  /// Records what another node says of itself: it may be the named one.
  mutating func recordNode(_ node: Endpoint, _ said: NodeObservation?, sentAt: Instant) {
    successor.record(node, said?.role, askedAt: sentAt)
    if said != nil { isolation.recordNode(askedAt: sentAt) }
  }

  /// Records what the local Redis has in force.
  mutating func recordReading(_ setting: FenceSetting, sentAt: Instant, _ turn: inout Turn) {
    guard pending.isEmpty, lastSetAt.map({ $0 < sentAt }) ?? true else { return }
    let before = inForce
    if before == nil, problem?.isOfFile == false { record(nil, &turn) }
    inForce = setting
    guard policy != .off else { return }
    guard let kept = memory else {
      // The first time ever: what is there is the operator's.
      let operators = setting.isClosed ? FenceSetting.serverDefault : setting
      memory = FenceMemory(operatorSetting: operators)
      turn.order(.keepFence(memory))
      return
    }
    guard setting != before, !isOurs(setting, kept) else { return }
    // Of the two directives only what differs from ours is the operator's.
    let ours = lastSet ?? before
    if setting.minReplicas != ours?.minReplicas {
      memory?.operatorSetting.minReplicas = setting.minReplicas
    }
    if setting.maxLagSeconds != ours?.maxLagSeconds {
      memory?.operatorSetting.maxLagSeconds = setting.maxLagSeconds
    }
    turn.order(.keepFence(memory))
    turn.raise(.fenceChangedByHand(setting))
    turn.settleAlarms { $0 == .fenceChangedByHand(setting) }
  }

  /// Whether a value may have been set by this daemon, or by one before it.
  private func isOurs(_ setting: FenceSetting, _ memory: FenceMemory) -> Bool {
    if setting.isClosed || setting == lastSet { return true }
    // Within one connection nothing but an order of ours changes what is ours.
    if lastSet != nil { return false }
    if setting == memory.operatorSetting { return true }
    // Killed before what it armed was written down, a daemon is known by its lag.
    let isMarked = memory.operatorSetting.maxLagSeconds != policy.maxLagSeconds
    let most = memory.armed?.minReplicas ?? (isMarked ? .max : 0)
    // The directive may have had another lag when it was armed.
    let lags = [policy.maxLagSeconds, memory.armed?.maxLagSeconds]
    return lags.contains(setting.maxLagSeconds) && setting.minReplicas <= most
  }

  /// Records a problem, or that there is none any more.
  private mutating func record(_ problem: FenceProblem?, _ turn: inout Turn) {
    self.problem = problem
    guard let problem else {
      turn.settleAlarms { if case .fenceFailed = $0 { true } else { false } }
      return
    }
    if problem != .unreachable { turn.raise(.fenceFailed(problem)) }
  }
}

// MARK: - What became of orders

extension FenceMachine {
  /// Records what became of an order.
  mutating func record(
    _ order: FenceOrder, _ problem: FenceProblem?, _ local: inout LocalInstance, _ turn: inout Turn
  ) {
    guard let index = pending.firstIndex(of: order) else { return }
    pending.remove(at: index)
    if let problem, !(order.isDemotion && problem.isOfFile) {
      recordFailure(of: order, problem, &turn)
      return
    }
    lastFailed = nil
    switch order {
    case .set(let setting):
      recordSet(setting, at: turn.now)
      // That it could be closed again does not make it a replica.
      if self.problem?.isOfFile != true, !(setting.isClosed && self.problem?.isOfRole == true) {
        record(nil, &turn)
      }
    case .persist:
      record(nil, &turn)
      persisted = inForce
      if policy == .off { forget(&turn) }
    case .demote(let master, let setting):
      recordSet(setting, at: turn.now)
      persisted = problem == nil ? setting : nil
      record(problem, &turn)
      closure = nil
      // It said so itself; an answer to an older ROLE says less.
      local.recordDemotion(to: master, at: turn.now)
      turn.order(.readLocalRole)
    }
  }

  private mutating func recordFailure(
    of order: FenceOrder, _ problem: FenceProblem, _ turn: inout Turn
  ) {
    lastFailed = order
    // Whether it was carried out will be read over the next connection.
    if problem == .unreachable { inForce = nil }
    record(problem, &turn)
    guard problem != .unreachable else { return }
    if order == .persist {
      persistRetryAt = turn.now + Timing.persistRetry
      // Without a file the operator's setting is back as far as it can be.
      if policy == .off { forget(&turn) }
    } else if case .demote(_, let setting) = order, case .notDemoted(_, let isSet) = problem {
      // The fence was opened by it: it is closed again at once.
      if isSet { recordSet(setting, at: turn.now) }
      demotionRetryAt = turn.now + Timing.fenceRetry
    } else {
      retryAt = turn.now + Timing.fenceRetry
    }
  }

  private mutating func recordSet(_ setting: FenceSetting, at now: Instant) {
    inForce = setting
    lastSet = setting
    lastSetAt = now
  }

  /// The mode is off and the operator's setting is back: nothing is left to remember.
  private mutating func forget(_ turn: inout Turn) {
    memory = nil
    turn.order([.keepFence(nil), .watchFence(false)])
  }
}

extension FenceOrder {
  /// Whether it makes the local Redis a replica.
  var isDemotion: Bool { if case .demote = self { true } else { false } }
}

extension FenceProblem {
  /// Whether all but the file is as ordered.
  var isOfFile: Bool { if case .notPersisted = self { true } else { false } }
  /// Whether the local Redis is still a master although it should follow another.
  var isOfRole: Bool { if case .notDemoted = self { true } else { false } }
}
