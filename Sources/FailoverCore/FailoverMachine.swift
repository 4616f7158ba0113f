public import Addresses

/// The decisions for one group on one node: who holds the virtual address, and when.
///
/// The machine is level-triggered. Every event is first recorded as evidence; then each room looks
/// at all the evidence and decides: the address, then a planned move, then the fence. An event that
/// is lost, late, repeated or out of order can therefore delay a decision, never make a wrong one.
public struct FailoverMachine: Sendable, Equatable {
  /// What the operator decided.
  public let configuration: GroupConfiguration

  private var evidence: Evidence
  private var address: AddressMachine
  private var fence: FenceMachine
  private var move: MoveMachine
  private var moveTarget = MoveTargetMachine()
  private var death: DeathMachine
  private var alarms = StandingAlarms()
  /// Answers to questions asked before this are void.
  private var barrier = Instant(nanoseconds: .min)
  /// The wake-up that was asked for.
  private var armedWake: Instant?

  /// Makes a machine that has seen nothing; its first event is `started`.
  public init(configuration: GroupConfiguration) {
    self.configuration = configuration
    evidence = Evidence(panel: SentinelPanel(configured: configuration.configuredSentinels))
    address = AddressMachine(configuration)
    fence = FenceMachine(configuration)
    move = MoveMachine(configuration)
    death = DeathMachine(configuration)
  }

  /// Takes in a fact and answers with orders, to be carried out in their order.
  ///
  /// `now` never goes back from one call to the next.
  public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
    if isStopped { return [] }
    var turn = Turn(at: now, alarms: alarms)
    record(event, &turn)
    if !isStopped {
      refresh(&turn)
      decide(&turn)
      arm(&turn)
    }
    alarms = turn.alarms
    return turn.effects
  }

  private var isStopped: Bool { address.view.state == .stopped }

  /// Lets each room look at the evidence.
  private mutating func decide(_ turn: inout Turn) {
    address.decide(&evidence, &fence, keptFrom: hold(at: turn.now).keepsFrom, &turn)
    let view = address.view
    let isFenceClosed = fence.isExpectedClosed
    moveTarget.decide(evidence, view, isFenceClosed: isFenceClosed, &turn)
    if move.isActive { move.decide(evidence, view, fence.view(evidence), &turn) }
    death.decide(
      evidence, view, besides: move.id, stopping: fence.stoppingReplicas(at: turn.now), &turn)
    fence.decide(
      evidence, view, hold(at: turn.now), doubt: death.doubt(at: turn.now), &turn)
  }

  private func hold(at now: Instant) -> MoveHold {
    var hold = move.isActive ? move.hold(evidence, address.view, fence, at: now) : .none
    if death.isOrdered { hold.keepsReplicas = true }
    return hold
  }

  /// Brings what follows from the evidence and the time up to date.
  private mutating func refresh(_ turn: inout Turn) {
    let now = turn.now
    evidence.panel.accountForElections(at: now)
    changePanel(&turn) { $0.settleRoster(at: now) }
    let named = evidence.panel.naming.current
    evidence.panel.refresh(at: now)
    if evidence.panel.naming.current != named { address.forgetHolding() }
    address.endPauseIfDue(&turn)
    if let (masters, epoch) = evidence.panel.equalEpochs(at: now) {
      turn.raise(.equalEpochs(masters[0], masters[1], epoch: epoch))
    }
  }

  /// Changes what is known of the Sentinels, and keeps who counts where that changed.
  private mutating func changePanel(
    _ turn: inout Turn, _ change: (inout SentinelPanel) -> Void
  ) {
    let before = evidence.panel.roster
    change(&evidence.panel)
    let roster = evidence.panel.roster
    if roster.known != before.known { turn.order(.keepSentinels(roster.known)) }
    if roster.highWater != before.highWater {
      turn.order(.rememberSentinels(roster.highWater))
    }
  }

  /// Asks to be woken at the next instant at which a decision can change by itself.
  ///
  /// A wake-up that comes too early only looks again, so an earlier one is left to stand.
  private mutating func arm(_ turn: inout Turn) {
    let now = turn.now
    var deadlines =
      address.deadlines(evidence, at: now) + fence.deadlines(evidence, address.view)
      + moveTarget.deadlines
      + death.deadlines
    if move.isActive {
      deadlines += move.deadlines(evidence, address.view, fence.view(evidence), at: now)
    }
    guard let next = deadlines.filter({ $0 > now }).min() else { return }
    if let armed = armedWake, armed > now, armed <= next { return }
    armedWake = next
    turn.order(.wake(at: next))
  }
}

// MARK: - Facts become evidence

