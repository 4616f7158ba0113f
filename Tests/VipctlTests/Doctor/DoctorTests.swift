import Addresses
import ControlProtocol
import Foundation
import Testing

@testable import vipctl

/// A change of the well group, what must be found by it, and words that must stand there.
private struct Fault: CustomTestStringConvertible, Sendable {
  let kind: DoctorKind
  let words: String
  let change: @Sendable (inout DoctorFacts) -> Void

  init(
    _ kind: DoctorKind, _ words: String, _ change: @escaping @Sendable (inout DoctorFacts) -> Void
  ) {
    (self.kind, self.words, self.change) = (kind, words, change)
  }

  var testDescription: String { kind.rawValue }
}

private let hostFaults: [Fault] = [
  Fault(.addressInFile, "line 7 of /etc/netplan/50.yaml names 10.77.0.100") {
    $0.hosts[1].facts?.lines = [
      HostFactsDocument.Line {
        ($0.path, $0.number, $0.address) = ("/etc/netplan/50.yaml", 7, "10.77.0.100")
      }
    ]
  },
  Fault(.arpFilter, "net.ipv4.conf.eth0.arp_filter is 1") {
    DoctorExample.set("net.ipv4.conf.eth0.arp_filter", 1, &$0)
  },
  Fault(.conntrackFull, "81 of 100") {
    DoctorExample.set("net.netfilter.nf_conntrack_count", 81, &$0)
  },
  Fault(.overcommitMemory, "vm.overcommit_memory is 0") {
    DoctorExample.set("vm.overcommit_memory", 0, &$0)
  },
  Fault(.daemonMissing, "no vipd speaks for Redis 10.77.0.3:6379") { $0.hosts.removeLast() },
  Fault(.daemonSilent, "vipd 0.0.9 there is older") {
    ($0.hosts[2].facts, $0.hosts[2].version) = (nil, "0.0.9")
  },
  Fault(.versionsDiffer, "10.77.0.2:6379 0.2.0") { $0.hosts[1].facts?.version = "0.2.0" },
  Fault(.clocksApart, "its clock is 1.3 s behind") { $0.hosts[1].facts?.wallMs -= 1_301 },
  Fault(.clockUnsynchronized, "no server of time") {
    $0.hosts[1].facts?.isClockSynchronized = false
  },
  Fault(.memoryUnlocked, "0 KiB locked") { $0.hosts[1].facts?.lockedKiB = 0 },
  Fault(.journalUnreachable, "/run/systemd/journal/socket") {
    $0.hosts[1].facts?.hasJournal = false
  },
  Fault(.configurationWritable, "(mode 664)") { $0.hosts[1].facts?.files[0].mode = 0o664 },
  Fault(.secretReadable, "redis.pass (mode 444)") { $0.hosts[1].facts?.files[1].mode = 0o444 },
  Fault(.hookNotExecutable, "has mode 744") { $0.hosts[1].facts?.files[2].mode = 0o744 },
  Fault(.restartWipes, "redis-server.service restarts it at once (Restart=always)") {
    $0.servers[1].settings["appendonly"] = "no"
  },
]

