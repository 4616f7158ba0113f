import Addresses

/// The decisions for one group on one node: who holds the virtual address, and when.
///
/// The machine is level-triggered. Every event is first recorded as evidence; then the present
/// state looks at all the evidence and decides. An event that is lost, late, repeated or out of
/// order can therefore delay a decision, never make a wrong one.
public struct FailoverMachine: Sendable, Equatable {
  /// What the operator decided.
  public let configuration: GroupConfiguration

  var evidence = Evidence()
  var state = FailoverState.standby
  var pause: Pause?
  /// When the state was entered, and why.
  var since = Instant(nanoseconds: 0)
  var reason = Reason.started
  /// What the kernel has, in the order of the configuration, and what was asked of it.
  var kernel: KernelAddresses
  /// The duplicate probe in progress or last finished.
  var probe = DuplicateProbe()
  /// Somebody else who claims a held address.
  var conflict: Conflict?
  /// What is known of the local fence.
  var fence = FenceRecord()
  /// The planned move that this node drives.
  var move: MoveDriver?
  /// The planned move of which this node is, or last was, the target.
  var watch: MoveWatch?
  /// What is known of the local `replica-priority`.
  var priority = PriorityRecord()
  /// Whether announcements were suspended, because the address may have been lost unseen.
  var isAnnouncementSuspended = false
  /// Whether acknowledging replicas are being watched.
  var isWatchingReplicas = false
  /// The wake-up that was asked for.
  var armedWake: Instant?
  /// Alarms that were raised and still stand, so that each is raised once.
  var standingAlarms: [Alarm] = []

  /// Makes a machine that has seen nothing; its first event is `started`.
  public init(configuration: GroupConfiguration) {
    self.configuration = configuration
    self.kernel = KernelAddresses(count: configuration.virtualAddresses.count)
  }

  /// Takes in a fact and answers with orders, to be carried out in their order.
  ///
  /// `now` never goes back from one call to the next.
  public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
    if state == .stopped { return [] }
    var orders: [Effect] = []
    record(event, at: now, &orders)
    if state != .stopped {
      refreshEvidence(at: now, &orders)
      decide(at: now, &orders)
      decideMove(at: now, &orders)
      decideFence(at: now, &orders)
      arm(at: now, &orders)
    }
    return orders
  }

  /// Lets each state look at the evidence, until none moves.
  ///
  /// The longest chain is two: let go, then be selected.
  private mutating func decide(at now: Instant, _ orders: inout [Effect]) {
    for _ in 0..<4 {
      let before = state
      switch state {
      case .standby: decideStandby(at: now, &orders)
      case .prepared(let preparation): decidePrepared(preparation, at: now, &orders)
      case .held(let tenure): decideHeld(tenure, at: now, &orders)
      case .yielding(let concession): decideYielding(concession, at: now, &orders)
      case .stopped: return
      }
      if state == before { return }
    }
  }

  /// N, m, q and k of the rules.
  var counts: Evidence.Counts {
    evidence.counts(configured: configuredSentinels)
  }

  /// How many different Sentinels the configuration names, as far as is known.
  var configuredSentinels: Int {
    evidence.configuredSentinels ?? configuration.configuredSentinels
  }

  /// When the lease by confirmations ends; nothing if too few confirm.
  var leaseEnds: Instant? {
    evidence.leaseEnd(counts, limit: configuration.leaseLimit)
  }

  /// Enters a state and reports it.
  mutating func enter(
    _ next: FailoverState, _ reason: Reason, at now: Instant, _ orders: inout [Effect]
  ) {
    let from = stateName
    state = next
    since = now
    self.reason = reason
    orders.append(
      .report(Transition(from: from, to: stateName, reason: reason, basis: basis)))
  }

  /// What the holding rests on.
  var basis: LeaseBasis {
    if case .held(let tenure) = state { tenure.basis.name } else { .none }
  }

  /// The state as it is shown.
  var stateName: StateName {
    if pause != nil { return .paused }
    switch state {
    case .standby, .stopped: return .standby
    case .prepared: return .prepared
    case .held(let tenure): return tenure.basis.stateName
    case .yielding: return .yielding
    }
  }

  /// Raises an alarm unless it stands already.
  mutating func raise(_ alarm: Alarm, _ orders: inout [Effect]) {
    guard !standingAlarms.contains(alarm) else { return }
    standingAlarms.append(alarm)
    if standingAlarms.count > 16 { standingAlarms.removeFirst() }
    orders.append(.raise(alarm))
  }

  /// Lets alarms of a kind be raised again.
  mutating func settleAlarms(where isSettled: (Alarm) -> Bool) {
    standingAlarms.removeAll(where: isSettled)
  }
}
