import Addresses

/// How far a move is that this node, the master, drives.
struct MoveProgress: Equatable, Sendable {
  /// What was asked for.
  let request: MoveRequest
  /// When.
  let startedAt: Instant
  /// Where it stands.
  private(set) var phase = MovePhase.preflight
  /// Since when.
  private(set) var phaseSince: Instant
  /// How it is going to be done; nil before the preflight is over.
  private(set) var plan: MovePlan?
  /// What Sentinels and replicas said of themselves.
  private(set) var inquiry: Inquiry
  /// When all are asked anew, since what forbids the move may pass; nil while nothing does.
  private(set) var nextRoundAt: Instant?
  /// Whether people were told that it waits.
  private(set) var hasWaited = false
  /// When the offer was last published.
  private(set) var offeredAt: Instant?
  /// The target's last answer.
  private(set) var answer: Answer?
  /// When the fence was ordered to close.
  private(set) var closeOrderedAt: Instant?
  /// When it was known to be closed.
  private(set) var closedAt: Instant?
  /// The offset of this master once nothing could be written any more.
  private(set) var offset: UInt64?
  /// When a Sentinel was told to fail over.
  private(set) var commandedAt: Instant?
  /// What it answered.
  private(set) var command: FailoverAnswer?
  /// When the target was last asked for its own word after that.
  private(set) var inspectedAt: Instant?
  /// When the answer was known to be lost.
  private(set) var lostAt: Instant?
  /// Since when the Sentinel whose answer was lost is heard again without a break.
  private(set) var heardAgainAt: Instant?
  /// Why the move is to be undone, and since when; nil while it goes on.
  private(set) var failure: MoveFailure?
  /// When that was decided.
  private(set) var failedAt: Instant?
  /// Since when the fence is left to its own rules again.
  private(set) var reopeningSince: Instant?
  /// When the target said that it has the address.
  private(set) var arrivedAt: Instant?
  /// Whether the fence was closed in every observation since it closed.
  private(set) var isUnbroken = true
  /// Whether this node was made a replica by an order of its own.
  private(set) var isDemoted = false

  init(_ request: MoveRequest, at now: Instant) {
    self.request = request
    startedAt = now
    phaseSince = now
    inquiry = Inquiry(at: now)
  }

  /// What the target answered.
  struct Answer: Equatable, Sendable {
    var refusal: MoveRefusal?
    /// When the offer was published that it answers.
    var offeredAt: Instant
  }

  /// Whether the fence is to be closed, whatever else the rules say.
  var wantsClosed: Bool { isFenced && reopeningSince == nil }

  /// Whether a failover that was ordered may still come.
  var awaitsFailover: Bool { commandedAt != nil && reopeningSince == nil }

  /// Whether the fence is the move's: it closed it, or is opening it again.
  var isFenced: Bool { plan?.closesFence == true && phase >= .closing }

  /// Whether a replica got everything, by its own word since the fence closed.
  func hasEverything(_ endpoint: Endpoint) -> Bool {
    guard let offset, let closedAt, let said = said(by: endpoint, since: closedAt),
      said.role != .master, said.isLinkUp
    else { return false }
    return said.offset >= offset
  }

  /// Records what a Sentinel said of itself.
  mutating func record(_ inspection: Inquiry.Inspection) { inquiry.record(inspection) }

  /// Records what a replica said of itself.
  mutating func record(_ node: Inquiry.Node) { inquiry.record(node) }

  /// What a replica said of itself, asked since an instant.
  func said(by endpoint: Endpoint, since start: Instant) -> NodeObservation? {
    inquiry.said(by: endpoint, since: start)
  }
}

// MARK: - What happens

extension MoveProgress {
  /// Enters a phase; a failure that led back here is forgotten.
  mutating func enter(_ next: MovePhase, at now: Instant) {
    phase = next
    phaseSince = now
    failure = nil
    failedAt = nil
  }

  /// Notes when all are asked anew.
  mutating func wait(until next: Instant) { (nextRoundAt, hasWaited) = (next, true) }

  /// Begins the questions of a preflight anew.
  mutating func beginRound(at now: Instant) {
    (phaseSince, nextRoundAt) = (now, nil)
    inquiry = Inquiry(at: now)
  }

  /// Notes how it is going to be done.
  mutating func settle(_ plan: MovePlan) { self.plan = plan }

  /// Notes that it is to be undone.
  mutating func fail(_ failure: MoveFailure, at now: Instant) {
    self.failure = failure
    failedAt = now
  }

  /// Notes that the offer was published.
  mutating func recordOffer(at now: Instant) { offeredAt = now }

  /// Takes the target's answer, unless there is one to a later offer.
  mutating func record(_ answer: Answer) {
    if let known = self.answer, known.offeredAt > answer.offeredAt { return }
    self.answer = answer
  }

  /// Notes that the fence was ordered to close.
  mutating func recordCloseOrder(at now: Instant) { closeOrderedAt = now }

  /// Notes that the fence is closed.
  mutating func recordClosed(at now: Instant) { closedAt = now }

  /// Notes that the fence was open for a moment since it was closed, or may have been.
  mutating func recordBreak() { isUnbroken = false }

  /// Notes the offset at which nothing could be written any more.
  mutating func recordOffset(_ offset: UInt64) { self.offset = offset }

  /// Notes that a Sentinel was told to fail over.
  mutating func recordCommand(at now: Instant) { commandedAt = now }

  /// Takes the Sentinel's answer; the first one counts.
  mutating func record(_ answer: FailoverAnswer, from id: SentinelID, at now: Instant) {
    guard plan?.through == id, commandedAt != nil, command == nil else { return }
    command = answer
    if answer == .lost { lostAt = now }
  }

  /// Notes whether the Sentinel whose answer was lost is heard again.
  mutating func recordContact(_ isHeard: Bool, at now: Instant) {
    heardAgainAt = isHeard ? heardAgainAt ?? now : nil
  }

  /// Notes that the target was asked for its own word.
  mutating func recordInspection(at now: Instant) { inspectedAt = now }

  /// Takes the target's word that it has the address.
  mutating func recordArrival(at now: Instant) { arrivedAt = now }

  /// Notes that this node was made a replica by an order of its own.
  mutating func recordDemotion() { isDemoted = true }

  /// Leaves the fence to its own rules again; nil closes it once more.
  mutating func reopen(since: Instant?) { reopeningSince = since }
}
