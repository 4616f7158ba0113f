/// A host of the lab: a network namespace and the processes in it.
public struct LabHost: Codable, Equatable, Sendable {
  /// The host's number, from 1.
  public let number: Int
  /// The network namespace.
  public let namespace: String
  /// The directory for its configurations, logs and sockets.
  public let directory: String
  /// What runs or ran here, by part.
  public var processes: [Part: LabProcess] = [:]
  /// Whether the host is switched off.
  public var isOff = false

  /// The short name, such as `h1`, which its port at the bridge has too.
  public var name: String { "h\(number)" }
  /// The IPv4 address.
  public var version4Address: String { "10.77.0.\(number)" }
  /// The IPv6 address.
  public var version6Address: String { "fd77::\(number)" }

  /// The address by which the servers of this lab know this host.
  public func address(_ family: AddressFamily) -> String {
    family == .version4 ? version4Address : version6Address
  }

  /// The socket on which a part answers RESP outside of the network.
  public func socketPath(_ part: Part) -> String { "\(directory)/\(part.name).sock" }
  /// The directory for the recordings of the agent's events, a file a group.
  public var recordings: String { "\(directory)/recordings" }
  /// The files of /etc that a host may have of its own, so that names mean something else on it.
  static let nameFiles = ["hosts", "resolv.conf", "nsswitch.conf", "group"]
  /// Where such a file lies.
  func nameFile(_ name: String) -> String { "\(directory)/etc-\(name)" }
  /// The file that says by how many seconds a part's wall clock is off.
  func clockFile(_ part: Part) -> String { "\(directory)/clock-\(part.name)" }
  /// The log of a part.
  public func logPath(_ part: Part) -> String { "\(directory)/\(part.name).log" }
  /// The configuration of a part.
  public func configurationPath(_ part: Part) -> String { "\(directory)/\(part.name).conf" }
}

/// A program on a host.
public enum Part: Hashable, Codable, Sendable {
  /// The Redis of a group, by master name.
  case redis(String)
  /// The Sentinel.
  case sentinel
  /// The agent, `vipd`.
  case agent

  /// The name in files and at the command line.
  public var name: String {
    switch self {
    case .redis(let group): "redis-\(group)"
    case .sentinel: "sentinel"
    case .agent: "vipd"
    }
  }
}

/// A rule that drops what one host sends to another.
struct Drop: Codable, Hashable {
  let from: String
  let to: String
}

/// A TCP stream of which no more than so many kilobytes pass in a second.
struct SlowStream: Codable, Hashable {
  let from: String
  let to: String
  /// The port of the side that sends.
  let port: UInt16
  let kilobytes: Int
}

/// Everything that a lab must remember between two runs of the command.
struct LabState: Codable {
  var plan: LabPlan
  var hosts: [LabHost]
  var drops: [Drop] = []
  /// Nothing in the file of a lab from before there were such.
  var slowStreams: [SlowStream]?
  var isNameServerSilent: Bool?
  var cutPorts: [String] = []
  var frozen: [LabProcess] = []
  var strangers: [String] = []
  var observers: [LabProcess] = []
}
