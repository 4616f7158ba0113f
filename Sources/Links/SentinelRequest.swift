import FailoverCore
import RESP
import Wording

/// What a planned move asks of one Sentinel: the commands, and what their answers mean.
enum SentinelRequest: Equatable {
  /// About itself: INFO sentinel, SENTINEL CKQUORUM, and whether it takes the order to fail over.
  ///
  /// That is tried with an empty name, which no master has: where the order is allowed the answer is that
  /// there is no such master.
  case inspect(masterName: String)
  /// To fail over.
  case failOver(masterName: String)

  /// The commands, in their order.
  var commands: RESPCommands {
    switch self {
    case .inspect(let name):
      RESPCommands([
        ["INFO", "sentinel"], ["SENTINEL", "CKQUORUM", name], ["SENTINEL", "FAILOVER", ""],
      ])
    case .failOver(let name): RESPCommands([["SENTINEL", "FAILOVER", name]])
    }
  }

  /// What is reported once it is answered, or can't be any more.
  ///
  /// If the connection was lost, whether a failover was begun is unknown.
  func report(_ outcome: RESPOutcome, askedAt: Instant) -> SentinelLinkReport {
    let replies = outcome.replies
    switch self {
    case .inspect(let name):
      return .inspected(
        masterName: name, replies.flatMap(Self.inspection), sentAt: askedAt)
    case .failOver(let name):
      guard let replies else { return .failoverAnswered(masterName: name, .lost) }
      let error = replies.first?.errorText
      return .failoverAnswered(
        masterName: name, error.map { .refused($0.shortened) } ?? .accepted)
    }
  }

  /// A Sentinel that refuses one of the questions has not answered for itself.
  private static func inspection(_ replies: [RESPToken]) -> SentinelInspection? {
    guard replies.count == 3,
      let isInTilt = SentinelFacts(replies[0], wallNanoseconds: 0).isTilted
    else { return nil }
    let quorum = replies[1].errorText
    if let quorum, refusesRights(quorum) { return nil }
    return SentinelInspection(
      isInTilt: isInTilt, quorumProblem: quorum?.shortened,
      orderProblem: replies[2].errorText.flatMap { refusesRights($0) ? $0.shortened : nil })
  }

  /// Whether it is the user that may not ask.
  private static func refusesRights(_ error: String) -> Bool {
    error.hasPrefix("NOPERM") || error.hasPrefix("NOAUTH")
  }
}
