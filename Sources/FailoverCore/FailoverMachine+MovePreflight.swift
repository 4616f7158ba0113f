import Addresses

// MARK: - A planned move: whether it can be done

extension FailoverMachine {
  /// Looks at everything once all have answered, or had their time.
  mutating func decidePreflight(
    _ driver: MoveDriver, at now: Instant, _ orders: inout [Effect]
  ) {
    let here = findingsHere(driver, at: now)
    guard here.isEmpty else {
      end(.refused(here), at: now, &orders)
      return
    }
    guard isEverythingAnswered(driver) || now - driver.phaseSince >= Timing.preflightLimit
    else { return }
    let since = driver.startedAt
    var findings = findingsOfReplication(driver)
    findings += findingsOfSentinels(since: since, at: now)
    findings += findingsOfInspections(driver, since: since, at: now)
    let choice = chooseTarget(driver, at: now)
    findings += choice.findings
    guard findings.isEmpty, let target = choice.target,
      let plan = plan(driver, target: target, at: now)
    else {
      end(.refused(findings), at: now, &orders)
      return
    }
    move?.plan = plan
    report(.planned(plan), at: now, &orders)
    if driver.request.isDryRun {
      end(.checked, at: now, &orders)
    } else {
      enter(.preparing, at: now, &orders)
    }
  }

  private func plan(_ driver: MoveDriver, target: Endpoint, at now: Instant) -> MovePlan? {
    let inContact = evidence.sentinels.filter {
      $0.view(within: Timing.viewLifetime, at: now) != nil
    }
    guard let from = evidence.localInstances.first, let through = inContact.first else {
      return nil
    }
    let closesFence = findingsOfFence.isEmpty
    // Whatever else copies the stream, a backup for one, nobody promotes.
    let good = fence.good(maxLagSeconds: leastLag).filter(listedReplicas.contains).sorted()
    return MovePlan(
      from: from, target: target, through: through.id,
      prefers: !driver.request.acceptsAnyTarget && needsPreference(target, driver),
      closesFence: closesFence,
      replicas: closesFence ? good : [])
  }

  /// Whether all who were asked have answered.
  private func isEverythingAnswered(_ driver: MoveDriver) -> Bool {
    let start = driver.startedAt
    let sentinels = evidence.sentinels.filter(\.isConnected).allSatisfy { record in
      record.provenAt.map { $0 >= start } ?? false
        && driver.inspections.contains { $0.sentinel == record.id && $0.askedAt >= start }
    }
    let replicas = (listedReplicas + [driver.request.target].compactMap { $0 })
      .filter { !evidence.isLocal($0) }
    return sentinels && fence.replicationAt.map { $0 >= start } ?? false
      && replicas.allSatisfy { replica in
        driver.nodes.contains { $0.endpoint == replica && $0.askedAt >= start }
      }
  }

  /// Every replica that a Sentinel lists.
  var listedReplicas: [Endpoint] {
    var listed: [Endpoint] = []
    for record in evidence.sentinels {
      for replica in record.view?.replicas ?? []
      where !evidence.isLocal(replica.endpoint) && !listed.contains(replica.endpoint) {
        listed.append(replica.endpoint)
      }
    }
    return listed.sorted()
  }

  /// The lag up to which a replica may take part, a second more than the fence allows.
  ///
  /// With acknowledgements each second the whole seconds are two apart now and then. What it has
  /// is looked at when nothing can be written any more.
  var leastLag: Int { max(maxLagSeconds, 1) + 1 }
}

// MARK: - Findings here and at the Sentinels

extension FailoverMachine {
  /// What forbids a move whatever the others say.
  private func findingsHere(_ driver: MoveDriver, at now: Instant) -> [MoveFinding] {
    var findings: [MoveFinding] = []
    if pause != nil { findings.append(.paused) }
    if case .held(let tenure) = state, tenure.basis == .sentinels {
    } else {
      let named = evidence.majorityNamed(counts, at: now)?.endpoint
      findings.append(.notHolder(stateName, basis, named: named))
    }
    if !driver.request.acceptsLoss { findings += findingsOfFence }
    return findings
  }

