public import Addresses
import FailoverCore

/// An operator's wish for a planned move, on its way from the daemon that was asked to the one
/// that holds the address and so must drive it.
///
/// It is repeated until the end of the move is heard: the repetition says how much of the
/// progress has arrived, and that somebody still listens.
public struct ForwardedMove: Equatable, Sendable {
  /// The number of the move, drawn by the daemon that was asked.
  public var id: UInt64
  /// The `sender` of the daemon that is to drive it.
  ///
  /// It is drawn at each start, so that a message which was recorded before moves nothing.
  public var driver: UInt64
  /// The Redis at which the asking daemon listens; nothing if it has none.
  public var from: Endpoint?
  /// Where to; nothing for the best replica.
  public var target: Endpoint?
  /// How long the move may take, 1 ms to 1 h.
  public var timeout: Duration
  /// Whether it may lose writes, for a group without a fence.
  public var acceptsLoss: Bool
  /// Whether only the plan is wanted.
  public var isDryRun: Bool
  /// The lines of progress that have arrived without a gap.
  public var heard: Int
  /// Whether the operator called it off.
  public var isCancelled: Bool

  /// The longest time that a move may be given.
  public static let longestTimeout: Duration = .seconds(3_600)

  /// Makes a wish.
  public init(
    id: UInt64, driver: UInt64, from: Endpoint?, target: Endpoint?, timeout: Duration,
    acceptsLoss: Bool = false, isDryRun: Bool = false, heard: Int = 0, isCancelled: Bool = false
  ) {
    self.id = id
    self.driver = driver
    self.from = from
    self.target = target
    self.timeout = timeout
    self.acceptsLoss = acceptsLoss
    self.isDryRun = isDryRun
    self.heard = heard
    self.isCancelled = isCancelled
  }
}

/// A line of the driver's progress, on its way back.
public struct ForwardedLine: Equatable, Sendable {
  /// The number of the move.
  public var id: UInt64
  /// The `sender` of the daemon that was asked.
  public var asker: UInt64
  /// The number of the line, from 1; 0 if the driver only says that it is at it.
  public var number: Int
  /// Whether it is the last: the result.
  public var isLast: Bool
  /// What is told, in any characters; at most `longestText` bytes as they are sent.
  public var text: String

  /// The longest text in bytes once each byte that may not stand in a word takes three.
  public static let longestText = 3_584

  /// Makes a line.
  public init(id: UInt64, asker: UInt64, number: Int, isLast: Bool, text: String) {
    self.id = id
    self.asker = asker
    self.number = number
    self.isLast = isLast
    self.text = text
  }
}

extension ChannelMessage {
  static func fields(of move: ForwardedMove) -> [(String, String)] {
    var fields = [("move", hex(move.id)), ("for", hex(move.driver))]
    if let from = move.from { fields.append(("node", "\(from)")) }
    if let target = move.target { fields.append(("target", "\(target)")) }
    fields += [
      ("timeout", "\(move.timeout.wholeMilliseconds)"),
      ("loss", move.acceptsLoss ? "yes" : "no"), ("dry", move.isDryRun ? "yes" : "no"),
      ("heard", "\(move.heard)"),
    ]
    // Last, like the nonces: a word of which no beginning is valid shows that nothing is cut off.
    return fields + [("cancel", move.isCancelled ? "yes" : "no")]
  }

  static func fields(of line: ForwardedLine) -> [(String, String)] {
    [
      ("move", hex(line.id)), ("for", hex(line.asker)), ("line", "\(line.number)"),
      ("text", ChannelWord.encoded(line.text)), ("last", line.isLast ? "yes" : "no"),
    ]
  }

  static func forwardedMove(_ fields: Fields) throws(ChannelMessageError) -> ForwardedMove {
    let longest = UInt64(ForwardedMove.longestTimeout.wholeMilliseconds)
    let timeout = try fields.number("timeout", from: 1)
    guard timeout <= longest else { throw .malformed("timeout") }
    return ForwardedMove(
      id: try fields.hex("move"), driver: try fields.hex("for"),
      from: fields.has("node") ? try fields.endpoint("node") : nil,
      target: fields.has("target") ? try fields.endpoint("target") : nil,
      timeout: .milliseconds(Int64(timeout)), acceptsLoss: try fields.flag("loss"),
      isDryRun: try fields.flag("dry"), heard: try count("heard", fields),
      isCancelled: try fields.flag("cancel"))
  }

  static func forwardedLine(_ fields: Fields) throws(ChannelMessageError) -> ForwardedLine {
    guard let text = ChannelWord.decoded(try fields.text("text")) else {
      throw .malformed("text")
    }
    return ForwardedLine(
      id: try fields.hex("move"), asker: try fields.hex("for"),
      number: try count("line", fields), isLast: try fields.flag("last"), text: text)
  }

  /// A number of lines: 0 to 2147483647.
  private static func count(
    _ name: String, _ fields: Fields
  ) throws(ChannelMessageError) -> Int {
    let number = try fields.number(name)
    guard number <= Int32.max else { throw .malformed(name) }
    return Int(number)
  }
}

/// Texts as one word of a message: `%` and two digits for what may not stand in it (RFC 3986 §2.1).
enum ChannelWord {
  /// Writes a text as a word.
  static func encoded(_ text: String) -> String {
    var word = ""
    for byte in text.utf8 {
      if (0x21...0x7e).contains(byte), byte != UInt8(ascii: "%") {
        word.unicodeScalars.append(UnicodeScalar(byte))
      } else {
        let digits = String(byte, radix: 16)
        word += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
      }
    }
    return word
  }

  /// Reads a word; nothing if it is malformed, or no text (UTF-8).
  static func decoded(_ word: String) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(word.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit)
      else { return nil }
      bytes.append(high << 4 | low)
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}
