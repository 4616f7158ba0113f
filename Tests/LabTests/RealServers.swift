import Foundation
import Glibc
import Testing

@testable import Lab

/// The tests that start real servers; one after the other, since each wants the machine to itself.
@Suite("Real servers", .serialized, .enabled(if: geteuid() == 0, "namespaces need root"))
enum RealServers {
  /// Brings a lab up, runs a test on it and takes it down, whatever comes.
  static func withLab(
    _ shape: (inout LabPlan) -> Void, _ body: (Laboratory) throws -> Void
  ) throws {
    var plan = LabPlan(id: LabPlan.freshID())
    shape(&plan)
    let lab = try Laboratory.up(plan)
    defer { lab.down() }
    try body(lab)
  }

  /// Watches a lab during a test; the client writes through the first VIP of each group.
  static func observe(_ lab: Laboratory) throws -> Observation {
    try Observation(lab, client: Laboratory.neighbour("lab-client"))
  }
}
