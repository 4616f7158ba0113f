import Addresses
import FailoverCore

extension RecordingText {
  /// An event as a name and its fields.
  static func text(_ event: Event) -> String {
    switch event {
    case .started(let facts): text(facts)
    case .sentinelConnected(let id, let runID):
      "connected sentinel=\(id.recorded) run-id=\(runID.recorded)"
    case .sentinelDisconnected(let id, let loss):
      "disconnected sentinel=\(id.recorded) loss=\(loss.recorded)"
    case .sentinelForgotten(let id): "forgotten sentinel=\(id.recorded)"
    case .sentinelReplied(let id, let view, let sentAt):
      "replied sentinel=\(id.recorded) sent=\(sentAt.recorded) \(text(view))"
    case .sentinelListed(let id, let entries, let sentAt):
      "listed sentinel=\(id.recorded) sent=\(sentAt.recorded) are=\(entries.recorded)"
    case .sentinelsConfigured(let count): "configured sentinels=\(count)"
    case .forgetRequested(let runID): "forget-requested run-id=\(runID.recorded)"
    case .sentinelLacksMaster(let id, let sentAt):
      "lacks-master sentinel=\(id.recorded) sent=\(sentAt.recorded)"
    case .sentinelHinted(let id, let hint):
      "hinted sentinel=\(id.recorded) hint=\(hint.recorded)"
    case .hookCalled: "hook-called"
    case .localInstancesChanged(let endpoints): "local-instances are=\(endpoints.recorded)"
    case .localRoleObserved(let role, let sentAt):
      "local-role sent=\(sentAt.recorded) role=\(role.recorded)"
    case .localRedisLost(let loss): "local-redis-lost loss=\(loss.recorded)"
    case .localReplicasObserved(let endpoints, let sentAt):
      "local-replicas sent=\(sentAt.recorded) acknowledging=\(endpoints.recorded)"
    case .localReplicationObserved, .localFenceObserved, .localFenceUnreadable, .fenceAnswered,
      .nodeObserved:
      textOfFence(event)
    case .sentinelInspected, .failoverAnswered, .localPriorityObserved, .priorityAnswered,
      .moveRequested, .moveCancelled:
      textOfMove(event)
    case .probeCompleted(let id, let mac): "probe-completed id=\(id) claimed-by=\(mac.recorded)"
    case .noticeReceived(let notice): "notice is=\(notice.recorded)"
    case .claimSeen(let address, let mac):
      "claim-seen address=\(address.recorded) by=\(mac.recorded)"
    case .addressAppeared(let address): "appeared vip=\(address.recorded)"
    case .addressVanished(let address): "vanished vip=\(address.recorded)"
    case .addressFailed(let address, let failure):
      "failed vip=\(address.recorded) failure=\(failure.recorded)"
    case .linkLost(let addresses): "link-lost vips=\(addresses.recorded)"
    case .linkRestored(let addresses): "link-restored vips=\(addresses.recorded)"
    case .clockDisturbed(let disturbance): "disturbed by=\(disturbance.recorded)"
    case .woke: "woke"
    case .pauseRequested(let until): "pause until=\(until.recorded)"
    case .resumeRequested: "resume"
    case .releaseRequested(let until): "release until=\(until.recorded)"
    case .stopRequested(let policy): "stop policy=\(policy.recorded)"
    }
  }

  private static func text(_ facts: StartupFacts) -> String {
    "started proof=\(facts.proof.recorded) sentinels=\(facts.rememberedSentinels)"
      + " pause=\(facts.pause.recorded) present=\(facts.present.recorded)"
      + (facts.fence.map { " fence=\($0.recorded)" } ?? "")
      + (facts.priority.map { " priority=\($0.recorded)" } ?? "")
      + (facts.knownSentinels.isEmpty ? "" : " known=\(facts.knownSentinels.recorded)")
  }

  private static func text(_ view: SentinelView) -> String {
    "named=\(view.named.recorded) master=\(view.master.recorded) flags=\(view.flags.recorded)"
      + " failover=\(view.failoverState.recorded) pong=\(view.lastOkPingReply.recorded)"
      + " down-after=\(view.downAfter.recorded) timeout=\(view.failoverTimeout.recorded)"
      + " epoch=\(view.configEpoch) quorum=\(view.quorum.recorded)"
      + " others=\(view.otherSentinels.recorded)"
      + " replicas=\(view.replicas.recorded)"
  }
}

extension Event {
  /// Reads what `RecordingText.text` wrote.
  init(recordedWords words: ArraySlice<Substring>) throws(RecordingError.Problem) {
    let name = words.first ?? ""
    var fields = FieldReader(words.dropFirst())
    if let event = try Event.ofSentinel(name, &fields) {
      self = event
    } else if let event = try Event.ofHost(name, &fields) {
      self = event
    } else if let event = try Event.ofOperator(name, &fields) {
      self = event
    } else if let event = try Event.ofFence(name, &fields) {
      self = event
    } else if let event = try Event.ofMove(name, &fields) {
      self = event
    } else {
      throw .unknownEvent(FieldReader.excerpt(name))
    }
    try fields.end()
  }

