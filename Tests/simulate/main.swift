import Glibc
import SimulationKit

let usage = """
  usage: simulate [--seeds A..B] [--jobs N] [--traces N] [--blind release|replicas|hold]
                  [--fence drawn|on|off] [--dirty drawn|on|off|only|mended] [--death on|off]
                  [--one-fault] [--list]
         simulate --moves A..B [--point N]
         simulate --deaths A..B [--step MILLISECONDS] [--point MILLISECONDS]
         simulate --trace SEED [--fence drawn|on|off] [--dirty drawn|on|off|only|mended]
                  [--death on|off] [--shrink] [--verbose]

  Runs seeded worlds around the decision core and prints tables per million faults.
  A seed that breaks a promise is shrunk and its trace printed, at most N of them (default 2).
  Exit 0: every promise was kept; 1: not; 2: usage.

  """

struct Arguments {
  var seeds: ClosedRange<UInt64> = 1...1_000
  var jobs = 2
  var traces = 2
  var traced: UInt64?
  var isOneFault = false
  var moves: ClosedRange<UInt64>?
  var deaths: ClosedRange<UInt64>?
  var step: Int64 = 10
  var point: Int?
  var shrinks = false
  var isVerbose = false
  var isListing = false
  var blindPolicy = Simulation.BlindPolicy.release
  var fence = Simulation.FenceChoice.drawn
  var dirt = Simulation.DirtChoice.drawn
  var death = Simulation.DeathChoice.off

  init?(_ words: [String]) {
    var rest = words[...]
    while let word = rest.popFirst() {
      switch word {
      case "--shrink": shrinks = true
      case "--moves":
        guard let range = rest.popFirst().flatMap(Arguments.range) else { return nil }
        moves = range
      case "--deaths":
        guard let range = rest.popFirst().flatMap(Arguments.range) else { return nil }
        deaths = range
      case "--step":
        guard let number = rest.popFirst().flatMap({ Int64($0) }), number > 0 else { return nil }
        step = number
      case "--point":
        guard let number = rest.popFirst().flatMap({ Int($0) }) else { return nil }
        point = number
      case "--one-fault": isOneFault = true
      case "--list": isListing = true
      case "--verbose": isVerbose = true
      case "--seeds":
        guard let range = rest.popFirst().flatMap(Arguments.range) else { return nil }
        seeds = range
      case "--jobs":
        guard let count = rest.popFirst().flatMap({ Int($0) }), count > 0 else { return nil }
        jobs = count
      case "--blind":
        guard let policy = rest.popFirst().flatMap(Simulation.BlindPolicy.init) else { return nil }
        blindPolicy = policy
      case "--fence":
        guard let choice = rest.popFirst().flatMap(Simulation.FenceChoice.init) else { return nil }
        fence = choice
      case "--dirty":
        guard let choice = rest.popFirst().flatMap(Simulation.DirtChoice.init) else { return nil }
        dirt = choice
      case "--death":
        guard let choice = rest.popFirst().flatMap(Simulation.DeathChoice.init) else { return nil }
        death = choice
      case "--traces":
        guard let count = rest.popFirst().flatMap({ Int($0) }), count >= 0 else { return nil }
        traces = count
      case "--trace":
        guard let seed = rest.popFirst().flatMap({ UInt64($0) }) else { return nil }
        traced = seed
      default: return nil
      }
    }
  }

  private static func range(_ text: String) -> ClosedRange<UInt64>? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: true)
    guard parts.count == 2, let first = UInt64(parts[0]), let last = UInt64(parts[1]),
      first <= last
    else { return nil }
    return first...last
  }
}

