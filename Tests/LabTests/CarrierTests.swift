import Glibc
import Testing

@testable import Lab

extension RealServers {
  @Suite("The cable of the VIP, and of nothing else")
  struct Carriers {
    @Test func `A holder without a carrier moves the master, and loses nothing`() throws {
      let result = try RealServers.withWriter {
        $0.useClientNetwork()
        $0.extraConfiguration = ["on-carrier-loss mymaster move"]
      } _: { trial throws(LabError) in
        try trial.lab.awaitFence("armed", of: trial.group, on: 1)
        let stamp = try trial.lab.cutClients(1)
        try trial.awaitServiceElsewhere(after: stamp)
        return stamp
      }
      #expect(result.master != 1)
      #expect(result.lost.count == 0, "\(result.losses)")
    }

    @Test func `Where another host has no carrier either, the third is the one that is named`()
      throws
    {
      let result = try RealServers.withWriter {
        $0.useClientNetwork()
        $0.extraConfiguration = ["on-carrier-loss mymaster move"]
      } _: { trial throws(LabError) in
        try trial.lab.cutClients(2)
        try waitUntil("h2 to say so", timeoutMilliseconds: 5_000) { () throws(LabError) in
          try trial.lab.status(of: trial.group, on: 2).problems?.isEmpty == false
        }
        let stamp = try trial.lab.cutClients(1)
        try trial.awaitServiceElsewhere(after: stamp)
      }
      #expect(result.master == 3)
      #expect(result.lost.count == 0, "\(result.losses)")
    }

    @Test func `A dead cable is told on every host, and fixed without a word`() throws {
      try RealServers.withDaemons {
        $0.useClientNetwork()
      } _: { trial in
        for number in [1, 2] {
          try trial.lab.cutClients(number)
          try trial.awaitProblem("carrier-lost", on: number)
        }
        for number in [1, 2] {
          try trial.lab.mendClients(number)
          try trial.awaitNoProblem(on: number)
        }
        try trial.awaitSuccess(at: 1, after: .now())
      }
    }

    @Test func `A machine that always answers is named, and means nothing once it is ignored`()
      throws
    {
      try RealServers.withDaemons { trial in
        try trial.lab.stop(.agent, on: 1)
        // It has to answer only; whether arping(8) takes its announcements for answered is no matter.
        try? trial.lab.bringStranger(claiming: trial.group.virtualAddresses[0])
        try trial.lab.start(.agent, on: 1)
        var remedy: String?
        try waitUntil("the problem", timeoutMilliseconds: 15_000) { () throws(LabError) in
          let problems = try trial.lab.status(of: trial.group, on: 1).problems ?? []
          let text = problems.first { $0.id == "address-in-use" }?.text ?? ""
          remedy = text.split(separator: "'").first { $0.hasPrefix("probe ") }.map(String.init)
          return remedy != nil
        }
        let path = try trial.lab.host(1).configurationPath(.agent)
        try writeFile(path, try readFile(path) + (remedy ?? "") + "\n")
        try trial.lab.process(.agent, on: 1).send(SIGHUP)
        try trial.lab.awaitHolder(trial.group, number: 1)
        let problems = try trial.lab.status(of: trial.group, on: 1).problems ?? []
        // The other hosts were not told to ignore it: that is said, and nothing else.
        #expect(problems.allSatisfy { $0.id == "configuration-differs" })
      }
    }

    @Test func `A VIP that a script left on the master is adopted without a gap`() throws {
      try RealServers.withDaemons { _ in
      } _: { trial in
        try trial.lab.kill(.agent, on: 1)
        // What keepalived or netplan would have put there; the lease ends by itself.
        try trial.lab.configure(
          try trial.lab.host(1).namespace, ["addr add 10.77.0.100/24 dev eth0"])
        try waitUntil("the proof to be void", timeoutMilliseconds: 10_000) { () throws(LabError) in
          try trial.copies(on: 1) == ["10.77.0.100/24"]
        }
        let start = Stamp.now()
        try trial.awaitSuccess(at: 1, after: start)
        try trial.lab.start(.agent, on: 1)
        try waitUntil("the lease", timeoutMilliseconds: 10_000) { () throws(LabError) in
          try trial.copies(on: 1) == ["10.77.0.100/32"]
        }
        try trial.awaitSuccess(at: 1, after: .now())
        #expect(trial.failures(after: start).isEmpty, "\(trial.failures(after: start))")
      }
    }
  }
}

extension Trial {
  /// Waits until the `vipd` of a host tells of a problem, and `vipctl` exits with 3 for it.
  fileprivate func awaitProblem(_ id: String, on number: Int) throws {
    try waitUntil("\(id) on h\(number)", timeoutMilliseconds: 5_000) { () throws(LabError) in
      try lab.status(of: group, on: number).problems?.map(\.id) == [id]
    }
    let (status, output) = try lab.vipctl(
      Laboratory.neighbour("vipctl"), on: number, ["status"])
    #expect(status == 3 && output.contains("has no carrier"), "\(output)")
  }

  fileprivate func awaitNoProblem(on number: Int) throws {
    try waitUntil("no problem on h\(number)", timeoutMilliseconds: 5_000) { () throws(LabError) in
      try lab.status(of: group, on: number).problems?.isEmpty == true
    }
  }

  /// The copies of the VIP that a host has, with their prefix lengths.
  fileprivate func copies(on number: Int) throws(LabError) -> [String] {
    try Subprocess(
      ["ip", "-n", try lab.host(number).namespace, "-o", "addr", "show", "dev", "eth0"]
    ).run().split(whereSeparator: { $0 == " " || $0 == "\n" }).map(String.init)
      .filter { $0.hasPrefix(group.firstAddress + "/") }
  }
}
