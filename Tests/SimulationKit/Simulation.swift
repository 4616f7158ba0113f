import FailoverCore

/// Runs many worlds, on several cores.
public struct Simulation: Sendable {
  /// What the agents do when they are blind.
  public enum BlindPolicy: String, Sendable {
    /// They let go when the lease ends.
    case release
    /// They hold while every replica acknowledges.
    case replicas
    /// They hold for ever.
    case hold

    var policy: GroupConfiguration.BlindPolicy {
      switch self {
      case .release: .release
      case .replicas: .replicas
      case .hold: .hold
      }
    }
  }

  /// Which worlds have a fence.
  public enum FenceChoice: String, Sendable {
    /// Half of them, by the seed.
    case drawn
    /// All of them.
    case on
    /// None of them.
    case off
  }

  /// Which worlds are dirty.
  public enum DirtChoice: String, Sendable {
    /// Those from `firstDirtySeed` on; the others are what they were before there was dirt.
    case drawn
    /// All of them.
    case on
    /// None of them.
    case off
    /// All of them, each with one dirty fault and no other.
    case only
    /// All of them, each with dirt that an operator fixes before the first other fault.
    case mended
  }

  /// Whether agents order failovers for masters that are known to be dead.
  public enum DeathChoice: String, Sendable {
    /// They do, and masters die more often.
    case on
    /// Deaths are left to Sentinel.
    case off
  }

  /// The first seed whose world is dirty by default: published figures rest on those before.
  public static let firstDirtySeed: UInt64 = 500_001

  /// The first seed.
  public var first: UInt64
  /// The last seed.
  public var last: UInt64
  /// How many worlds run at a time.
  public var jobs: Int
  /// What the agents do when they are blind.
  public var blindPolicy: BlindPolicy
  /// Which worlds have a fence.
  public var fence: FenceChoice
  /// Which worlds are dirty.
  public var dirt: DirtChoice
  /// What known deaths lead to.
  public var death: DeathChoice
  /// Whether only worlds that a single fault befalls are run, and the others skipped.
  public var isOneFault: Bool
  /// Whether the summary has a line for each world.
  public var isListing = false
  /// Called after each batch with the number of worlds that are done.
  public var progress: @Sendable (_ worlds: Int, _ faults: Int) -> Void

  /// How many seeds a job takes at a time.
  private static let batch: UInt64 = 25

  /// Makes a run of the seeds from `first` to `last`.
  public init(
    first: UInt64, last: UInt64, jobs: Int, blindPolicy: BlindPolicy = .release,
    fence: FenceChoice = .drawn, dirt: DirtChoice = .drawn,
    death: DeathChoice = .off, isOneFault: Bool = false,
    progress: @escaping @Sendable (_ worlds: Int, _ faults: Int) -> Void = { _, _ in }
  ) {
    self.first = first
    self.last = last
    self.jobs = jobs
    self.blindPolicy = blindPolicy
    self.fence = fence
    self.dirt = dirt
    self.death = death
    self.isOneFault = isOneFault
    self.progress = progress
  }

  /// Runs every seed once.
  public func run() async -> Summary {
    var total = Summary()
    var next = first
    await withTaskGroup(of: Summary.self) { group in
      func addBatch() {
        guard next <= last else { return }
        let seeds = next...min(last, next + Simulation.batch - 1)
        next = seeds.upperBound + 1
        group.addTask { [self] in run(seeds) }
      }
      for _ in 0..<max(jobs, 1) { addBatch() }
      while let summary = await group.next() {
        total.add(summary)
        progress(total.worlds, total.faults)
        addBatch()
      }
    }
    total.failures.sort { $0.seed < $1.seed }
    total.lines.sort { $0.seed < $1.seed }
    return total
  }

  private func run(_ seeds: ClosedRange<UInt64>) -> Summary {
    var summary = Summary()
    for seed in seeds {
      var configuration = WorldConfiguration.random(
        seed: seed, fence: fence, dirt: dirt, death: death)
      guard !isOneFault || configuration.faults.count == 1 else { continue }
      configuration.blindPolicy = blindPolicy.policy
      let outcome = World(configuration).run()
      summary.add(outcome, of: configuration)
      if isListing { summary.lines.append((seed, outcome.line(of: configuration))) }
    }
    return summary
  }

  /// The trace of one seed as text; with every fact and order if verbose.
  public static func trace(
    seed: UInt64, fence: FenceChoice = .drawn, dirt: DirtChoice = .drawn,
    death: DeathChoice = .off, isVerbose: Bool
  ) -> String {
    trace(
      WorldConfiguration.random(seed: seed, fence: fence, dirt: dirt, death: death),
      isVerbose: isVerbose)
  }

  /// The trace of the shortest world found that fails as this seed does.
  public static func shrunkTrace(
    seed: UInt64, fence: FenceChoice = .drawn, dirt: DirtChoice = .drawn,
    death: DeathChoice = .off, isVerbose: Bool
  ) -> String {
    let world = WorldConfiguration.random(seed: seed, fence: fence, dirt: dirt, death: death)
    return trace(Shrinking.shrink(world), isVerbose: isVerbose)
  }

  private static func trace(_ configuration: WorldConfiguration, isVerbose: Bool) -> String {
    let world = World(configuration)
    world.isVerbose = isVerbose
    let outcome = world.run()
    let failure = outcome.failure(in: configuration).map { "failure: \($0)\n" } ?? ""
    return world.trace() + failure
  }
}

extension Summary {
  /// How many seeds broke a promise.
  public var failureCount: Int { failures.count }
  /// How many worlds there were.
  public var worldCount: Int { worlds }
  /// What was broken, how often, and by which seeds.
  public var failureList: String {
    var kinds: [(text: String, seeds: [UInt64])] = []
    for failure in failures {
      if let index = kinds.firstIndex(where: { $0.text == failure.text }) {
        kinds[index].seeds.append(failure.seed)
      } else {
        kinds.append((failure.text, [failure.seed]))
      }
    }
    return kinds.map { kind in
      let seeds = kind.seeds.prefix(8).map(String.init).joined(separator: " ")
      return "\(kind.text): \(kind.seeds.count), seeds \(seeds)\n"
    }.joined()
  }
  /// The first seeds that broke a promise.
  public func failingSeeds(atMost count: Int) -> [UInt64] {
    failures.prefix(count).map(\.seed)
  }
}
