import FailoverCore

/// What a Sentinel knows of one master, replica or other Sentinel, and its link to it.
///
/// `sentinel.c sentinelRedisInstance` and `instanceLink`; times are wall-clock milliseconds.
final class SentinelInstance {
  enum Kind { case master, replica, sentinel }

  struct Flags: OptionSet {
    let rawValue: UInt16
    static let subjectivelyDown = Flags(rawValue: 1 << 0)
    static let objectivelyDown = Flags(rawValue: 1 << 1)
    static let failoverInProgress = Flags(rawValue: 1 << 2)
    static let promoted = Flags(rawValue: 1 << 3)
    static let forceFailover = Flags(rawValue: 1 << 4)
    static let masterDown = Flags(rawValue: 1 << 5)
    static let reconfigurationSent = Flags(rawValue: 1 << 6)
    static let reconfigurationInProgress = Flags(rawValue: 1 << 7)
    static let reconfigurationDone = Flags(rawValue: 1 << 8)
    static let down: Flags = [.subjectivelyDown, .objectivelyDown]
  }

  let kind: Kind
  /// The node, or the place of the Sentinel: beyond the real ones nobody answers.
  var index: Int
  var flags: Flags = []

  // The link.
  var commands: Connection?
  var subscription: Connection?
  var isDisconnected = true
  var pendingCommands = 0
  var actPing: Int64
  var lastPing: Int64 = 0
  var lastAvailable: Int64
  var lastPong: Int64
  var lastReconnection: Int64 = 0
  var commandsConnected: Int64 = 0
  var subscriptionConnected: Int64 = 0
  var subscriptionActivity: Int64 = 0

  // Of every instance.
  var lastPublication: Int64
  var infoRefresh: Int64 = 0
  var runID: Int?
  var subjectivelyDownSince: Int64 = 0
  var objectivelyDownSince: Int64 = 0

  // Of masters and replicas.
  var reportsMaster: Bool
  var roleReported: Int64
  var replicas: [Int] = []
  var masterLinkDownTime: Int64 = 0
  var replicatesFrom: Int?
  var configurationChanged: Int64
  var isLinkUp = false
  var reconfigurationSentAt: Int64 = 0
  var offset: Int64 = 0
  var priority = 100

  // Of Sentinels.
  /// The run id, by number.
  var identity: Int
  /// Whether it has a usable address: its port is set to 0 when another id says hello from there.
  var hasAddress = true
  var lastHello: Int64
  var lastMasterDownReply: Int64 = 0
  var leader: Int?
  var leaderEpoch = 0

  init(kind: Kind, index: Int, identity: Int? = nil, time: Int64) {
    self.kind = kind
    self.index = index
    self.identity = identity ?? index
    lastHello = time
    actPing = time
    lastAvailable = time
    lastPong = time
    lastPublication = time
    reportsMaster = kind == .master
    roleReported = time
    configurationChanged = time
  }

  /// Whether nothing was down for so long (`sentinelRedisInstanceNoDownFor`).
  func hasNotBeenDown(for duration: Int64, at time: Int64) -> Bool {
    let latest = max(subjectivelyDownSince, objectivelyDownSince)
    return latest == 0 || time - latest > duration
  }

  var viewFlags: InstanceFlags {
    var result: InstanceFlags = kind == .master ? .master : .slave
    if flags.contains(.subjectivelyDown) { result.insert(.subjectivelyDown) }
    if flags.contains(.objectivelyDown) { result.insert(.objectivelyDown) }
    if isDisconnected { result.insert(.disconnected) }
    if flags.contains(.failoverInProgress) { result.insert(.failoverInProgress) }
    if flags.contains(.promoted) { result.insert(.promoted) }
    if flags.contains(.forceFailover) { result.insert(.forceFailover) }
    return result
  }
}

/// One Sentinel, monitoring one group.
final class SentinelServer {
  let index: Int
  /// The run id, by number: at first that of its place.
  var identity: Int
  let process: Int
  let host: Int
  let downAfter: Int64
  let quorum: Int
  let failoverTimeout: Int64

