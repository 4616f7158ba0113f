/// What became of many worlds, in the form of tables per million faults.
public struct Summary: Sendable {
  /// The kinds of worlds that are counted apart.
  enum Class: Int, CaseIterable {
    case clean, lowQuorum, mixedDownAfter, shortDownAfter

    static func of(_ world: WorldConfiguration) -> Class {
      if world.minDownAfter < 2_000, !world.hasMixedDownAfter { return .shortDownAfter }
      if world.hasMixedDownAfter { return .mixedDownAfter }
      return world.hasLowQuorum ? .lowQuorum : .clean
    }
  }

  /// Overlaps counted and measured.
  struct Count {
    var count = 0
    var total: Int64 = 0
    var greatest: Int64 = 0
    var example: UInt64?

    mutating func add(_ duration: Int64, seed: UInt64) {
      count += 1
      total += duration
      if duration >= greatest { example = seed }
      greatest = max(greatest, duration)
    }

    mutating func add(_ other: Count) {
      count += other.count
      total += other.total
      if other.greatest >= greatest, other.count > 0 { example = other.example }
      greatest = max(greatest, other.greatest)
    }

    /// As in the tables: per million, mean and greatest in milliseconds.
    func text(of faults: Int) -> String {
      guard count > 0 else { return "0" }
      let perMillion = count * 1_000_000 / max(faults, 1)
      let mean = total / Int64(count) / millisecond
      return "\(perMillion) (\(mean)/\(greatest / millisecond) ms)"
    }
  }

  /// What one kind of fault alone did in clean worlds.
  struct SingleFault {
    var worlds = 0
    var gaps = 0
    var unheld: Int64 = 0
    var longest: Int64 = 0
    var overlaps = 0
  }

  var worlds = 0
  var faults = 0
  var faultsByClass = [Int](repeating: 0, count: Class.allCases.count)
  var cleanByCause = [Count](repeating: Count(), count: Overlap.Cause.allCases.count)
  var otherByClass = [Count](repeating: Count(), count: Class.allCases.count)
  var mechanisms: [(name: String, count: Count)] = []
  var singles = [SingleFault](repeating: SingleFault(), count: FaultKind.allCases.count)
  var takes: [Int64] = []
  var watched: Int64 = 0
  var unheld: Int64 = 0
  var unheldByReason: [(reason: String, duration: Int64)] = []
  var heldUnnamed: [(basis: String, duration: Int64)] = []
  var writes = [WriteSummary](
    repeating: WriteSummary(), count: WriteSummary.Group.allCases.count)
  var converged = 0
  var stuck = 0
  var violations = 0
  var events = 0
  /// The seeds whose world broke a promise, with what happened.
  var failures: [Failure] = []
  /// One line a world, where they are asked for.
  public internal(set) var lines: [(seed: UInt64, text: String)] = []

  /// A seed that broke a promise.
  struct Failure {
    var seed: UInt64
    var text: String
  }

  /// Makes an empty summary.
  public init() {}
}

extension Summary {
  /// Adds one world.
  mutating func add(_ outcome: Outcome, of world: WorldConfiguration) {
    let kind = Class.of(world)
    worlds += 1
    faults += world.faults.count
    faultsByClass[kind.rawValue] += world.faults.count
    for overlap in outcome.overlaps {
      add(overlap, kind, seed: world.seed)
    }
    addSingle(outcome, world, kind)
    writes[WriteSummary.Group.of(world).rawValue].add(outcome, of: world)
    takes += outcome.takes
    watched += outcome.watched
    unheld += outcome.unheld
    for entry in outcome.unheldByReason { addUnheld(entry.reason, entry.duration) }
    for entry in outcome.heldUnnamed { addHeldUnnamed(entry.basis, entry.duration) }
    if outcome.hasConverged { converged += 1 }
    if !outcome.hasProgressed { stuck += 1 }
    violations += outcome.violations.count
    events += outcome.events
    if let text = outcome.failure(in: world) {
      failures.append(Failure(seed: world.seed, text: "\(kind) world: \(text)"))
    }
  }

