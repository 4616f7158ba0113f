public import Addresses
public import FailoverCore

/// What `/etc/vipd/vipd.conf` says, read and checked.
///
/// A value of this type is consistent in itself: every group has a virtual address, no address
/// belongs to two groups, every number is in its range. What only the host can tell (whether the
/// interface exists, whether the password file can be read) is checked by those who use it.
public struct Configuration: Equatable, Sendable {
  /// Where the daemon and the hook look for the file unless `VIPD_CONFIG` or `--config` say so.
  public static let defaultPath = "/etc/vipd/vipd.conf"

  /// Where metrics are served unless the file says otherwise: this host alone can read them.
  public static let defaultMetrics = Endpoint(
    address: .v4(IPv4Address(127, 0, 0, 1)), port: 9478)

  /// The Sentinels to start with, in the order of the file; at least one.
  public var sentinels: [SentinelAddress]
  /// The credentials for every Sentinel; nothing where Sentinel asks for none.
  public var sentinelCredentials: Credentials?
  /// How connections to every Sentinel are encrypted; nothing where they are not.
  public var sentinelTLS: TLSSettings?
  /// The groups in the order of their first `vip` line; at least one.
  public var groups: [GroupSection]
  /// Whether the hook may act without a daemon, as `vipd --once`.
  public var isDaemonless: Bool
  /// The socket on which operators speak to the daemon.
  public var controlPath: String
  /// The socket on which Sentinel's scripts speak to the daemon.
  public var hookPath: String
  /// Where metrics are served; nothing if nowhere.
  public var metrics: Endpoint?
  /// The directory for what must survive a reboot.
  public var stateDirectory: String
  /// What becomes of held addresses when the daemon stops.
  public var stopPolicy: StopPolicy
  /// What is allowed, but has a price that should be said at every start.
  public var cautions: [ConfigurationProblem]

  /// Makes a configuration; what is left out has the default of the file.
  public init(
    sentinels: [SentinelAddress], sentinelCredentials: Credentials? = nil, groups: [GroupSection],
    isDaemonless: Bool = false, controlPath: String = "/run/vipd/vipd.sock",
    hookPath: String = "/run/vipd/hook.sock",
    metrics: Endpoint? = Configuration.defaultMetrics,
    stateDirectory: String = "/var/lib/vipd", stopPolicy: StopPolicy = .release,
    cautions: [ConfigurationProblem] = []
  ) {
    self.sentinels = sentinels
    self.sentinelCredentials = sentinelCredentials
    self.groups = groups
    self.isDaemonless = isDaemonless
    self.controlPath = controlPath
    self.hookPath = hookPath
    self.metrics = metrics
    self.stateDirectory = stateDirectory
    self.stopPolicy = stopPolicy
    self.cautions = cautions
  }
}

/// Where a Sentinel is reached, as the file says it.
public struct SentinelAddress: Hashable, Sendable {
  /// An address, or a name to be resolved.
  public enum Host: Hashable, Sendable {
    /// An address.
    case address(IPAddress)
    /// A host name (RFC 1123 §2.1).
    case name(String)
  }

  /// The host.
  public var host: Host
  /// The port, 1 to 65535.
  public var port: UInt16
  /// The group that it is asked about; nothing for all that name no Sentinels of their own.
  public var masterName: String?

  /// Makes a Sentinel's address.
  public init(host: Host, port: UInt16, masterName: String? = nil) {
    self.host = host
    self.port = port
    self.masterName = masterName
  }

  /// The endpoint, if the host is an address and needs no resolving.
  public var endpoint: Endpoint? {
    guard case .address(let address) = host else { return nil }
    return Endpoint(address: address, port: port)
  }
}

extension SentinelAddress: CustomStringConvertible {
  /// `10.77.0.1:26379`, `[fd77::1]:26379` or `sentinel-1.example:26379`.
  public var description: String {
    switch host {
    case .address(let address): Endpoint(address: address, port: port).description
    case .name(let name): "\(name):\(port)"
    }
  }
}

/// How to authenticate; the secret itself is never in the configuration.
public struct Credentials: Equatable, Sendable {
  /// The ACL user; nothing for the default user (`AUTH password`).
  public var user: String?
  /// The file that holds the password and nothing else but a final newline.
  public var passwordFile: String

  /// Makes credentials.
  public init(user: String? = nil, passwordFile: String) {
    self.user = user
    self.passwordFile = passwordFile
  }
}

