import Addresses
import FailoverCore

extension FenceState: RecordedValue {}

extension FencePolicy: RecordedValue {
  /// `off`, `all/1s` or `2/1s`.
  var recorded: String {
    switch self {
    case .off: "off"
    case .minReplicas(.all, let lag): "all/\(lag)s"
    case .minReplicas(.exactly(let count), let lag):
      FenceSetting(minReplicas: count, maxLagSeconds: lag).recorded
    }
  }

  init?(recorded: Substring) {
    if recorded == "off" {
      self = .off
    } else if recorded.hasPrefix("all/") {
      guard let setting = FenceSetting(recorded: "0" + recorded.dropFirst(3)) else { return nil }
      self = .minReplicas(.all, maxLagSeconds: setting.maxLagSeconds)
    } else {
      guard let setting = FenceSetting(recorded: recorded) else { return nil }
      self = .minReplicas(.exactly(setting.minReplicas), maxLagSeconds: setting.maxLagSeconds)
    }
  }
}

extension FenceSetting: RecordedValue {
  /// `2/1s`: so many replicas, at most so many seconds behind.
  var recorded: String { "\(minReplicas)/\(maxLagSeconds)s" }

  init?(recorded: Substring) {
    guard recorded.last == "s", let slash = recorded.firstIndex(of: "/"),
      let count = Int(recorded: recorded[..<slash]),
      let lag = Int(recorded: recorded[recorded.index(after: slash)...].dropLast())
    else { return nil }
    self.init(minReplicas: count, maxLagSeconds: lag)
  }
}

extension FenceMemory: RecordedValue {
  var recorded: String { "\(operatorSetting.recorded);\(armed.recorded)" }

  init?(recorded: Substring) {
    guard let parts = parts(of: recorded, count: 2),
      let operators = FenceSetting(recorded: parts[0]),
      let armed = FenceSetting?(recorded: parts[1])
    else { return nil }
    self.init(operatorSetting: operators, armed: armed)
  }
}

extension FenceOrder: RecordedValue {
  var recorded: String {
    switch self {
    case .set(let setting): "set;\(setting.recorded)"
    case .persist: "persist"
    case .demote(let master, let setting): "demote;\(master.recorded);\(setting.recorded)"
    }
  }

  init?(recorded: Substring) {
    if recorded == "persist" {
      self = .persist
    } else if let parts = parts(of: recorded, count: 2), parts[0] == "set",
      let setting = FenceSetting(recorded: parts[1])
    {
      self = .set(setting)
    } else if let parts = parts(of: recorded, count: 3), parts[0] == "demote",
      let master = Endpoint(recorded: parts[1]), let setting = FenceSetting(recorded: parts[2])
    {
      self = .demote(to: master, setting)
    } else {
      return nil
    }
  }
}

extension FenceProblem: RecordedValue {
  var recorded: String {
    switch self {
    case .unreachable: "unreachable"
    case .refused(let text): "refused;\(text.recorded)"
    case .notPersisted(let text): "not-persisted;\(text.recorded)"
    case .notDemoted(let text, let isSet):
      "\(isSet ? "set-not-demoted" : "not-demoted");\(text.recorded)"
    }
  }

  init?(recorded: Substring) {
    if recorded == "unreachable" {
      self = .unreachable
      return
    }
    guard let parts = parts(of: recorded, count: 2), let text = String(recorded: parts[1]) else {
      return nil
    }
    switch parts[0] {
    case "refused": self = .refused(text)
    case "not-persisted": self = .notPersisted(text)
    case "not-demoted": self = .notDemoted(text, isSet: false)
    case "set-not-demoted": self = .notDemoted(text, isSet: true)
    default: return nil
    }
  }
}

extension AttachedReplica: RecordedValue {
  var recorded: String {
    "\(endpoint.recorded);\(isOnline ? "online" : "offline");\(lagSeconds);\(offset)"
  }

  init?(recorded: Substring) {
    guard let parts = parts(of: recorded, count: 4), let endpoint = Endpoint(recorded: parts[0]),
      ["online", "offline"].contains(parts[1]), let lag = Int(recorded: parts[2]),
      let offset = UInt64(parts[3])
    else { return nil }
    self.init(endpoint: endpoint, isOnline: parts[1] == "online", lagSeconds: lag, offset: offset)
  }
}

extension NodeObservation: RecordedValue {
  /// Parted by `|`, for its role has parts itself.
  var recorded: String {
    [
      role.recorded, "\(offset)", isLinkUp ? "up" : "down", priority.recorded, fence.recorded,
    ].joined(separator: "|")
  }

  init?(recorded: Substring) {
    let parts = recorded.split(separator: "|", omittingEmptySubsequences: false)
    guard parts.count == 5, let role = LocalRole(recorded: parts[0]),
      let offset = UInt64(parts[1]), ["up", "down"].contains(parts[2]),
      let priority = Int?(recorded: parts[3]), let fence = FenceSetting?(recorded: parts[4])
    else { return nil }
    self.init(
      role: role, offset: offset, isLinkUp: parts[2] == "up", priority: priority, fence: fence)
  }
}

// MARK: - Events

extension RecordingText {
  /// An event about a fence as a name and its fields.
  static func textOfFence(_ event: Event) -> String {
    switch event {
    case .localReplicationObserved(let observation, let sentAt):
      "local-replication sent=\(sentAt.recorded) offset=\(observation.offset)"
        + " replicas=\(observation.replicas.recorded) good=\(observation.goodReplicas.recorded)"
    case .localFenceObserved(let setting, let sentAt):
      "local-fence sent=\(sentAt.recorded) is=\(setting.recorded)"
    case .localFenceUnreadable(let problem): "fence-unreadable problem=\(problem.recorded)"
    case .fenceAnswered(let order, let problem):
      "fence-answered order=\(order.recorded) problem=\(problem.recorded)"
    case .nodeObserved(let endpoint, let observation, let sentAt):
      "node sent=\(sentAt.recorded) endpoint=\(endpoint.recorded) is=\(observation.recorded)"
    default: ""
    }
  }
}

extension Event {
  static func ofFence(
    _ name: Substring, _ fields: inout FieldReader
  ) throws(RecordingError.Problem) -> Event? {
    switch name {
    case "local-replication":
      let sentAt: Instant = try fields.take("sent")
      let offset: UInt64 = try fields.take("offset")
      let replication = LocalReplication(
        replicas: try fields.take("replicas"), offset: offset,
        goodReplicas: try fields.take("good"))
      return .localReplicationObserved(replication, sentAt: sentAt)
    case "local-fence":
      let sentAt: Instant = try fields.take("sent")
      return .localFenceObserved(try fields.take("is"), sentAt: sentAt)
    case "fence-unreadable": return .localFenceUnreadable(try fields.take("problem"))
    case "fence-answered":
      return .fenceAnswered(try fields.take("order"), try fields.take("problem"))
    case "node":
      let sentAt: Instant = try fields.take("sent")
      let endpoint: Endpoint = try fields.take("endpoint")
      return .nodeObserved(endpoint, try fields.take("is"), sentAt: sentAt)
    default: return nil
    }
  }
}
