import Addresses
import FailoverCore

/// What is said of planned moves.
///
/// The move stands last: sixteen digits show that nothing was cut off.
extension ChannelMessage {
  /// The word of a target that takes part.
  static let ready = "ready"
  /// More replicas, or more seconds, than any fence asks for.
  private static let mostReplicas: UInt64 = 1_000
  private static let longestLag: UInt64 = 3_600

  static func fields(of offer: MoveOffer) -> [(String, String)] {
    [
      ("node", "\(offer.from)"), ("target", "\(offer.target)"), ("round", "\(offer.round)"),
      ("through", offer.through.isEmpty ? "" : version(offer.through)),
      ("prefers", offer.prefers ? "yes" : "no"), ("armed", "\(offer.armed.minReplicas)"),
      ("lag", "\(offer.armed.maxLagSeconds)"), ("move", hex(offer.id)),
    ]
  }

  static func offer(_ fields: Fields) throws(ChannelMessageError) -> MoveOffer {
    let through = try fields.text("through")
    guard through.utf8.count <= longestVersion, through.utf8.allSatisfy(isVersionByte) else {
      throw .malformed("through")
    }
    let count = try fields.number("armed")
    guard count <= mostReplicas else { throw .malformed("armed") }
    let lag = try fields.number("lag")
    guard lag <= longestLag else { throw .malformed("lag") }
    return MoveOffer(
      from: try fields.endpoint("node"), target: try fields.endpoint("target"),
      id: try fields.hex("move"), round: try fields.number("round"), through: through,
      prefers: try fields.flag("prefers"),
      armed: FenceSetting(minReplicas: Int(count), maxLagSeconds: Int(lag)))
  }

  static func refusal(_ fields: Fields) throws(ChannelMessageError) -> MoveRefusal? {
    let word = try fields.text("answer")
    if word == ready { return nil }
    guard let refusal = MoveRefusal(rawValue: word) else { throw .malformed("answer") }
    return refusal
  }
}
