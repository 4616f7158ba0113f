/// What happens to a group's master, or is done to it.
public enum Fault: String, CaseIterable, Codable, Sendable {
  /// The master's Redis is killed; its host refuses connections.
  case kill
  /// The master's host loses its power; nobody hears from it again.
  case powerOff = "poweroff"
  /// The master's host loses its cable.
  case cut
  /// The master's Redis stands still: it keeps its connections and answers nothing.
  case freeze
  /// The master's host is separated silently; its interface stays up.
  case partition
  /// An operator sends `SENTINEL FAILOVER` to one of the Sentinels.
  case failover
  /// An operator types `vipctl move`.
  case move
  /// The master's host loses its power, and later boots with the files that lie there.
  case comeback = "return"

  /// The faults after which a client waits for a takeover and nothing else.
  public static let takeovers: [Fault] = [.kill, .powerOff, .cut]

  /// Whether it is undone later in the run, which may bring an old master back.
  var isHealed: Bool {
    switch self {
    case .cut, .freeze, .partition, .comeback: true
    case .kill, .powerOff, .failover, .move: false
    }
  }

  /// Does it, and returns the moment.
  func apply(to lab: Laboratory, _ group: GroupPlan, on host: Int) throws(LabError) -> Stamp {
    switch self {
    case .kill: try lab.kill(.redis(group.name), on: host)
    case .powerOff, .comeback: try lab.powerOff(host)
    case .cut: try lab.cut(host)
    case .freeze: try lab.freeze(.redis(group.name), on: host)
    case .partition: try lab.isolate(host)
    case .failover:
      try lab.failover(group, by: lab.plan.sentinelHosts.randomElement() ?? host)
    case .move: throw .refused("only vipd makes moves")
    }
  }
}
