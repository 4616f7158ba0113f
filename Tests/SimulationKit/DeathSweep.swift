import FailoverCore

/// A master whose process dies, and what its failover needs fails around that, at every moment in turn: the
/// Sentinel that its daemon commands, or the replica that is promoted.
///
/// The failover that was ordered, a natural one of the others that never heard of it, and the end of the
/// commanded one meet in every order; the first hello is lost where the Sentinel fails before it.
public struct DeathSweep: Sendable {
  /// What befalls the commanded Sentinel, or the successor.
  public enum Mishap: String, CaseIterable, Sendable {
    /// It dies, and comes back after the others had their time.
    case dies
    /// It is restarted within a second, and has forgotten that it was told.
    case restarts
    /// It hangs for longer than `down-after`, and then goes on where it was.
    case hangs
    /// It is cut off together with its host, so that nobody hears its hellos.
    case isolated
    /// The replica that is promoted is killed, and restarted without its data as the old master is: all
    /// that is left is what the third node has.
    case successorDies = "successor-dies"
  }

  /// The seed of everything that is not scripted.
  public var seed: UInt64
  /// How many nodes have a Redis.
  public var redisCount: Int
  /// What befalls whom.
  public var mishap: Mishap

  /// When the process dies.
  static let death = 5 * second
  /// The first moment that is tried, from the death on.
  static let first: Int64 = -100
  /// The last one: the old master's Sentinel names the successor by then.
  static let last: Int64 = 1_600

  /// Makes a sweep.
  public init(seed: UInt64, redisCount: Int, mishap: Mishap) {
    self.seed = seed
    self.redisCount = redisCount
    self.mishap = mishap
  }

  /// What came of it.
  public struct Result: Sendable {
    /// How many moments were tried.
    public var points = 0
    /// In how many of them a failover was ordered.
    public var ordered = 0
    /// In how many of them another was promoted within a second of the death.
    public var early = 0
    /// In how many of them data was lost that a node still had, and people were told.
    public var lost = 0
    /// What must not be, by the milliseconds from the death to the mishap.
    public var complaints: [(milliseconds: Int64, text: String)] = []
  }

  /// Tries each moment, so many milliseconds apart.
  public func run(step: Int64) -> Result {
    var result = Result()
    let successor = successor
    for milliseconds in stride(from: DeathSweep.first, through: DeathSweep.last, by: Int(step)) {
      let world = World(configuration(milliseconds, successor))
      let outcome = world.run()
      result.points += 1
      if world.milestones.contains(where: { isOrder($0.milestone) }) { result.ordered += 1 }
      if let flip = promotion(in: world), flip - DeathSweep.death < second { result.early += 1 }
      if isLossTold(outcome, world) { result.lost += 1 }
      if let text = complaint(outcome, world) { result.complaints.append((milliseconds, text)) }
    }
    return result
  }

  /// The trace of one moment.
  public func trace(milliseconds: Int64, isVerbose: Bool) -> String {
    let world = World(configuration(milliseconds, successor))
    world.isVerbose = isVerbose
    let outcome = world.run()
    return world.trace() + (complaint(outcome, world) ?? "all is well") + "\n"
  }

  private func areEpochsEqual(_ milestone: Milestone) -> Bool {
    if case .alarm(_, .equalEpochs) = milestone { true } else { false }
  }

  /// What the first master had acknowledged and the third node had, and is gone.
  private func loss(_ outcome: Outcome) -> LostWrites? {
    guard mishap == .successorDies else { return nil }
    return outcome.writes.lost.first { $0.node == 0 && $0.duration > second }
  }

  private func isLossTold(_ outcome: Outcome, _ world: World) -> Bool {
    loss(outcome) != nil
      && world.milestones.contains {
        if case .alarm(_, .masterEmptied) = $0.milestone { true } else { false }
      }
  }

  private func isOrder(_ milestone: Milestone) -> Bool {
    switch milestone {
    case .death(_, .ordered), .death(_, .orderedForLess): true
    default: false
    }
  }

  /// When another node took the address first.
  private func promotion(in world: World) -> Int64? {
    world.milestones.first { entry in
      if case .transition(let node, let transition) = entry.milestone {
        node != 0 && transition.to == .holding
      } else {
        false
      }
    }?.time
  }

  /// The second Sentinel is told: that of the dead master's own host comes last.
  private static let commanded = 1

  private func configuration(_ milliseconds: Int64, _ successor: Int?) -> WorldConfiguration {
    var world = WorldConfiguration(seed: seed)
    world.redisCount = redisCount
    world.fence = FenceSetup()
    world.deaths = DeathSetup(hasGuard: true, losesData: mishap == .successorDies)
    let (kind, target, duration): (FaultKind, Int?, Int64) =
      switch mishap {
      case .dies: (.sentinelKill, DeathSweep.commanded, 15 * second)
      case .restarts: (.sentinelRestart, DeathSweep.commanded, second)
      case .hangs: (.sentinelFreeze, DeathSweep.commanded, 5 * second)
      case .isolated: (.hostIsolated, DeathSweep.commanded, 5 * second)
      case .successorDies: (.redisKill, successor, 200 * millisecond)
      }
    let isRestarted = mishap == .successorDies
    world.faults = [
      Fault(
        kind: .redisKill, begins: DeathSweep.death,
        duration: isRestarted ? 200 * millisecond : 15 * second, target: 0)
    ]
    if let target {
      world.faults.append(
        Fault(
          kind: kind, begins: DeathSweep.death + milliseconds * millisecond, duration: duration,
          target: target))
    }
    world.faults.sort { $0.begins < $1.begins }
    return world
  }

  /// The node that is promoted if nothing else befalls.
  private var successor: Int? {
    guard mishap == .successorDies else { return nil }
    let world = World(configuration(0, nil))
    _ = world.run()
    for entry in world.milestones {
      if case .transition(let node, let transition) = entry.milestone, node != 0,
        transition.to == .holding
      {
        return node
      }
    }
    return nil
  }

  /// What must not be: two holders, a world that stays ill, a decision that breaks a promise.
  ///
  /// What the dead master acknowledged last may be lost with it. And a Sentinel that is cut off with what
  /// it has begun may name its master in the epoch of the others' for good, as after any failover that
  /// needs no votes: then people must be told.
  private func complaint(_ outcome: Outcome, _ world: World) -> String? {
    if let violation = outcome.violations.first { return violation }
    if mishap == .isolated, world.milestones.contains(where: { areEpochsEqual($0.milestone) }) {
      return outcome.overlaps.first.map { "two holders: \($0.description)" }
    }
    if !outcome.hasConverged { return "does not become healthy" }
    if !outcome.hasProgressed { return "not the one holder" }
    if let lost = loss(outcome), !isLossTold(outcome, world) {
      return "what the third node had is lost, and nobody is told: \(lost.description)"
    }
    return outcome.overlaps.first.map { "two holders: \($0.description)" }
  }
}