private let sentinelFaults: [Fault] = [
  Fault(.noSentinelAnswers, "no Sentinel of mymaster answers") {
    for index in 0..<3 { $0.sentinels[index].base.problem = .silent }
  },
  Fault(.sentinelUnreachable, "no answer from Sentinel 10.77.0.2:26379") {
    $0.sentinels[1].base.problem = .silent
  },
  Fault(.sentinelPassword, "WRONGPASS") {
    $0.sentinels[1].base.problem = .refused("WRONGPASS invalid username-password pair")
  },
  Fault(.sentinelRightMissing, "refuses SENTINEL CKQUORUM") {
    $0.sentinels[1].refusedCommand = "SENTINEL CKQUORUM"
  },
  Fault(.masterUnmonitored, "does not monitor 'mymaster', but: other") {
    ($0.sentinels[1].base.master, $0.sentinels[1].base.masters) = (nil, ["other"])
  },
  Fault(.sentinelsFew, "there are 2 Sentinels") { facts in
    facts.sentinels.removeLast()
    for index in 0..<2 { facts.sentinels[index].base.others["id3"] = nil }
  },
  Fault(.sentinelsEven, "there are 4 Sentinels") { facts in
    for index in 0..<3 { facts.sentinels[index].base.others["id4"] = SetupExample.node(4, 26379) }
  },
  Fault(.sentinelsShareHost, "2 Sentinels run on 10.77.0.2") {
    $0.sentinels[0].base.others["id3"] = SetupExample.node(2, 26380)
  },
  Fault(.quorumOne, "the quorum is 1") { facts in
    for index in 0..<3 { facts.sentinels[index].base.master?.quorum = 1 }
  },
  Fault(.quorumMinority, "the quorum 2 is no majority of 5") { facts in
    for index in 0..<3 {
      for other in 4...5 {
        facts.sentinels[index].base.others["id\(other)"] = SetupExample.node(other, 26379)
      }
    }
  },
  Fault(.quorumTooHigh, "the quorum is 4, and there are 3") {
    $0.sentinels[1].base.master?.quorum = 4
  },
  Fault(.quorumUnlike, "10.77.0.2:26379 has 3") { $0.sentinels[1].base.master?.quorum = 3 },
  Fault(.downAfterShort, "is 1999") { facts in
    for index in 0..<3 { facts.sentinels[index].base.master?.downAfterMilliseconds = 1_999 }
  },
  Fault(.downAfterUnlike, "10.77.0.2:26379 has 5000") {
    $0.sentinels[1].base.master?.downAfterMilliseconds = 5_000
  },
  Fault(.failoverTimeoutShort, "failover-timeout is 9999 ms") { facts in
    for index in 0..<3 { facts.sentinels[index].failoverTimeout = 9_999 }
  },
  Fault(.failoverTimeoutUnlike, "10.77.0.2:26379 has 60000") {
    $0.sentinels[1].failoverTimeout = 60_000
  },
  Fault(.sentinelInTilt, "10.77.0.2:26379 is in TILT") { $0.sentinels[1].isTilted = true },
  Fault(.sentinelPhantom, "Sentinel 10.77.0.9:26379 is listed and down") {
    $0.sentinels[1].downSentinels = [SetupExample.node(9, 26379)]
  },
  Fault(.sentinelsDisagree, "10.77.0.2:26379 names 10.77.0.3:6379") {
    $0.sentinels[1].base.master?.node = SetupExample.node(3)
  },
  Fault(.sentinelUnlisted, "10.77.0.2:26379 does not list the one of run id id3") {
    $0.sentinels[1].base.others["id3"] = nil
  },
  Fault(.namesMixed, "by name (redis2:6379)") {
    $0.sentinels[1].base.replicas[0] = ServerNode(host: "redis2", port: 6379)
  },
  Fault(.loopbackNamed, "Sentinel names 127.0.0.1:6379") {
    $0.sentinels[1].base.replicas[0] = ServerNode(host: "127.0.0.1", port: 6379)
  },
  Fault(.quorumCheckFails, "says: NOQUORUM 1 usable Sentinels") {
    $0.sentinels[1].quorumProblem = "NOQUORUM 1 usable Sentinels"
  },
  Fault(.hookUnlike, "10.77.0.2:26379 has no client-reconfig-script") {
    $0.sentinels[1].hook = ""
  },
]