  var currentEpoch = 0
  var configEpoch = 0
  /// For whom it voted last, and in which epoch.
  var leader: Int?
  var leaderEpoch = 0

  var isTilted = false
  var tiltStart: Int64 = 0
  var previousTime: Int64 = 0

  var master: SentinelInstance
  var replicas: [SentinelInstance] = []
  var peers: [SentinelInstance] = []

  var failoverState: SentinelView.FailoverState = .none
  var failoverEpoch = 0
  var failoverStart: Int64 = 0
  var failoverChange: Int64 = 0
  var promoted: SentinelInstance?

  /// Whether it was started before.
  var hasRunBefore = false
  /// The connections that asked for its events.
  var listeners: [Connection] = []

  init(
    index: Int, process: Int, host: Int, downAfter: Int64, quorum: Int, failoverTimeout: Int64
  ) {
    self.index = index
    identity = index
    self.process = process
    self.host = host
    self.downAfter = downAfter
    self.quorum = quorum
    self.failoverTimeout = failoverTimeout
    master = SentinelInstance(kind: .master, index: 0, time: 0)
  }

  /// `sentinelGetCurrentMasterAddress`: the promoted replica once it is known to be master.
  var namedMaster: Int {
    if master.flags.contains(.failoverInProgress), let promoted,
      failoverState == .reconfSlaves || failoverState == .updateConfig
    {
      return promoted.index
    }
    return master.index
  }

  /// What outlives the process: `sentinelFlushConfig`.
  var persistent: (master: Int, replicas: [Int], peers: [SavedPeer]) {
    let named = namedMaster
    var nodes = replicas.map(\.index).filter { $0 != named }
    if master.index != named { nodes.append(master.index) }
    return (
      named, nodes,
      peers.map { SavedPeer(index: $0.index, identity: $0.identity, hasAddress: $0.hasAddress) }
    )
  }

  /// A `known-sentinel` line of its file.
  struct SavedPeer {
    var index: Int
    var identity: Int
    var hasAddress: Bool
  }
}

/// What Sentinel publishes that is worth a line in a trace.
enum SentinelEvent: Equatable {
  case subjectivelyDown, notSubjectivelyDown, objectivelyDown, notObjectivelyDown
  case newEpoch, tryFailover, votedFor, electedLeader, selectedReplica, sendReplicaOfNoOne
  case waitPromotion, promotedReplica, switchMaster, failoverEnd, failoverEndForTimeout
  case abortNotElected, abortNoGoodReplica, abortReplicaTimeout
  case roleChange, convertToReplica, fixReplicaConfiguration, reset, monitor, tilt, tiltEnded,
    reboot

  /// The name on the channel.
  var name: String {
    switch self {
    case .subjectivelyDown: "+sdown"
    case .notSubjectivelyDown: "-sdown"
    case .objectivelyDown: "+odown"
    case .notObjectivelyDown: "-odown"
    case .newEpoch: "+new-epoch"
    case .tryFailover: "+try-failover"
    case .votedFor: "+vote-for-leader"
    case .electedLeader: "+elected-leader"
    case .selectedReplica: "+selected-slave"
    case .sendReplicaOfNoOne: "+failover-state-send-slaveof-noone"
    case .waitPromotion: "+failover-state-wait-promotion"
    case .promotedReplica: "+promoted-slave"
    case .switchMaster: "+switch-master"
    case .failoverEnd: "+failover-end"
    case .failoverEndForTimeout: "+failover-end-for-timeout"
    case .abortNotElected: "-failover-abort-not-elected"
    case .abortNoGoodReplica: "-failover-abort-no-good-slave"
    case .abortReplicaTimeout: "-failover-abort-slave-timeout"
    case .roleChange: "-role-change"
    case .convertToReplica: "+convert-to-slave"
    case .fixReplicaConfiguration: "+fix-slave-config"
    case .reset: "+reset-master"
    case .monitor: "+monitor"
    case .tilt: "+tilt"
    case .tiltEnded: "-tilt"
    case .reboot: "+reboot"
    }
  }
}
