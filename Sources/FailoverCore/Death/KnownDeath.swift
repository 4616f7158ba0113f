public import Addresses

/// What a holder does whose Redis is known to be dead (`on-death`).
public enum DeathPolicy: String, Equatable, Sendable, CaseIterable {
  /// It tells one Sentinel to fail over at once.
  case failover
  /// It waits until the Sentinels find out: `down-after-milliseconds`, and an election.
  case wait
}

/// News of a death that is known, for the log and the history.
public enum DeathNews: Equatable, Sendable {
  /// The local master is dead; the Sentinels and the replicas are asked.
  case known
  /// The local master is another process than before; whether it has what its replicas have is asked.
  case restarted
  /// A master that was restarted lacks nothing that these replicas have; none if no replica could be
  /// asked.
  case compared(with: [Endpoint])
  /// The same, and its file ends no earlier in the stream of replication than what these replicas have: not
  /// one write is missing.
  case complete(beside: [Endpoint])
  /// One Sentinel was told to fail over; it will choose one of these replicas, which have everything
  /// that any replica has.
  case ordered(through: SentinelID, to: [Endpoint])
  /// The same, but one of them may lack writes that another replica has.
  case orderedForLess(through: SentinelID, to: [Endpoint])
  /// Nothing is ordered, or the order came to nothing: it is left to the Sentinels; why.
  case left(DeathRefusal)
}

/// Why a known death is left to the Sentinels.
public enum DeathRefusal: Equatable, Sendable {
  /// Something forbids a failover now, as it would forbid a move.
  case found(MoveFinding)
  /// `down-after-milliseconds` is under 2 s: the other Sentinels may begin a failover of their own
  /// before they hear of this one.
  case shortDownAfter(Duration)
  /// This node became the master so little ago: what kills every master must not walk through all
  /// replicas.
  case promotedRecently(Duration)
  /// This daemon ordered a failover so little ago.
  case orderedRecently(Duration)
  /// No `vipd` lives beside this replica, which Sentinel would choose.
  case noDaemon(Endpoint)
  /// Each Sentinel would choose a replica that lacks what this one has.
  case notChosen(Endpoint)
  /// Sentinel would choose this replica, which another one still takes for a master, or does not know:
  /// it would be demoted again.
  case notReplicaForAll(Endpoint)
  /// This replica is still connected to something that is no master any more.
  case stillLinked(Endpoint)
  /// `on-death` says so.
  case policy
  /// Redis answers again.
  case returned
  /// The Sentinel refused to fail over, in its own words.
  case sentinelRefused(SentinelID, String)
  /// The Sentinel's answer was lost.
  case sentinelLost(SentinelID)
}

extension DeathRefusal {
  /// Whether it may pass by itself within seconds: somebody has not answered, or a Sentinel goes by what
  /// it read before.
  var isPassing: Bool {
    switch self {
    case .notChosen, .notReplicaForAll, .stillLinked: true
    case .found(let finding):
      switch finding {
      case .sentinelSilent, .sentinelUninspected, .targetUnanswering, .replicaStopping: true
      default: false
      }
    // Where nobody can follow, Redis itself must not wait.
    case .noDaemon, .shortDownAfter, .promotedRecently, .orderedRecently, .policy, .returned,
      .sentinelRefused, .sentinelLost:
      false
    }
  }
}

/// What `status` shows of a known death.
public enum DeathStatus: Equatable, Sendable {
  /// The Sentinels and the replicas are being asked.
  case asking
  /// The local master was restarted, and is compared with its replicas.
  case comparing
  /// A failover was ordered at this Sentinel.
  case ordered(SentinelID)
  /// It is left to the Sentinels; why.
  case left(DeathRefusal)
}

/// A place in a stream of replication.
public struct ReplicationPoint: Equatable, Sendable {
  /// The replication id of the stream, which a master draws when it becomes one.
  public var stream: String
  /// How many bytes of it came before.
  public var offset: UInt64

  /// Makes a point.
  public init(stream: String, offset: UInt64) {
    self.stream = stream
    self.offset = offset
  }
}

/// Which process the local Redis is, and how much it has (`INFO server`, `persistence`,
/// `replication` and `keyspace`).
public struct LocalIdentity: Equatable, Sendable {
  /// `run_id`: drawn anew by each process.
  public var process: String
  /// `loading`: it still reads its file, and has not all that it will have.
  public var isLoading: Bool
  /// `master_repl_offset`.
  public var offset: UInt64
  /// The keys of all databases.
  public var keys: UInt64
  /// `master_link_status` of a replica: whether it is synchronized; true of a master.
  public var isLinkUp: Bool
  /// Where the stream of before ends here (`master_replid2`, `second_repl_offset`).
  ///
  /// After a start as a master that is where the file ends that it read; nil where the file does not say, as
  /// an append-only file and Redis before 7.0 (`server.c loadDataFromDisk`).
  public var base: ReplicationPoint?

  /// Makes an identity.
  public init(
    process: String, isLoading: Bool = false, offset: UInt64, keys: UInt64, isLinkUp: Bool = true,
    base: ReplicationPoint? = nil
  ) {
    self.process = process
    self.base = base
    self.isLoading = isLoading
    self.isLinkUp = isLinkUp
    self.offset = offset
    self.keys = keys
  }
}

/// How much less a master has than a replica of it.
public struct DataLoss: Equatable, Sendable {
  /// How many keys the master has.
  public var keys: UInt64
  /// The replica that has most, and how many it has.
  public var replica: Endpoint
  /// How many keys it has.
  public var replicaKeys: UInt64
  /// How many bytes of the stream of replication the replica has and the master lacks; nil where only keys
  /// and offsets tell.
  public var missingBytes: UInt64?

  /// Makes a loss.
  public init(
    keys: UInt64, replica: Endpoint, replicaKeys: UInt64, missingBytes: UInt64? = nil
  ) {
    self.missingBytes = missingBytes
    self.keys = keys
    self.replica = replica
    self.replicaKeys = replicaKeys
  }
}
