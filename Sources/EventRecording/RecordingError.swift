/// Why a text is no recording, and in which line.
public struct RecordingError: Error, Equatable, Sendable {
  /// The line, from 1.
  public var line: Int
  /// What is wrong with it.
  public var problem: Problem

  /// What can be wrong with a line.
  public enum Problem: Error, Equatable, Sendable {
    /// A run begins with `vipd-recording 1`.
    case noHeader
    /// The recording is of a version that this program does not read.
    case otherVersion(String)
    /// The line after the header says what the operator decided: `group …`.
    case noGroup
    /// No event has this name.
    case unknownEvent(String)
    /// A field is missing.
    case missingField(String)
    /// The value of a field is none of its kind.
    case badValue(field: String, text: String)
    /// Something stands where the line should end.
    case excess(String)
    /// The instant is not a number, or out of range.
    case badInstant(String)
    /// The instant is earlier than the one before: the clock of the core never goes back.
    case timeWentBack
    /// An order stands before the first event.
    case orderWithoutEvent
    /// The line is longer than any that is written.
    case tooLong
    /// The last line does not end: the recording was cut off within it.
    case cutOff
  }

  /// Makes an error.
  public init(line: Int, problem: Problem) {
    self.line = line
    self.problem = problem
  }

  /// The beginning of a text, short enough for a message.
  static func excerpt(_ text: Substring) -> String { String(text.prefix(60)) }
}

extension RecordingError: CustomStringConvertible {
  /// A sentence for people.
  public var description: String { "line \(line): \(problem)" }
}

extension RecordingError.Problem: CustomStringConvertible {
  /// What is wrong, in words.
  public var description: String {
    switch self {
    case .noHeader: "a run begins with '\(RecordingText.header)'"
    case .otherVersion(let text): "version '\(text)' is not read here"
    case .noGroup: "the line after the header begins with 'group'"
    case .unknownEvent(let text): "no event is called '\(text)'"
    case .missingField(let name): "'\(name)=' is missing here"
    case .badValue(let field, let text): "'\(text)' is no value for '\(field)'"
    case .excess(let text): "'\(text)' is too much"
    case .badInstant(let text): "'\(text)' is no instant"
    case .timeWentBack: "the time went back"
    case .orderWithoutEvent: "an order stands before the first event"
    case .tooLong: "the line is too long"
    case .cutOff: "the recording was cut off within this line"
    }
  }
}
