import Addresses
import FailoverCore
import Platform
import Testing

@testable import Agent

/// What is said of a replica of this host that is about to be stopped.
@Suite struct ReplicaStopTests {
  private static let local = Endpoint(address: .v4(IPv4Address(10, 77, 0, 2)), port: 6379)
  private static let master = Endpoint(address: .v4(IPv4Address(10, 77, 0, 1)), port: 6379)
  private static let other = Endpoint(address: .v4(IPv4Address(10, 77, 0, 3)), port: 6379)

  /// What was sent, and what came of it.
  private final class Bench {
    var sent: [(notice: Notice, to: Endpoint)] = []
    var outcomes: [ReplicaStop.Outcome] = []
    var delays = 0
    var pulses = 0
    var situation = ReplicaStop.Situation.replica(local, of: master)
    let begin = HostClock().now()
    private(set) lazy var stop = ReplicaStop(
      clock: HostClock(), situation: { [unowned self] _ in situation },
      send: { [unowned self] in sent.append(($0, $1)) })

    @discardableResult
    func announce(within limit: Duration = .seconds(20)) -> UInt64 {
      stop.announce(
        within: limit,
        delayed: { [unowned self] isNews in if isNews { delays += 1 } else { pulses += 1 } }
      ) { [unowned self] in outcomes.append($0) }
    }

    /// Lets time pass, in ticks.
    func tick(until end: Duration) {
      var time = Duration.zero
      while time < end {
        time += .milliseconds(20)
        stop.tick(at: begin + time)
      }
    }
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
    #expect(bench.delays == 0)
  }

  @Test func `The word of another, or about another, is no answer`() {
    let bench = Bench()
    bench.announce()
    bench.stop.heard(.replicaDismissed(Self.master, from: Self.master))
    bench.stop.heard(.replicaDismissed(Self.local, from: Self.local))
    bench.stop.heard(.replicaAwaited(Self.local, from: Self.local))
    bench.stop.heard(.replicaStops(Self.local))
    #expect(bench.outcomes.isEmpty && bench.delays == 0)
  }

  @Test func `A master that does not answer is told again, and not waited for long`() {
    let bench = Bench()
    bench.announce()
    bench.stop.tick(at: bench.begin)
    #expect(bench.outcomes.isEmpty)
    bench.tick(until: ReplicaStop.limit + .milliseconds(40))
    #expect(bench.outcomes == [.unanswered(by: Self.master)])
    #expect(bench.sent.count == 3)
  }

  @Test func `Where nobody is to be told, nobody waits`() {
    let bench = Bench()
    bench.situation = .nobody
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

  @Test func `One that may be promoted goes on until the master needs it no more`() {
    let bench = Bench()
    bench.announce()
    bench.stop.heard(.replicaAwaited(Self.local, from: Self.master))
    bench.stop.heard(.replicaAwaited(Self.local, from: Self.master))
    #expect(bench.delays == 1, "people are told once")
    bench.tick(until: .milliseconds(400))
    #expect(bench.outcomes.isEmpty)
    bench.stop.heard(.replicaDismissed(Self.local, from: Self.master))
    #expect(bench.outcomes == [.dismissed(by: Self.master)])
  }

  @Test func `A master that falls silent after that word is not waited for long`() {
    let bench = Bench()
    bench.announce()
    bench.stop.heard(.replicaAwaited(Self.local, from: Self.master))
    bench.tick(until: ReplicaStop.awaitedFor + ReplicaStop.limit - .milliseconds(100))
    #expect(bench.outcomes.isEmpty)
    bench.tick(until: ReplicaStop.awaitedFor + ReplicaStop.limit + .milliseconds(100))
    #expect(bench.outcomes == [.unanswered(by: Self.master)])
  }

  @Test func `One that was promoted meanwhile is told so, whatever the master of before says`() {
    let bench = Bench()
    bench.announce()
    bench.situation = .candidate
    bench.tick(until: .seconds(2))
    #expect(bench.outcomes.isEmpty && bench.delays == 1)
    // vipctl takes two seconds of silence for a daemon that hangs.
    #expect(bench.pulses == 1)
    bench.tick(until: .seconds(6))
    #expect(bench.pulses == 5 && bench.delays == 1)
    bench.stop.heard(.replicaDismissed(Self.local, from: Self.master))
    #expect(bench.outcomes.isEmpty, "that one may not know of the failover")
    bench.situation = .serving
    bench.stop.tick(at: bench.begin + .seconds(7))
    #expect(bench.outcomes == [.serves])
  }

  @Test func `Where another was promoted, that one is told`() {
    let bench = Bench()
    bench.announce()
    bench.stop.heard(.replicaAwaited(Self.local, from: Self.master))
    bench.situation = .replica(Self.local, of: Self.other)
    bench.stop.tick(at: bench.begin + .milliseconds(40))
    #expect(bench.sent.last?.to == Self.other)
    bench.stop.heard(.replicaDismissed(Self.local, from: Self.master))
    #expect(bench.outcomes.isEmpty)
    bench.stop.heard(.replicaDismissed(Self.local, from: Self.other))
    #expect(bench.outcomes == [.dismissed(by: Self.other)])
  }

  @Test func `A failover that does not end is waited for as long as the stop may`() {
    let bench = Bench()
    bench.situation = .candidate
    bench.announce(within: .seconds(1))
    bench.tick(until: .milliseconds(900))
    #expect(bench.outcomes.isEmpty && bench.sent.isEmpty)
    bench.tick(until: .milliseconds(1_100))
    #expect(bench.outcomes == [.overdue])
  }

  @Test func `Who has gone is not called back`() {
    let bench = Bench()
    let id = bench.announce()
    bench.stop.forget(id)
    bench.stop.heard(.replicaDismissed(Self.local, from: Self.master))
    bench.tick(until: .seconds(1))
    #expect(bench.outcomes.isEmpty)
  }

  @Test func `What came of it is a sentence that names the master`() {
    for outcome in [
      ReplicaStop.Outcome.dismissed(by: Self.master), .unanswered(by: Self.master),
    ] {
      #expect(outcome.sentence?.contains("10.77.0.1:6379") == true)
    }
  }
}
