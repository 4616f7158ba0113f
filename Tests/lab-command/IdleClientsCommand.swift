import ArgumentParser
import Lab

/// The command `lab bench idle-clients`.
struct BenchIdleClients: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "idle-clients",
    abstract: "How soon clients that only wait are back, and what knowing them costs.")
  @OptionGroup var options: BenchOptions
  @Option(help: "Of kill, poweroff, cut; an empty list runs the crowd alone.")
  var faults = "poweroff,cut"
  @Option(help: "How many idle connections the crowd has; 0 for none.")
  var crowd = 10_000
  @Option(help: "How many runs with the crowd.")
  var crowdRuns = 3

  func run() throws {
    let benchmark = IdleClientsBenchmark(
      options.benchmark(), faults: try choices(faults, Fault.self, among: Fault.takeovers),
      crowd: crowd,
      crowdRuns: crowdRuns)
    options.report(benchmark.run())
  }
}
