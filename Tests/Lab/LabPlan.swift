/// What moves the VIPs in a lab.
public enum AgentPlan: Codable, Equatable, Sendable {
  /// Nothing: the VIP stays where the lab put it at the start.
  case none
  /// The classic shell script that Sentinel runs, for comparison.
  case script
  /// `vipd` on each host with a Redis; the value is the program's path.
  case daemon(path: String)
  /// No daemon: Sentinel's hook acts alone, with `vipd --once`; the values are both programs' paths.
  case hook(path: String, daemon: String)
  /// keepalived on each host with a Redis, which asks its own Redis for the role.
  case keepalived
  /// No VIP: HAProxy on a host of its own, which asks every Redis for its role.
  case proxy
  /// No VIP: clients ask the Sentinels; the words start such a client.
  case sentinelClient(words: [String])
  /// An address that follows the local role with no care at all; the value is `lab-client`'s path.
  case roleFollower(path: String)

  /// One word for tables and file names.
  public var name: String {
    switch self {
    case .none: "none"
    case .script: "script"
    case .daemon: "vipd"
    case .hook: "hook"
    case .keepalived: "keepalived"
    case .proxy: "haproxy"
    case .sentinelClient: "redis-py"
    case .roleFollower: "floor"
    }
  }
}

/// The protocol by which Redis and Sentinel reach one another.
public enum AddressFamily: String, Codable, Sendable {
  case version4, version6
}

/// A group of Redis servers that Sentinel knows by one master name.
public struct GroupPlan: Codable, Equatable, Sendable {
  /// The name in `sentinel monitor`.
  public var name: String
  /// The port on which each member listens.
  public var port: UInt16
  /// The hosts with a Redis of this group, counted from 1; the first is the first master.
  public var members: [Int]
  /// The VIPs, each with the prefix length of its subnet.
  public var virtualAddresses: [String]

  /// The first VIP, without prefix length.
  public var firstAddress: String { addresses.first ?? "" }

  /// The VIPs without prefix lengths.
  public var addresses: [String] {
    virtualAddresses.map { String($0.prefix { $0 != "/" }) }
  }

  /// A group with the given names and places.
  public init(name: String, port: UInt16, members: [Int], virtualAddresses: [String]) {
    self.name = name
    self.port = port
    self.members = members
    self.virtualAddresses = virtualAddresses
  }
}

/// What a lab consists of.
///
/// The default is the seed topology in its larger form: three hosts, each with Redis, Sentinel and
/// an agent, one group, one IPv4 VIP.
public struct LabPlan: Codable, Equatable, Sendable {
  /// The name that sets this lab apart from others on the machine; part of every namespace's name.
  public var id: String
  /// How many hosts there are.
  public var hosts = 3
  /// The hosts with a Sentinel, counted from 1.
  public var sentinelHosts = [1, 2, 3]
  /// The groups of Redis servers.
  public var groups = [
    GroupPlan(
      name: "mymaster", port: 6379, members: [1, 2, 3], virtualAddresses: ["10.77.0.100/24"])
  ]
  /// How many Sentinels must agree that a master is down.
  public var quorum = 2
  /// Sentinel's `down-after-milliseconds`.
  public var downAfterMilliseconds = 3000
  /// Sentinel's `failover-timeout`, in milliseconds; Redis's default is 180,000.
  public var failoverTimeoutMilliseconds = 60_000
  /// Sentinel's `parallel-syncs`.
  public var parallelSyncs = 1
  /// How the servers reach one another.
  public var family = AddressFamily.version4
  /// What moves the VIPs.
  public var agent = AgentPlan.none
  /// A directory with `redis-server` or `valkey-server` to use in place of the one along `PATH`.
  public var serverDirectory: String?
  /// The path of `vipd-reconfig`, for Sentinel to call although a daemon runs; nothing for no hook.
  public var hook: String?
  /// What the Redis servers allow an agent to do with their settings.
  public var redisSetup = RedisSetup.usual
  /// The commands that the agent's user may use in ``RedisSetup/smallestRights``, as
  /// docs/operations.md lists them.
  public var agentRights = """
    +role +info +publish +subscribe +config|get +config|set +config|rewrite +replicaof \
    +client|kill +multi +exec
    """
  /// The rest of the line `fence MASTER …` in each host's `vipd.conf`; nothing for no such line.
  public var fence: String?
  /// Whether the servers speak TLS alone, and let nobody in without a certificate and a password.
  public var isSecured = false
  /// Lines added to each host's `vipd.conf`.
  public var extraConfiguration: [String] = []
  /// Whether everything is left at its default: no `redis` line in `vipd.conf`, and a `sentinel.conf`
  /// that only says what to monitor, so that the Sentinels find each other and the replicas.
  public var usesDefaultConfiguration = false
  /// Whether clients and the VIPs have a network of their own: `eth1` of each host, 10.77.1.0/24.
  public var hasClientNetwork = false
  /// Whether `vipd.conf` names the Sentinels by host names, which files of each host resolve.
  public var usesHostNames = false
  /// Whether the wall clocks of the programs can be set: ``Laboratory/stepClock(of:on:seconds:)``.
  public var hasSteppableClocks = false
  /// Whether each `vipd` records its events; they lie in `LabHost.recordings`.
  public var recordsEvents = false

  /// The default lab under a name.
  public init(id: String) {
    self.id = id
  }

  /// A name that no other running process uses.
  public static func freshID() -> String {
    freshIdentifier()
  }

  /// The seed topology: two hosts with Redis, a third that only votes.
  public mutating func useSeedTopology() {
    for index in groups.indices { groups[index].members = [1, 2] }
  }

  /// Five hosts with a Sentinel each, the first three of them with Redis.
  public mutating func useFiveSentinels(quorum: Int) {
    hosts = 5
    sentinelHosts = [1, 2, 3, 4, 5]
    self.quorum = quorum
  }

  /// Adds a second group, whose first master is the second host.
  public mutating func addSecondGroup() {
    groups.append(
      GroupPlan(
        name: "second", port: 6380, members: [2, 1, 3], virtualAddresses: ["10.77.0.101/24"]))
  }
}

extension LabPlan {
  /// The interface of the VIPs.
  var virtualInterface: String { hasClientNetwork ? "eth1" : "eth0" }

  /// Gives clients and the first group's VIP a network of their own.
  public mutating func useClientNetwork() {
    hasClientNetwork = true
    groups[0].virtualAddresses = ["10.77.1.100/24"]
  }

  /// Lets the servers speak IPv6 and gives each group an IPv6 VIP instead of its IPv4 one.
  public mutating func useVersion6() {
    family = .version6
    for index in groups.indices { groups[index].virtualAddresses = ["fd77::10\(index)/64"] }
  }
}