  private mutating func add(_ overlap: Overlap, _ kind: Class, seed: UInt64) {
    guard kind == .clean else {
      otherByClass[kind.rawValue].add(overlap.duration, seed: seed)
      return
    }
    for (index, cause) in Overlap.Cause.allCases.enumerated() where cause == overlap.cause {
      cleanByCause[index].add(overlap.duration, seed: seed)
    }
    let name = "old=\(overlap.oldBasis) new=\(overlap.newBasis) | \(overlap.cause.rawValue)"
    var count = Count()
    count.add(overlap.duration, seed: seed)
    addMechanism(name, count)
  }

  private mutating func addMechanism(_ name: String, _ count: Count) {
    if let index = mechanisms.firstIndex(where: { $0.name == name }) {
      mechanisms[index].count.add(count)
    } else {
      mechanisms.append((name, count))
    }
  }

  private mutating func addUnheld(_ reason: String, _ duration: Int64) {
    if let index = unheldByReason.firstIndex(where: { $0.reason == reason }) {
      unheldByReason[index].duration += duration
    } else {
      unheldByReason.append((reason, duration))
    }
  }

  private mutating func addHeldUnnamed(_ basis: String, _ duration: Int64) {
    if let index = heldUnnamed.firstIndex(where: { $0.basis == basis }) {
      heldUnnamed[index].duration = max(heldUnnamed[index].duration, duration)
    } else {
      heldUnnamed.append((basis, duration))
    }
  }

  private mutating func addSingle(_ outcome: Outcome, _ world: WorldConfiguration, _ kind: Class) {
    guard kind == .clean, world.faults.count == 1,
      let index = FaultKind.allCases.firstIndex(of: world.faults[0].kind)
    else { return }
    singles[index].worlds += 1
    if outcome.unheld > 0 { singles[index].gaps += 1 }
    singles[index].unheld += outcome.unheld
    singles[index].longest = max(singles[index].longest, outcome.maxUnheld)
    singles[index].overlaps += outcome.overlaps.count
  }

  /// Adds what another job found.
  mutating func add(_ other: Summary) {
    worlds += other.worlds
    faults += other.faults
    for index in faultsByClass.indices {
      faultsByClass[index] += other.faultsByClass[index]
      otherByClass[index].add(other.otherByClass[index])
    }
    for index in cleanByCause.indices { cleanByCause[index].add(other.cleanByCause[index]) }
    for entry in other.mechanisms { addMechanism(entry.name, entry.count) }
    for index in singles.indices {
      singles[index].worlds += other.singles[index].worlds
      singles[index].gaps += other.singles[index].gaps
      singles[index].unheld += other.singles[index].unheld
      singles[index].longest = max(singles[index].longest, other.singles[index].longest)
      singles[index].overlaps += other.singles[index].overlaps
    }
    takes += other.takes
    for index in writes.indices { writes[index].add(other.writes[index]) }
    watched += other.watched
    unheld += other.unheld
    for entry in other.unheldByReason { addUnheld(entry.reason, entry.duration) }
    for entry in other.heldUnnamed { addHeldUnnamed(entry.basis, entry.duration) }
    converged += other.converged
    stuck += other.stuck
    violations += other.violations
    events += other.events
    failures += other.failures
    lines += other.lines
  }
}

extension Outcome {
  /// One line about a world.
  func line(of world: WorldConfiguration) -> String {
    let kinds = world.faults.map(\.kind.rawValue).joined(separator: " ")
    let two = overlaps.map { "\($0.cause.rawValue) \($0.duration / millisecond)" }
    return "\(world.seed) \(Summary.Class.of(world)) unheld \(unheld / millisecond) longest "
      + "\(maxUnheld / millisecond) events \(events) overlaps \(two) "
      + "\(hasConverged ? "" : "unhealthy ")| \(kinds)"
  }

  /// What breaks a promise in a world, in words; nothing if all was kept.
  func failure(in world: WorldConfiguration) -> String? {
    if let violation = violations.first { return violation }
    if !hasProgressed { return "healthy, but the named master is not the one holder" }
    if let broken = brokenPromise(of: writes, in: world) { return broken }
    guard world.isClean else { return nil }
    if let overlap = overlaps.first(where: {
      $0.cause == .organic && (world.isStrict || !$0.isOfTheKernelAlone)
    }) {
      return "organic overlap of \(overlap.duration / millisecond) ms: \(overlap.description)"
    }
    if world.faults.count == 1,
      let overlap = overlaps.first(where: { $0.cause != .machinePause })
    {
      return "overlap of \(overlap.duration / millisecond) ms after a single fault: "
        + overlap.description
    }
    return nil
  }
}
