import Addresses
import Testing

@testable import FailoverCore

/// The fence's ledger: when each replica last gave a sign of life.
@Suite struct ReplicaLedgerTests {
  /// Lags of two replicas, `min_slaves_good_slaves`, and how many are good at a lag of one; Redis's
  /// own count decides about writes, but not beyond those that are online.
  private static let lags: [(lags: [Int], counted: Int?, good: Int)] = [
    ([0, 0], nil, 2), ([0, 1], nil, 2), ([0, 2], nil, 1), ([5, 9], nil, 0), ([0, 2], 2, 2),
    ([2, 2], 1, 1), ([2, 2], 9, 2),
  ]

  @Test(arguments: lags)
  func `Replicas are good by their lag or by the count of Redis`(
    row: (lags: [Int], counted: Int?, good: Int)
  ) {
    var ledger = ReplicaLedger()
    ledger.record(observation(lags: row.lags, counted: row.counted), askedAt: at(0), at: at(0))
    #expect(ledger.goodCount(maxLagSeconds: 1) == row.good)
  }

  @Test func `A lag of whole seconds bounds the age of a sign of life`() {
    var ledger = ReplicaLedger()
    ledger.record(observation(lags: [0, 5]), askedAt: at(10_000), at: at(10_000))
    // Five seconds mean at least four.
    #expect(ledger.lastSign(known: [node(0), node(1)], maxLagSeconds: 1) == at(6_000))
  }

  @Test func `A replica that left may have given a sign of life until it was missed`() {
    var ledger = ReplicaLedger()
    ledger.record(observation(lags: [0, 0]), askedAt: at(1_000), at: at(1_000))
    ledger.record(observation(lags: [0]), askedAt: at(1_100), at: at(1_100))
    #expect(ledger.lastSign(known: [node(0)], maxLagSeconds: 1) == at(1_100))
  }

  @Test func `A replica that was never looked for has no last sign`() {
    var ledger = ReplicaLedger()
    ledger.record(observation(lags: [0]), askedAt: at(0), at: at(0))
    #expect(ledger.lastSign(known: [node(0), node(9)], maxLagSeconds: 1) == nil)
    ledger.expect([node(0), node(9)], at: at(50))
    #expect(ledger.lastSign(known: [node(0), node(9)], maxLagSeconds: 1) == at(50))
  }

  @Test func `A replica that is about to stop counts no more, by lag or by the count of Redis`() {
    var ledger = ReplicaLedger()
    ledger.record(observation(lags: [0, 0], counted: 2), askedAt: at(0), at: at(0))
    ledger.recordStop(of: node(1), at: at(50))
    #expect(ledger.good(maxLagSeconds: 1) == [node(0)])
    #expect(ledger.goodCount(maxLagSeconds: 1) == 1)
    // It goes on acknowledging; its last sign is the word that it stops.
    ledger.record(observation(lags: [0, 0], counted: 2), askedAt: at(900), at: at(900))
    #expect(ledger.goodCount(maxLagSeconds: 1) == 1)
    #expect(ledger.lastSign(known: [node(0), node(1)], maxLagSeconds: 1) == at(50))
  }

  @Test func `One that is about to stop is told once that it is awaited, and once that it may`() {
    var ledger = ReplicaLedger()
    let local = node(9)
    func answers(isKept: Bool, isFree: Bool) -> [Effect] {
      var turn = Turn(at: at(100), alarms: StandingAlarms())
      ledger.answerStopping(from: local, isKept: isKept, isFree: isFree, &turn)
      return turn.effects
    }
    let awaited = Effect.publish(.replicaAwaited(node(1), from: local), also: node(1))
    let dismissed = Effect.publish(.replicaDismissed(node(1), from: local), also: node(1))
    ledger.recordStop(of: node(1), at: at(50))
    #expect(answers(isKept: false, isFree: false).isEmpty)
    #expect(answers(isKept: true, isFree: true) == [awaited])
    #expect(answers(isKept: true, isFree: true).isEmpty)
    #expect(answers(isKept: false, isFree: true) == [dismissed])
    #expect(answers(isKept: false, isFree: true).isEmpty)
    // It asks again, for it did not hear.
    ledger.recordStop(of: node(1), at: at(90))
    #expect(answers(isKept: false, isFree: true) == [dismissed])
    #expect(ledger.stopping(at: at(10_089)) == [node(1)])
    #expect(ledger.stopping(at: at(10_090)).isEmpty)
  }