private let redisFaults: [Fault] = [
  Fault(.redisUnreachable, "no answer from Redis 10.77.0.2:6379") {
    $0.servers[1].base.problem = .silent
  },
  Fault(.redisPassword, "lets vipd in no more: it says: WRONGPASS") {
    $0.servers[1].base.loginProblem = .refused("WRONGPASS")
  },
  Fault(.redisRightMissing, "refuses to vipd: CONFIG GET") {
    $0.servers[1].refusedCommands = ["CONFIG GET"]
  },
  Fault(.redisRightWide, "the user vipd of Redis 10.77.0.2:6379 may use every command") {
    $0.servers[1].isUserWide = true
  },
  Fault(.redisBind, "Redis 10.77.0.2:6379 does not listen at 10.77.0.100, but at: 10.77.0.2") {
    $0.servers[1].base.bind = ["10.77.0.2"]
  },
  Fault(.redisProtected, "Redis 10.77.0.2:6379 is in protected mode") {
    $0.servers[1].base.problem = .refused("DENIED Redis is running in protected mode")
  },
  Fault(.replicaPriorityZero, "on every replica (10.77.0.2:6379, 10.77.0.3:6379)") { facts in
    for index in 1...2 { facts.servers[index].settings["replica-priority"] = "0" }
  },
  Fault(.replicaPhantom, "the replica 10.77.0.8:6379 is listed and down") {
    $0.sentinels[1].downReplicas = [SetupExample.node(8)]
  },
  Fault(.replicaLinkDown, "the link of the replica 10.77.0.2:6379") {
    $0.servers[1].isLinkUp = false
  },
  Fault(.replicaLag, "10.77.0.2:6379 acknowledged 6 s ago") {
    $0.servers[0].lags[SetupExample.node(2)] = 6
  },
  Fault(.replicaOfAnother, "follows 10.77.0.3:6379, and Sentinel names 10.77.0.1:6379") {
    $0.servers[1].master = SetupExample.node(3)
  },
  Fault(.replicaOlder, "has version 6.2.14, its master 7.0.15") {
    $0.servers[1].base.version = "6.2.14"
  },
  Fault(.replicaWritable, "10.77.0.2:6379 takes writes") {
    $0.servers[1].settings["replica-read-only"] = "no"
  },
  Fault(.noReplica, "the master has no replica") { $0.servers.removeLast(2) },
  Fault(.masterauthMissing, "Redis 10.77.0.1:6379 has no masterauth") {
    $0.servers[0].settings["masterauth"] = ""
  },
  Fault(.minReplicasShort, "min-replicas-to-write is 3, and there are 2 replicas") {
    $0.servers[0].settings["min-replicas-to-write"] = "3"
  },
  Fault(.fenceUnwritable, "10.77.0.2:6379 was started without a file") {
    $0.servers[1].base.file = ""
  },
]

@Suite struct DoctorTests {
  @Test func `A group that is well gives nothing`() {
    #expect(DoctorExample.findings { _ in } == [])
    #expect(DoctorReport(DoctorExample.facts).isWell)
  }

