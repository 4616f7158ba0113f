import ArgumentParser
import Foundation
import Lab

/// The command `lab bench dirty`.
struct BenchDirty: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dirty",
    abstract: "What Sentinel, name servers, clocks, networks and people do to a healthy cluster.")
  @OptionGroup var options: BenchOptions
  @OptionGroup var tool: VipctlOption
  @Option(
    help: "Some of the rows, separated by commas; by default all. ‘list’ names them.")
  var rows: String?
  @Option(help: "How many labs are up at a time; more than one makes the gaps longer.")
  var labs = 1

  func run() throws {
    if rows == "list" { return print(DirtyRow.allCases.map(\.rawValue).joined(separator: "\n")) }
    let benchmark = DirtyBenchmark(
      options.benchmark(), vipctl: tool.path(options), rows: try choices(rows, DirtyRow.self),
      labs: labs)
    options.report(benchmark.run())
  }
}

/// The command `lab bench carrier`.
struct BenchCarrier: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "carrier",
    abstract: "How soon another host serves when the holder's interface loses its carrier.")
  @OptionGroup var options: BenchOptions

  func run() { options.report(CarrierBenchmark(options.benchmark()).run()) }
}
