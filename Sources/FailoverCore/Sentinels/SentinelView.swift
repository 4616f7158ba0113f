public import Addresses

/// What one Sentinel said of the group in answer to one poll.
///
/// A poll is `SENTINEL GET-MASTER-ADDR-BY-NAME`, `SENTINEL MASTER` and `SENTINEL REPLICAS`, sent
/// together on one connection, so that the three answers belong together. What is *named* is the
/// first answer; the flags and times of the second belong to *its* address, which differs while
/// a leader is past `+promoted-slave` (`sentinel.c sentinelGetCurrentMasterAddress`).
///
/// A field that could not be used is nil here: it costs what rests on it, never the answer.
public struct SentinelView: Equatable, Sendable {
  /// The answer of GET-MASTER-ADDR-BY-NAME.
  public var named: Endpoint
  /// The address and port of the MASTER reply, to which the fields below belong.
  public var master: Endpoint?
  /// The `flags` of the MASTER reply.
  public var flags: InstanceFlags
  /// `failover-state`; nil while no failover is in progress.
  public var failoverState: FailoverState?
  /// `last-ok-ping-reply`: how long before the answer the last valid pong arrived.
  ///
  /// Negative where the Sentinel's wall clock was set back since: it sends no further ping, and so
  /// can't find anything down, until the clock has caught up (`sentinel.c
  /// sentinelSendPeriodicCommands`, `mstime`).
  public var lastOkPingReply: Duration?
  /// `down-after-milliseconds`.
  public var downAfter: Duration?
  /// `failover-timeout`.
  public var failoverTimeout: Duration?
  /// `config-epoch`, which can go back after REMOVE and MONITOR; 0 if it could not be used.
  public var configEpoch: UInt64
  /// `quorum`.
  public var quorum: Int?
  /// `num-other-sentinels`: this Sentinel knows so many besides itself.
  public var otherSentinels: Int?
  /// The REPLICAS reply, in the order of the reply.
  public var replicas: [ReplicaView]

  /// Makes a view; the defaults are those of a healthy group of three.
  public init(
    named: Endpoint, master: Endpoint? = nil, flags: InstanceFlags = .master,
    failoverState: FailoverState? = nil, lastOkPingReply: Duration? = .zero,
    downAfter: Duration? = .milliseconds(3_000), failoverTimeout: Duration? = .seconds(180),
    configEpoch: UInt64 = 0, quorum: Int? = 2, otherSentinels: Int? = 2,
    replicas: [ReplicaView] = []
  ) {
    self.named = named
    self.master = master ?? named
    self.flags = flags
    self.failoverState = failoverState
    self.lastOkPingReply = lastOkPingReply
    self.downAfter = downAfter
    self.failoverTimeout = failoverTimeout
    self.configEpoch = configEpoch
    self.quorum = quorum
    self.otherSentinels = otherSentinels
    self.replicas = replicas
  }

  /// The `failover-state` of a MASTER reply (`sentinel.c sentinelFailoverStateStr`).
  public enum FailoverState: String, Equatable, Sendable, CaseIterable {
    /// Flag set, state machine idle.
    case none
    /// Waiting to be elected.
    case waitStart = "wait_start"
    /// Elected; choosing a replica.
    case selectSlave = "select_slave"
    /// A replica is selected; `REPLICAOF NO ONE` goes out at the next tick.
    case sendSlaveofNoOne = "send_slaveof_noone"
    /// The order was sent; waiting until INFO shows the new role.
    case waitPromotion = "wait_promotion"
    /// Promoted; the other replicas are being reconfigured.
    case reconfSlaves = "reconf_slaves"
    /// The address is about to change to the promoted replica.
    case updateConfig = "update_config"

    /// Whether a replica is selected and may become master at any moment.
    public var hasSelection: Bool { self == .sendSlaveofNoOne || self == .waitPromotion }

    /// Whether a failover is under way and the new master is not yet known to be one.
    public var isBeforePromotion: Bool {
      switch self {
      case .waitStart, .selectSlave, .sendSlaveofNoOne, .waitPromotion: true
      case .none, .reconfSlaves, .updateConfig: false
      }
    }
  }
}

// MARK: - What an answer says of an instance

extension SentinelView {
  /// The last pong that it vouches for, if it confirms an instance, by any of its endpoints, as
  /// master.
  ///
  /// A leader past `+promoted-slave` still reports the old master's fields; the entry of the
  /// promoted replica takes their place. Under `down-after` 2000 ms the poll counts instead.
  func confirmedPong(of instance: [Endpoint], sentAt: Instant) -> Instant? {
    guard let downAfter, let (flags, lastPong) = namedFields(of: instance),
      flags.isDisjoint(with: .down), let age = lastPong
    else { return nil }
    return downAfter < Timing.minDownAfterForPongs ? sentAt : sentAt - max(age, .zero)
  }

  /// Whether it denies nothing, though it may confirm nothing either.
  ///
  /// It names the instance, and what it says of it could not be used: what was proven before stands
  /// until its time.
  func leavesOpen(_ instance: [Endpoint]) -> Bool {
    if master == nil { return instance.contains(named) && flags.isDisjoint(with: .down) }
    return namedFields(of: instance)?.flags.isDisjoint(with: .down) ?? false
  }

  /// The flags and the last pong of an instance that it names; nil where it has none.
  private func namedFields(
    of instance: [Endpoint]
  ) -> (flags: InstanceFlags, lastPong: Duration?)? {
    guard instance.contains(named) else { return nil }
    if let master, instance.contains(master) { return (flags, lastOkPingReply) }
    return replicas.first { instance.contains($0.endpoint) }.map { ($0.flags, $0.lastOkPingReply) }
  }

