/// What a known death leads to in a world, and how Redis comes back from one.
struct DeathSetup: Equatable {
  /// Whether a Redis asks its agent before it starts (`vipctl guard`).
  var hasGuard: Bool
  /// Whether a Redis that was killed comes back without its data: `save ""`, no append-only file.
  var losesData: Bool

  var description: String {
    "known deaths" + (hasGuard ? ", guarded" : "") + (losesData ? ", no persistence" : "")
  }

  /// How long systemd waits before it starts a service again (`RestartSec=100ms`).
  private static let restartDelay: ClosedRange<Int64> = 100...400

  /// Draws how deaths are, and lets the master die in most worlds, from a stream of its own.
  static func add(to world: inout WorldConfiguration, _ choice: Simulation.DeathChoice) {
    guard choice == .on else { return }
    var random = SeededRandom(seed: world.seed &* 0xd1b5_4a32_d192_ed03 &+ 11)
    world.deaths = DeathSetup(
      hasGuard: random.chance(perMille: 500), losesData: random.chance(perMille: 500))
    if random.chance(perMille: 700) {
      let begins = world.faults.first?.begins ?? 5 * second
      let offset = random.chance(perMille: 400) ? random.number(-1_500...3_000) * millisecond : 0
      let isRestarted = random.chance(perMille: 600)
      world.faults.append(
        Fault(
          kind: .redisKill, begins: max(begins + offset, 3 * second),
          duration: isRestarted
            ? random.number(restartDelay) * millisecond
            : random.logarithmic(1_000...15_000) * millisecond,
          target: Fault.currentMaster))
      world.faults.sort { ($0.begins, $0.kind.rawValue) < ($1.begins, $1.kind.rawValue) }
    }
  }
}
