import Addresses
import FailoverCore

/// Orders of the machine as lines that a person reads.
enum TraceText {
  /// One line for one effect.
  static func describe(_ effect: Effect) -> String {
    switch effect {
    case .endSessions: "end sessions"
    case .handOverSessions(_, let target): "hand over sessions to \(target)"
    case .announce(_, let plan): "announce in \(plan.rounds) rounds"
    case .stopAnnouncing: "stop announcing"
    case .publish(let notice, let also):
      "publish \(describe(notice))\(also.map { " also to \($0)" } ?? "")"
    case .watchReplicas(let isOn): "\(isOn ? "watch" : "stop watching") the replicas"
    case .fence(let order): "fence: \(describe(order))"
    case .reportFence(let change):
      "fence \(change.to): \(describe(change.reason))"
    case .keepFence(let memory):
      memory.map {
        "keep fence operator=\(describe($0.operatorSetting))"
          + " armed=\($0.armed.map(describe) ?? "never")"
      } ?? "forget the fence"
    case .keepPause(let pause): pause == nil ? "forget the pause" : "keep the pause"
    case .report(let change):
      "\(change.from) -> \(change.to) (\(change.basis)): \(describe(change.reason))"
    case .raise(let alarm): "ALARM \(alarm)".replacing("FailoverCore.", with: "")
    default: describeMove(effect) ?? "\(effect)"
    }
  }

  private static func describe(_ order: FenceOrder) -> String {
    switch order {
    case .set(let setting): "set \(describe(setting))"
    case .persist: "persist"
    case .demote(let master, let setting): "demote to \(master) with \(describe(setting))"
    }
  }

  static func describe(_ setting: FenceSetting) -> String {
    setting.isClosed ? "closed" : "\(setting.minReplicas) within \(setting.maxLagSeconds) s"
  }

  private static func describe(_ reason: FenceReason) -> String {
    if case .letGo(let reason) = reason { return "letGo \(describe(reason))" }
    return plain("\(reason)")
  }

  private static func describe(_ notice: Notice) -> String {
    switch notice {
    case .yielded(let from, let target, let epoch, _):
      "yielded from \(from) to \(target) epoch \(epoch)"
    case .selected(let from, let epoch, _): "selected \(from) epoch \(epoch)"
    case .replicaStops(let replica): "\(replica) stops"
    case .replicaDismissed(let replica, let from): "\(from) waits for \(replica) no more"
    case .replicaAwaited(let replica, let from): "\(from) may have \(replica) promoted"
    case .moveOffered, .moveAnswered, .moveEnded, .moveArrived: describeMove(notice) ?? ""
    }
  }

  /// The case and its numbers, without the names of modules and types.
  static func describe(_ reason: Reason) -> String {
    plain("\(reason)")
  }

  static func plain(_ description: String) -> String {
    var text = description
    for name in ["Addresses.", "FailoverCore.", "Endpoint", "Reason."] {
      text = text.replacing(name, with: "")
    }
    return text
  }
}