extension FailoverMachine {
  /// Records a fact; decides nothing but what is to be asked next.
  private mutating func record(_ event: Event, _ turn: inout Turn) {
    // A question that was asked before the barrier is void, whatever its answer says. A list of
    // Sentinels is none of them: whom a Sentinel knew stays true.
    let (now, barrier) = (turn.now, barrier)
    switch event {
    case .started(let facts): start(facts, &turn)
    case .sentinelConnected(let id, let runID):
      changePanel(&turn) { $0.recordConnection(id, runID: runID, at: now) }
    case .sentinelDisconnected(let id, let loss): evidence.panel.recordLoss(id, loss, at: now)
    case .sentinelForgotten(let id): evidence.panel.remove(id)
    case .sentinelReplied(let id, let view, let sentAt):
      guard sentAt >= barrier else { return }
      changePanel(&turn) { $0.recordView(view, from: id, sentAt: sentAt, at: now) }
    case .sentinelListed(let id, let entries, let sentAt):
      changePanel(&turn) { $0.recordList(entries, from: id, sentAt: sentAt, at: now) }
    case .sentinelsConfigured(let count): evidence.panel.recordConfigured(count)
    case .forgetRequested(let runID): changePanel(&turn) { $0.forget(runID: runID) }
    case .sentinelLacksMaster(let id, let sentAt):
      guard sentAt >= barrier, evidence.panel.recordLackOfMaster(id) else { return }
      turn.order(.raise(.masterUnknown(id)))
    case .sentinelHinted(_, let hint):
      if case .voted(let leader, let epoch) = hint {
        evidence.panel.recordVote(leader: leader, epoch: epoch, at: now)
      }
      turn.order(.pollSentinels)
    case .hookCalled: turn.order([.pollSentinels, .readLocalRole])

    case .localInstancesChanged(let endpoints): follow(endpoints)
    case .localRoleObserved(let role, let sentAt): recordRole(role, sentAt: sentAt, &turn)
    case .localRedisLost: recordLocalLoss()
    case .localRedisDied(let peers):
      move.recordDeath(&turn)
      death.recordDeath(peers: peers, evidence, address.view, &turn)
    case .localIdentityObserved(let identity, let peers, let sentAt):
      guard sentAt >= barrier else { return }
      death.record(
        identity, peers: peers, evidence, isHeld: address.view.state.holding != nil, &turn)
    case .localReplicasObserved(let acknowledging, let sentAt):
      guard sentAt >= barrier else { return }
      evidence.local.recordAcknowledging(acknowledging, sentAt: sentAt)
    case .localReplicationObserved(let observation, let sentAt):
      guard sentAt >= barrier else { return }
      fence.record(observation, evidence.panel, sentAt: sentAt, &turn)
    case .localFenceObserved(let setting, let sentAt):
      guard sentAt >= barrier else { return }
      fence.recordReading(setting, sentAt: sentAt, &turn)
    case .localFenceUnreadable(let problem):
      move.recordUnreadableFence()
      fence.recordUnreadable(problem, &turn)
    case .fenceAnswered(let order, let problem):
      fence.record(order, problem, &evidence.local, &turn)
      move.record(order, problem)
    case .localPriorityObserved(let observed, let sentAt):
      guard sentAt >= barrier else { return }
      moveTarget.recordPriority(observed, sentAt: sentAt, at: now)
    case .priorityAnswered(let value, let problem):
      moveTarget.recordPriorityAnswer(value, problem, &turn)
    case .nodeObserved(let node, let said, let sentAt):
      guard sentAt >= barrier else { return }
      recordNode(node, said, sentAt: sentAt, &turn)

    case .sentinelInspected(let id, let said, let sentAt):
      guard sentAt >= barrier else { return }
      move.record(said, from: id, sentAt: sentAt)
      death.record(Inquiry.Inspection(endpoint: id, said: said, askedAt: sentAt))
    case .failoverAnswered(let id, let answer):
      move.record(answer, from: id, at: now)
      death.record(answer, from: id, &turn)
    case .moveRequested(let request):
      let isBegun = move.begin(request, evidence.panel, &turn)
      if isBegun, !request.acceptsAnyTarget { address.look(&turn) }
    case .moveCancelled(let id): move.cancel(id, &turn)
    case .noticeReceived(let notice): record(notice, &turn)

    case .probeCompleted(let id, let claimedBy):
      address.recordProbe(id, claimedBy: claimedBy, &turn)
    case .claimSeen(let claimed, let mac): address.recordClaim(claimed, by: mac, &turn)
    case .addressAppeared(let appeared): address.recordPresence(of: appeared, true, &turn)
    case .addressVanished(let vanished): address.recordPresence(of: vanished, false, &turn)
    case .addressFailed(let failed, let failure): address.recordFailure(of: failed, failure, &turn)
    case .linkLost(let lost): if let first = lost.first { turn.raise(.carrierLost(first)) }
    case .linkRestored(let restored): address.recordLink(of: restored, &turn)

    case .clockDisturbed(let disturbance):
      self.barrier = now
      fence.recordDisturbance(at: now)
      address.recordDisturbance(disturbance, &evidence, &turn)
    case .woke: if let armed = armedWake, armed <= now { armedWake = nil }

    case .pauseRequested(let until): address.changePause(Pause(until: until), .paused, &turn)
    case .resumeRequested: address.changePause(nil, .resumed, &turn)
    case .releaseRequested(let until): address.release(until: until, &evidence, &fence, &turn)
    case .stopRequested(let policy): stop(policy, &turn)
    }
  }

