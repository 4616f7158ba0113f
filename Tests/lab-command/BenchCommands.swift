import ArgumentParser
import Foundation
import Lab

/// The command `lab bench`.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures what vipd promises, on real servers.",
    discussion: """
      One more measures on real Debian hosts under systemd what a death of a master costs that its own \
      host knows of: killed, stopped, restarted, rebooted, isolated. See scripts/bench deaths --help.
      """,
    subcommands: [
      BenchCompare.self, BenchTakeover.self, BenchTwoHolders.self, BenchNoOutage.self,
      BenchKernelExpiry.self,
      BenchIdle.self, BenchIdleClients.self, BenchPlannedFailover.self, BenchOldMaster.self,
      BenchTwoNode.self, BenchReplicaStopped.self, BenchIsolatedMaster.self, BenchMove.self,
      BenchMoveCrash.self, BenchClosing.self, BenchMicro.self, BenchDirty.self, BenchCarrier.self,
    ])
}

/// What all benchmarks take.
struct BenchOptions: ParsableArguments {
  @Option(help: "How many runs of each kind.")
  var runs = 10

  @Option(help: "The path of vipd; by default the one of the same build.")
  var vipd: String?

  @Option(help: "A directory with another redis-server or valkey-server.")
  var redisBin: String?

  @Option(help: "Where the raw lines of JSON go; by default a new file beside the labs.")
  var raw: String?

  func benchmark() -> Benchmark {
    Benchmark(
      vipd: vipd ?? Laboratory.neighbour("vipd"), client: Laboratory.neighbour("lab-client"),
      runs: runs, serverDirectory: redisBin, rawFile: rawFile, progress: complain)
  }

  /// A comparison with a writer as its only client.
  func comparison() -> Comparison {
    let benchmark = benchmark()
    let programs = ComparisonPrograms(
      vipd: benchmark.vipd, client: benchmark.client, redisPy: [],
      serverDirectory: benchmark.serverDirectory)
    var comparison = Comparison(programs: programs, rawFile: benchmark.rawFile)
    comparison.runs = runs
    comparison.clients.waiting = 0
    comparison.clients.pool = 0
    return comparison
  }

  private var rawFile: String {
    raw ?? "\(Laboratory.root)/vipd-bench-\(ProcessInfo.processInfo.processIdentifier).jsonl"
  }

  func report(_ table: String) {
    print(table)
    if FileManager.default.fileExists(atPath: rawFile) { print("\nraw: \(rawFile)") }
  }
}

/// Writes a line to standard error.
func complain(_ text: String) {
  FileHandle.standardError.write(Data((text + "\n").utf8))
}

/// The members of an enumeration that a list names, or all that may be named.
func choices<Choice: RawRepresentable & CaseIterable>(
  _ list: String?, _: Choice.Type, among allowed: [Choice] = Array(Choice.allCases)
) throws -> [Choice] where Choice.RawValue == String {
  guard let list else { return allowed }
  return try list.split(separator: ",").map { name in
    guard let choice = allowed.first(where: { $0.rawValue == name }) else {
      let all = allowed.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("‘\(name)’ is none of \(all)")
    }
    return choice
  }
}

/// The command `lab bench takeover`.
struct BenchTakeover: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "takeover",
    abstract: "Restored − promoted of vipd and of the classic script, as a client sees it.")
  @OptionGroup var options: BenchOptions
  @Option(help: "Of kill, poweroff, cut.")
  var faults: String?
  @Option(help: "Sentinel's down-after-milliseconds, one or more.")
  var downAfter = "1000,3000"

  func run() throws {
    var comparison = options.comparison()
    comparison.contestants = [.vipd, .script]
    comparison.faults = try choices(faults, Fault.self, among: Fault.takeovers)
    comparison.downAfterMilliseconds = try milliseconds(downAfter)
    let results = try comparison.run(progress: complain, report: { _ in })
    options.report(ComparisonOutput(results).tables)
  }
}

/// The command `lab bench two-holders`.
struct BenchTwoHolders: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "two-holders", abstract: "How long two hosts held a VIP at once.")
  @OptionGroup var options: BenchOptions
  @Option(help: "Of cut, silent-partition, stall-and-cut, frozen-vipd, quorum-2-of-5-cut.")
  var faults: String?
  @Flag(help: "The classic script in place of vipd.")
  var script = false

  func run() throws {
    let benchmark = TwoHoldersBenchmark(
      options.benchmark(), faults: try choices(faults, SplitFault.self),
      agent: script ? .script : nil)
    options.report(benchmark.run())
  }
}

/// The command `lab bench no-outage`.
struct BenchNoOutage: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "no-outage", abstract: "Whether a client notices what it shouldn't.")
  @OptionGroup var options: BenchOptions
  @Option(
    help:
      """
      Of one-sentinel-dies, own-sentinel-dies, all-sentinels-restart, vipd-restarts, vipd-crashes.
      """)
  var faults: String?

  func run() throws {
    let benchmark = NoOutageBenchmark(
      options.benchmark(), faults: try choices(faults, HarmlessFault.self))
    options.report(benchmark.run())
  }
}

/// The command `lab bench kernel-expiry`.
struct BenchKernelExpiry: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernel-expiry", abstract: "How soon the kernel takes a dead holder's VIPs.")
  @OptionGroup var options: BenchOptions

  func run() { options.report(KernelExpiryBenchmark(options.benchmark()).run()) }
}

/// The command `lab bench idle`.
struct BenchIdle: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "idle", abstract: "Memory and processor time of vipd at rest.")
  @OptionGroup var options: BenchOptions
  @Option(help: "For how long.")
  var seconds = 60

  func run() throws {
    options.report(try IdleBenchmark(options.benchmark(), seconds: seconds).run())
  }
}
