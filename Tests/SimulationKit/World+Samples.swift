import FailoverCore

/// What is looked at every 20 ms: who should hold and nobody does, who holds and should not,
/// and whether the world is healthy again.
extension World {
  func sample() {
    queue.push(.sample, at: now + Checks.period)
    checks.samples += 1
    noteNaming()
    guard configuration.hasAgents else { return }
    if lastFault != nil {
      statistics.watched += Checks.period
      checkUnheld()
      checkWrites()
    }
    for node in redis.indices {
      checkGrounds(node)
      checkAgreement(node)
      checkBelief(node)
    }
    if checks.samples % 5 == 0 { checkProgress() }
  }

  private func checkUnheld() {
    guard checks.holders == 0, let named = checks.namedNode.map(dueNode), isServing(named) else {
      checks.unheldStretch = 0
      return
    }
    statistics.unheld += Checks.period
    checks.unheldStretch += Checks.period
    statistics.maxUnheld = max(statistics.maxUnheld, checks.unheldStretch)
    let reason = obstacle(of: agents[named])
    if let index = statistics.unheldByReason.firstIndex(where: { $0.reason == reason }) {
      statistics.unheldByReason[index].duration += Checks.period
    } else {
      statistics.unheldByReason.append((reason, Checks.period))
    }
  }

