import Foundation
import Glibc
import Testing

@testable import Lab

extension RealServers {
  @Suite("vipctl doctor on real servers")
  struct Doctor {
    private struct Answer: Decodable {
      struct Group: Decodable {
        let findings: [Finding]
        let unseen: [Unseen]
      }
      struct Finding: Decodable {
        let id: String
        let severity: String
        let host: String?
        let text: String
      }
      struct Unseen: Decodable {
        let what: String
        let why: String
      }
      let groups: [Group]
    }

    /// Findings but notes, which tell of the machine under the lab, and the exit status.
    private static func doctor(
      _ trial: Trial, on host: Int
    ) throws -> (status: Int32, findings: [Answer.Finding]) {
      // In the host's namespace: it asks the servers itself.
      let (status, output) = try trial.lab.vipctl(
        Laboratory.neighbour("vipctl"), on: host, ["doctor", "--json"], isInside: true)
      let answer = try JSONDecoder().decode(Answer.self, from: Data(output.utf8))
      return (status, answer.groups.flatMap(\.findings).filter { $0.severity != "note" })
    }

    /// Waits until a finding is there, seen from a host.
    private static func awaitFinding(
      _ id: String, about: String? = nil, _ trial: Trial, on host: Int
    ) throws {
      var last: [Answer.Finding] = []
      do {
        try waitUntil("\(id) from h\(host)", timeoutMilliseconds: 15_000) {
          guard let found = try? doctor(trial, on: host) else { return false }
          last = found.findings
          return found.status == 3
            && last.contains { $0.id == id && (about == nil || $0.host == about) }
        }
      } catch {
        Issue.record("no \(id) from h\(host), but: \(last)")
      }
    }

    /// Waits until nothing is found.
    private static func awaitWell(_ trial: Trial, on hosts: [Int]) throws {
      for host in hosts {
        var last: [Answer.Finding] = []
        do {
          try waitUntil("a well group from h\(host)", timeoutMilliseconds: 20_000) {
            guard let found = try? doctor(trial, on: host) else { return false }
            last = found.findings
            return found.status == 0
          }
        } catch {
          Issue.record("h\(host): \(last)")
        }
      }
    }

    @Test func `A well lab gives nothing; each fault is seen from another host`() throws {
      try RealServers.withDaemons { trial in
        let lab = trial.lab
        try Self.awaitWell(trial, on: [1, 2, 3])
        let two = "10.77.0.2:\(trial.group.port)"
        func set(_ name: String, _ value: String, on hosts: Int...) throws {
          for host in hosts {
            let link = try lab.connection(to: .redis(trial.group.name), on: host)
            try link.command("CONFIG", "SET", name, value)
          }
        }
        func setQuorum(_ value: Int) throws {
          let link = try lab.connection(to: .sentinel, on: 2)
          try link.command("SENTINEL", "SET", trial.group.name, "quorum", "\(value)")
        }
        try set("bind", "10.77.0.2", on: 2)
        try Self.awaitFinding("redis-bind", about: two, trial, on: 1)
        try Self.awaitFinding("redis-bind", about: two, trial, on: 3)
        try set("bind", "*", on: 2)

        try set("replica-priority", "0", on: 2, 3)
        try Self.awaitFinding("replica-priority-zero", trial, on: 1)
        try set("replica-priority", "100", on: 2, 3)

        try setQuorum(3)
        try Self.awaitFinding("quorum-unlike", trial, on: 3)
        try setQuorum(lab.plan.quorum)

        let file = try lab.host(2).configurationPath(.agent)
        guard unsafe chmod(file, 0o666) == 0 else { throw POSIXError(.EPERM) }
        try Self.awaitFinding("configuration-writable", about: two, trial, on: 1)
        guard unsafe chmod(file, 0o644) == 0 else { throw POSIXError(.EPERM) }

        try lab.kill(.agent, on: 3)
        try Self.awaitFinding(
          "daemon-missing", about: "10.77.0.3:\(trial.group.port)", trial, on: 2)
        try lab.start(.agent, on: 3)
        try Self.awaitWell(trial, on: [1])
      }
    }

    @Test func `Protected mode of a standby is seen from another host`() throws {
      try RealServers.withDaemons { trial in
        let two = "10.77.0.2:\(trial.group.port)"
        let link = try trial.lab.connection(to: .redis(trial.group.name), on: 2)
        try link.command("CONFIG", "SET", "protected-mode", "yes")
        try Self.awaitFinding("redis-protected", about: two, trial, on: 3)
        try link.command("CONFIG", "SET", "protected-mode", "no")
      }
    }
  }
}
