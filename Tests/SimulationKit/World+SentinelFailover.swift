import FailoverCore

/// Sentinel's votes and failovers (`sentinelFailoverStateMachine` and what it calls).
extension World {
  func startFailoverIfNeeded(_ sentinel: SentinelServer, _ time: Int64) -> Bool {
    guard sentinel.master.flags.contains(.objectivelyDown),
      !sentinel.master.flags.contains(.failoverInProgress),
      time - sentinel.failoverStart >= sentinel.failoverTimeout * 2
    else { return false }
    startFailover(sentinel, time)
    return true
  }

  private func startFailover(_ sentinel: SentinelServer, _ time: Int64) {
    sentinel.failoverState = .waitStart
    sentinel.master.flags.insert(.failoverInProgress)
    sentinel.currentEpoch += 1
    sentinel.failoverEpoch = sentinel.currentEpoch
    publish(.newEpoch, sentinel, epoch: sentinel.currentEpoch)
    publish(.tryFailover, sentinel, node: sentinel.master.index, epoch: sentinel.currentEpoch)
    sentinel.failoverStart = time + random.number(0...999)
    sentinel.failoverChange = time
  }

  /// `SENTINEL FAILOVER`; answers whether it was accepted.
  @discardableResult
  func forceFailover(_ sentinel: SentinelServer) -> Bool {
    let time = time(of: sentinel)
    guard !sentinel.master.flags.contains(.failoverInProgress),
      selectReplica(sentinel, time) != nil
    else { return false }
    startFailover(sentinel, time)
    sentinel.master.flags.insert(.forceFailover)
    return true
  }

  func advanceFailover(_ sentinel: SentinelServer, _ time: Int64) {
    guard sentinel.master.flags.contains(.failoverInProgress) else { return }
    switch sentinel.failoverState {
    case .waitStart: waitForElection(sentinel, time)
    case .selectSlave: selectForPromotion(sentinel, time)
    case .sendSlaveofNoOne: promote(sentinel, time)
    case .waitPromotion:
      if time - sentinel.failoverChange > sentinel.failoverTimeout {
        publish(.abortReplicaTimeout, sentinel)
        abortFailover(sentinel, time)
      }
    case .reconfSlaves: reconfigureReplicas(sentinel, time)
    case .none, .updateConfig: break
    }
  }

  private func waitForElection(_ sentinel: SentinelServer, _ time: Int64) {
    let isLeader = electedLeader(sentinel, time) == sentinel.identity
    guard isLeader || sentinel.master.flags.contains(.forceFailover) else {
      if time - sentinel.failoverStart > min(10_000, sentinel.failoverTimeout) {
        publish(.abortNotElected, sentinel)
        abortFailover(sentinel, time)
      }
      return
    }
    publish(.electedLeader, sentinel, epoch: sentinel.failoverEpoch)
    sentinel.failoverState = .selectSlave
    sentinel.failoverChange = time
  }

  /// `sentinelGetLeader`: counts the votes of this epoch, its own included.
  private func electedLeader(_ sentinel: SentinelServer, _ time: Int64) -> Int? {
    var votes = [Int](repeating: 0, count: identityCount)
    for peer in sentinel.peers {
      if let leader = peer.leader, peer.leaderEpoch == sentinel.currentEpoch {
        votes[leader] += 1
      }
    }
    var winner = mostVotes(votes)
    let (mine, epoch) = vote(
      sentinel, epoch: sentinel.failoverEpoch, candidate: winner ?? sentinel.identity, time)
    if let mine, epoch == sentinel.failoverEpoch {
      votes[mine] += 1
      winner = mostVotes(votes)
    }
    let majority = (sentinel.peers.count + 1) / 2 + 1
    guard let winner, votes[winner] >= majority, votes[winner] >= sentinel.quorum else {
      return nil
    }
    return winner
  }

  private func mostVotes(_ votes: [Int]) -> Int? {
    var best: Int?
    for index in votes.indices where votes[index] > (best.map { votes[$0] } ?? 0) { best = index }
    return best
  }

  /// `sentinelVoteLeader`: one vote in an epoch.
  func vote(
    _ sentinel: SentinelServer, epoch: Int, candidate: Int, _ time: Int64
  ) -> (leader: Int?, epoch: Int) {
    if epoch > sentinel.currentEpoch {
      sentinel.currentEpoch = epoch
      publish(.newEpoch, sentinel, epoch: epoch)
    }
    if sentinel.leaderEpoch < epoch, sentinel.currentEpoch <= epoch {
      sentinel.leader = candidate
      sentinel.leaderEpoch = sentinel.currentEpoch
      publish(.votedFor, sentinel, node: candidate, epoch: sentinel.leaderEpoch)
      if candidate != sentinel.identity {
        sentinel.failoverStart = time + random.number(0...999)
      }
    }
    return (sentinel.leader, sentinel.leaderEpoch)
  }

