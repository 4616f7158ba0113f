import Addresses
import FailoverCore

/// The daemon of one node around the real machine: it does what the real shell does.
final class AgentShell {
  let node: Int
  let process: Int
  var machine: FailoverMachine

  var sentinelLinks: [SentinelLink]
  /// The endpoints of listed Sentinels that nobody answers at.
  var deadEndpoints: [Endpoint] = []
  var local = LocalLink()
  var subscription = LocalLink()
  var publishing: [Connection?]
  /// The master that replicas follow, as the local Redis said last.
  var knownMaster: Int

  /// Whether it has started: between launch and start it is told nothing.
  var hasStarted = false
  var pending: [Event] = []
  var isHandling = false
  var lastTransition: Transition?
  /// How many more effects it carries out before it crashes.
  var effectsBeforeCrash: Int?
  /// The fault that makes it crash.
  var crashFault: Int?

  /// When it was started.
  var startedAt: Int64 = 0
  /// When it last stalled.
  var lastDisturbance: Int64 = 0

  var wakeGeneration = 0
  var wakeAt: Instant?
  var probeGeneration = 0
  var announcementGeneration = 0
  var watchGeneration = 0
  var isWatchingReplicas = false
  var fenceGeneration = 0
  var isWatchingFence = false
  /// Orders about the fence that Redis did not answer yet.
  var unansweredOrders: [FenceOrder] = []
  var unansweredPriorities: [Int] = []
  var inspections: [Inspection]

  /// What is on its host's disks.
  var proof: LeaseProof?
  var rememberedSentinels = 0
  var knownSentinels: [KnownSentinel] = []
  var pause: Pause?
  var fence: FenceMemory?
  var priority: PriorityMemory?

  init(node: Int, process: Int, machine: FailoverMachine, sentinels: Int, nodes: Int) {
    self.node = node
    self.process = process
    self.machine = machine
    sentinelLinks = Array(repeating: SentinelLink(), count: sentinels)
    publishing = Array(repeating: nil, count: nodes)
    inspections = Array(repeating: Inspection(), count: nodes)
    knownMaster = 0
  }

  /// It will not crash any more.
  func spare() {
    effectsBeforeCrash = nil
    crashFault = nil
  }

  /// The connection to one Sentinel.
  struct SentinelLink {
    var connection: Connection?
    var isReady = false
    /// Polls that were sent and not answered.
    var unanswered = 0
    var backoff: Int64 = SentinelLink.minBackoff
    var generation = 0
    /// Whether it was told to fail over and did not answer yet.
    var isCommanded = false
    /// When its list of the others was told last, and whom it named.
    var listedAt: Instant?
    var listed: [String] = []

    static let minBackoff = 100 * millisecond
    static let maxBackoff = second
  }

  /// A question to another node's Redis.
  struct Inspection {
    var connection: Connection?
    /// When each question was sent that was not answered yet.
    var sentAt: [Instant] = []
    var generation = 0
  }

  /// A connection to the local Redis.
  struct LocalLink {
    var connection: Connection?
    var isEstablished = false
    var isWaiting = false
    var generation = 0
  }
}

extension LeaseProof {
  /// What is left of a proof once its host was off: in which epoch, but not when.
  ///
  /// The shell keeps the epoch in the state directory, and the rest in `/run`.
  var afterReboot: LeaseProof {
    LeaseProof(provenAt: Instant(nanoseconds: -1_000_000 * second), configEpoch: configEpoch)
  }
}
