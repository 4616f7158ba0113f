public import Addresses
import LineCoding

/// What a daemon asks the others for an operator: how their hosts are.
///
/// It names no file and no setting: what a host tells is the same whoever asks.
public struct HostFactsQuestion: Equatable, Sendable {
  /// The node of the daemon that asks.
  public var node: Endpoint
  /// A number drawn for this question, which its answers repeat.
  public var nonce: UInt64

  /// Makes a question.
  public init(node: Endpoint, nonce: UInt64) {
    self.node = node
    self.nonce = nonce
  }
}

/// A part of how a host is: a document, cut because a message has its longest length.
public struct HostFactsPart: Equatable, Sendable {
  /// The node of the daemon that answers.
  public var node: Endpoint
  /// The `sender` of the daemon that asked.
  public var asker: UInt64
  /// The number of the question.
  public var nonce: UInt64
  /// Which part it is, 1 to `count`.
  public var number: Int
  /// How many parts there are, 1 to ``maxParts``.
  public var count: Int
  /// The octets of the part, at most ``longest``.
  public var octets: [UInt8]

  /// The most parts of a document.
  public static let maxParts = 16
  /// The most octets of a part: base64 makes 3,600 bytes of them, and the rest of the message is short.
  public static let longest = 2_700

  /// Makes a part.
  public init(
    node: Endpoint, asker: UInt64, nonce: UInt64, number: Int, count: Int, octets: [UInt8]
  ) {
    self.node = node
    self.asker = asker
    self.nonce = nonce
    self.number = number
    self.count = count
    self.octets = octets
  }

  /// The parts of a document; none if it is empty, or longer than all parts together.
  public static func parts(
    of document: [UInt8], node: Endpoint, asker: UInt64, nonce: UInt64
  ) -> [HostFactsPart] {
    let count = (document.count + longest - 1) / longest
    guard (1...maxParts).contains(count) else { return [] }
    return (0..<count).map { index in
      let end = min(document.count, (index + 1) * longest)
      return HostFactsPart(
        node: node, asker: asker, nonce: nonce, number: index + 1, count: count,
        octets: Array(document[(index * longest)..<end]))
    }
  }
}

extension ChannelMessage {
  static func fields(of question: HostFactsQuestion) -> LineText {
    " node=\(question.node) nonce=\(hex: question.nonce)"
  }

  static func fields(of part: HostFactsPart) -> LineText {
    """
     node=\(part.node) for=\(hex: part.asker) part=\(part.number) of=\(part.count) \
    data=\(word: Base64.text(of: part.octets)) nonce=\(hex: part.nonce)
    """
  }

  static func factsQuestion(
    _ fields: inout FieldReader
  ) throws(ChannelMessageError) -> HostFactsQuestion {
    try HostFactsQuestion(node: fields.endpoint("node"), nonce: fields.hex("nonce"))
  }

  static func factsPart(
    _ fields: inout FieldReader
  ) throws(ChannelMessageError) -> HostFactsPart {
    let count = try fields.number("of", in: 1...UInt64(HostFactsPart.maxParts))
    let number = try fields.number("part", in: 1...count)
    let octets = try fields.read("data") { word in
      Base64.octets(of: word).flatMap { (1...HostFactsPart.longest).contains($0.count) ? $0 : nil }
    }
    return try HostFactsPart(
      node: fields.endpoint("node"), asker: fields.hex("for"), nonce: fields.hex("nonce"),
      number: Int(number), count: Int(count), octets: octets)
  }
}
