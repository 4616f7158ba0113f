import FailoverCore

/// A planned move in which a daemon dies between two of its orders: every point in turn.
public struct MoveSweep: Sendable {
  /// Whose daemon dies.
  public enum Victim: String, CaseIterable, Sendable {
    /// That of the master, which drives the move.
    case driver
    /// That of the node which is to become the master.
    case target
  }

  /// The seed of everything that is not scripted.
  public var seed: UInt64
  /// How many nodes have a Redis.
  public var redisCount: Int
  /// Whose daemon dies.
  public var victim: Victim

  /// When the operator asks.
  static let asked = 5 * second
  /// Within this a move is over.
  private static let longest = 20 * second
  /// For how long the daemon is away.
  private static let absence = 4 * second
  /// More orders than these a move does not take.
  private static let maxPoints = 5_000

  /// Makes a sweep.
  public init(seed: UInt64, redisCount: Int, victim: Victim) {
    self.seed = seed
    self.redisCount = redisCount
    self.victim = victim
  }

  /// What came of it.
  public struct Result: Sendable {
    /// How many points were tried.
    public var points = 0
    /// In how many of them the new master stayed.
    public var moved = 0
    /// What must not be, by the number of orders before the daemon died.
    public var complaints: [(point: Int, text: String)] = []
  }

  /// Tries each point, until the move is over before the daemon would die.
  public func run() -> Result {
    var result = Result()
    for point in 0..<MoveSweep.maxPoints {
      let world = World(configuration(point))
      let outcome = world.run()
      result.points += 1
      if world.redis[redisCount - 1].isMaster { result.moved += 1 }
      if let text = MoveSweep.complaint(outcome) { result.complaints.append((point, text)) }
      if !world.milestones.contains(where: { isCrash($0.milestone) }) { break }
      if let end = world.milestones.first(where: { isEnd($0.milestone) })?.time,
        let crash = world.milestones.first(where: { isCrash($0.milestone) })?.time,
        crash > end + 200 * millisecond
      {
        break
      }
    }
    return result
  }

  /// The trace of one point.
  public func trace(point: Int, isVerbose: Bool) -> String {
    let world = World(configuration(point))
    world.isVerbose = isVerbose
    let outcome = world.run()
    return world.trace() + (MoveSweep.complaint(outcome) ?? "all is well") + "\n"
  }

  private var node: Int { victim == .driver ? 0 : redisCount - 1 }

  private func isCrash(_ milestone: Milestone) -> Bool { milestone == .crashed(node) }

  private func isEnd(_ milestone: Milestone) -> Bool {
    if case .move(_, let report) = milestone, case .ended = report.news { true } else { false }
  }

  private func configuration(_ point: Int) -> WorldConfiguration {
    var world = WorldConfiguration(seed: seed)
    world.redisCount = redisCount
    world.fence = FenceSetup()
    world.move = PlannedMove(at: MoveSweep.asked, target: redisCount - 1)
    var fault = Fault(
      kind: .agentKill, begins: MoveSweep.asked, duration: MoveSweep.longest, target: node)
    fault.effects = point
    fault.absence = MoveSweep.absence
    world.faults = [fault]
    return world
  }

  /// What a world without any fault but a daemon's death must not end with.
  static func complaint(_ outcome: Outcome) -> String? {
    if let violation = outcome.violations.first { return violation }
    if !outcome.hasConverged { return "does not become healthy" }
    if !outcome.hasProgressed { return "not the one holder" }
    if let overlap = outcome.overlaps.first { return "two holders: \(overlap.description)" }
    return outcome.writes.lost.first?.description
  }
}
