import FailoverCore

/// Acknowledged writes that the surviving data lack.
public struct LostWrites: Equatable, Sendable {
  /// When they were acknowledged, measured by what came to survive.
  public enum Kind: String, CaseIterable, Sendable {
    /// Before the flip: they had not reached the replica that was promoted.
    case inFlight = "not replicated at the flip"
    /// By the old master, after the flip of the new one.
    case afterFlip = "old master after the flip"
    /// By a master of whom nothing survived.
    case otherBranch = "a master that came to nothing"
  }

  /// On which grounds they count as lost.
  public var kind: Kind
  /// The node that acknowledged them.
  public var node: Int
  /// When the first was acknowledged, in nanoseconds of the world.
  public var from: Int64
  /// When the last was acknowledged.
  public var to: Int64
  /// Whether a writer through the virtual address was among those who wrote.
  public var isVirtual: Bool
  /// What the fence was.
  var fence: FenceLabel
  /// Under which circumstances another master came to survive.
  public var cause: Overlap.Cause
  /// The last fault that had begun.
  var fault: FaultKind?

  /// The length of the time in which they were acknowledged, in nanoseconds.
  public var duration: Int64 { to - from }

  var description: String {
    "node\(node) lost \(duration / 1_000) us of acknowledged writes at "
      + "\(from / millisecond)..\(to / millisecond) ms (\(kind.rawValue), \(cause.rawValue), fence \(fence.name)"
      + (isVirtual ? ", VIP)" : ")")
  }
}

/// What became of the writes of one world, in nanoseconds of writing.
public struct WriteOutcome: Equatable, Sendable {
  /// Writing to the nodes' own addresses that was acknowledged, by the state of the fence.
  var own = [Int64](repeating: 0, count: FenceLabel.allCases.count)
  /// The same through the virtual address.
  var virtual = [Int64](repeating: 0, count: FenceLabel.allCases.count)
  /// What of it was lost.
  public internal(set) var lost: [LostWrites] = []
  /// From the flip to the first write through the virtual address, for each flip.
  public internal(set) var firstWrites: [Int64] = []
  /// How long nobody could write through the virtual address although the named master was alive
  /// and reachable.
  public internal(set) var unwritable: Int64 = 0
  /// How long it held the address then, and its Redis refused.
  public internal(set) var refused: Int64 = 0
  /// The longest time at a stretch in which a holder that was long confirmed refused writes.
  public internal(set) var maxRefusal: Int64 = 0
  /// When the first fault began, and whether the master was armed then.
  var faultBegan: Int64?
  var wasArmed = false
}

extension World {
  /// Adds up the writes once the world is healthy: what the named master lacks is lost.
  func accountForWrites(final: Int) {
    for server in redis { refreshWrites(server, isOver: true) }
    let surviving = history(of: final, at: now)
    for entry in acknowledged {
      let label = entry.acceptance.fence.rawValue
      statistics.writes.own[label] += entry.to - entry.from
      if entry.acceptance.isVirtual { statistics.writes.virtual[label] += entry.to - entry.from }
      guard let term = entry.acceptance.term else { continue }
      let from = max(entry.from, surviving.end(of: term) ?? .min)
      if from < entry.to { lose(entry, from: from, term, surviving) }
    }
  }

  private func lose(
    _ entry: AcknowledgedWrites, from: Int64, _ term: Int, _ surviving: History
  ) {
    guard let place = surviving.segments.lastIndex(where: { $0.term == term }) else {
      add(.otherBranch, entry, from, entry.to, surviving)
      return
    }
    let flip =
      place + 1 < surviving.segments.count
      ? terms[surviving.segments[place + 1].term].began : Int64.max
    if from < flip { add(.inFlight, entry, from, min(flip, entry.to), surviving) }
    if entry.to > flip { add(.afterFlip, entry, max(from, flip), entry.to, surviving) }
  }

  private func add(
    _ kind: LostWrites.Kind, _ entry: AcknowledgedWrites, _ from: Int64, _ to: Int64,
    _ surviving: History
  ) {
    guard let term = entry.acceptance.term, to > from else { return }
    let survivor = surviving.segments.first {
      terms[$0.term].began >= terms[term].began && $0.term != term
    }
    let causes = [survivor.map { terms[$0.term].cause }, terms[term].cause].compactMap { $0 }
    let lost = LostWrites(
      kind: kind, node: terms[term].node, from: from, to: to,
      isVirtual: entry.acceptance.isVirtual, fence: entry.acceptance.fence,
      cause: causes.max { $0.gravity < $1.gravity } ?? .organic,
      fault: entry.acceptance.fault)
    statistics.writes.lost.append(lost)
    if configuration.fence != nil { note(.lost(lost)) }
  }
}

extension Outcome {
  /// How long after the begin of a cut a master without its replicas goes on at most.
  ///
  /// It counts whole seconds, once a second. A mute one still hears its replicas, as far as they
  /// try again; it goes on until its daemon closes it, before another can be elected.
  private static func window(of fault: Fault, _ fence: FenceSetup, downAfter: Int64) -> Int64 {
    let window = Int64(fence.maxLagSeconds + 2) * second + 50 * millisecond
    return fault.kind.isOneWay ? max(window, downAfter) : window
  }

  /// A loss that a world with a whole fence promises not to have after a single fault.
  func brokenPromise(of writes: WriteOutcome, in world: WorldConfiguration) -> String? {
    let downAfter = world.minDownAfter * millisecond
    guard let fence = world.fence, fence.asksForAll, world.isClean, world.faults.count == 1,
      world.move == nil,
      let began = writes.faultBegan, writes.wasArmed, world.faults[0].kind.keepsPromises,
      Int64(fence.maxLagSeconds + 1) * second <= downAfter
    else { return nil }
    let end = began + Outcome.window(of: world.faults[0], fence, downAfter: downAfter)
    let broken = writes.lost.first { $0.kind != .inFlight || $0.to > end }
    return broken.map { "after a single fault \($0.description)" }
  }
}
