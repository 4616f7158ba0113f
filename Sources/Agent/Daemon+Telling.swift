import Configuration
import FailoverCore
import Metrics
import Store
import Wording

extension Daemon {
  /// What is wrong with the daemon itself and not with a group; empty if all is well.
  var problems: [GroupProblem] {
    let history = history.problem.map { problem in
      GroupProblem(
        label: "history-unsaved", sentence: "the history is not kept on the disk: \(problem)")
    }
    let metrics = metrics?.problem.map { GroupProblem(label: "metrics-unserved", sentence: $0) }
    let unread = store.unreadMasterNames.sorted().map { name in
      GroupProblem(
        label: "state-unread",
        sentence: StateStore.unread(name, in: loaded.configuration.stateDirectory))
    }
    return [reloader?.problem, history, metrics, notifications?.problem].compactMap { $0 } + unread
      + certificates.problems + startProblems
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
      "The event loop stalled for \(time.shortText); everything is asked again"
    }
  }
}
