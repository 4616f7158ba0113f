import Addresses
import FailoverCore
import LineCoding

/// What is said of planned moves.
///
/// The move stands last: sixteen digits show that nothing was cut off.
extension ChannelMessage {
  /// The word of a target that takes part.
  static let ready = "ready"
  /// More replicas, or more seconds, than any fence asks for.
  private static let maxReplicas: UInt64 = 1_000
  private static let longestLag: UInt64 = 3_600

  static func fields(of offer: MoveOffer) -> LineText {
    """
     node=\(offer.from) target=\(offer.target) round=\(offer.round) \
    through=\(word: offer.through.isEmpty ? "" : version(offer.through)) \
    prefers=\(offer.prefers) armed=\(offer.armed.minReplicas) \
    lag=\(offer.armed.maxLagSeconds) move=\(hex: offer.id)
    """
  }

  static func offer(_ fields: inout FieldReader) throws(ChannelMessageError) -> MoveOffer {
    let through = try fields.read("through") { word in
      word.utf8.count <= maxVersion && word.utf8.allSatisfy(isVersionByte)
        ? String(word) : nil
    }
    let count = try fields.number("armed", in: 0...maxReplicas)
    let lag = try fields.number("lag", in: 0...longestLag)
    return try MoveOffer(
      from: fields.endpoint("node"), target: fields.endpoint("target"), id: fields.hex("move"),
      round: fields.number("round"), through: through, prefers: fields.flag("prefers"),
      armed: FenceSetting(minReplicas: Int(count), maxLagSeconds: Int(lag)))
  }

  static func refusal(_ fields: inout FieldReader) throws(ChannelMessageError) -> MoveRefusal? {
    try fields.read("answer") { word in
      word == ready ? .some(nil) : MoveRefusal(rawValue: String(word)).map { .some($0) }
    }
  }
}
