import HostKit
import Testing

@testable import Lab

/// The tests that need real hosts: one set for all of them, one test after the other.
@Suite(
  "Real hosts", .serialized,
  .enabled(if: HostSet.obstacle == nil, "\(HostSet.obstacle ?? "")"), .bootedHosts)
enum RealHosts {
  /// What a test begins with: nothing is wrong anywhere, and one host has the VIPs.
  struct Scene {
    /// All hosts.
    let set: HostSet
    /// The host of the master, with the VIPs.
    let holder: DebianHost

    /// The hosts of the replicas.
    var others: [DebianHost] { self.set.hosts.filter { $0 != holder } }

    /// Another host than the holder's, to do things from.
    var replica: DebianHost {
      get throws { try #require(others.first) }
    }
  }

  /// Mends what the test before has left, however it ended.
  static func begin() throws -> Scene {
    let set = try #require(BootedHosts.current)
    return Scene(set: set, holder: try set.mend())
  }
}

/// Boots the hosts before the first test of a suite and takes them down after the last.
struct BootedHosts: SuiteTrait, TestScoping {
  @TaskLocal static var current: HostSet?

  func provideScope(
    for test: Test, testCase: Test.Case?,
    performing function: @concurrent @Sendable () async throws -> Void
  ) async throws {
    HostSet.sweepAbandoned()
    let set = try HostSet.up(id: HostSet.testID)
    defer { set.down() }
    try set.install()
    try await Self.$current.withValue(set) { try await function() }
  }
}

extension Trait where Self == BootedHosts {
  static var bootedHosts: Self { Self() }
}

extension RealHosts.Scene {
  /// What a unit writes into its journal from now on.
  func journal(of unit: String, on host: DebianHost) throws -> Journal {
    let output = try host.run("journalctl --sync; journalctl -n 1 -o cat --show-cursor")
    let mark = "-- cursor: "
    let line = try #require(output.split(separator: "\n").last { $0.hasPrefix(mark) })
    return Journal(host: host, unit: unit, cursor: String(line.dropFirst(mark.count)))
  }

  /// Waits until one of the other hosts, and no host besides, has the VIPs.
  func awaitTakeover() throws -> DebianHost {
    var new: DebianHost?
    try waitUntil("the VIPs on another host", timeoutMilliseconds: 60_000) { () throws(LabError) in
      let holders = try HostSet.virtualAddresses.map { address throws(LabError) in
        try set.holders(of: address)
      }
      new = others.first { host in holders.allSatisfy { $0 == [host.number] } }
      return new != nil
    }
    return try #require(new)
  }

  /// Moves the master as an operator does, and returns the report.
  ///
  /// Soon after a failover a Sentinel makes a replica again of what another one promotes, so
  /// `vipctl` refuses until it no longer would.
  @discardableResult
  func move(_ options: String = "") throws -> String {
    var refusal = ""
    do {
      try waitUntil("", timeoutMilliseconds: 60_000, paceMilliseconds: 500) {
        let plan = holder.outcome(of: "vipctl move mymaster --dry-run \(options)")
        refusal = plan.output
        return plan.status == 0
      }
    } catch {
      throw LabError.timedOut(waitingFor: "a move without an obstacle: \(refusal)")
    }
    return try holder.run("vipctl move mymaster \(options)", limitSeconds: 120)
  }

  /// The hosts that have any VIP.
  func holders() throws -> Set<Int> {
    Set(try HostSet.virtualAddresses.flatMap { try set.holders(of: $0) })
  }

  /// Since when the group's state on a host is what it is.
  func stateBegan(on host: DebianHost) throws -> String {
    let text = host.outcome(of: "vipctl status --json").output
    let piece = try #require(text.split(separator: "\"since\":\"").dropFirst().first)
    return String(piece.prefix { $0 != "\"" })
  }
}

/// The lines of a unit after a moment.
struct Journal {
  let host: DebianHost
  let unit: String
  let cursor: String

  /// All lines, with the unit's own and systemd's about it.
  func lines() throws(LabError) -> [String] {
    let command = "journalctl --sync; journalctl -u \(unit) -o cat --after-cursor='\(cursor)'"
    return try host.run(command).split(separator: "\n").map(String.init)
  }

  /// Waits for a line that has a text in it.
  func awaitLine(_ text: String) throws(LabError) {
    try waitUntil("‘\(text)’ in the journal of \(host.name)", timeoutMilliseconds: 30_000) {
      () throws(LabError) in
      try lines().contains { $0.contains(text) }
    }
  }
}

/// A client that writes through the first VIP as long as a test lets it.
struct WritingClient {
  private let process: LabProcess
  private let log: String

  init(_ set: HostSet) throws {
    log = "\(set.directory)/client.log"
    try writeFile(log, "")
    let words = [Laboratory.neighbour("lab-client"), "probe", HostSet.virtualAddresses[0], "6379"]
    process = LabProcess(number: try Subprocess(set.clientWords(words)).start(log: log))
    try awaitSuccess(after: Stamp(nanoseconds: 0))
  }

  /// All tries so far.
  var attempts: [ProbeAttempt] {
    let text = (try? readFile(log)) ?? ""
    return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().compactMap {
      ProbeAttempt(line: $0)
    }
  }

  /// Waits for a write that began after a moment and was acknowledged.
  func awaitSuccess(after stamp: Stamp = .now()) throws {
    try waitUntil("a write through the VIP", timeoutMilliseconds: 30_000) {
      attempts.contains { $0.start > stamp && $0.outcome == "ok" }
    }
  }

  /// Ends it.
  func end() throws { try process.end() }
}
