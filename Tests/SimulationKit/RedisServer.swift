import FailoverCore

/// One Redis: its role, its replication link, and who is connected.
final class RedisServer {
  let node: Int
  let process: Int
  let host: Int

  /// The master that it replicates from; nothing if it is one.
  var replicaOf: Int?
  /// The same as the configuration file has it (`CONFIG REWRITE`).
  var savedReplicaOf: Int?
  var runID: Int

  /// The replication link to the master.
  var link: Connection?
  var isLinkUp = false
  /// Since when it is down, by the boot clock; nothing if it was never up.
  var linkDownSince: Int64?

  var clients: [Connection] = []
  var helloSubscribers: [Connection] = []
  var noticeSubscribers: [Connection] = []
  var followers: [Follower] = []

  /// The replication offset, counted in milliseconds of writing.
  var offset: Int64 = 0
  /// When it last became master, in the world's time.
  var promotedAt: Int64?
  /// The same until its first write through the virtual address.
  var unwrittenSince: Int64?

  /// Since when its unit asks whether it may start (`vipctl guard`).
  var guardedSince: Int64?
  /// Whether it came back without its data, and has not served a replica since: a full
  /// synchronization is delayed (`repl-diskless-sync-delay`).
  var isEmptied = false
  /// When it last came back without its data.
  var emptiedAt: Int64?
  /// Where its offset begins: one that comes back without its data counts anew.
  var offsetBase: Int64 = 0

  /// Whether it has started: between launch and start nobody is served.
  var hasStarted = false
  /// What refuses writes, in memory and in the configuration file.
  var fence = FenceSetting.serverDefault
  var savedFence = FenceSetting.serverDefault
  /// `replica-priority`, in memory and in the file.
  var priority = 100
  var savedPriority = 100
  /// How many replicas counted as good at the last count.
  var goodReplicas = 0

  /// What it had when its term began, or its link, or when its stream last stalled.
  var history = History()
  /// Its term as master.
  var term: Int?
  /// What it receives as a replica.
  var stream: ReplicationStream?
  var streamGeneration = 0
  /// Whose writes it acknowledges, and since when.
  var acceptance = Acceptance()
  var acceptanceBegan: Int64 = 0
  /// When it last accepted or passed on anything.
  var lastActivity: Int64 = 0

  /// A replica attached to this Redis.
  struct Follower {
    var connection: Connection
    var node: Int
    var isOnline: Bool
    /// The second of the wall clock in which it last acknowledged.
    var acknowledged: Int64
    /// How far it had come then.
    var offset: Int64 = 0
  }

  init(node: Int, process: Int, host: Int) {
    self.node = node
    self.process = process
    self.host = host
    runID = node * 1_000
  }

  var isMaster: Bool { replicaOf == nil }
}
