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

  /// A replica attached to this Redis.
  struct Follower {
    var connection: Connection
    var node: Int
    var isOnline: Bool
    /// The second of the wall clock in which it last acknowledged.
    var acknowledged: Int64
  }

  init(node: Int, process: Int, host: Int) {
    self.node = node
    self.process = process
    self.host = host
    runID = node * 1_000
  }

  var isMaster: Bool { replicaOf == nil }
}