  @Test(arguments: hostFaults + sentinelFaults + redisFaults)
  private func `Each fault is found, with its figure and with what to do`(fault: Fault) throws {
    let findings = DoctorExample.findings(fault.change)
    let found = try #require(
      findings.first { $0.id == fault.kind.rawValue }, "found instead: \(findings)")
    #expect(found.text.contains(fault.words), "\(found.text)")
    #expect(!found.remedy.isEmpty)
    #expect(found.severity == fault.kind.severity)
  }

  @Test func `Every finding of the catalogue is provoked, and there are forty at least`() {
    let provoked = Set((hostFaults + sentinelFaults + redisFaults).map(\.kind))
    #expect(provoked == Set(DoctorKind.allCases))
    #expect(DoctorKind.allCases.count >= 40)
  }

  @Test func `docs/doctor.md has a line for each finding, and for no other`() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let text = try String(contentsOf: root.appending(path: "docs/doctor.md"), encoding: .utf8)
    let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { row in
      row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
    let told = Dictionary(grouping: rows, by: { $0[0] })
    #expect(Set(told.keys) == Set(DoctorKind.allCases.map { "`\($0.rawValue)`" }))
    #expect(told.values.allSatisfy { $0.count == 1 })
    for kind in DoctorKind.allCases {
      let row = try #require(told["`\(kind.rawValue)`"]?.first)
      #expect(row.count == 4 && row[1] == kind.severity.rawValue, "\(row)")
    }
  }

  @Test func `A problem of another host's status is a finding, told once with all hosts`() {
    let findings = DoctorExample.findings { facts in
      let problem = StatusDocument.Problem { ($0.id, $0.text) = ("no-subnet", "eth0 has none") }
      for index in 1...2 { facts.hosts[index].facts?.problems = [problem] }
    }
    #expect(
      findings == [
        DoctorFinding(
          id: "no-subnet", severity: .warning, host: "10.77.0.2:6379, 10.77.0.3:6379",
          text: "eth0 has none", remedy: "")
      ])
  }

  @Test func `Errors come first, then warnings, then notes; notes alone are well`() {
    let findings = DoctorExample.findings { facts in
      facts.hosts[1].facts?.isClockSynchronized = false
      facts.sentinels[1].isTilted = true
      facts.servers[1].base.bind = ["10.77.0.2"]
    }
    #expect(findings.map(\.id) == ["redis-bind", "sentinel-in-tilt", "clock-unsynchronized"])
    var facts = DoctorExample.facts
    facts.hosts[1].facts?.isClockSynchronized = false
    #expect(DoctorReport(facts).isWell)
    facts.sentinels[1].isTilted = true
    #expect(!DoctorReport(facts).isWell)
  }

  @Test func `An address that Redis may bind before it is there needs no wildcard`() {
    func isFound(_ nonlocal: Int64) -> Bool {
      !DoctorExample.findings { facts in
        facts.servers[1].base.bind = ["10.77.0.2", "10.77.0.100"]
        DoctorExample.set("net.ipv4.ip_nonlocal_bind", nonlocal, &facts)
      }.isEmpty
    }
    #expect(isFound(0))
    #expect(!isFound(1))
  }

  @Test func `A server that Sentinel has by name is the one of its daemon`() {
    let findings = DoctorExample.findings { facts in
      facts.servers[1].base.node = ServerNode(host: "redis2", port: 6379)
      facts.servers[1].aliases = ["10.77.0.2:6379"]
    }
    #expect(findings == [])
  }

  @Test func `Protected mode is seen over loopback too, where it closes nothing`() {
    func ids(_ isLoopback: Bool) -> [String] {
      DoctorExample.findings { facts in
        facts.servers[1].isAskedOverLoopback = isLoopback
        facts.servers[1].settings["protected-mode"] = "yes"
        facts.servers[1].settings["requirepass"] = ""
      }.map(\.id)
    }
    #expect(ids(true) == ["redis-protected"])
    #expect(ids(false) == [])
  }

  @Test func `A unit that asks vipd first, or does not restart, wipes nothing`() {
    for (restart, hasGuard) in [("no", false), ("always", true)] {
      let findings = DoctorExample.findings { facts in
        facts.servers[1].settings["appendonly"] = "no"
        facts.hosts[1].facts?.units[0].restart = restart
        facts.hosts[1].facts?.units[0].hasGuard = hasGuard
      }
      #expect(findings == [], "\(restart)")
    }
  }

  @Test func `The text says what was found, what was looked at and what was not seen`() {
    var facts = DoctorExample.facts
    facts.servers[1].base.bind = ["10.77.0.2"]
    facts.note("a file", "it can't be read")
    let text = DoctorReport(facts).text(.plain)
    #expect(text.hasPrefix("mymaster\n  ! error redis-bind on 10.77.0.2:6379\n"))
    #expect(text.contains("    to do: on that host: CONFIG SET bind '*', CONFIG REWRITE\n"))
    #expect(text.contains("  looked at: 3 Sentinels answered: quorum 2,"))
    #expect(text.contains("  not seen: a file, because it can't be read\n"))
    let well = DoctorReport(DoctorExample.facts).text(.plain)
    #expect(well.hasPrefix("mymaster\n  well\n  looked at: 3 hosts told of themselves"))
  }

  @Test func `The document is read as it was written`() throws {
    var facts = DoctorExample.facts
    facts.servers[1].base.bind = ["10.77.0.2"]
    let document = DoctorDocument { $0.groups = [DoctorReport(facts).document] }
    let read = try JSONDecoder().decode(DoctorDocument.self, from: Data(document.json.utf8))
    #expect(read == document)
    #expect(read.groups[0].findings.map(\.id) == ["redis-bind"])
  }
}
