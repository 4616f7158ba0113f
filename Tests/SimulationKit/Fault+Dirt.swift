/// What is wrong around Sentinel rather than in the network: it comes on top of the faults of a
/// world, and is drawn from a stream of its own, so that a world without it is what it was.
extension Fault {
  /// How long after its own dirt the faults of a settled world come: until 30 s all is reset, and then
  /// agreement takes 60 s, by lists that are up to 10 s old.
  private static let settlingSpan = 110 * second

  /// Adds dirt to a world.
  static func addDirt(to world: inout WorldConfiguration, _ choice: Simulation.DirtChoice) {
    var random = SeededRandom(seed: world.seed &* 0xd1b5_4a32_d192_ed03 &+ 11)
    switch choice {
    case .off: return
    case .drawn where world.seed < Simulation.firstDirtySeed: return
    case .only:
      let begins = world.faults.first?.begins ?? 5 * second
      world.faults = [dirt(random.pick(FaultKind.dirty), at: begins, in: world, &random)]
      return
    case .drawn, .on, .mended: break
    }
    let first = world.faults.first?.begins ?? 5 * second
    let last = max(world.faults.map(\.begins).max() ?? first, first + 4 * second)
    var dirt: [Fault] = []
    let isMended = choice == .mended
    if random.chance(perMille: 200) || isMended {
      dirt = settledDirt(from: first, isMended: isMended, in: world, &random)
      for index in world.faults.indices { world.faults[index].begins += settlingSpan }
      world.move?.at += settlingSpan
      if let cancelled = world.move?.cancelled { world.move?.cancelled = cancelled + settlingSpan }
    } else {
      dirt = (0..<random.index(1...3)).map { _ in
        let begins = random.number((first - 2 * second)...last)
        return Fault.dirt(random.pick(FaultKind.dirty), at: begins, in: world, &random)
      }
    }
    world.resetsAtTheEnd = random.chance(perMille: 200)
    world.faults = (world.faults + dirt).sorted {
      ($0.begins, $0.kind.rawValue) < ($1.begins, $1.kind.rawValue)
    }
  }

  /// Dirt after which the Sentinels agree, or the operator says who counts, before anything else.
  private static func settledDirt(
    from first: Int64, isMended: Bool, in world: WorldConfiguration, _ random: inout SeededRandom
  ) -> [Fault] {
    let cause = random.pick(
      [
        .phantom, .phantom, .sentinelRebuilt, .sentinelRebuilt, isMended ? .phantom : .sentinelGone,
        .firstConfiguration,
      ] as [FaultKind])
    var dirt = [Fault.dirt(cause, at: first, in: world, &random)]
    if cause == .sentinelRebuilt, random.chance(perMille: 400) {
      var again = dirt[0]
      again.begins += again.duration + 3 * second
      again.mask |= 4
      dirt.append(again)
    }
    let remedy: FaultKind = random.chance(perMille: 600) ? .resetInTurn : .forget
    var mended = Fault.dirt(remedy, at: first + 16 * second, in: world, &random)
    if random.chance(perMille: 700) { mended.mask &= ~0b11 }
    // At all hosts, and not across a cut.
    if isMended { mended.mask &= ~0b111 }
    dirt.append(mended)
    return dirt
  }

  private static func dirt(
    _ kind: FaultKind, at begins: Int64, in world: WorldConfiguration,
    _ random: inout SeededRandom
  ) -> Fault {
    let sentinels = world.sentinelHosts.count
    let target = random.index(0...(sentinels - 1))
    var fault = Fault(
      kind: kind, begins: begins, duration: second, target: target,
      other: (target + random.index(1...(sentinels - 1))) % sentinels,
      mask: random.index(0...0xffff))
    switch kind {
    case .wallStep:
      fault.target =
        random.chance(perMille: 400) ? currentMaster : random.index(0...(world.hostCount - 1))
      let size = random.logarithmic(300...600_000)
      fault.step = random.chance(perMille: 500) ? size : -size
      fault.duration = random.logarithmic(1_000...15_000) * millisecond
    case .sentinelRebuilt: fault.duration = random.logarithmic(50...4_000) * millisecond
    case .firstConfiguration: fault.duration = random.logarithmic(2_000...30_000) * millisecond
    case .resetInTurn:
      fault.duration = random.logarithmic(500...10_000) * millisecond
    case .spoiledEntries: fault.duration = random.logarithmic(1_000...20_000) * millisecond
    case .lateSentinel:
      fault.target =
        random.chance(perMille: 600) ? currentMaster : random.index(0...(world.redisCount - 1))
      fault.duration = random.logarithmic(1_000...20_000) * millisecond
    default: break
    }
    return fault
  }
}