func run(_ arguments: Arguments) async -> Int32 {
  let clock = ContinuousClock()
  let start = clock.now
  var simulation = Simulation(
    first: arguments.seeds.lowerBound, last: arguments.seeds.upperBound, jobs: arguments.jobs,
    blindPolicy: arguments.blindPolicy, fence: arguments.fence, dirt: arguments.dirt,
    death: arguments.death, isOneFault: arguments.isOneFault,
    progress: { worlds, faults in
      guard worlds % 1_000 == 0 else { return }
      let seconds = max((clock.now - start).components.seconds, 1)
      print("\(worlds) worlds, \(faults) faults, \(Int64(faults) / seconds) faults/s")
    })
  simulation.isListing = arguments.isListing
  let summary = await simulation.run()
  for line in summary.lines { print(line.text) }
  print(summary.tables())
  for seed in summary.failingSeeds(atMost: arguments.traces) {
    print(
      Simulation.shrunkTrace(
        seed: seed, fence: arguments.fence, dirt: arguments.dirt, death: arguments.death,
        isVerbose: arguments.isVerbose))
  }
  print(summary.failureList, terminator: "")
  print("\(summary.worldCount) worlds in \(clock.now - start): \(summary.failureCount) failed")
  return summary.failureCount == 0 ? 0 : 1
}

/// Lets a daemon die after each order of planned moves; answers how many points went wrong.
func sweepMoves(_ seeds: ClosedRange<UInt64>, point: Int?, isVerbose: Bool) -> Int32 {
  var points = 0
  var wrong = 0
  for seed in seeds {
    for redisCount in 2...3 {
      for victim in MoveSweep.Victim.allCases {
        let sweep = MoveSweep(seed: seed, redisCount: redisCount, victim: victim)
        if let point {
          print(sweep.trace(point: point, isVerbose: isVerbose))
          continue
        }
        let result = sweep.run()
        points += result.points
        wrong += result.complaints.count
        print(
          "seed \(seed), \(redisCount) Redis, \(victim.rawValue) dies: \(result.points) points, "
            + "moved \(result.moved), wrong \(result.complaints.count)")
        for complaint in result.complaints.prefix(3) {
          print("  after \(complaint.point) orders: \(complaint.text)")
        }
      }
    }
  }
  print("\(points) points: \(wrong) wrong")
  return wrong == 0 ? 0 : 1
}

/// Lets the commanded Sentinel, or the successor, fail at each moment around a death; answers how many went
/// wrong.
func sweepDeaths(_ arguments: Arguments, _ seeds: ClosedRange<UInt64>) -> Int32 {
  var points = 0
  var wrong = 0
  for seed in seeds {
    for redisCount in 2...3 {
      // Where there are two, nobody is left who has the data.
      for mishap in DeathSweep.Mishap.allCases where redisCount > 2 || mishap != .successorDies {
        let sweep = DeathSweep(seed: seed, redisCount: redisCount, mishap: mishap)
        if let point = arguments.point {
          print(sweep.trace(milliseconds: Int64(point), isVerbose: arguments.isVerbose))
          continue
        }
        let result = sweep.run(step: arguments.step)
        points += result.points
        wrong += result.complaints.count
        print(
          "seed \(seed), \(redisCount) Redis, \(mishap.rawValue): \(result.points) "
            + "moments, ordered \(result.ordered), served within 1 s \(result.early), "
            + "lost and told \(result.lost), wrong \(result.complaints.count)")
        for complaint in result.complaints.prefix(3) {
          print("  at \(complaint.milliseconds) ms: \(complaint.text)")
        }
      }
    }
  }
  print("\(points) moments: \(wrong) wrong")
  return wrong == 0 ? 0 : 1
}

guard let arguments = Arguments(Array(CommandLine.arguments.dropFirst())) else {
  print(usage, terminator: "")
  exit(2)
}
if let seeds = arguments.moves {
  exit(sweepMoves(seeds, point: arguments.point, isVerbose: arguments.isVerbose))
} else if let seeds = arguments.deaths {
  exit(sweepDeaths(arguments, seeds))
} else if let seed = arguments.traced {
  print(
    arguments.shrinks
      ? Simulation.shrunkTrace(
        seed: seed, fence: arguments.fence, dirt: arguments.dirt,
        death: arguments.death, isVerbose: arguments.isVerbose)
      : Simulation.trace(
        seed: seed, fence: arguments.fence, dirt: arguments.dirt,
        death: arguments.death, isVerbose: arguments.isVerbose))
} else {
  exit(await run(arguments))
}
