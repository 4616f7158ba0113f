import Foundation

/// What a comparison compares: ways for clients to get to the new master.
public enum Contestant: String, CaseIterable, Codable, Sendable {
  /// The daemon, with the configuration of four lines.
  case vipd
  /// The daemon with its fence, which planned moves need.
  case fencedVipd = "vipd-fence"
  /// The daemon's hook alone, `daemonless yes`.
  case hook = "vipd-hook"
  /// The classic script, with `ip` and `arping`.
  case script
  /// keepalived with a role check.
  case keepalived
  /// HAProxy with a role check.
  case haproxy
  /// A Sentinel-aware client in place of an address.
  case redisPy = "redis-py"
  /// An address that follows the local role with no care at all: what is possible.
  case floor

  /// Whether it is ours.
  var isOurs: Bool { [.vipd, .fencedVipd, .hook].contains(self) }

  /// Whether there is an address that two hosts could hold at once.
  var movesAddress: Bool { self != .haproxy && self != .redisPy }

  /// Whether it can be measured under a fault.
  func takesPart(in fault: Fault) -> Bool { fault != .move || self == .fencedVipd }

  /// A lab with it: three hosts with Redis, Sentinel and, where it has one, its agent.
  func plan(_ programs: ComparisonPrograms, downAfterMilliseconds: Int) -> LabPlan {
    var plan = LabPlan(id: LabPlan.freshID())
    plan.downAfterMilliseconds = downAfterMilliseconds
    plan.serverDirectory = programs.serverDirectory
    switch self {
    case .vipd: plan.agent = .daemon(path: programs.vipd)
    case .fencedVipd:
      plan.agent = .daemon(path: programs.vipd)
      plan.fence = "min-replicas all max-lag 1"
    case .hook:
      plan.agent = .hook(path: programs.besideVipd("vipd-reconfig"), daemon: programs.vipd)
      plan.extraConfiguration = ["daemonless yes"]
    case .script: plan.agent = .script
    case .keepalived: plan.agent = .keepalived
    case .haproxy: plan.agent = .proxy
    case .redisPy: plan.agent = .sentinelClient(words: programs.redisPy)
    case .floor: plan.agent = .roleFollower(path: programs.client)
    }
    return plan
  }
}

/// The programs that a comparison starts.
public struct ComparisonPrograms: Sendable {
  /// The path of `vipd`; `vipctl` and `vipd-reconfig` lie beside it.
  public var vipd: String
  /// The path of `lab-client`.
  public var client: String
  /// The words that start the redis-py client.
  public var redisPy: [String]
  /// A directory with other servers.
  public var serverDirectory: String?

  /// Programs at the given places.
  public init(vipd: String, client: String, redisPy: [String], serverDirectory: String? = nil) {
    self.vipd = vipd
    self.client = client
    self.redisPy = redisPy
    self.serverDirectory = serverDirectory
  }

  /// The path of a program that was built together with `vipd`.
  func besideVipd(_ name: String) -> String {
    URL(fileURLWithPath: vipd).deletingLastPathComponent().appendingPathComponent(name).path
  }
}