  /// The state of an agent and the first thing that it misses, without particulars.
  private func obstacle(of agent: AgentShell) -> String {
    let status = agent.machine.status(at: localClock(of: agent))
    let missing = status.obstacles.first.map { String(describing: $0) } ?? "nothing"
    return "\(status.state.rawValue): \(missing.prefix { $0 != "(" })"
  }

  /// Whether a node's Redis is a live master and its agent runs, and most hosts reach it.
  func isServing(_ node: Int) -> Bool {
    guard hosts[node].isAwake, redis[node].isMaster, isRunning(redis[node].process),
      !isFrozen(redis[node].process), isRunning(agents[node].process),
      !isFrozen(agents[node].process)
    else { return false }
    let reaching = hosts.indices.count { $0 == node || (passes($0, node) && passes(node, $0)) }
    return reaching * 2 > hosts.count
  }

  /// I2: nobody holds for long while a majority names another.
  private func checkGrounds(_ node: Int) {
    guard checks.holders >> node & 1 == 1, let named = checks.namedNode, dueNode(named) != node,
      !isHeldDown(named)
    else {
      checks.unnamedSince[node] = nil
      checks.unnamedInTouchSince[node] = nil
      checks.wasReported[node] = false
      return
    }
    let since = checks.unnamedSince[node] ?? now
    checks.unnamedSince[node] = since
    let basis = basis(of: node)
    noteHeldUnnamed(basis, now - since)
    let isFree =
      agents[node].isUndisturbed(since: since) && isRunning(agents[node].process)
      && !isFrozen(agents[node].process) && isInTouch(node)
    let inTouchSince = isFree ? checks.unnamedInTouchSince[node] ?? now : now
    checks.unnamedInTouchSince[node] = inTouchSince
    let isLong =
      now - inTouchSince > Checks.maxUnnamed
      || now - since > Checks.maxUnnamedWithoutAgent
    let wasPaused = pauseEndedAt[node].map { now - $0 < Checks.pauseWindow } ?? false
    guard isLong, !wasPaused, !checks.wasReported[node], configuration.blindPolicy == .release
    else { return }
    checks.wasReported[node] = true
    violate("holds (\(basis)) while a majority has named node\(named) for long", node: node)
  }

  /// Whether a majority of Sentinels holds the named master down; a provisional holder stays then.
  private func isHeldDown(_ node: Int) -> Bool {
    let count = sentinels.count {
      $0.master.index == node && $0.master.flags.contains(.subjectivelyDown)
    }
    return count >= configuration.majority - 1
  }

  /// Whether a node and a majority of Sentinels reach each other.
  func isInTouch(_ node: Int) -> Bool {
    let count = sentinels.count {
      isRunning($0.process) && !isFrozen($0.process) && passes($0.host, node)
        && passes(node, $0.host)
    }
    return count >= configuration.majority
  }

  private func noteHeldUnnamed(_ basis: String, _ duration: Int64) {
    if let index = statistics.heldUnnamed.firstIndex(where: { $0.basis == basis }) {
      statistics.heldUnnamed[index].duration = max(
        statistics.heldUnnamed[index].duration, duration)
    } else {
      statistics.heldUnnamed.append((basis, duration))
    }
  }

  /// The machine and the kernel agree, but for a moment.
  private func checkAgreement(_ node: Int) {
    guard hosts[node].isAwake, isRunning(agents[node].process), !isFrozen(agents[node].process),
      let state = agents[node].lastTransition?.to
    else {
      checks.disagreesSince[node] = nil
      return
    }
    let isPresent = hosts[node].addresses.contains { $0.isPresent }
    let shouldBe: Bool? =
      switch state {
      case .holding, .blind: true
      case .standby, .prepared:
        now - agents[node].startedAt < Checks.adoptedTime ? nil : false
      case .yielding: false
      case .paused: nil
      }
    guard let shouldBe, shouldBe != isPresent else {
      checks.disagreesSince[node] = nil
      return
    }
    let since = checks.disagreesSince[node] ?? now
    checks.disagreesSince[node] = since
    if now - since == Checks.maxDisagreement {
      violate("is \(state) and the kernel \(isPresent ? "has" : "lacks") the VIP", node: node)
    }
  }

  // MARK: Progress

  private func checkProgress() {
    guard now > configuration.lastDisturbance, let named = checks.namedNode,
      isHealthy(named)
    else {
      checks.healthySince = nil
      checks.heldSince = nil
      return
    }
    let healthySince = checks.healthySince ?? now
    checks.healthySince = healthySince
    if checks.holders == 1 << named {
      let heldSince = checks.heldSince ?? now
      checks.heldSince = heldSince
      if now - heldSince >= Checks.heldEnough, now - healthySince >= Checks.heldEnough {
        conclude(named, healthySince)
      }
      return
    }
    checks.heldSince = nil
    if now - healthySince >= Checks.healthyEnough {
      statistics.hasConverged = true
      statistics.hasProgressed = false
      note(.violation("healthy for long, but the named master is not the one holder"))
      checks.isOver = true
    }
  }

  /// The world is done, unless fences still have time to settle.
  private func conclude(_ named: Int, _ healthySince: Int64) {
    if let unsettled = unsettledFence(named) {
      guard now - healthySince >= Checks.settledEnough else { return }
      violate(unsettled, node: named)
    }
    statistics.hasConverged = true
    checks.isOver = true
    accountForWrites(final: named)
  }

  /// Everything runs, all Sentinels agree, nothing is in progress, and Redis follows them.
  private func isHealthy(_ named: Int) -> Bool {
    let gone = dirt.gone.map { sentinels[$0].process }
    guard processes.indices.allSatisfy({ isRunning($0) && !isFrozen($0) || gone.contains($0) })
    else { return false }
    let areAgreed = presentSentinels.allSatisfy {
      $0.namedMaster == named && $0.master.index == named && $0.failoverState == .none
        && $0.master.flags.isDisjoint(with: .down) && listsAllOthers($0)
        // In TILT a Sentinel neither calls the master down nor replaces a dead link.
        && time(of: $0) - $0.master.lastAvailable < 2_000
    }
    return areAgreed && agentsCountRight
      && redis.allSatisfy { $0.node == named ? $0.isMaster : $0.replicaOf == named && $0.isLinkUp }
  }

  func finish() -> Outcome {
    endOverlap()
    let lastEnd = configuration.faults.map(\.ends).max() ?? 0
    let first = configuration.faults.first?.begins ?? 0
    statistics.watched = max(statistics.watched, lastEnd + Checks.countedTail - first)
    return statistics
  }
}

extension AgentShell {
  /// Whether it ran without a stall since a time.
  func isUndisturbed(since time: Int64) -> Bool { lastDisturbance < time }
}
