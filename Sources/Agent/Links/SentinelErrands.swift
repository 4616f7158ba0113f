import FailoverCore
import NIOCore
import RESP

/// What a planned move asked of one Sentinel and was not answered to the end, oldest first.
///
/// It turns an errand into commands, and their answers into one report. Answers come in the order
/// of the commands (RESP), so the oldest errand is always the one that is answered.
struct SentinelErrands {
  private var waiting: CircularBuffer<Errand> = []

  private struct Errand {
    let masterName: String
    let isFailover: Bool
    let sentAt: Instant
    /// The answer to INFO, once it is there.
    var tilt: TiltAnswer?
  }

  private enum TiltAnswer {
    case known(Bool)
    case unknown
  }

  /// Begins to ask a Sentinel about itself: INFO sentinel and SENTINEL CKQUORUM.
  mutating func inspect(
    _ masterName: String, at now: Instant
  ) -> (bytes: [UInt8], requests: [SentinelRequest]) {
    waiting.append(Errand(masterName: masterName, isFailover: false, sentAt: now))
    let bytes =
      RESPWriter.command(["INFO", "sentinel"])
      + RESPWriter.command(["SENTINEL", "CKQUORUM", masterName])
    return (bytes, [.tilt(masterName), .quorum(masterName)])
  }

  /// Begins to tell a Sentinel to fail over.
  mutating func failOver(
    _ masterName: String, at now: Instant
  ) -> (bytes: [UInt8], requests: [SentinelRequest]) {
    waiting.append(Errand(masterName: masterName, isFailover: true, sentAt: now))
    let bytes = RESPWriter.command(["SENTINEL", "FAILOVER", masterName])
    return (bytes, [.failover(masterName)])
  }

  /// Takes in the next answer; a report if it was the last of its errand.
  mutating func answered(_ token: RESPToken) -> SentinelLinkReport? {
    guard var errand = waiting.popFirst() else { return nil }
    if errand.isFailover {
      let answer = token.errorText.map { FailoverAnswer.refused($0.shortened) }
      return .failoverAnswered(masterName: errand.masterName, answer ?? .accepted)
    }
    guard let tilt = errand.tilt else {
      errand.tilt = Self.isInTilt(token).map(TiltAnswer.known) ?? .unknown
      waiting.prepend(errand)
      return nil
    }
    return .inspected(
      masterName: errand.masterName, Self.inspection(tilt, quorum: token), sentAt: errand.sentAt)
  }

  /// Gives up every errand, for the connection is gone: whether a failover was begun is unknown.
  mutating func abandon() -> [SentinelLinkReport] {
    defer { waiting = [] }
    return waiting.map { errand in
      errand.isFailover
        ? .failoverAnswered(masterName: errand.masterName, .lost)
        : .inspected(masterName: errand.masterName, nil, sentAt: errand.sentAt)
    }
  }

  /// `sentinel_tilt` in the answer of INFO; nothing if it does not say.
  private static func isInTilt(_ token: RESPToken) -> Bool? {
    value(of: "sentinel_tilt", in: token).map { $0 != "0" }
  }

  /// A field in the answer of INFO; nil if it is not there.
  static func value(of field: String, in token: RESPToken) -> String? {
    guard token.errorText == nil, let text = token.text else { return nil }
    for line in text.split(whereSeparator: \.isNewline) {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2, parts[0] == field { return String(parts[1].prefix(64)) }
    }
    return nil
  }

  /// A Sentinel that refuses one of the questions has not answered for itself.
  private static func inspection(
    _ tilt: TiltAnswer, quorum token: RESPToken
  ) -> SentinelInspection? {
    guard case .known(let isInTilt) = tilt else { return nil }
    guard let error = token.errorText else { return SentinelInspection(isInTilt: isInTilt) }
    if error.hasPrefix("NOPERM") || error.hasPrefix("NOAUTH") { return nil }
    return SentinelInspection(isInTilt: isInTilt, quorumProblem: error.shortened)
  }
}
