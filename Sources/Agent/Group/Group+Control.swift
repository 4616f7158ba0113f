import Addresses
import Control
import ControlProtocol
import FailoverCore
import Links
import Platform
import Wording

extension Group: ControlledGroup {
  var sessionFigures: StatusDocument.Sessions { sessions.figures }

  var lastSelfCheck: SelfCheckResult? { selfChecks.last }

  var localRedis: any ControlledRedis { redis }

  var plannedMoves: any ControlledMoves { moves }

  var configuredSentinels: [(text: String, endpoints: [Endpoint])] {
    (services.sentinelDirectory()?.lines(of: masterName) ?? []).map { ($0.text, $0.endpoints) }
  }

  /// Whether the local Redis is the master that this node holds for.
  var isServing: Bool { redis.role == .master && isHolding }

  /// The node that holds the addresses, by its own word; nil if none says so.
  func holder(at now: Instant) -> Endpoint? {
    if status.presence.contains(true) { return instances.followed }
    return channel.peers.shownHolder(at: now)
  }

  func collectFacts(_ done: @escaping (FactsDocument.Group) -> Void) { facts.collect(done) }

  /// Reads how this host is, for this group.
  func readFacts(_ done: @escaping (HostFactsDocument) -> Void) {
    services.readFacts(section) { [weak self] facts in
      guard let self else { return }
      var facts = facts
      facts.node = instances.followed?.description
      facts.problems += problems.map { problem in
        StatusDocument.Problem { ($0.id, $0.text) = (problem.label, problem.sentence) }
      }
      facts.wallMs = services.clock.wallNanoseconds() / 1_000_000
      done(facts)
    }
  }

  func otherServingNodes(at now: Instant) -> [Endpoint] {
    channel.peers.servingNodes(at: now).sorted()
  }

  func contact(of sentinel: SentinelID) -> SentinelContact {
    let directory = services.sentinelDirectory()
    let link = directory?.links.first { $0.id == sentinel }
    var contact = SentinelContact()
    contact.version = link?.facts.version
    contact.isTilted = link?.facts.isTilted
    contact.clockOffset = link?.facts.clockOffset
    contact.loss = link?.lastLoss?.text
    let words = directory?.words(of: sentinel, about: masterName) ?? .init()
    (contact.refusal, contact.leftOut) = (words.refusal, words.leftOut)
    return contact
  }

  func pause(until: Instant?) { take(.pauseRequested(until: until)) }

  func resume() { take(.resumeRequested) }

  func release() { take(.releaseRequested(until: nil)) }

  /// Takes in an operator's order, after the clock was looked at.
  private func take(_ order: Event) {
    services.noticeStall()
    handle(order)
  }
}

extension LocalRedis: ControlledRedis {}

extension MoveCoordinator: ControlledMoves {
  func announceReplicaStop(
    within limit: Duration, delayed: @escaping (_ isNews: Bool) -> Void,
    _ call: @escaping (ReplicaStopAnswer) -> Void
  ) -> UInt64 {
    replicaStop.announce(within: limit, delayed: delayed) { outcome in
      call(outcome == .serves ? .serves : .mayStop(outcome.sentence))
    }
  }

  func forgetReplicaStop(_ id: UInt64) { replicaStop.forget(id) }
}
