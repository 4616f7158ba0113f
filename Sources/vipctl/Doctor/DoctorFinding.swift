/// How bad a finding is.
enum DoctorSeverity: String, Comparable, CaseIterable {
  /// The address does not serve, or will not after the next failover.
  case error
  /// A failover can go wrong, or what is promised does not hold.
  case warning
  /// Worth knowing; all works.
  case note

  static func < (left: DoctorSeverity, right: DoctorSeverity) -> Bool {
    allCases.firstIndex(of: left) ?? 0 < allCases.firstIndex(of: right) ?? 0
  }
}

/// What can be found; `docs/doctor.md` explains each.
enum DoctorKind: String, CaseIterable {
  // The host.
  case addressInFile = "address-in-file"
  case arpFilter = "arp-filter"
  case conntrackFull = "conntrack-full"
  case overcommitMemory = "overcommit-memory"
  case daemonMissing = "daemon-missing"
  case daemonSilent = "daemon-silent"
  case versionsDiffer = "versions-differ"
  case clocksApart = "clocks-apart"
  case clockUnsynchronized = "clock-unsynchronized"
  case memoryUnlocked = "memory-unlocked"
  case journalUnreachable = "journal-unreachable"
  case configurationWritable = "configuration-writable"
  case secretReadable = "secret-readable"
  case hookNotExecutable = "hook-not-executable"
  case restartWipes = "restart-wipes"
  // Sentinel.
  case noSentinelAnswers = "no-sentinel-answers"
  case sentinelUnreachable = "sentinel-unreachable"
  case sentinelPassword = "sentinel-password"
  case sentinelRightMissing = "sentinel-right-missing"
  case masterUnmonitored = "master-unmonitored"
  case sentinelsFew = "sentinels-few"
  case sentinelsEven = "sentinels-even"
  case sentinelsShareHost = "sentinels-share-host"
  case quorumOne = "quorum-one"
  case quorumMinority = "quorum-minority"
  case quorumTooHigh = "quorum-too-high"
  case quorumUnlike = "quorum-unlike"
  case downAfterShort = "down-after-short"
  case downAfterUnlike = "down-after-unlike"
  case failoverTimeoutShort = "failover-timeout-short"
  case failoverTimeoutUnlike = "failover-timeout-unlike"
  case sentinelInTilt = "sentinel-in-tilt"
  case sentinelPhantom = "sentinel-phantom"
  case sentinelsDisagree = "sentinels-disagree"
  case sentinelUnlisted = "sentinel-unlisted"
  case namesMixed = "names-mixed"
  case loopbackNamed = "loopback-named"
  case quorumCheckFails = "quorum-check-fails"
  case hookUnlike = "hook-unlike"
  // Redis.
  case redisUnreachable = "redis-unreachable"
  case redisPassword = "redis-password"
  case redisRightMissing = "redis-right-missing"
  case redisRightWide = "redis-right-wide"
  case redisBind = "redis-bind"
  case redisProtected = "redis-protected"
  case replicaPriorityZero = "replica-priority-zero"
  case replicaPhantom = "replica-phantom"
  case replicaLinkDown = "replica-link-down"
  case replicaLag = "replica-lag"
  case replicaOfAnother = "replica-of-another"
  case replicaOlder = "replica-older"
  case replicaWritable = "replica-writable"
  case noReplica = "no-replica"
  case masterauthMissing = "masterauth-missing"
  case minReplicasShort = "min-replicas-short"
  case fenceUnwritable = "fence-unwritable"

  /// How bad it is.
  var severity: DoctorSeverity {
    switch self {
    case .addressInFile, .daemonMissing, .configurationWritable, .secretReadable,
      .noSentinelAnswers, .sentinelPassword, .masterUnmonitored, .quorumTooHigh,
      .sentinelsDisagree, .loopbackNamed, .quorumCheckFails, .redisUnreachable, .redisPassword,
      .redisBind, .redisProtected, .replicaPriorityZero, .replicaOfAnother, .masterauthMissing,
      .minReplicasShort, .restartWipes:
      .error
    case .overcommitMemory, .clockUnsynchronized, .sentinelsEven, .redisRightWide, .replicaOlder,
      .fenceUnwritable, .failoverTimeoutShort:
      .note
    case .arpFilter, .conntrackFull, .daemonSilent, .versionsDiffer, .clocksApart, .memoryUnlocked,
      .journalUnreachable, .hookNotExecutable, .sentinelUnreachable, .sentinelRightMissing,
      .sentinelsFew, .sentinelsShareHost, .quorumOne, .quorumMinority, .quorumUnlike,
      .downAfterShort, .downAfterUnlike, .failoverTimeoutUnlike, .sentinelInTilt,
      .sentinelPhantom, .sentinelUnlisted, .namesMixed, .hookUnlike, .redisRightMissing,
      .replicaPhantom, .replicaLinkDown, .replicaLag, .replicaWritable, .noReplica:
      .warning
    }
  }
}

/// Something that was found.
struct DoctorFinding: Equatable {
  /// The label, as in ``DoctorKind`` or as a problem of `status` has it.
  var id: String
  /// How bad it is.
  var severity: DoctorSeverity
  /// The host that it is about; nil where it is about all.
  var host: String?
  /// What was seen.
  var text: String
  /// What to do; empty where the text says it.
  var remedy: String

  /// One about all hosts.
  init(_ kind: DoctorKind, _ text: String, _ remedy: String) {
    self.init(id: kind.rawValue, severity: kind.severity, host: nil, text: text, remedy: remedy)
  }

  init(_ kind: DoctorKind, _ host: String, _ text: String, _ remedy: String) {
    self.init(
      id: kind.rawValue, severity: kind.severity, host: host, text: text, remedy: remedy)
  }

  init(id: String, severity: DoctorSeverity, host: String?, text: String, remedy: String) {
    self.id = id
    self.severity = severity
    self.host = host
    self.text = text
    self.remedy = remedy
  }
}
