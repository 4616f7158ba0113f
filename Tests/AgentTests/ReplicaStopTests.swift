import Addresses
import FailoverCore
import Platform
import Testing

@testable import Agent

/// What is said of a replica of this host that is about to be stopped.
@Suite struct ReplicaStopTests {
  private static let local = Endpoint(address: .v4(IPv4Address(10, 77, 0, 2)), port: 6379)
  private static let master = Endpoint(address: .v4(IPv4Address(10, 77, 0, 1)), port: 6379)

  /// What was sent, and what came of it.
  private final class Bench {
    var sent: [(notice: Notice, to: Endpoint)] = []
    var outcomes: [ReplicaStop.Outcome] = []
    var hasMaster = true
    private(set) lazy var stop = ReplicaStop(
      clock: HostClock(),
      replica: { [unowned self] _ in
        hasMaster ? (ReplicaStopTests.local, ReplicaStopTests.master) : nil
      }, send: { [unowned self] in sent.append(($0, $1)) })

    func announce() { stop.announce { [unowned self] in outcomes.append($0) } }
  }

  @Test func `The master is told, and its answer is waited for`() {
    let bench = Bench()
    bench.announce()
    #expect(bench.sent.map(\.notice) == [.replicaStops(Self.local)])
    #expect(bench.sent.map(\.to) == [Self.master])
    #expect(bench.outcomes.isEmpty)
    bench.stop.heard(.replicaDismissed(Self.local, from: Self.master))
    #expect(bench.outcomes == [.dismissed(by: Self.master)])
    bench.stop.heard(.replicaDismissed(Self.local, from: Self.master))
    bench.stop.tick(at: HostClock().now() + .seconds(1))
    #expect(bench.outcomes.count == 1, "it is told once")
  }

  @Test func `The word of another, or about another, is no answer`() {
    let bench = Bench()
    bench.announce()
    bench.stop.heard(.replicaDismissed(Self.master, from: Self.master))
    bench.stop.heard(.replicaDismissed(Self.local, from: Self.local))
    bench.stop.heard(.replicaStops(Self.local))
    #expect(bench.outcomes.isEmpty)
  }

  @Test func `A master that does not answer is not waited for long`() {
    let bench = Bench()
    bench.announce()
    bench.stop.tick(at: HostClock().now())
    #expect(bench.outcomes.isEmpty)
    bench.stop.tick(at: HostClock().now() + ReplicaStop.limit)
    #expect(bench.outcomes == [.unanswered(by: Self.master)])
  }

  @Test func `Where nothing waits for replicas nobody is told, and nobody waits`() {
    let bench = Bench()
    bench.hasMaster = false
    bench.announce()
    #expect(bench.outcomes == [.needless] && bench.sent.isEmpty)
    #expect(ReplicaStop.Outcome.needless.sentence == nil)
  }

  @Test func `The end of the group leaves nobody waiting`() {
    let bench = Bench()
    bench.announce()
    bench.announce()
    bench.stop.end()
    #expect(bench.outcomes == [.needless, .needless])
  }

  @Test func `What came of it is a sentence that names the master`() {
    for outcome in [
      ReplicaStop.Outcome.dismissed(by: Self.master), .unanswered(by: Self.master),
    ] {
      #expect(outcome.sentence?.contains("10.77.0.1:6379") == true)
    }
  }
}
