import Addresses

/// A move that this node, the master, drives.
struct MoveDriver: Equatable, Sendable {
  /// What was asked for.
  let request: MoveRequest
  /// When.
  let startedAt: Instant
  /// Where it stands.
  var phase = MovePhase.preflight
  /// Since when.
  var phaseSince: Instant
  /// How it is going to be done; nothing before the preflight is over.
  var plan: MovePlan?
  /// What each Sentinel said of itself.
  var inspections: [Inspection] = []
  /// What the replicas said of themselves.
  var nodes: [Node] = []
  /// When the offer was last published.
  var offeredAt: Instant?
  /// The target's last answer.
  var answer: Answer?
  /// When the fence was ordered to close.
  var closeOrderedAt: Instant?
  /// When it was known to be closed.
  var closedAt: Instant?
  /// The offset of this master once nothing could be written any more.
  var offset: UInt64?
  /// When a Sentinel was told to fail over.
  var commandedAt: Instant?
  /// What it answered.
  var command: FailoverAnswer?
  /// When the target was last asked for its own word after that.
  var inspectedAt: Instant?
  /// When the answer was known to be lost.
  var lostAt: Instant?
  /// Since when the Sentinel whose answer was lost is heard again without a break.
  var heardAgainAt: Instant?
  /// Why the move is to be undone, and since when; nothing while it goes on.
  var failure: MoveFailure?
  /// When that was decided.
  var failedAt: Instant?
  /// Since when the fence is left to its own rules again.
  var reopeningSince: Instant?
  /// When the target said that it has the address.
  var arrivedAt: Instant?
  /// Whether the fence was closed in every observation since it closed.
  var isUnbroken = true
  /// Whether this node was made a replica by an order of its own.
  var isDemoted = false

  init(_ request: MoveRequest, at now: Instant) {
    self.request = request
    startedAt = now
    phaseSince = now
  }

  /// What a Sentinel said of itself.
  struct Inspection: Equatable, Sendable {
    var sentinel: SentinelID
    var said: SentinelInspection?
    var askedAt: Instant
  }

  /// What a replica said of itself.
  struct Node: Equatable, Sendable {
    var endpoint: Endpoint
    var said: NodeObservation?
    var askedAt: Instant
  }

  /// What the target answered.
  struct Answer: Equatable, Sendable {
    var refusal: MoveRefusal?
    /// When the offer was published that it answers.
    var offeredAt: Instant
  }

  /// Whether the fence is to be closed, whatever else the rules say.
  var wantsClosed: Bool { isFenced && reopeningSince == nil }

  /// Whether the fence is the move's: it closed it, or is opening it again.
  var isFenced: Bool { plan?.closesFence == true && phase >= .closing }

  /// Whether a replica got everything, by its own word since the fence closed.
  func hasEverything(_ endpoint: Endpoint) -> Bool {
    guard let offset, let closedAt,
      let node = nodes.first(where: { $0.endpoint == endpoint }), node.askedAt >= closedAt,
      let said = node.said, said.role != .master, said.isLinkUp
    else { return false }
    return said.offset >= offset
  }

  /// Records what a Sentinel said of itself.
  mutating func record(_ inspection: Inspection) {
    if let known = inspections.firstIndex(where: { $0.sentinel == inspection.sentinel }) {
      guard inspections[known].askedAt <= inspection.askedAt else { return }
      inspections[known] = inspection
    } else if inspections.count < Timing.mostSentinels {
      inspections.append(inspection)
    }
  }

  /// Records what a replica said of itself.
  mutating func record(_ node: Node) {
    if let known = nodes.firstIndex(where: { $0.endpoint == node.endpoint }) {
      guard nodes[known].askedAt <= node.askedAt else { return }
      nodes[known] = node
    } else if nodes.count < LocalReplication.mostReplicas {
      nodes.append(node)
    }
  }

  /// What a replica said of itself, asked since an instant.
  func said(by endpoint: Endpoint, since start: Instant) -> NodeObservation? {
    nodes.first { $0.endpoint == endpoint && $0.askedAt >= start }?.said
  }
}

/// A move of which this node is the target.
struct MoveWatch: Equatable, Sendable {
  /// The driver's last offer.
  var offer: MoveOffer
  /// When it was heard.
  var heardAt: Instant
  /// Whether an answer is owed.
  var isAnswerDue = true
  /// Whether the driver said that the move is over, or nothing is left to do for it.
  var isOver = false
  /// Whether it was said that the address is here.
  var hasArrived = false
  /// When the silent driver was last asked.
  var inspectedAt: Instant?
  /// What it said.
  var driver: MoveDriver.Node?
  /// When its fence was last set.
  var relievedAt: Instant?

  /// Whether the driver is alive, as far as is known.
  func isAlive(at now: Instant) -> Bool { !isOver && now - heardAt < Timing.moveSilence }
}

/// What is known of the local `replica-priority`.
struct PriorityRecord: Equatable, Sendable {
  /// What is to be restored; nothing if nothing was changed.
  var memory: PriorityMemory?
  /// What is in force; nothing while it is not known.
  var inForce: Int?
  /// An order that was not answered yet.
  var pending: Int?
  /// When the last one was answered: what was asked before may show an older value.
  var setAt: Instant?
  /// No question or order before this.
  var retryAt: Instant?
  /// Whether Redis refuses to tell or to change it.
  var isRefused = false

  /// Forgets what a lost connection leaves unknown.
  mutating func disconnect() {
    inForce = nil
    pending = nil
    setAt = nil
    retryAt = nil
    isRefused = false
  }
}
