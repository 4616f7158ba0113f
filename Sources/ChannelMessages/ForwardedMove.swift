public import Addresses
import FailoverCore
import LineCoding

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
  public static let maxTimeout: Duration = .seconds(3_600)

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
  /// What is told, in any characters; at most `maxText` bytes as they are sent.
  public var text: String

  /// The longest text in bytes once each byte that may not stand in a word takes three.
  public static let maxText = 3_584

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
  static func fields(of move: ForwardedMove) -> LineText {
    """
     move=\(hex: move.id) for=\(hex: move.driver)\(ifAny: move.from.map { " node=\($0)" })\
    \(ifAny: move.target.map { " target=\($0)" }) timeout=\(move.timeout.wholeMilliseconds) \
    loss=\(move.acceptsLoss) dry=\(move.isDryRun) heard=\(move.heard) cancel=\(move.isCancelled)
    """
  }

  static func fields(of line: ForwardedLine) -> LineText {
    " move=\(hex: line.id) for=\(hex: line.asker) line=\(line.number)"
      + " text=\(word: PercentEscaping.message.escape(line.text.utf8)) last=\(line.isLast)"
  }

  static func forwardedMove(
    _ fields: inout FieldReader
  ) throws(ChannelMessageError) -> ForwardedMove {
    let longest = UInt64(ForwardedMove.maxTimeout.wholeMilliseconds)
    let timeout = try fields.number("timeout", in: 1...longest)
    return try ForwardedMove(
      id: fields.hex("move"), driver: fields.hex("for"), from: fields.endpointIfAny("node"),
      target: fields.endpointIfAny("target"), timeout: .milliseconds(Int64(timeout)),
      acceptsLoss: fields.flag("loss"), isDryRun: fields.flag("dry"),
      heard: fields.count("heard"), isCancelled: fields.flag("cancel"))
  }

  static func forwardedLine(
    _ fields: inout FieldReader
  ) throws(ChannelMessageError) -> ForwardedLine {
    let text = try fields.read("text", PercentEscaping.message.unescape)
    return try ForwardedLine(
      id: fields.hex("move"), asker: fields.hex("for"), number: fields.count("line"),
      isLast: fields.flag("last"), text: text)
  }
}
