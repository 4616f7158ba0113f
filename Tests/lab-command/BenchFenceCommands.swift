import ArgumentParser
import Foundation
import Lab

/// How many replicas a group has, from the command line.
struct ReplicaOptions: ParsableArguments {
  @Option(help: "How many replicas, one or more numbers.")
  var replicas = "1,2"

  func counts() throws -> [Int] {
    try replicas.split(separator: ",").map { text in
      guard let count = Int(text), (1...8).contains(count) else {
        throw ValidationError("‘\(text)’ is no number of replicas from 1 to 8")
      }
      return count
    }
  }
}

/// With what a benchmark is run, from the command line.
struct AgentOptions: ParsableArguments {
  @Option(help: "Of vipd, none.")
  var agents = "vipd,none"

  func plans(_ options: BenchOptions) throws -> [AgentPlan] {
    try agents.split(separator: ",").map { name in
      switch name {
      case "vipd": .daemon(path: options.benchmark().vipd)
      case "none": .none
      default: throw ValidationError("‘\(name)’ is none of vipd, none")
      }
    }
  }
}

/// The command `lab bench planned-failover`.
struct BenchPlannedFailover: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "planned-failover",
    abstract: "Writes lost by SENTINEL FAILOVER of a live master, with vipd and without.")
  @OptionGroup var options: BenchOptions
  @OptionGroup var groups: ReplicaOptions
  @OptionGroup var agents: AgentOptions

  func run() throws {
    let benchmark = PlannedFailoverBenchmark(
      options.benchmark(), replicas: try groups.counts(), agents: try agents.plans(options))
    options.report(benchmark.run())
  }
}

/// The command `lab bench old-master-returns`.
struct BenchOldMaster: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "old-master-returns",
    abstract: "Writes that an old master acknowledges after its return, with vipd and without.")
  @OptionGroup var options: BenchOptions
  @Option(help: "How many replicas.")
  var replicas = 1
  @Option(help: "Of redis, host.")
  var returns: String?
  @OptionGroup var agents: AgentOptions

  func run() throws {
    let benchmark = OldMasterBenchmark(
      options.benchmark(), returns: try choices(returns, OldMasterReturn.self),
      replicas: replicas, agents: try agents.plans(options))
    options.report(benchmark.run())
  }
}

/// The command `lab bench two-node`.
struct BenchTwoNode: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "two-node",
    abstract: "How soon the survivor of two nodes accepts writes, with the fence on.")
  @OptionGroup var options: BenchOptions

  func run() { options.report(TwoNodeBenchmark(options.benchmark()).run()) }
}

/// The command `lab bench replica-stopped`.
struct BenchReplicaStopped: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replica-stopped",
    abstract: "How long writes stand still when a replica hangs, with the fence on.")
  @OptionGroup var options: BenchOptions
  @OptionGroup var groups: ReplicaOptions

  func run() throws {
    let benchmark = ReplicaStoppedBenchmark(options.benchmark(), replicas: try groups.counts())
    options.report(benchmark.run())
  }
}

/// The command `lab bench isolated-master`.
struct BenchIsolatedMaster: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "isolated-master",
    abstract: "How long an isolated master acknowledges writes, with vipd and without.")
  @OptionGroup var options: BenchOptions
  @Option(help: "Of cut, cut-vipd-killed, split.")
  var faults: String?
  @OptionGroup var agents: AgentOptions

  func run() throws {
    let benchmark = IsolatedMasterBenchmark(
      options.benchmark(), isolations: try choices(faults, Isolation.self),
      agents: try agents.plans(options))
    options.report(benchmark.run())
  }
}

/// Where the operator's tool lies, from the command line.
struct VipctlOption: ParsableArguments {
  @Option(help: "The path of vipctl; by default the one beside vipd.")
  var vipctl: String?

  func path(_ options: BenchOptions) -> String {
    if let vipctl { return vipctl }
    guard let vipd = options.vipd else { return Laboratory.neighbour("vipctl") }
    return URL(fileURLWithPath: vipd).deletingLastPathComponent().appendingPathComponent("vipctl")
      .path
  }
}

/// The command `lab bench move`.
struct BenchMove: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "move", abstract: "Writes lost and the write gap of vipctl move.")
  @OptionGroup var options: BenchOptions
  @OptionGroup var tool: VipctlOption
  @OptionGroup var groups: ReplicaOptions

  func run() throws {
    let benchmark = MoveBenchmark(
      options.benchmark(), vipctl: tool.path(options), replicas: try groups.counts())
    options.report(benchmark.run())
  }
}

/// The command `lab bench move-crash`.
struct BenchMoveCrash: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "move-crash",
    abstract: "What is left of a move whose vipd is killed, at every point and on either host.",
    discussion: "Each point is one run; --runs does not apply.")
  @OptionGroup var options: BenchOptions
  @OptionGroup var tool: VipctlOption
  @Option(help: "How many replicas.")
  var replicas = 1
  @Option(help: "Of lines, times.")
  var sweep: String?
  @Option(help: "The step of time, in milliseconds.")
  var step = 10

  func validate() throws {
    if step < 1 { throw ValidationError("--step takes a whole number of milliseconds from 1") }
  }

  func run() throws {
    let benchmark = MoveCrashBenchmark(
      options.benchmark(), vipctl: tool.path(options), replicas: replicas,
      sweeps: try choices(sweep, CrashSweep.self), stepMilliseconds: step)
    options.report(try benchmark.run())
  }
}

/// The command `lab bench closing`.
struct BenchClosing: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "closing",
    abstract: "Two ways of closing a master for a move, by bare commands without vipd.")
  @OptionGroup var options: BenchOptions
  @Option(help: "How long clients wait for an answer, in milliseconds, one or more.")
  var timeouts = "100,2000"

  func run() throws {
    options.report(
      ClosingBenchmark(options.benchmark(), timeouts: try milliseconds(timeouts)).run())
  }
}
