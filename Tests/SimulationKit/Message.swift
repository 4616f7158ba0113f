import Addresses
import FailoverCore

/// What travels on a connection; the first three are of TCP itself.
enum Message {
  case established
  case refused
  case closed

  // To and from every server.
  case ping
  case pong

  // Sentinel and Redis.
  case info
  indirect case infoReply(RedisInfo)
  case subscribeHello
  case hello(Hello)
  case helloReply
  case replicaOf(Int?)

  // Sentinel and Sentinel.
  case isMasterDown(master: Int, epoch: Int, candidate: Int?)
  case masterDownReply(isDown: Bool, leader: Int?, leaderEpoch: Int)

  // Agent and Sentinel.
  case identify
  case identity(runID: String)
  case poll(sentAt: Instant)
  indirect case pollReply(SentinelView, peers: [ListedSentinel], sentAt: Instant)
  case hint(SentinelHint)
  case inspectSentinel(sentAt: Instant)
  indirect case sentinelInspection(SentinelInspection, sentAt: Instant)
  case failOver
  indirect case failOverReply(FailoverAnswer)

  // Agent and Redis.
  case role(sentAt: Instant)
  case roleReply(LocalRole, sentAt: Instant)
  case replicas(sentAt: Instant)
  case replicasReply([Endpoint], sentAt: Instant)
  case fenceReading(sentAt: Instant)
  case fenceReply(FenceSetting?, sentAt: Instant)
  case replication(sentAt: Instant)
  indirect case replicationReply(LocalReplication, sentAt: Instant)
  case order(FenceOrder)
  indirect case orderReply(FenceOrder, FenceProblem?)
  case readIdentity(sentAt: Instant)
  indirect case identityReply(LocalIdentity, sentAt: Instant)
  case readPriority(sentAt: Instant)
  case priorityReply(Int?, sentAt: Instant)
  case setPriority(Int, isLasting: Bool)
  indirect case priorityOrderReply(Int, FenceProblem?)
  case relieve(FenceSetting)
  case inspect(sentAt: Instant)
  indirect case inspectReply(NodeObservation, sentAt: Instant)
  case subscribeNotices
  case publish(Notice)
  case notice(Notice)

  // Replication.
  case synchronize
  case synchronized
  case acknowledge
}

/// A hello of Sentinel: `ip,port,runid,current_epoch,name,master_ip,master_port,config_epoch`.
struct Hello {
  /// The run id of the sender, by number.
  var sender: Int
  /// From where it speaks.
  var place: Int
  var currentEpoch: Int
  var master: Int
  var configEpoch: Int
}

/// What INFO says that Sentinel reads (`sentinel.c sentinelRefreshInstanceInfo`).
struct RedisInfo {
  var runID: Int
  /// The master that it replicates from; nothing if it is one.
  var replicaOf: Int?
  /// `master_link_status`.
  var isLinkUp: Bool
  /// `master_link_down_since_seconds`, in milliseconds; 0 while up, −1000 if never up.
  var linkDownTime: Int64
  var replicas: [Int]
  var offset: Int64
  /// `slave_priority`.
  var priority: Int
}

/// A TCP connection between two processes: two channels that keep order.
final class Connection {
  enum Purpose {
    case sentinelCommands, sentinelSubscription, agentSentinel, agentLocal, agentSubscription,
      agentPublishing, agentInspection, replication
  }

  let purpose: Purpose
  let initiator: Int
  let acceptor: Int
  /// Of the agent: which Sentinel or node; of replication: the replica's node.
  let tag: Int
  /// Of a Sentinel: the instance at the other end.
  let instance: SentinelInstance?
  var isInitiatorOpen = true
  var isAcceptorOpen = false
  var isEstablished = false
  var synTimeout: Int64 = second
  var forward = Channel(isStalled: true)
  var backward = Channel(isStalled: false)

  init(
    purpose: Purpose, initiator: Int, acceptor: Int, tag: Int, instance: SentinelInstance?
  ) {
    self.purpose = purpose
    self.initiator = initiator
    self.acceptor = acceptor
    self.tag = tag
    self.instance = instance
  }

  /// One direction.
  struct Channel {
    /// What was not transmitted, or was lost.
    var pending: [Message] = []
    /// Whether what is sent must wait for a retransmission to succeed.
    var isStalled: Bool
    /// Whether something was delivered whose acknowledgement can't come back.
    var isUnacknowledged = false
    /// The retransmission time-out.
    var timeout: Int64 = Channel.firstTimeout
    var lastArrival: Int64 = 0
    var generation = 0

    /// Linux's least retransmission time-out (`TCP_RTO_MIN`).
    static let firstTimeout = 200 * millisecond
  }
}
