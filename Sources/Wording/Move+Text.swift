import Addresses
package import FailoverCore

extension MovePhase {
  /// What happens in it, for people who watch; with the plan, once there is one.
  package func sentence(_ plan: MovePlan?) -> String {
    let target = plan.map { "\($0.target)" } ?? "the target"
    let through = plan.map { "Sentinel \($0.through)" } ?? "one Sentinel"
    switch self {
    case .preflight: return "checks for obstacles; nothing is changed"
    case .preparing:
      let wait = "waits for the vipd at \(target)"
      return plan?.prefers == true
        ? wait + ", and until \(through) sees its priority (up to 15 s; writes go on)" : wait
    case .closing: return "closes the fence: writes are refused from here on"
    case .draining: return "waits until the replicas have every write"
    case .commanding: return "SENTINEL FAILOVER at \(through)"
    case .yielding: return "a replica is selected: lets go of the address"
    case .promoting: return "the address is at the new master: writes go on there"
    case .demoting: return "a majority names the new master: becomes its replica"
    }
  }
}

extension MovePlan {
  /// What will be done, a line each.
  package var sentences: [String] {
    let other = acceptsAnyTarget ? ", or to another replica that Sentinel chooses" : ""
    var lines = ["moves the master from \(from) to \(target)\(other)"]
    if prefers {
      lines.append("first lowers the replica-priority of \(target), in memory and until the end")
    }
    if closesFence {
      lines.append(
        "then closes the fence until \(replicas.map(\.description).joined(separator: " and ")) "
          + (replicas.count == 1 ? "has" : "have") + " every write")
    } else {
      lines.append("closes no fence: what is written meanwhile may be lost")
    }
    lines.append("then tells Sentinel \(through) to fail over")
    return lines
  }
}

extension MoveRefusal {
  /// Why the target does not take part, as a clause.
  var sentence: String {
    switch self {
    case .paused: "the group is paused there: vipctl resume on that host"
    case .redisLost: "its Redis does not answer it"
    case .notReplica: "its Redis is not a replica of the master that a majority names"
    case .configRefused: "its Redis refuses CONFIG GET or SET replica-priority"
    case .otherMove: "it takes part in another move"
    }
  }
}

extension MoveFailure {
  /// Why a move is not done, or not to the end.
  package var sentence: String {
    switch self {
    case .cancelled: "it was cancelled"
    case .deadlinePassed(let phase): "its time ran out while it was \(phase.rawValue)"
    case .found(let finding): finding.sentence
    case .targetSilent(let node):
      "no vipd answers at \(node) (does it run there, with the same key of the channel?)"
    case .targetRefused(let node, let refusal):
      "the vipd at \(node) does not take part: \(refusal.sentence)"
    case .preferenceUnseen(let id): "Sentinel \(id) does not see the target's priority"
    case .targetSeenAsMaster(let target, let id):
      "Sentinel \(id) still takes \(target) for the master; try again in ten seconds"
    case .fenceNotClosed(let problem):
      "the fence could not be closed: "
        + (problem.map(\.sentence) ?? "Redis did not answer in time")
    case .drainTooSlow(let behind):
      "not every write arrived in time at \(behind.map(\.description).joined(separator: ", "))"
    case .sentinelRefused(let id, let text): "Sentinel \(id) refused to fail over: \(text)"
    case .sentinelLost(let id):
      "the answer of Sentinel \(id) was lost, so it may or may not fail over"
    case .nobodySelected(let id):
      "Sentinel \(id) took the order but selected no replica in time: it may be in TILT"
    case .notPromoted: "a replica was selected but not promoted"
    case .groundsLost(let reason): "its basis for holding the address ended: \(reason.sentence)"
    case .notDemoted(let node):
      "\(node) is the master, and this node has not become its replica in time"
    case .paused: "the operator paused the group or let go of the address"
    case .stopping: "vipd ends its work for this group"
    case .masterDied: "the master died"
    }
  }
}

extension MoveReport {
  /// A line for the log, and for those who follow events.
  package var sentence: String {
    switch news {
    case .entered(let phase): "move: \(phase.rawValue) (after \(elapsed.shortText))"
    case .planned(let plan):
      "move: from \(plan.from) to \(plan.target)"
        + (plan.acceptsAnyTarget ? ", or whichever replica Sentinel chooses" : "")
    case .waiting(let findings):
      "move: waits for what may pass: " + findings.waitSentence
    case .undoing(let failure): "move: is to be undone: \(failure.sentence)"
    case .ended(let end): "move: \(end.sentence)"
    }
  }

  /// The key in JSON.
  package var label: String {
    switch news {
    case .entered(let phase): phase.rawValue
    case .planned: "planned"
    case .waiting: "waiting"
    case .undoing: "undoing"
    case .ended(let end): end.label
    }
  }
}

extension [MoveFinding] {
  /// What is waited for, as clauses; that no replica can be promoted follows from the others.
  package var waitSentence: String {
    filter { $0 != .noTarget }.map(\.sentence).joined(separator: "; ")
  }
}

extension MoveEnd {
  /// What became of it.
  package var sentence: String {
    switch self {
    case .checked: "no obstacle was found; nothing was changed"
    case .refused: "refused; nothing was changed"
    case .undone(.masterDied): "given up: the master died before anything was changed"
    case .undone(let failure): "undone: \(failure.sentence). All is as it was before"
    case .done(let outcome):
      outcome.promoted == outcome.target
        ? "moved: \(outcome.promoted) is the master"
        : "moved, but to \(outcome.promoted): Sentinel chose it and not \(outcome.target)"
    case .failed(let failure): "failed: \(failure.sentence)"
    }
  }
}
