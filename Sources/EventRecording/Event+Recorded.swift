import Addresses
import FailoverCore
import LineCoding

extension Event {
  /// Reads what `RecordingText.text` wrote.
  init(recordedWords words: ArraySlice<Substring>) throws(RecordingError.Problem) {
    let name = words.first ?? ""
    var fields = FieldReader(words.dropFirst())
    if let event = try Event.ofSentinel(name, &fields) {
      self = event
    } else if let event = try Event.ofRedis(name, &fields) {
      self = event
    } else if let event = try Event.ofHost(name, &fields) {
      self = event
    } else if let event = try Event.ofOperator(name, &fields) {
      self = event
    } else {
      throw .unknownEvent(RecordingError.excerpt(name))
    }
    try fields.end()
  }

  private static func ofSentinel(
    _ name: Substring, _ fields: inout FieldReader
  ) throws(RecordingError.Problem) -> Event? {
    switch name {
    case "connected": try .sentinelConnected(fields.take("sentinel"), runID: fields.take("run-id"))
    case "disconnected": try .sentinelDisconnected(fields.take("sentinel"), fields.take("loss"))
    case "forgotten": try .sentinelForgotten(fields.take("sentinel"))
    case "replied": try replied(&fields)
    case "listed":
      try .sentinelListed(
        fields.take("sentinel"), fields.take("are"), sentAt: fields.take("sent"))
    case "configured": try .sentinelsConfigured(fields.take("sentinels"))
    case "forget-requested": try .forgetRequested(fields.take("run-id"))
    case "lacks-master":
      try .sentinelLacksMaster(fields.take("sentinel"), sentAt: fields.take("sent"))
    case "hinted": try .sentinelHinted(fields.take("sentinel"), fields.take("hint"))
    case "inspected":
      try .sentinelInspected(
        fields.take("sentinel"), fields.take("is"), sentAt: fields.take("sent"))
    case "failover-answered":
      try .failoverAnswered(fields.take("sentinel"), fields.take("answer"))
    case "hook-called": .hookCalled
    default: nil
    }
  }

  private static func replied(
    _ fields: inout FieldReader
  ) throws(RecordingError.Problem) -> Event {
    var view = try SentinelView(
      named: fields.take("named"), flags: fields.take("flags"),
      failoverState: fields.take("failover"), lastOkPingReply: fields.take("pong"),
      downAfter: fields.take("down-after"), failoverTimeout: fields.take("timeout"),
      configEpoch: fields.take("epoch"), quorum: fields.take("quorum"),
      otherSentinels: fields.take("others"), replicas: fields.take("replicas"))
    view.master = try fields.take("master")
    return try .sentinelReplied(fields.take("sentinel"), view, sentAt: fields.take("sent"))
  }

  private static func ofRedis(
    _ name: Substring, _ fields: inout FieldReader
  ) throws(RecordingError.Problem) -> Event? {
    switch name {
    case "local-instances": try .localInstancesChanged(fields.take("are"))
    case "local-role": try .localRoleObserved(fields.take("role"), sentAt: fields.take("sent"))
    case "local-redis-lost": try .localRedisLost(fields.take("loss"))
    case "local-redis-died": try .localRedisDied(peers: fields.take("peers"))
    case "local-identity":
      try .localIdentityObserved(
        fields.take("is"), peers: fields.take("peers"), sentAt: fields.take("sent"))
    case "local-replicas":
      try .localReplicasObserved(
        acknowledging: fields.take("acknowledging"), sentAt: fields.take("sent"))
    case "local-replication":
      try .localReplicationObserved(
        LocalReplication(
          replicas: fields.take("replicas"), offset: fields.take("offset"),
          goodReplicas: fields.take("good")),
        sentAt: fields.take("sent"))
    case "local-fence": try .localFenceObserved(fields.take("is"), sentAt: fields.take("sent"))
    case "fence-unreadable": try .localFenceUnreadable(fields.take("problem"))
    case "fence-answered": try .fenceAnswered(fields.take("order"), fields.take("problem"))
    case "node":
      try .nodeObserved(fields.take("endpoint"), fields.take("is"), sentAt: fields.take("sent"))
    case "local-priority":
      try .localPriorityObserved(fields.take("is"), sentAt: fields.take("sent"))
    case "priority-answered": try .priorityAnswered(fields.take("value"), fields.take("problem"))
    default: nil
    }
  }

  private static func ofHost(
    _ name: Substring, _ fields: inout FieldReader
  ) throws(RecordingError.Problem) -> Event? {
    switch name {
    case "probe-completed":
      try .probeCompleted(fields.take("id"), claimedBy: fields.take("claimed-by"))
    case "notice": try .noticeReceived(fields.take("is"))
    case "claim-seen": try .claimSeen(fields.take("address"), by: fields.take("by"))
    case "appeared": try .addressAppeared(fields.take("vip"))
    case "vanished": try .addressVanished(fields.take("vip"))
    case "failed": try .addressFailed(fields.take("vip"), fields.take("failure"))
    case "link-lost": try .linkLost(fields.take("vips"))
    case "link-restored": try .linkRestored(fields.take("vips"))
    case "disturbed": try .clockDisturbed(fields.take("by"))
    case "woke": .woke
    default: nil
    }
  }

  private static func ofOperator(
    _ name: Substring, _ fields: inout FieldReader
  ) throws(RecordingError.Problem) -> Event? {
    switch name {
    case "started":
      try .started(
        StartupFacts(
          proof: fields.take("proof"), rememberedSentinels: fields.take("sentinels"),
          knownSentinels: fields.takeIfPresent("known") ?? [], pause: fields.take("pause"),
          present: fields.take("present"), fence: fields.takeIfPresent("fence"),
          priority: fields.takeIfPresent("priority")))
    case "pause": try .pauseRequested(until: fields.take("until"))
    case "resume": .resumeRequested
    case "release": try .releaseRequested(until: fields.take("until"))
    case "stop": try .stopRequested(fields.take("policy"))
    case "move":
      try .moveRequested(
        MoveRequest(
          id: fields.take("id"), target: fields.take("target"),
          deadline: fields.take("deadline"), acceptsLoss: fields.take("accepts-loss"),
          isDryRun: fields.take("dry-run"),
          acceptsAnyTarget: fields.takeIfPresent("any-target") ?? false))
    case "move-cancelled": try .moveCancelled(fields.take("id"))
    default: nil
    }
  }
}