/// What the file says of one group: one master name that Sentinel monitors.
public struct GroupSection: Equatable, Sendable {
  /// The name under which Sentinel monitors the master.
  public var masterName: String
  /// The addresses that follow it, in the order of the file; at least one.
  public var virtualAddresses: [VirtualAddress]
  /// This node's instance as Sentinel names it; nothing to find it by the local addresses.
  public var redis: Endpoint?
  /// Where that instance is reached from this host; nothing if as Sentinel names it.
  public var redisLocal: Endpoint?
  /// The credentials for the local Redis; nothing where it asks for none.
  public var redisCredentials: Credentials?
  /// A lease shorter than the one that Sentinel's settings allow; nothing for `auto`.
  public var leaseLimit: Duration?
  /// What to do when too few Sentinels confirm and none names another master.
  public var blindPolicy: GroupConfiguration.BlindPolicy
  /// Whether and how Redis itself refuses writes on a node that may no longer be the master.
  public var fence: FencePolicy
  /// How a taken address is made known.
  public var announcement: AnnouncementPlan
  /// Whether other nodes hold by leases; not a directive: false for a decision without a daemon.
  public var waitsForLeases = true
  /// The file with the key that authenticates messages between the daemons; nothing for none.
  public var channelKeyFile: String?
  /// Whether a holder whose interface lost its carrier starts a move by itself.
  public var movesOnCarrierLoss: Bool
  /// What to do when the local master is known to be dead; by default `failover` where the fence is on.
  public var deathPolicy = DeathPolicy.wait
  /// Whether the link is asked who has an address before it is taken.
  public var probesForDuplicates = true
  /// Ethernet addresses that answer for every address, so that their claims mean nothing.
  public var ignoredClaimants: Set<MACAddress> = []
  /// How connections to the group's Redis servers are encrypted; nothing where they are not.
  public var tls: TLSSettings?
  /// The program that others run at each event of the group; nothing for none.
  public var notifyProgram: String?

  /// Whether a known death leads to what it leads to without a line about it.
  public var hasUsualDeathPolicy: Bool {
    deathPolicy == Self.usualDeathPolicy(besides: fence)
  }

  /// What a known death leads to by default: who asks Redis itself to refuse writes that would be lost
  /// wants the replica that has them; without a fence a restart from an append-only file may keep more.
  static func usualDeathPolicy(besides fence: FencePolicy) -> DeathPolicy {
    fence == .off ? .wait : .failover
  }

  /// Makes a group; what is left out has the default of the file.
  public init(
    masterName: String, virtualAddresses: [VirtualAddress], redis: Endpoint? = nil,
    redisLocal: Endpoint? = nil, redisCredentials: Credentials? = nil, leaseLimit: Duration? = nil,
    blindPolicy: GroupConfiguration.BlindPolicy = .release, fence: FencePolicy = .off,
    announcement: AnnouncementPlan = AnnouncementPlan(), channelKeyFile: String? = nil,
    movesOnCarrierLoss: Bool = false
  ) {
    self.masterName = masterName
    self.virtualAddresses = virtualAddresses
    self.redis = redis
    self.redisLocal = redisLocal
    self.redisCredentials = redisCredentials
    self.leaseLimit = leaseLimit
    self.blindPolicy = blindPolicy
    self.fence = fence
    self.announcement = announcement
    self.channelKeyFile = channelKeyFile
    self.movesOnCarrierLoss = movesOnCarrierLoss
  }
}

extension Configuration {
  /// The Sentinels of a group: its own if the file names any, otherwise those of all.
  public func sentinels(of masterName: String) -> [SentinelAddress] {
    let own = sentinels.filter { $0.masterName == masterName }
    return own.isEmpty ? sentinels.filter { $0.masterName == nil } : own
  }

  /// What the decision core needs to know of a group.
  public func coreConfiguration(of group: GroupSection) -> GroupConfiguration {
    GroupConfiguration(
      masterName: group.masterName, virtualAddresses: group.virtualAddresses,
      configuredSentinels: sentinels(of: group.masterName).count, leaseLimit: group.leaseLimit,
      blindPolicy: group.blindPolicy, fence: group.fence, deathPolicy: group.deathPolicy,
      announcement: group.announcement,
      waitsForLeases: group.waitsForLeases, probesForDuplicates: group.probesForDuplicates)
  }
}
