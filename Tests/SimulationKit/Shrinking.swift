/// Makes a failing world short: fewer faults, then shorter ones.
struct Shrinking {
  /// How many other draws are tried before a smaller world counts as sound; removing a fault
  /// changes every number that is drawn after it.
  private static let draws: UInt64 = 6
  /// Shorter than this a fault is not made.
  private static let minDuration = 100 * millisecond

  /// The smallest world found that still breaks a promise.
  static func shrink(_ world: WorldConfiguration) -> WorldConfiguration {
    var best = world
    var hasShrunk = true
    while hasShrunk {
      hasShrunk = false
      for index in best.faults.indices.reversed() where best.faults.count > 1 {
        var smaller = best
        smaller.faults.remove(at: index)
        guard let failing = failing(smaller) else { continue }
        best = failing
        hasShrunk = true
        break
      }
    }
    for index in best.faults.indices {
      while best.faults[index].duration >= minDuration * 2 {
        var shorter = best
        shorter.faults[index].duration /= 2
        guard let failing = failing(shorter) else { break }
        best = failing
      }
    }
    return best
  }

  private static func failing(_ world: WorldConfiguration) -> WorldConfiguration? {
    for draw in 0..<draws {
      var variant = world
      variant.seed = world.seed &+ draw << 40
      if World(variant).run().failure(in: variant) != nil { return variant }
    }
    return nil
  }
}
