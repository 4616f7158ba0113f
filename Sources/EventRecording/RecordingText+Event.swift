import Addresses
import FailoverCore
import LineCoding

extension RecordingText {
  /// An event as a name and its fields.
  static func text(_ event: Event) -> LineText {
    switch event {
    case .started(let facts): text(facts)
    case .sentinelConnected(let id, let runID): "connected sentinel=\(id) run-id=\(runID)"
    case .sentinelDisconnected(let id, let loss): "disconnected sentinel=\(id) loss=\(loss)"
    case .sentinelForgotten(let id): "forgotten sentinel=\(id)"
    case .sentinelReplied(let id, let view, let sentAt):
      "replied sentinel=\(id) sent=\(sentAt) \(text(view))"
    case .sentinelListed(let id, let entries, let sentAt):
      "listed sentinel=\(id) sent=\(sentAt) are=\(entries)"
    case .sentinelsConfigured(let count): "configured sentinels=\(count)"
    case .forgetRequested(let runID): "forget-requested run-id=\(runID)"
    case .sentinelLacksMaster(let id, let sentAt): "lacks-master sentinel=\(id) sent=\(sentAt)"
    case .sentinelHinted(let id, let hint): "hinted sentinel=\(id) hint=\(hint)"
    case .hookCalled: "hook-called"
    case .localInstancesChanged, .localRoleObserved, .localRedisLost, .localRedisDied,
      .localIdentityObserved,
      .localReplicasObserved,
      .localReplicationObserved, .localFenceObserved, .localFenceUnreadable, .fenceAnswered,
      .nodeObserved, .localPriorityObserved, .priorityAnswered:
      textOfRedis(event)
    case .sentinelInspected, .failoverAnswered, .moveRequested, .moveCancelled:
      textOfMove(event)
    case .probeCompleted(let id, let mac): "probe-completed id=\(id) claimed-by=\(mac)"
    case .noticeReceived(let notice): "notice is=\(notice)"
    case .claimSeen(let address, let mac): "claim-seen address=\(address) by=\(mac)"
    case .addressAppeared(let address): "appeared vip=\(address)"
    case .addressVanished(let address): "vanished vip=\(address)"
    case .addressFailed(let address, let failure): "failed vip=\(address) failure=\(failure)"
    case .linkLost(let addresses): "link-lost vips=\(addresses)"
    case .linkRestored(let addresses): "link-restored vips=\(addresses)"
    case .clockDisturbed(let disturbance): "disturbed by=\(disturbance)"
    case .woke: "woke"
    case .pauseRequested(let until): "pause until=\(until)"
    case .resumeRequested: "resume"
    case .releaseRequested(let until): "release until=\(until)"
    case .stopRequested(let policy): "stop policy=\(policy)"
    }
  }

  private static func text(_ facts: StartupFacts) -> LineText {
    let known: LineText? = facts.knownSentinels.isEmpty ? nil : " known=\(facts.knownSentinels)"
    return """
      started proof=\(facts.proof) sentinels=\(facts.rememberedSentinels) pause=\(facts.pause) \
      present=\(facts.present)\(ifAny: facts.fence.map { " fence=\($0)" })\
      \(ifAny: facts.priority.map { " priority=\($0)" })\(ifAny: known)
      """
  }

  private static func text(_ view: SentinelView) -> LineText {
    """
    named=\(view.named) master=\(view.master) flags=\(view.flags) \
    failover=\(view.failoverState) pong=\(view.lastOkPingReply) down-after=\(view.downAfter) \
    timeout=\(view.failoverTimeout) epoch=\(view.configEpoch) quorum=\(view.quorum) \
    others=\(view.otherSentinels) replicas=\(view.replicas)
    """
  }

  /// What a Redis says.
  private static func textOfRedis(_ event: Event) -> LineText {
    switch event {
    case .localInstancesChanged(let endpoints): "local-instances are=\(endpoints)"
    case .localRoleObserved(let role, let sentAt): "local-role sent=\(sentAt) role=\(role)"
    case .localRedisLost(let loss): "local-redis-lost loss=\(loss)"
    case .localRedisDied(let peers): "local-redis-died peers=\(peers)"
    case .localIdentityObserved(let identity, let peers, let sentAt):
      "local-identity sent=\(sentAt) is=\(identity) peers=\(peers)"
    case .localReplicasObserved(let endpoints, let sentAt):
      "local-replicas sent=\(sentAt) acknowledging=\(endpoints)"
    case .localReplicationObserved(let said, let sentAt):
      "local-replication sent=\(sentAt) offset=\(said.offset) replicas=\(said.replicas)"
        + " good=\(said.goodReplicas)"
    case .localFenceObserved(let setting, let sentAt): "local-fence sent=\(sentAt) is=\(setting)"
    case .localFenceUnreadable(let problem): "fence-unreadable problem=\(problem)"
    case .fenceAnswered(let order, let problem): "fence-answered order=\(order) problem=\(problem)"
    case .nodeObserved(let endpoint, let said, let sentAt):
      "node sent=\(sentAt) endpoint=\(endpoint) is=\(said)"
    case .localPriorityObserved(let value, let sentAt): "local-priority sent=\(sentAt) is=\(value)"
    case .priorityAnswered(let value, let problem):
      "priority-answered value=\(value) problem=\(problem)"
    default: ""
    }
  }

  private static func textOfMove(_ event: Event) -> LineText {
    switch event {
    case .sentinelInspected(let id, let said, let sentAt):
      "inspected sentinel=\(id) sent=\(sentAt) is=\(said)"
    case .failoverAnswered(let id, let answer): "failover-answered sentinel=\(id) answer=\(answer)"
    case .moveRequested(let request):
      """
      move id=\(request.id) target=\(request.target) deadline=\(request.deadline) \
      accepts-loss=\(request.acceptsLoss) dry-run=\(request.isDryRun)\
      \(ifAny: request.acceptsAnyTarget ? " any-target=\(true)" : nil)
      """
    case .moveCancelled(let id): "move-cancelled id=\(id)"
    default: ""
    }
  }
}
