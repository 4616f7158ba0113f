import FailoverCore

extension Daemon {
  /// What is wrong with the daemon itself and not with a group, as sentences.
  var problems: [String] {
    let history = history.problem.map { "the history is not kept on the disk: \($0)" }
    return [history, metrics?.problem].compactMap { $0 }
  }
}

/// What the daemon counts that belongs to no group.
struct DaemonCounters: Equatable {
  var disturbances = 0
  var unknownHookCalls = 0
  var refusedClients = 0
}

extension Disturbance {
  /// A sentence for people.
  var sentence: String {
    switch self {
    case .clockJump(let by): "The wall clock jumped by \(by.shortText); everything is asked again"
    case .stall(let time):
      "The event loop stood still for \(time.shortText); everything is asked again"
    }
  }
}