  private func selectForPromotion(_ sentinel: SentinelServer, _ time: Int64) {
    guard let replica = selectReplica(sentinel, time) else {
      publish(.abortNoGoodReplica, sentinel)
      abortFailover(sentinel, time)
      return
    }
    publish(.selectedReplica, sentinel, node: replica.index, epoch: sentinel.failoverEpoch)
    replica.flags.insert(.promoted)
    sentinel.promoted = replica
    sentinel.failoverState = .sendSlaveofNoOne
    sentinel.failoverChange = time
    publish(.sendReplicaOfNoOne, sentinel, node: replica.index, epoch: sentinel.failoverEpoch)
  }

  /// `sentinelSelectSlave`.
  func selectReplica(_ sentinel: SentinelServer, _ time: Int64) -> SentinelInstance? {
    let master = sentinel.master
    let isDown = master.flags.contains(.subjectivelyDown)
    let downTime = isDown ? time - master.subjectivelyDownSince : 0
    var best: SentinelInstance?
    for replica in sentinel.replicas {
      guard replica.flags.isDisjoint(with: .down), !replica.isDisconnected,
        time - replica.lastAvailable <= World.pingPeriod * 5,
        time - replica.infoRefresh <= (isDown ? World.pingPeriod * 5 : World.infoPeriod * 3),
        replica.masterLinkDownTime <= downTime + sentinel.downAfter * 10
      else { continue }
      guard replica.priority != 0 else { continue }
      if let chosen = best,
        (chosen.priority, -chosen.offset) <= (replica.priority, -replica.offset)
      {
        continue
      }
      best = replica
    }
    return best
  }

  private func promote(_ sentinel: SentinelServer, _ time: Int64) {
    guard let replica = sentinel.promoted else { return }
    guard !replica.isDisconnected, let connection = replica.commands else {
      if time - sentinel.failoverChange > sentinel.failoverTimeout {
        publish(.abortReplicaTimeout, sentinel)
        abortFailover(sentinel, time)
      }
      return
    }
    send(.replicaOf(nil), on: connection)
    replica.pendingCommands += 1
    publish(.waitPromotion, sentinel, node: replica.index, epoch: sentinel.failoverEpoch)
    sentinel.failoverState = .waitPromotion
    sentinel.failoverChange = time
  }

  private func abortFailover(_ sentinel: SentinelServer, _ time: Int64) {
    sentinel.master.flags.subtract([.failoverInProgress, .forceFailover])
    sentinel.failoverState = .none
    sentinel.failoverChange = time
    sentinel.promoted?.flags.remove(.promoted)
    sentinel.promoted = nil
  }

  /// `sentinelFailoverReconfNextSlave`, one at a time, and `sentinelFailoverDetectEnd`.
  private func reconfigureReplicas(_ sentinel: SentinelServer, _ time: Int64) {
    guard let promoted = sentinel.promoted else { return }
    var inProgress = sentinel.replicas.count {
      !$0.flags.isDisjoint(with: [.reconfigurationSent, .reconfigurationInProgress])
    }
    for replica in sentinel.replicas where inProgress < 1 {
      guard replica.flags.isDisjoint(with: [.promoted, .reconfigurationDone]) else { continue }
      if replica.flags.contains(.reconfigurationSent),
        time - replica.reconfigurationSentAt > 10_000
      {
        replica.flags.remove(.reconfigurationSent)
        replica.flags.insert(.reconfigurationDone)
      }
      guard
        replica.flags.isDisjoint(with: [
          .reconfigurationSent, .reconfigurationInProgress, .reconfigurationDone,
        ]), !replica.isDisconnected, let connection = replica.commands
      else { continue }
      send(.replicaOf(promoted.index), on: connection)
      replica.pendingCommands += 1
      replica.flags.insert(.reconfigurationSent)
      replica.reconfigurationSentAt = time
      inProgress += 1
    }
    detectEnd(sentinel, time)
  }

  private func detectEnd(_ sentinel: SentinelServer, _ time: Int64) {
    guard let promoted = sentinel.promoted, !promoted.flags.contains(.subjectivelyDown) else {
      return
    }
    let isWaiting = sentinel.replicas.contains {
      $0.flags.isDisjoint(with: [.promoted, .reconfigurationDone, .subjectivelyDown])
    }
    let isTimedOut = time - sentinel.failoverChange > sentinel.failoverTimeout
    guard !isWaiting || isTimedOut else { return }
    if isTimedOut {
      publish(.failoverEndForTimeout, sentinel)
      for replica in sentinel.replicas
      where replica.flags.isDisjoint(with: [
        .promoted, .reconfigurationDone, .reconfigurationSent,
      ]) {
        guard !replica.isDisconnected, let connection = replica.commands else { continue }
        send(.replicaOf(promoted.index), on: connection)
        replica.flags.insert(.reconfigurationSent)
      }
    }
    publish(.failoverEnd, sentinel)
    sentinel.failoverState = .updateConfig
    sentinel.failoverChange = time
  }

  func switchToPromoted(_ sentinel: SentinelServer, _ time: Int64) {
    guard let promoted = sentinel.promoted else { return }
    let node = promoted.index
    publish(.switchMaster, sentinel, node: node, epoch: sentinel.configEpoch)
    resetMaster(sentinel, to: node, time)
  }
}
