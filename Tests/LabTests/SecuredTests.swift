import Foundation
import Testing

@testable import Lab

extension RealServers {
  /// Servers without a port that speaks in the clear; what is seen comes from their sockets in the file
  /// system and from the link, for the lab's client speaks no TLS.
  @Suite("TLS everywhere, and a password for everybody")
  struct Secured {
    private static func withSecured(
      _ shape: (inout LabPlan) -> Void = { _ in }, _ body: (Trial) throws -> Void
    ) throws {
      try RealServers.withLab {
        $0.agent = .daemon(path: Laboratory.neighbour("vipd"))
        $0.fence = "min-replicas all max-lag 1"
        $0.isSecured = true
        shape(&$0)
      } _: { lab in
        let trial = Trial(
          lab: lab, observation: try RealServers.observe(lab), group: try lab.group())
        try lab.awaitFence("armed", of: trial.group, on: 1)
        try body(trial)
        let end = Stamp.now()
        let history = HoldingHistory(
          of: trial.group.firstAddress, in: trial.observation.end().addresses)
        #expect(history.overlap(until: end) == 0, "two holders: \(history)")
      }
    }

    @Test func `Killed, moved and fenced: all as without TLS, and nothing is amiss`() throws {
      try Self.withSecured { trial in
        try trial.awaitNoProblem(on: [1, 2, 3])
        let (status, output) = try trial.lab.move(trial.group, to: "10.77.0.2", on: 3)
        #expect(status == 0, "\(output)")
        try trial.lab.awaitHolder(trial.group, number: 2)
        #expect(try trial.lab.awaitOrder(trial.group) == 2)
        try trial.lab.awaitFence("armed", of: trial.group, on: 2)
        let fault = try trial.lab.kill(.redis(trial.group.name), on: 2)
        let promotion = try trial.awaitPromotion(after: fault, old: 2)
        try trial.lab.awaitHolder(trial.group, number: promotion.host)
        try trial.lab.start(.redis(trial.group.name), on: 2)
        #expect(try trial.lab.awaitOrder(trial.group) == promotion.host)
        try trial.lab.awaitFence("armed", of: trial.group, on: promotion.host)
        try trial.awaitNoProblem(on: [1, 2, 3])
      }
    }

    @Test func `A power loss: the VIP goes to who is promoted`() throws {
      try Self.withSecured { trial in
        let promotion = try trial.awaitPromotion(after: trial.lab.powerOff(1))
        try trial.lab.awaitHolder(trial.group, number: promotion.host)
      }
    }

    @Test func `The hook alone finds the master over TLS`() throws {
      try RealServers.withLab {
        $0.agent = .hook(
          path: Laboratory.neighbour("vipd-reconfig"), daemon: Laboratory.neighbour("vipd"))
        $0.extraConfiguration = ["daemonless yes"]
        $0.isSecured = true
      } _: { lab in
        let group = try lab.group()
        let observation = try RealServers.observe(lab)
        let fault = try lab.kill(.redis(group.name), on: 1)
        let promotion = try observation.awaitPromotion(of: group.name, after: fault, exceptFor: 1)
        try waitUntil("the VIP at the new master", timeoutMilliseconds: 30_000) {
          () throws(LabError) in try lab.holders(of: group.firstAddress).contains(promotion.host)
        }
        _ = observation.end()
      }
    }

    @Test func `A certificate is renewed by a reload; a bad one is refused, and changes nothing`()
      throws
    {
      try Self.withSecured { trial in
        let lab = trial.lab
        let host = try lab.host(1)
        let files = lab.agentFiles(on: host)
        let old = try readFile(files.certificate)
        try writeFile(files.certificate, "no certificate\n")
        let bad = try lab.vipctl(Laboratory.neighbour("vipctl"), on: 1, ["reload"])
        #expect(bad.status == 1)
        #expect(bad.output.contains("\(files.certificate): expected certificates in PEM form"))
        #expect(try lab.holders(of: trial.group.firstAddress) == [1])
        // A new certificate with the old key is half of a renewal.
        let base = String(files.certificate.dropLast(4))
        try lab.sign(base + "-new", subject: "vipd", names: nil, days: 3)
        try writeFile(files.certificate, try readFile(base + "-new.crt"))
        let half = try lab.vipctl(Laboratory.neighbour("vipctl"), on: 1, ["reload"])
        #expect(half.status == 1)
        #expect(half.output.contains("this is not the key of the certificate in"))
        try writeFile(files.key, try readFile(base + "-new.key"))
        let good = try lab.vipctl(Laboratory.neighbour("vipctl"), on: 1, ["reload"])
        #expect(good.status == 0, "\(good.output)")
        #expect(try readFile(files.certificate) != old)
        try trial.awaitProblem("the certificate in \(files.certificate) expires on", on: 1)
        #expect(try lab.holders(of: trial.group.firstAddress) == [1])
      }
    }

    @Test func `A Redis that shows another host's certificate is not believed, and told`() throws {
      try Self.withSecured { trial in
        let lab = trial.lab
        let other = try lab.host(2)
        let host = try lab.host(3)
        for (old, new) in [
          (lab.serverFiles(host).certificate, lab.serverFiles(other).certificate),
          (lab.serverFiles(host).key, lab.serverFiles(other).key),
        ] { try writeFile(old, try readFile(new)) }
        try lab.kill(.redis(trial.group.name), on: 3)
        try lab.start(.redis(trial.group.name), on: 3)
        let text = try trial.awaitProblem("redis-tls: ", on: 3)
        #expect(text.contains("its certificate names 10.77.0.2"), "\(text)")
        #expect(text.contains("and not 10.77.0.3"), "\(text)")
        #expect(try lab.holders(of: trial.group.firstAddress) == [1])
      }
    }
  }
}

extension Laboratory {
  /// What the `vipd` of a host says is wrong, with the group by its label too, and with itself.
  fileprivate func problems(of group: GroupPlan, on number: Int) throws(LabError) -> [String] {
    struct Answer: Decodable {
      var groups: [AgentStatus]
      var problems: [String]?
    }
    let text = try connection(to: .agent, on: number).command("STATUS", group.name).text ?? ""
    guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(text.utf8)) else {
      throw .unexpectedReply(text)
    }
    let own = answer.groups.flatMap { $0.problems ?? [] }
    return (answer.problems ?? []) + own.map { "\($0.id): \($0.text)" }
  }
}

extension Trial {
  /// Waits until the `vipd` of each of some hosts has nothing to complain of.
  fileprivate func awaitNoProblem(on hosts: [Int]) throws {
    for number in hosts {
      var found: [String] = []
      do {
        try waitUntil("no problem on h\(number)", timeoutMilliseconds: 30_000) {
          () throws(LabError) in
          found = try lab.problems(of: group, on: number)
          return found.isEmpty
        }
      } catch {
        Issue.record("h\(number): \(found)")
      }
    }
  }

  /// Waits for a problem of which some words are known; the whole of it.
  @discardableResult
  fileprivate func awaitProblem(_ words: String, on number: Int) throws -> String {
    var found: String?
    try waitUntil("'\(words)' on h\(number)", timeoutMilliseconds: 20_000) {
      () throws(LabError) in
      found = try lab.problems(of: group, on: number).first { $0.contains(words) }
      return found != nil
    }
    return found ?? ""
  }
}
