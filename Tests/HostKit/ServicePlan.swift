/// The server of a set, as its Debian packages bring it.
public enum ServerPackage: String, CaseIterable, Sendable {
  /// Redis: 7.0 in Debian 12, 8.0 in Debian 13.
  case redis
  /// Valkey: 8.1 in Debian 13.
  case valkey

  /// The unit of the server.
  public var unit: String { "\(rawValue)-server" }
  /// The unit of Sentinel.
  public var sentinelUnit: String { "\(rawValue)-sentinel" }
  /// The program that sends commands.
  public var client: String { "\(rawValue)-cli" }
  /// The configuration of the server.
  public var configuration: String { "/etc/\(rawValue)/\(rawValue).conf" }
  /// The configuration of Sentinel.
  public var sentinelConfiguration: String { "/etc/\(rawValue)/sentinel.conf" }
  /// What Sentinel logs.
  public var sentinelLog: String { "/var/log/\(rawValue)/\(rawValue)-sentinel.log" }
  /// The file in which the server saves its data.
  public var dataFile: String { "/var/lib/\(rawValue)/dump.rdb" }
  /// Where an operator's file goes before the drop-in of vipd's package for the unit.
  private var dropIn: String { "/etc/systemd/system/\(unit).service.d/vipd.conf" }

  /// What switches that drop-in on or off, for a shell; `systemctl daemon-reload` puts it in force.
  public func dropInLines(isInForce: Bool) -> String {
    isInForce
      ? "rm -f \(dropIn)" : "mkdir -p $(dirname \(dropIn)); ln -sfn /dev/null \(dropIn)"
  }
}

/// What is to run on a set; by default Redis on each host, with files of its own.
public struct ServicePlan: Sendable {
  /// The server.
  public var server = ServerPackage.redis
  /// How many replicas there are; by default one on each host but the first.
  ///
  /// Hosts beyond them have a Sentinel alone, neither a server nor vipd.
  public var replicas: Int?
  /// Sentinel's `down-after-milliseconds`.
  public var downAfterMilliseconds = 3000
  /// Whether a server that starts has only what a master gives it: it never saves.
  public var forgetsAll = false

  /// The usual.
  public init() {}
}

extension HostSet {
  /// The hosts with a server and vipd.
  public func members(_ plan: ServicePlan) -> [DebianHost] {
    Array(hosts.prefix((plan.replicas ?? hosts.count - 1) + 1))
  }
}
