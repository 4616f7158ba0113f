import ArgumentParser
import Foundation
import HostKit
import Lab

/// The command `hosts deaths`, which `scripts/bench deaths` runs.
struct Deaths: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures what a death of a master costs that its own host knows of.",
    discussion: """
      Boots three hosts of its own, and repeats each case in turn: a writer through the VIP with a write \
      every 2 ms and time-outs of 100 ms, 5,000 keys, a server that never saves. The table says for \
      how long no write was acknowledged, and what of the acknowledged is gone. ‘killed-natural’ is a \
      death that is left to Sentinel. Several may run side by side.

        scripts/bench deaths --runs 3 --cases killed,killed-natural --down-after 3000
        scripts/bench deaths --fence off --replicas 1
        scripts/bench deaths --server valkey
      """)
  @Option(help: "How many runs of each case.")
  var runs = 20
  @Option(
    help: "Of \(DeathCase.allCases.map(\.rawValue).joined(separator: ", ")); by default all.")
  var cases: String?
  @Option(help: "Sentinel's down-after-milliseconds.")
  var downAfter = 30_000
  @Option(help: "on or off: ‘fence mymaster min-replicas all max-lag 1’.")
  var fence = "on"
  @Option(help: "How many replicas: 1 or 2. There are three Sentinels.")
  var replicas = 2
  @Option(help: "redis or valkey.")
  var server = "redis"
  @Option(help: "The release of Debian: bookworm has Redis 7.0, trixie 8.0 and Valkey 8.1.")
  var suite: String?
  @Option(help: "Where the raw lines of JSON go; by default a new file beside the sets.")
  var raw: String?
  @Option(help: "A directory for the journals of runs that failed or took longer than promised.")
  var journals: String?
  @Option(help: "The name of the set.")
  var id: String?

  func run() throws {
    let file =
      raw ?? "\(Laboratory.root)/vipd-deaths-\(ProcessInfo.processInfo.processIdentifier).jsonl"
    var benchmark = DeathBenchmark(
      client: Laboratory.neighbour("lab-client"), rawFile: file,
      progress: { FileHandle.standardError.write(Data("\($0)\n".utf8)) })
    benchmark.runs = runs
    benchmark.cases = try chosenCases()
    guard let package = ServerPackage(rawValue: server) else {
      throw ValidationError("‘\(server)’ is neither redis nor valkey")
    }
    benchmark.plan.server = package
    benchmark.suite = suite ?? (package == .redis ? "bookworm" : "trixie")
    guard runs > 0, downAfter > 0, [1, 2].contains(replicas), ["on", "off"].contains(fence) else {
      throw ValidationError("runs, a time, 1 or 2 replicas, and a fence that is on or off")
    }
    benchmark.plan.replicas = replicas
    benchmark.plan.downAfterMilliseconds = downAfter
    benchmark.fence = fence == "on"
    benchmark.journals = journals
    if let id { benchmark.id = id }
    print(try benchmark.run())
    print("\nraw: \(file)")
  }

  private func chosenCases() throws -> [DeathCase] {
    guard let cases else { return DeathCase.allCases }
    return try cases.split(separator: ",").map { name in
      guard let found = DeathCase(rawValue: String(name)) else {
        throw ValidationError("‘\(name)’ is no case")
      }
      return found
    }
  }
}
