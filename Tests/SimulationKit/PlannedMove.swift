import FailoverCore

/// A move that an operator asks for, of the daemon that holds the address then.
struct PlannedMove: Equatable {
  /// When, in nanoseconds of the world.
  var at: Int64
  /// To which node; nothing leaves the choice to the daemon.
  var target: Int?
  /// When the operator gives up; nothing if never.
  var cancelled: Int64?

  /// Every planned move of a world has this name: there is one.
  static let id: MoveID = 1
  /// How long the daemon may take until a replica is selected.
  static let patience = 30 * second
}

/// What became of a planned move.
enum MoveCount: Int, CaseIterable {
  case refused, undone, done, failed, unanswered

  var name: String { String(describing: self) }
}

extension PlannedMove {
  /// Draws a move for about every third world with a fence, around its first fault.
  static func random(in world: WorldConfiguration) -> PlannedMove? {
    guard let fence = world.fence, fence.isWhole else { return nil }
    var random = SeededRandom(seed: world.seed &* 0x94d0_49bb_1331_11eb &+ 3)
    guard random.chance(perMille: 350) else { return nil }
    let first = world.faults.first?.begins ?? 5 * second
    let at = max(first + random.number(-2_000...8_000) * millisecond, 2 * second)
    var move = PlannedMove(at: at)
    if random.chance(perMille: 500) { move.target = random.index(0...(world.redisCount - 1)) }
    if random.chance(perMille: 200) {
      move.cancelled = at + random.logarithmic(1...2_000) * millisecond
    }
    return move
  }
}

extension World {
  func requestMove() {
    guard let move = configuration.move, let agent = moveDriver() else { return }
    moveTerm = redis[agent.node].term
    moveNode = agent.node
    statistics.move = .unanswered
    note(.moveRequested(agent.node, target: move.target))
    let request = MoveRequest(
      id: PlannedMove.id, target: move.target.map { nodeEndpoints[$0] },
      deadline: localClock(of: agent) + .nanoseconds(PlannedMove.patience))
    tell(agent, .moveRequested(request))
  }

  func cancelMove() {
    guard let agent = moveNode.map({ agents[$0] }), isRunning(agent.process),
      !isFrozen(agent.process)
    else { return }
    tell(agent, .moveCancelled(PlannedMove.id))
  }

  private func moveDriver() -> AgentShell? {
    agents.first {
      checks.holders >> $0.node & 1 == 1 && isRunning($0.process) && !isFrozen($0.process)
    }
  }

  func noteMove(_ report: MoveReport, _ agent: AgentShell) {
    note(.move(agent.node, report))
    guard case .ended(let end) = report.news else { return }
    switch end {
    case .checked, .refused: statistics.move = .refused
    case .undone: statistics.move = .undone
    case .failed: statistics.move = .failed
    case .done(let outcome):
      statistics.move = .done
      if let gap = outcome.writeGap { statistics.moveGap = gap.wholeNanoseconds }
      if outcome.keptEveryWrite { checkKept(by: outcome, agent) }
    }
  }

  /// Who says that every write was kept must not be wrong.
  private func checkKept(by outcome: MoveOutcome, _ agent: AgentShell) {
    guard let term = moveTerm, let node = node(of: outcome.promoted) else { return }
    let last = acknowledged.last { $0.acceptance.term == term && $0.acceptance.isOwn }?.to ?? 0
    let kept = history(of: node, at: now).end(of: term) ?? 0
    // What a restart without its data lost, the move had kept.
    let wasEmptied = redis[node].emptiedAt.map { $0 >= last } ?? false
    if kept < last, !wasEmptied {
      violate(
        "says that a move kept every write, and node\(node) lacks \((last - kept) / 1_000) us",
        node: agent.node)
    }
  }
}
