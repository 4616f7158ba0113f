import EventRecording
import FailoverCore
import Foundation
import Testing

@testable import Lab

extension RealServers {
  @Suite("Recordings")
  struct Recordings {
    @Test func `What three daemons recorded of a kill replays without divergence`() throws {
      try RealServers.withLab {
        $0.agent = .daemon(path: Laboratory.neighbour("vipd"))
        $0.recordsEvents = true
      } _: { lab in
        let group = try lab.group()
        try lab.kill(.redis(group.name), on: 1)
        var new: Int?
        try waitUntil("a new master", timeoutMilliseconds: 30_000) { () throws(LabError) in
          new = try lab.master(of: group)
          return new != nil && new != 1
        }
        let successor = try #require(new)
        try lab.awaitHolder(group, number: successor)
        for number in lab.agentHosts { try lab.stop(.agent, on: number) }
        for number in lab.agentHosts {
          let run = try #require(try recording(of: group, on: lab.host(number)))
          if let divergence = run.firstDivergence() {
            Issue.record("h\(number) diverges in \(divergence)")
          }
          let orders = run.steps.flatMap(\.orders)
          let hasTaken = orders.contains { $0.hasPrefix("install ") }
          #expect(hasTaken == [1, successor].contains(number), "h\(number)")
          let events = run.steps.map(\.event)
          #expect(events.contains(.stopRequested(.release)), "h\(number)")
        }
      }
    }

    /// The one run that a daemon recorded.
    private func recording(of group: GroupPlan, on host: LabHost) throws -> EventRecording
      .Recording?
    {
      let path = "\(host.recordings)/\(group.name).events"
      let runs = try EventRecording.Recording.runs(
        of: String(contentsOfFile: path, encoding: .utf8))
      #expect(runs.count == 1)
      return runs.first
    }
  }
}
