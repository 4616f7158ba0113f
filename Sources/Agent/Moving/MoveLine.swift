import ChannelMessages

/// A line of the report on a planned move, as `vipctl move` and every node of the group show it.
///
/// It is composed where the move is driven, and only passed on from there.
struct MoveLine: Equatable {
  /// What a line tells.
  enum Kind: String {
    /// Something to know: who drives, what is waited for.
    case note
    /// A step of the plan.
    case plan
    /// Something that speaks against the move.
    case finding
    /// The move entered a phase.
    case phase
    /// Nothing new; the driver is at it.
    case pulse
    /// The end.
    case result
  }

  /// The JSON object.
  let json: String
  /// Whether nothing follows.
  let isLast: Bool

  /// Takes a line that came from another node.
  init(json: String, isLast: Bool) {
    self.json = json
    self.isLast = isLast
  }

  /// Composes a line; `more` writes further members.
  init(_ kind: Kind, _ text: String, more: (inout JSONWriter) -> Void = { _ in }) {
    var writer = JSONWriter()
    writer.object { writer in
      writer.member("kind", kind.rawValue)
      more(&writer)
      writer.member("text", Self.shortened(text))
    }
    json = writer.text
    isLast = kind == .result
  }

  /// Composes the end of a move that never came to its driver, or was lost out of sight.
  static func failure(_ text: String, remains: [String] = []) -> MoveLine {
    MoveLine(.result, text) { writer in
      writer.member("outcome", "failed")
      writer.key("remains")
      writer.array(remains) { $0.string($1) }
    }
  }

  /// Says that the driver is at it.
  static let pulse = MoveLine(.pulse, "")

  /// What Redis says in an error may be long, and a line must fit into one message.
  static func shortened(_ text: String) -> String {
    guard text.utf8.count > 400 else { return text }
    var short = ""
    for character in text where short.utf8.count + character.utf8.count <= 300 {
      short.append(character)
    }
    return short + "..."
  }
}