  private static func ofSentinel(
    _ name: Substring, _ fields: inout FieldReader
  ) throws(RecordingError.Problem) -> Event? {
    switch name {
    case "connected":
      .sentinelConnected(try fields.take("sentinel"), runID: try fields.take("run-id"))
    case "disconnected":
      .sentinelDisconnected(try fields.take("sentinel"), try fields.take("loss"))
    case "forgotten": .sentinelForgotten(try fields.take("sentinel"))
    case "replied": try replied(&fields)
    case "listed":
      try listed(&fields)
    case "configured": .sentinelsConfigured(try fields.take("sentinels"))
    case "forget-requested": .forgetRequested(try fields.take("run-id"))
    case "lacks-master":
      .sentinelLacksMaster(try fields.take("sentinel"), sentAt: try fields.take("sent"))
    case "hinted": .sentinelHinted(try fields.take("sentinel"), try fields.take("hint"))
    case "hook-called": .hookCalled
    default: nil
    }
  }

  private static func replied(
    _ fields: inout FieldReader
  ) throws(RecordingError.Problem) -> Event {
    let id: SentinelID = try fields.take("sentinel")
    let sentAt: Instant = try fields.take("sent")
    let named: Endpoint = try fields.take("named")
    let master: Endpoint? = try fields.take("master")
    var view = SentinelView(
      named: named, flags: try fields.take("flags"), failoverState: try fields.take("failover"),
      lastOkPingReply: try fields.take("pong"), downAfter: try fields.take("down-after"),
      failoverTimeout: try fields.take("timeout"), configEpoch: try fields.take("epoch"),
      quorum: try fields.take("quorum"), otherSentinels: try fields.take("others"),
      replicas: try fields.take("replicas"))
    view.master = master
    return .sentinelReplied(id, view, sentAt: sentAt)
  }

  private static func listed(
    _ fields: inout FieldReader
  ) throws(RecordingError.Problem) -> Event {
    let id: SentinelID = try fields.take("sentinel")
    let sentAt: Instant = try fields.take("sent")
    return .sentinelListed(id, try fields.take("are"), sentAt: sentAt)
  }

  private static func ofHost(
    _ name: Substring, _ fields: inout FieldReader
  ) throws(RecordingError.Problem) -> Event? {
    switch name {
    case "local-instances": return .localInstancesChanged(try fields.take("are"))
    case "local-role":
      let sentAt: Instant = try fields.take("sent")
      return .localRoleObserved(try fields.take("role"), sentAt: sentAt)
    case "local-redis-lost": return .localRedisLost(try fields.take("loss"))
    case "local-replicas":
      let sentAt: Instant = try fields.take("sent")
      return .localReplicasObserved(
        acknowledging: try fields.take("acknowledging"), sentAt: sentAt)
    case "probe-completed":
      return .probeCompleted(try fields.take("id"), claimedBy: try fields.take("claimed-by"))
    case "notice": return .noticeReceived(try fields.take("is"))
    case "claim-seen":
      return .claimSeen(try fields.take("address"), by: try fields.take("by"))
    case "appeared": return .addressAppeared(try fields.take("vip"))
    case "vanished": return .addressVanished(try fields.take("vip"))
    case "failed": return .addressFailed(try fields.take("vip"), try fields.take("failure"))
    case "link-lost": return .linkLost(try fields.take("vips"))
    case "link-restored": return .linkRestored(try fields.take("vips"))
    case "disturbed": return .clockDisturbed(try fields.take("by"))
    default: return nil
    }
  }

  private static func ofOperator(
    _ name: Substring, _ fields: inout FieldReader
  ) throws(RecordingError.Problem) -> Event? {
    switch name {
    case "started":
      try started(&fields)
    case "woke": .woke
    case "pause": .pauseRequested(until: try fields.take("until"))
    case "resume": .resumeRequested
    case "release": .releaseRequested(until: try fields.take("until"))
    case "stop": .stopRequested(try fields.take("policy"))
    default: nil
    }
  }

  private static func started(
    _ fields: inout FieldReader
  ) throws(RecordingError.Problem) -> Event {
    var facts = StartupFacts(
      proof: try fields.take("proof"), rememberedSentinels: try fields.take("sentinels"),
      pause: try fields.take("pause"), present: try fields.take("present"),
      fence: try fields.takeIfPresent("fence"), priority: try fields.takeIfPresent("priority"))
    facts.knownSentinels = try fields.takeIfPresent("known") ?? []
    return .started(facts)
  }
}
