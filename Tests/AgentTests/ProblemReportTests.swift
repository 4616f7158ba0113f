import Addresses
import Configuration
import FailoverCore
import Testing
import Wording

@testable import Agent

/// What an operator is told of a group, by what its Sentinels say.
@Suite struct ProblemReportTests {
  private static let here = Endpoint(address: .v4(IPv4Address(10, 77, 0, 1)), port: 6379)
  private static let other = Endpoint(address: .v4(IPv4Address(10, 77, 0, 2)), port: 6379)

  private static func sentinel(_ host: Int) -> SentinelID {
    Endpoint(address: .v4(IPv4Address(10, 77, 0, UInt8(host))), port: 26379)
  }

  /// The problems of a holder, or of a standby, whose Sentinels answer so.
  private func labels(
    _ views: [SentinelView], role: LocalRole = .master, held: Duration = .seconds(60)
  ) throws -> [String: String] {
    let now = Instant(nanoseconds: 1_000_000_000)
    var machine = FailoverMachine(
      configuration: GroupConfiguration(
        masterName: "mymaster", virtualAddresses: [sampleVirtual], probesForDuplicates: false))
    var events: [Event] = [
      .started(StartupFacts()), .localInstancesChanged([Self.here]),
      .localRoleObserved(role, sentAt: now),
    ]
    for (index, view) in views.enumerated() {
      let id = Self.sentinel(index + 1)
      let others = (1...views.count).filter { $0 != index + 1 }.map {
        ListedSentinel(runID: "s\($0)", endpoint: Self.sentinel($0), helloAge: .zero)
      }
      events += [
        .sentinelConnected(id, runID: "s\(index + 1)"), .sentinelListed(id, others, sentAt: now),
        .sentinelReplied(id, view, sentAt: now),
      ]
    }
    for event in events { _ = machine.handle(event, at: now) }
    var status = machine.status(at: now)
    if role == .master { status.basis = .sentinels }
    status.since = now - held
    let report = ProblemReport(
      masterName: "mymaster", now: now, status: status, unresolvedNames: [], refusals: [],
      instances: InstanceFinder(), ownAddresses: [Self.here.address],
      rules: SharedRules(try section(), sentinels: 3), otherRules: [], troubles: [],
      death: (true, false), hasSecondDaemon: false)
    let problems = report.problems.map { ($0.label, $0.sentence) }
    return Dictionary(problems) { first, _ in first }
  }

  private func section() throws -> GroupSection {
    let text = "sentinel 10.77.0.1 26379\nvip mymaster 10.77.0.100/24 dev eth0\n"
    return try #require(
      Configuration(parsing: Array(text.utf8), file: "vipd.conf").groups.first)
  }

  private func view(_ flags: InstanceFlags, replicas: [Endpoint]) -> SentinelView {
    SentinelView(
      named: Self.here, flags: flags, configEpoch: 1,
      replicas: replicas.map { ReplicaView(endpoint: $0) })
  }

  @Test func `A master that answers here and is marked down elsewhere is told with who does`()
    throws
  {
    let calm = view(.master, replicas: [Self.other])
    #expect(try labels([calm, calm, calm])["master-marked-down"] == nil)
    let down = view([.master, .subjectivelyDown], replicas: [Self.other])
    let sentence = try #require(try labels([calm, down, calm])["master-marked-down"])
    #expect(sentence.hasPrefix("10.77.0.2:26379 marks the master here down (1 of 3, quorum 2)"))
    #expect(sentence.contains("CLIENT PAUSE"))
    let both = try #require(try labels([calm, down, down])["master-marked-down"])
    #expect(both.hasPrefix("10.77.0.2:26379, 10.77.0.3:26379 mark the master"))
    #expect(try labels([calm, down, down], role: .replica(of: nil))["master-marked-down"] == nil)
  }

  @Test func `A master that is listed as its own replica is told with the remedy`() throws {
    let calm = view(.master, replicas: [Self.other])
    let odd = view(.master, replicas: [Self.other, Self.here])
    #expect(try labels([calm, calm, calm])["master-listed"] == nil)
    let sentence = try #require(try labels([odd, calm, calm])["master-listed"])
    #expect(sentence.hasPrefix("10.77.0.1:26379 lists this master as a replica of itself"))
    #expect(sentence.contains("replica-announce-ip"))
    #expect(sentence.contains("SENTINEL RESET mymaster"))
  }

  @Test func `What a failover leaves behind for some seconds is no problem`() throws {
    let leader = SentinelView(
      named: Self.here, flags: [.master, .failoverInProgress], configEpoch: 1,
      replicas: [ReplicaView(endpoint: Self.here)])
    let odd = view([.master, .subjectivelyDown], replicas: [Self.other, Self.here])
    let calm = view(.master, replicas: [Self.other])
    #expect(try labels([leader, calm, calm])["master-listed"] == nil)
    let early = try labels([odd, calm, calm], held: .seconds(9))
    #expect(early["master-listed"] == nil && early["master-marked-down"] == nil)
  }
}
