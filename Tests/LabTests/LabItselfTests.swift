import Foundation
import Testing

@testable import Lab

extension RealServers {
  @Suite("The lab itself")
  struct LabItself {
    @Test func `Going down leaves no namespace, no process and no file`() throws {
      var plan = LabPlan(id: LabPlan.freshID())
      plan.agent = .script
      let lab = try Laboratory.up(plan)
      let observation = try RealServers.observe(lab)
      let processes = lab.hosts.flatMap { $0.processes.values } + lab.state.observers
      #expect(processes.count >= 10)
      #expect(processes.allSatisfy { $0.isRunning })
      _ = observation.end()
      lab.down()
      #expect(processes.allSatisfy { !$0.isRunning })
      #expect(Laboratory.namespaces(prefix: "vl-\(plan.id)-").isEmpty)
      #expect(!FileManager.default.fileExists(atPath: lab.directory))
      #expect(!Laboratory.existing().contains(plan.id))
    }

    @Test func `A lab whose state file is lost is found by its namespaces`() throws {
      try RealServers.withLab({ _ in }) { lab in
        let processes = lab.hosts.flatMap { $0.processes.values }
        try FileManager.default.removeItem(atPath: "\(lab.directory)/state.json")
        Laboratory.sweep(id: lab.plan.id)
        #expect(processes.allSatisfy { !$0.isRunning })
        #expect(Laboratory.namespaces(prefix: "vl-\(lab.plan.id)-").isEmpty)
      }
    }

    @Test func `A second lab of the same name is refused and the first stays`() throws {
      try RealServers.withLab({ _ in }) { lab in
        #expect(throws: LabError.self) { try Laboratory.up(lab.plan) }
        let group = try lab.group()
        #expect(try lab.master(of: group) == 1)
      }
    }

    @Test func `A partition drops between its sides and nowhere else, until healed`() throws {
      try RealServers.withLab({ _ in }) { lab in
        #expect(lab.canReach(from: "h1", address: "10.77.0.2", service: 6379))
        try lab.partition(["h1"], from: ["h2", "c1"])
        #expect(!lab.canReach(from: "h1", address: "10.77.0.2", service: 6379))
        #expect(!lab.canReach(from: "c1", address: "10.77.0.1", service: 6379))
        #expect(lab.canReach(from: "h1", address: "10.77.0.3", service: 6379))
        #expect(lab.canReach(from: "c1", address: "10.77.0.2", service: 6379))
        try lab.heal()
        #expect(lab.canReach(from: "h1", address: "10.77.0.2", service: 6379))
      }
    }

    @Test func `The script moves the VIP, and every watcher saw it`() throws {
      try RealServers.withLab { plan in
        plan.agent = .script
        plan.downAfterMilliseconds = 1000
      } _: { lab in
        let group = try lab.group()
        let observation = try RealServers.observe(lab)
        let kill = try lab.kill(.redis(group.name), on: 1)
        try waitUntil("a success elsewhere", timeoutMilliseconds: 30_000) {
          observation.recording.attempts.contains { $0.outcome == "ok" && $0.host != 1 }
        }
        let new = try #require(try lab.master(of: group))
        let recording = observation.end()
        let promotion = try #require(
          recording.promotion(of: group.name, after: kill, exceptFor: 1))
        #expect(promotion.host == new)
        let success = try #require(recording.firstSuccess(at: new, after: kill))
        let down = try #require(recording.events.first { $0.name == "+sdown" })
        #expect(kill < down.stamp)
        #expect(down.stamp < promotion.stamp)
        #expect(promotion.stamp < success.end)
        let history = HoldingHistory(of: "10.77.0.100", in: recording.addresses)
        #expect(history.holdersAtEnd == [new])
        #expect(recording.announcements.contains { $0.address == "10.77.0.100" })
      }
    }

    @Test func `A host without power says nothing and comes back with its files`() throws {
      try RealServers.withLab({ $0.useSeedTopology() }) { lab in
        try lab.powerOff(2)
        #expect(!lab.canReach(from: "c1", address: "10.77.0.2", service: 6379))
        try lab.powerOn(2)
        try lab.awaitSettled()
        let group = try lab.group()
        #expect(try lab.master(of: group) == 1)
      }
    }

    @Test func `A frozen server keeps its sockets and is silent until thawed`() throws {
      try RealServers.withLab({ _ in }) { lab in
        let part = Part.redis("mymaster")
        try lab.freeze(part, on: 2)
        #expect(throws: LabError.self) {
          try lab.connection(to: part, on: 2).command("PING", timeoutMilliseconds: 100)
        }
        try lab.thaw(part, on: 2)
        #expect(try lab.connection(to: part, on: 2).command("PING") == .status("PONG"))
      }
    }
  }
}