  @Test func `By the word of Sentinels one that stopped counts again once it is reached again`() {
    var ledger = ReplicaLedger()
    ledger.recordStop(of: node(1), at: at(0))
    ledger.followStopping { _ in true }
    #expect(ledger.isStopping(node(1)), "it has not gone yet")
    ledger.followStopping { _ in false }
    ledger.followStopping { _ in false }
    #expect(ledger.isStopping(node(1)))
    ledger.followStopping { _ in true }
    #expect(!ledger.isStopping(node(1)))
  }

  @Test func `One that stopped counts again when it is back, one that did not after a while`() {
    var ledger = ReplicaLedger()
    ledger.record(observation(lags: [0, 0]), askedAt: at(0), at: at(0))
    ledger.recordStop(of: node(1), at: at(0))
    ledger.record(observation(lags: [0]), askedAt: at(200), at: at(200))
    ledger.record(observation(lags: [0, 0]), askedAt: at(400), at: at(400))
    #expect(ledger.goodCount(maxLagSeconds: 1) == 2)
    ledger.recordStop(of: node(0), at: at(1_000))
    ledger.record(observation(lags: [0, 0]), askedAt: at(10_900), at: at(10_900))
    #expect(ledger.goodCount(maxLagSeconds: 1) == 1)
    ledger.record(observation(lags: [0, 0]), askedAt: at(11_000), at: at(11_000))
    #expect(ledger.goodCount(maxLagSeconds: 1) == 2)
  }

  @Test func `After more replicas than are kept the next one is looked for like the first`() {
    var ledger = ReplicaLedger()
    let lasting = node(0)
    for number in 1...200 {
      let now = at(Int64(number) * 1_000)
      ledger.record(replicas([lasting, node(number)]), askedAt: now, at: now)
    }
    ledger.record(replicas([lasting]), askedAt: at(201_000), at: at(201_000))
    #expect(ledger.lastSign(known: [lasting, node(200)], maxLagSeconds: 1) == at(201_000))
  }

  @Test func `What is forgotten still says when it last gave a sign of life`() {
    var ledger = ReplicaLedger()
    let many = (0..<LocalReplication.maxReplicas).map { node($0) }
    ledger.record(replicas([node(900)]), askedAt: at(1_000), at: at(1_000))
    ledger.record(replicas([]), askedAt: at(2_000), at: at(2_000))
    ledger.record(replicas(many), askedAt: at(2_500), at: at(2_500))
    #expect(ledger.lastSign(known: many, maxLagSeconds: 1) == at(2_000))
  }

  private func observation(lags: [Int], counted: Int? = nil) -> LocalReplication {
    LocalReplication(
      replicas: lags.enumerated().map {
        AttachedReplica(endpoint: node($0.offset), lagSeconds: $0.element)
      }, offset: 0, goodReplicas: counted)
  }

  private func replicas(_ endpoints: [Endpoint]) -> LocalReplication {
    LocalReplication(replicas: endpoints.map { AttachedReplica(endpoint: $0) }, offset: 0)
  }

  private func node(_ number: Int) -> Endpoint {
    Endpoint(
      address: .v4(IPv4Address(10, 77, UInt8(number / 250), UInt8(number % 250 + 1))), port: 6379)
  }

  private func at(_ milliseconds: Int64) -> Instant { .milliseconds(milliseconds) }
}