  /// Why the fence can't be relied on.
  var findingsOfFence: [MoveFinding] {
    let status = fenceStatus
    switch status.state {
    case .off: return [.fenceOff]
    case .half, .closed: return [.fenceHalf(status.problem)]
    case .armed, .open: return []
    }
  }

  private func findingsOfReplication(_ driver: MoveDriver) -> [MoveFinding] {
    let isKnown = fence.replicationAt.map { $0 >= driver.startedAt } ?? false
    return isKnown && !evidence.localIsLost ? [] : [.replicationUnknown]
  }

  /// What speaks against a failover in the views of Sentinels that were asked since an instant.
  func findingsOfSentinels(since start: Instant, at now: Instant) -> [MoveFinding] {
    var findings: [MoveFinding] = []
    var silent: [SentinelID] = []
    for record in evidence.sentinels {
      guard let view = record.view(within: Timing.viewLifetime, at: now),
        record.provenAt.map({ $0 >= start }) ?? false
      else {
        silent.append(record.id)
        continue
      }
      findings += self.findings(in: view, of: record.id)
    }
    if evidence.sentinels.count - silent.count < counts.confirmations {
      findings += silent.map { .sentinelSilent($0) }
      if evidence.sentinels.count < counts.sentinels {
        findings.append(
          .sentinelsMissing(following: evidence.sentinels.count, of: counts.sentinels))
      }
    }
    if let vote = openVote(at: now) { findings.append(.electionUnseen(epoch: vote.epoch)) }
    return findings
  }

  private func findings(in view: SentinelView, of id: SentinelID) -> [MoveFinding] {
    var findings: [MoveFinding] = []
    if !evidence.isLocal(view.named) { findings.append(.sentinelNames(id, view.named)) }
    if view.isFailoverPending { findings.append(.failoverInProgress(id)) }
    if !view.flags.isDisjoint(with: [.subjectivelyDown, .objectivelyDown, .disconnected]) {
      findings.append(.masterDown(id))
    }
    return findings
  }

  /// A vote whose failover may still come.
  private func openVote(at now: Instant) -> Evidence.Vote? {
    if let vote = evidence.unseenElection { return vote }
    guard let vote = evidence.newestVote, now - vote.heardAt < Timing.electionLifetime,
      !evidence.isAccounted(vote, at: now)
    else { return nil }
    return vote
  }

  private func findingsOfInspections(
    _ driver: MoveDriver, since start: Instant, at now: Instant
  ) -> [MoveFinding] {
    evidence.sentinels.flatMap { record -> [MoveFinding] in
      guard record.view(within: Timing.viewLifetime, at: now) != nil else { return [] }
      return findings(ofInspecting: record.id, driver, since: start)
    }
  }

  /// What a Sentinel's word about itself says against commanding it.
  func findings(
    ofInspecting id: SentinelID, _ driver: MoveDriver, since start: Instant
  ) -> [MoveFinding] {
    let inspection = driver.inspections.first { $0.sentinel == id && $0.askedAt >= start }
    guard let said = inspection?.said else { return [.sentinelUninspected(id)] }
    var findings: [MoveFinding] = []
    if said.isInTilt { findings.append(.sentinelInTilt(id)) }
    if let problem = said.quorumProblem { findings.append(.quorumUnreachable(id, problem)) }
    return findings
  }
}

extension Evidence {
  /// A Sentinel in contact at which a failover is under way or ordered, also one in TILT.
  func failoverPending(at now: Instant) -> SentinelID? {
    sentinels.first {
      $0.view(within: Timing.viewLifetime, at: now)?.isFailoverPending ?? false
    }?.id
  }
}

extension SentinelView {
  /// Whether a failover is under way or ordered: the flags stand from the order to its end.
  var isFailoverPending: Bool {
    !flags.isDisjoint(with: [.failoverInProgress, .forceFailover])
      || failoverState.map { $0 != FailoverState.none } ?? false
      || replicas.contains { $0.flags.contains(.promoted) }
  }
}