  private mutating func start(_ facts: StartupFacts, _ turn: inout Turn) {
    evidence.panel.restore(count: facts.rememberedSentinels, known: facts.knownSentinels)
    address.start(facts, at: turn.now)
    fence.start(facts.fence, &turn)
    moveTarget.start(facts.priority)
  }

  private mutating func stop(_ policy: StopPolicy, _ turn: inout Turn) {
    fence.leave(evidence.panel, hold(at: turn.now), &turn)
    move.stop(&turn)
    address.stop(policy, &evidence, &fence, &turn)
    armedWake = nil
    turn.order(.wake(at: nil))
  }

  private mutating func recordLocalLoss() {
    evidence.local.recordLoss()
    death.recordLoss()
    address.recordLocalLoss()
    fence.disconnect()
    moveTarget.disconnect()
  }

  /// Changes which endpoints are the local instance.
  ///
  /// The first is the one whose role is told. The role of another is no ground to take the address;
  /// a held one stays until the new one says that it is a replica.
  private mutating func follow(_ endpoints: [Endpoint]) {
    let before = evidence.panel.localInstances
    guard endpoints != before else { return }
    if let first = before.first, first != endpoints.first { evidence.local.replace() }
    evidence.panel.follow(local: endpoints)
  }

  private mutating func recordRole(_ role: LocalRole, sentAt: Instant, _ turn: inout Turn) {
    let before = evidence.local.role
    fence.recordAnswer(at: turn.now)
    guard sentAt >= barrier else { return }
    death.recordLife(role, wasLost: evidence.local.isLost, &turn)
    if evidence.local.record(role, sentAt: sentAt, at: turn.now) { turn.order(.pollSentinels) }
    if evidence.local.role != before { fence.recordRole(evidence.local.role, &turn) }
  }

  /// Records what a node says of itself: the named one, a target, a driver, or one that a dispute
  /// is about.
  private mutating func recordNode(
    _ node: Endpoint, _ said: NodeObservation?, sentAt: Instant, _ turn: inout Turn
  ) {
    fence.recordNode(node, said, sentAt: sentAt)
    let answer = Inquiry.Node(endpoint: node, said: said, askedAt: sentAt)
    moveTarget.record(answer)
    move.record(answer, &turn)
    death.record(answer, &turn)
    address.recordNode(node, said, evidence.panel, sentAt: sentAt)
  }

  private mutating func record(_ notice: Notice, _ turn: inout Turn) {
    switch notice {
    case .yielded(let from, let target, let epoch, let nonce):
      guard evidence.local.delivers(at: turn.now) else { return }
      address.recordYield(from: from, to: target, epoch: epoch, nonce: nonce, evidence, &turn)
    case .selected(let from, let epoch, let nonce):
      address.answer(selected: from, epoch: epoch, nonce: nonce, &evidence, &turn)
    case .moveOffered(let offer):
      moveTarget.record(offer, isDriving: move.isActive, evidence.panel, &turn)
    case .moveAnswered(let from, let id, let round, let refusal):
      move.recordAnswer(from: from, id, round: round, refusal, at: turn.now)
    case .moveEnded(let from, let id): moveTarget.recordEnd(from: from, id)
    case .moveArrived(let from, let id): move.recordArrival(of: from, id, at: turn.now)
    case .replicaStops(let replica):
      // Also after the death of the master here: who stops then must not be its successor.
      guard evidence.local.role == .master, !evidence.panel.isLocal(replica) else { return }
      fence.recordStop(of: replica, &turn)
    // The daemon waits for it, no decision does.
    case .replicaDismissed, .replicaAwaited: break
    }
  }
}

// MARK: - What people see

extension FailoverMachine {
  /// What the machine knows and does at an instant.
  public func status(at now: Instant) -> GroupStatus {
    let local = evidence.panel.localInstances.first
    return Overview(
      configuration: configuration, evidence: evidence, address: address.view,
      kernel: address.kernel, probe: address.probe, lastClaim: address.announcer.lastClaim,
      fence: fence.status(evidence),
      move: move.status(local: local) ?? moveTarget.status, death: death.status,
      emptied: death.emptied, now: now
    ).status
  }

  /// What the holding rests on: `basis` of the status, which costs far more.
  public var basis: LeaseBasis { address.view.basis }

  /// What is in force at the local Redis: `fence.setting` of the status.
  public var fenceSetting: FenceSetting? { fence.shownSetting }

  /// Every Sentinel that was ever met or listed, with whether it counts.
  public var knownSentinels: [KnownSentinel] { evidence.panel.roster.known }

  /// The replicas that a Sentinel in contact could promote, in order.
  public func promotableReplicas(at now: Instant) -> [Endpoint] {
    evidence.panel.promotableReplicas(at: now)
  }
}
