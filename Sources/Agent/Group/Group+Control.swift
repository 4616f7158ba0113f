import Addresses
import Control
import ControlProtocol
import FailoverCore
import Links
import Wording

extension Group: ControlledGroup {
  var sessionFigures: StatusDocument.Sessions { sessions.figures }

  var lastSelfCheck: SelfCheckResult? { selfChecks.last }

  var localRedis: any ControlledRedis { redis }

  var plannedMoves: any ControlledMoves { moves }

  var configuredSentinels: [(text: String, endpoints: [Endpoint])] {
    (services.sentinelDirectory()?.lines(of: masterName) ?? []).map { ($0.text, $0.endpoints) }
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