  /// The replicas of which this Sentinel would select one now (`sentinel.c sentinelSelectSlave`): those
  /// of the best priority, and of them those that had most by its last INFO.
  ///
  /// Several where it does not tell them apart here; it then goes by their run ids.
  var selectable: [ReplicaView] {
    let preferred = preferred
    guard preferred.allSatisfy({ $0.offset != nil }) else { return preferred }
    let most = preferred.compactMap(\.offset).max()
    return preferred.filter { $0.offset == most }
  }

  /// The replicas of the best priority among those that it would promote at all.
  var preferred: [ReplicaView] {
    let able = replicas.filter { $0.priority != 0 && $0.flags.isDisjoint(with: .unusable) }
    let best = able.map(\.priority).min()
    return able.filter { $0.priority == best }
  }

  /// The replicas of which it may select one once it is told, in order.
  ///
  /// While a failover is in progress it asks each of them for INFO that it has not asked for a second
  /// (`sentinel.c sentinelSendPeriodicCommands`), so that of each it may go by what it read before or by
  /// what that has now.
  func selectable(having offsets: [Endpoint: UInt64]) -> [Endpoint] {
    let preferred = preferred
    func range(_ replica: ReplicaView) -> ClosedRange<UInt64>? {
      guard let read = replica.offset else { return nil }
      let has = offsets[replica.endpoint] ?? read
      return min(read, has)...max(read, has)
    }
    let least = preferred.compactMap { range($0)?.lowerBound }.max() ?? 0
    return preferred.filter { range($0).map { $0.upperBound >= least } ?? true }
      .map(\.endpoint).sorted()
  }

  /// Whether it leads a failover in which it has seen an instance promoted: the flags and times of its
  /// MASTER reply are still those of the master before, and it gives up for any failover in a newer epoch
  /// (`sentinel.c sentinelProcessHelloMessage`).
  func hasPromoted(_ instance: [Endpoint]) -> Bool {
    guard let master, instance.contains(named), !instance.contains(master) else { return false }
    return failoverState == .reconfSlaves || failoverState == .updateConfig
  }

  /// Whether a failover is under way or ordered: the flags stand from the order to its end.
  public var isFailoverPending: Bool {
    !flags.isDisjoint(with: [.failoverInProgress, .forceFailover])
      || failoverState.map { $0 != FailoverState.none } ?? false
      || replicas.contains { $0.flags.contains(.promoted) }
  }
}

/// One entry of a SENTINEL REPLICAS reply.
public struct ReplicaView: Equatable, Sendable {
  /// Its `ip` and `port`.
  public var endpoint: Endpoint
  /// Its `flags`.
  public var flags: InstanceFlags
  /// `last-ok-ping-reply`: how long before the answer the last valid pong arrived; negative where
  /// the Sentinel's wall clock was set back.
  public var lastOkPingReply: Duration?
  /// `slave-priority`: 0 is never promoted.
  public var priority: Int
  /// Whether `role-reported` is `slave`: by the last INFO that this Sentinel has of it, up to ten
  /// seconds old.
  public var isReportedReplica: Bool
  /// `slave-repl-offset` by that INFO, by which Sentinel sorts replicas of one priority; nil if it does
  /// not tell.
  public var offset: UInt64?

  /// Makes an entry.
  public init(
    endpoint: Endpoint, flags: InstanceFlags = .slave, lastOkPingReply: Duration? = .zero,
    priority: Int = 100, isReportedReplica: Bool = true, offset: UInt64? = nil
  ) {
    self.endpoint = endpoint
    self.offset = offset
    self.flags = flags
    self.lastOkPingReply = lastOkPingReply
    self.priority = priority
    self.isReportedReplica = isReportedReplica
  }
}

/// The `flags` field of an instance (`sentinel.c addReplySentinelRedisInstance`).
public struct InstanceFlags: OptionSet, Hashable, Sendable {
  /// One bit a flag.
  public let rawValue: UInt16

  /// Makes a set from its bits.
  public init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  /// `s_down`: this Sentinel marks the instance down.
  public static let subjectivelyDown = InstanceFlags(rawValue: 1 << 0)
  /// `o_down`: so many Sentinels agree as the quorum asks.
  public static let objectivelyDown = InstanceFlags(rawValue: 1 << 1)
  /// `master`.
  public static let master = InstanceFlags(rawValue: 1 << 2)
  /// `slave`.
  public static let slave = InstanceFlags(rawValue: 1 << 3)
  /// `disconnected`: no link to the instance at this moment.
  public static let disconnected = InstanceFlags(rawValue: 1 << 4)
  /// `failover_in_progress`.
  public static let failoverInProgress = InstanceFlags(rawValue: 1 << 5)
  /// `promoted`: the replica that a failover selected.
  public static let promoted = InstanceFlags(rawValue: 1 << 6)
  /// `force_failover`: an operator asked for the failover; it needs no votes.
  public static let forceFailover = InstanceFlags(rawValue: 1 << 7)
  /// `master_reboot` (7.2): restarted within `down-after`.
  public static let masterReboot = InstanceFlags(rawValue: 1 << 8)

  /// Either kind of down.
  public static let down: InstanceFlags = [.subjectivelyDown, .objectivelyDown]

  /// The words of a reply for each flag that matters here; others are ignored.
  public static let names: [(word: StaticString, flag: InstanceFlags)] = [
    ("s_down", .subjectivelyDown), ("o_down", .objectivelyDown), ("master", .master),
    ("slave", .slave), ("disconnected", .disconnected),
    ("failover_in_progress", .failoverInProgress), ("promoted", .promoted),
    ("force_failover", .forceFailover), ("master_reboot", .masterReboot),
  ]
}
