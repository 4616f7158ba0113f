import Addresses
import ControlProtocol

/// All that is known of a group and its hosts before anything is judged.
struct DoctorFacts: Equatable {
  /// The name in `sentinel monitor`.
  var master: String
  /// The virtual addresses.
  var addresses: [IPAddress] = []
  /// Whether the configuration wants a fence.
  var wantsFence = false
  /// The users of vipd; nil for the default user.
  var redisUser: String?
  var sentinelUser: String?
  /// Whether the servers were asked: not where they speak TLS alone, or the file can't be read.
  var areServersAsked = true
  /// The hosts whose daemons speak on the channel, this one first.
  var hosts: [DoctorHost] = []
  /// Every Sentinel that the configuration or another names, as it answered.
  var sentinels: [DoctorSentinel] = []
  /// Every Redis that Sentinel names, the master first, as it answered.
  var servers: [DoctorServer] = []
  /// What could not be looked at.
  var unseen: [HostFactsDocument.Unseen] = []

  /// The Sentinels that answered and monitor the master.
  var monitoring: [DoctorSentinel] {
    sentinels.filter { $0.base.problem == nil && $0.base.master != nil }
  }

  /// The Redis that is named.
  var masterServer: DoctorServer? {
    servers.first { $0.base.node == monitoring.first?.base.master?.node }
  }

  /// The others.
  var replicas: [DoctorServer] { servers.filter { $0.base.node != masterServer?.base.node } }
}

/// A host, by its daemon's word.
struct DoctorHost: Equatable {
  /// The Redis beside it, or a name for people where Sentinel names none.
  var name: String
  /// The version that its daemon says each second.
  var version: String
  /// How it is; nil if its daemon did not answer.
  var facts: HostFactsDocument?

  /// A setting of the kernel, where it was told.
  func setting(_ name: String) -> Int64? {
    facts?.settings.first { $0.name == name }?.value
  }
}

/// A Sentinel, as it answered.
struct DoctorSentinel: Equatable {
  /// What setup asks as well.
  var base: SentinelFacts
  /// `failover-timeout` in milliseconds.
  var failoverTimeout: Int?
  /// `client-reconfig-script`; empty if there is none.
  var hook: String?
  /// What `SENTINEL CKQUORUM` says where it is not content.
  var quorumProblem: String?
  /// Whether it is in TILT mode.
  var isTilted = false
  /// The other Sentinels that it marks as down, by where they are.
  var downSentinels: [ServerNode] = []
  /// The replicas that it marks as down or disconnected.
  var downReplicas: [ServerNode] = []
  /// A command that it refuses to the user of vipd.
  var refusedCommand: String?
}

/// A Redis, as it answered.
struct DoctorServer: Equatable {
  /// What setup asks as well.
  var base: RedisFacts
  /// The same by address, where Sentinel has a host name.
  var aliases: Set<String> = []
  /// Whether it was asked at an address of loopback.
  var isAskedOverLoopback = false
  /// Of a replica: its master.
  var master: ServerNode?
  /// Of a replica: whether the link to its master is up.
  var isLinkUp: Bool?
  /// Of a master: its replicas that are online, with the seconds since each acknowledged.
  var lags: [ServerNode: Int] = [:]
  /// Settings by name (CONFIG GET); of passwords only whether they are set, as `yes` or empty.
  var settings: [String: String] = [:]
  /// Commands that the user of vipd may not use.
  var refusedCommands: [String] = []
  /// Whether the user of vipd may use everything, although it is not the default user.
  var isUserWide = false

  /// All names by which a daemon may call it.
  var names: Set<String> { aliases.union(["\(base.node)"]) }

  /// Whether nothing is kept across a restart.
  var keepsNothing: Bool { settings["save"] == "" && settings["appendonly"] == "no" }
}
