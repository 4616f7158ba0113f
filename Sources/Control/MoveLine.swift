import ChannelMessages
package import ControlProtocol

/// A line of the report on a planned move, as `vipctl move` and every node of the group show it.
///
/// It is composed where the move is driven, and only passed on from there.
package struct MoveLine: Equatable {
  /// The JSON object.
  package let json: String
  /// Whether nothing follows.
  package let isLast: Bool

  /// Takes a line that came from another node.
  package init(json: String, isLast: Bool) {
    self.json = json
    self.isLast = isLast
  }

  /// Composes a line; `fill` adds further members.
  package init(
    _ kind: MoveDocument.Kind, _ text: String, fill: (inout MoveDocument) -> Void = { _ in }
  ) {
    var document = MoveDocument()
    (document.kind, document.text) = (kind, Self.shortened(text))
    fill(&document)
    json = document.json
    isLast = kind == .result
  }

  /// Composes the end of a move that never came to its driver, or was lost out of sight.
  package static func failure(_ text: String, remains: [String] = []) -> MoveLine {
    MoveLine(.result, text) { line in
      line.outcome = "failed"
      line.remains = remains
    }
  }

  /// Says that the driver is at it.
  package static let pulse = MoveLine(.pulse, "")

  /// What Redis says in an error may be long, and a line must fit into one message.
  package static func shortened(_ text: String) -> String {
    guard text.utf8.count > 400 else { return text }
    var short = ""
    for character in text where short.utf8.count + character.utf8.count <= 300 {
      short.append(character)
    }
    return short + "..."
  }
}
