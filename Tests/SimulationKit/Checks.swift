import FailoverCore

/// What is watched while a world runs.
struct Checks {
  /// How often the world is looked at for what lasts.
  static let period = 20 * millisecond
  /// How long a world may take to become healthy after its last fault.
  static let patience = 90 * second
  /// The same after dirt: TILT lasts 30 s, and replicas that follow the wrong master take as long.
  static let patienceAfterDirt = 150 * second
  /// For how long after its last fault a world counts as watched when it is done before: what
  /// is healthy stays so, and the share of time must not depend on how early that is noticed.
  static let countedTail = 20 * second
  /// How long it must be healthy before somebody must hold the address.
  static let healthyEnough = 12 * second
  /// How long it must be healthy before all fences must be as they should be: a failed order is
  /// repeated after 5 s, and a failed writing of the file after 30 s.
  static let settledEnough = 40 * second
  /// How long the one holder must last for the world to be done.
  static let heldEnough = 3 * second
  /// For how long after an operator's failover an overlap counts as forced.
  static let forcedWindow = 12 * second
  /// For how long after a pause an overlap counts as its consequence.
  static let pauseWindow = 10 * second
  /// How long a live agent may hold while a majority names another: provisional 2 s, and polls.
  static let maxUnnamed = 2_600 * millisecond
  /// How long a stopped or dead one may: the lease of 5 s, rounded, and the kernel's lateness.
  static let maxUnnamedWithoutAgent = 6_500 * millisecond
  /// How long the machine and the kernel may disagree.
  static let maxDisagreement = 1_200 * millisecond
  /// For how long after its start an agent may leave an address that it found to its lifetime: 2 s
  /// where it was held provisionally, and the kernel's lateness.
  static let adoptedTime = 3 * second

  var isOver = false
  var holders = 0
  var overlap: Overlap?
  var namedNode: Int?
  var unheldStretch: Int64 = 0
  var healthySince: Int64?
  var heldSince: Int64?
  var unnamedSince: [Int64?]
  var unnamedInTouchSince: [Int64?]
  var wasReported: [Bool]
  var disagreesSince: [Int64?]
  var samples = 0
  /// Since when the named node holds on confirmations and in touch.
  var confirmedSince: Int64?
  var refusalStretch: Int64 = 0
  var misbelievesSince: [Int64?]

  init(nodes: Int) {
    unnamedSince = Array(repeating: nil, count: nodes)
    unnamedInTouchSince = Array(repeating: nil, count: nodes)
    wasReported = Array(repeating: false, count: nodes)
    disagreesSince = Array(repeating: nil, count: nodes)
    misbelievesSince = Array(repeating: nil, count: nodes)
  }
}

extension World {
  /// The node that a majority of all Sentinels names by GET-MASTER-ADDR-BY-NAME.
  var majorityNamed: Int? {
    for node in redis.indices {
      let count = sentinels.count { isRunning($0.process) && $0.namedMaster == node }
      if count >= configuration.majority { return node }
    }
    return nil
  }

  /// The named node, or that of the first Sentinel while there is no majority.
  var currentMaster: Int { majorityNamed ?? sentinels[0].namedMaster }

  /// A Sentinel may name another node now.
  func noteNaming() {
    let named = majorityNamed
    guard named != checks.namedNode else { return }
    checks.namedNode = named
    note(.majorityNames(named))
  }

  /// An address came or went, or a host did.
  func holdersChanged() {
    refreshAllWrites()
    var holders = 0
    var isOverlapping = false
    for address in 0..<configuration.addressCount {
      var count = 0
      for node in redis.indices
      where hosts[node].addresses[address].isPresent && hosts[node].isAwake {
        holders |= 1 << node
        count += 1
      }
      if count > 1 { isOverlapping = true }
    }
    let added = holders & ~checks.holders
    let before = checks.holders
    checks.holders = holders
    if isOverlapping, checks.overlap == nil {
      beginOverlap(before: before, added: added)
    } else if !isOverlapping {
      endOverlap()
    }
  }

  private func beginOverlap(before: Int, added: Int) {
    let new = (added == 0 ? before : added).trailingZeroBitCount
    let old = (checks.holders & ~(1 << new)).trailingZeroBitCount
    let overlap = Overlap(
      began: now, oldNode: old, newNode: new, oldBasis: basis(of: old), newBasis: basis(of: new),
      cause: cause(of: [old, new]))
    checks.overlap = overlap
    note(.overlapBegan(overlap))
  }

  func endOverlap() {
    guard var overlap = checks.overlap else { return }
    overlap.duration = now - overlap.began
    statistics.overlaps.append(overlap)
    checks.overlap = nil
    note(.overlapEnded(milliseconds: overlap.duration / millisecond))
  }

  func cause(of nodes: [Int]) -> Overlap.Cause {
    let wasPaused = nodes.contains { node in
      hosts[node].pauseDepth > 0
        || pauseEndedAt[node].map { now - $0 < Checks.pauseWindow } ?? false
    }
    if wasPaused { return .machinePause }
    func isRecent(_ time: Int64?) -> Bool { time.map { now - $0 < Checks.forcedWindow } ?? false }
    if isRecent(forcedInMinorityAt) { return .forcedInMinority }
    return isRecent(forcedAt) ? .forced : .organic
  }

  func basis(of node: Int) -> String {
    guard node < agents.count else { return "none" }
    let agent = agents[node]
    if !isRunning(agent.process) { return "agent-dead" }
    if isFrozen(agent.process) { return "agent-frozen" }
    return agent.machine.basis.rawValue
  }

  /// An address is on a node now: how long after its flip, if that is why.
  func noteTake(_ agent: AgentShell) {
    guard let promoted = redis[agent.node].promotedAt else { return }
    redis[agent.node].promotedAt = nil
    statistics.takes.append(now - promoted)
  }
}
