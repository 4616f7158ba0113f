import Foundation
import Glibc

/// What a daemon with many groups and virtual addresses costs, and how that grows.
struct CrowdBenchmark {
  /// Virtual addresses of a group: a thousand in two hundred groups.
  static let addressesInGroup = 5

  let benchmark: Benchmark
  /// The program `micro`.
  let micro: String
  /// For how long the daemon's processor time is looked at.
  let seconds: Int

  /// What a daemon with some groups costs.
  struct Outcome {
    /// From its start until the last address is there.
    var takenMilliseconds: Double
    var mebibytes: Double
    /// Of a core.
    var percent: Double
  }

  func run(groups: Int) throws(LabError) -> Outcome {
    let servers = try StandInLab([micro, "servers", "\(groups)"])
    defer { servers.down() }
    let begun = Stamp.now()
    let daemon = try servers.startDaemon(benchmark.vipd, groups: groups, addresses: Self.addresses)
    let wanted = groups * Self.addressesInGroup
    try waitUntil("all \(wanted) addresses", timeoutMilliseconds: 60_000) { () throws(LabError) in
      try count(servers.host) == wanted
    }
    let taken = Stamp.now().milliseconds(since: begun)
    // What a take leaves to do is over after the last round of announcements.
    pause(milliseconds: 5000)
    let before = daemon.processorTicks ?? 0
    pause(milliseconds: seconds * 1000)
    let ticks = Double((daemon.processorTicks ?? 0) - before)
    return Outcome(
      takenMilliseconds: taken, mebibytes: Double(daemon.residentKibibytes ?? 0) / 1024,
      percent: ticks / Double(sysconf(Int32(_SC_CLK_TCK))) / Double(seconds) * 100)
  }

  /// How many virtual addresses the host has, beside its own address.
  private func count(_ host: LabHost) throws(LabError) -> Int {
    try Subprocess(["ip", "-n", host.namespace, "-o", "-4", "addr", "show", "dev", "eth0"]).run()
      .split(separator: "\n").count - 1
  }

  private static func addresses(of group: Int) -> [String] {
    (0..<addressesInGroup).map { index in
      let number = group * addressesInGroup + index
      return "10.77.\(10 + number / 250).\(1 + number % 250)/16"
    }
  }
}
