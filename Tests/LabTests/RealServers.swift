import Foundation
import Glibc
import Testing

@testable import Lab

/// The tests that start real servers; two side by side, since each waits most of its time.
///
/// A third would send Sentinels into TILT on two cores: their timers must not be late.
@Suite("Real servers", .enabled(if: geteuid() == 0, "namespaces need root"))
enum RealServers {
  private static let gate = DispatchSemaphore(value: 2)

  /// Brings a lab up, runs a test on it and takes it down, whatever comes.
  static func withLab(
    _ shape: (inout LabPlan) -> Void, _ body: (Laboratory) throws -> Void
  ) throws {
    gate.wait()
    defer { gate.signal() }
    var plan = LabPlan(id: LabPlan.freshID())
    shape(&plan)
    let lab = try Laboratory.up(plan)
    defer {
      keepLogs(of: lab)
      lab.down()
    }
    try body(lab)
  }

  /// Watches a lab during a test; the client writes through the first VIP of each group.
  static func observe(_ lab: Laboratory) throws -> Observation {
    try Observation(lab, client: Laboratory.neighbour("lab-client"))
  }

  /// Brings a lab with `vipd` up, with a client that is being served, and checks at the end that no
  /// two hosts ever held a VIP at once.
  ///
  /// - Parameters:
  ///   - shape: changes the plan: three hosts, one group, one VIP, down-after 3000.
  ///   - body: the test; it gets all that is watched.
  /// - Throws: what the lab or the test throws.
  static func withDaemons(
    _ shape: (inout LabPlan) -> Void = { _ in }, _ body: (Trial) throws -> Void
  ) throws {
    try withLab {
      $0.agent = .daemon(path: Laboratory.neighbour("vipd"))
      shape(&$0)
    } _: { lab in
      let observation = try observe(lab)
      let trial = Trial(lab: lab, observation: observation, group: try lab.group())
      let start = Stamp.now()
      try trial.awaitSuccess(at: trial.group.members[0], after: start)
      try body(trial)
      let end = Stamp.now()
      let recording = observation.end()
      for address in lab.plan.groups.flatMap(\.addresses) {
        let history = HoldingHistory(of: address, in: recording.addresses)
        #expect(history.overlap(until: end) == 0, "two holders of \(address): \(history)")
      }
    }
  }
}

extension Trial {
  /// Waits until Sentinel's failover is over and the VIPs and the client are at the new master.
  @discardableResult
  func awaitTakeover(after fault: Stamp) throws -> RoleChange {
    let promotion = try awaitPromotion(after: fault)
    try lab.awaitHolder(group, number: promotion.host)
    try awaitSuccess(at: promotion.host, after: promotion.stamp)
    return promotion
  }

  /// Waits until a Redis follows another as its replica.
  func awaitReplica(on host: Int) throws {
    try waitUntil("h\(host) to be a replica", timeoutMilliseconds: 40_000) {
      let role = try? lab.connection(to: .redis(group.name), on: host).command("ROLE").parts
      return role?.first?.text == "slave" && role?.dropFirst(3).first?.text == "connected"
    }
  }

  /// When a host got an address for the first time after a moment.
  func arrival(of address: String, on host: Int, after stamp: Stamp) -> Stamp? {
    observation.recording.addresses.first {
      $0.address == address && $0.host == host && $0.isPresent && $0.stamp > stamp
    }?.stamp
  }

  /// Whether a host has been without an address at any time since a moment.
  func hasLost(_ address: String, on host: Int, after stamp: Stamp) -> Bool {
    observation.recording.addresses.contains {
      $0.address == address && $0.host == host && !$0.isPresent && $0.stamp > stamp
    }
  }

  /// The tries of the client since a moment that failed.
  func failures(after stamp: Stamp) -> [ProbeAttempt] {
    observation.recording.attempts.filter { $0.start > stamp && $0.outcome != "ok" }
  }
}
