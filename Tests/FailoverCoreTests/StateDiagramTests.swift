import FailoverCore
import Foundation
import Testing

/// The diagram that operators read shows the transitions that the machine is held to.
@Suite struct StateDiagramTests {
  /// The arrows of the diagram, each as `from > to`.
  private static func arrows(in text: String) -> Set<String> {
    let lines = text.split(separator: "\n").map { $0.split(separator: " ") }
    let arrows = lines.compactMap { words -> String? in
      guard words.count >= 3, words[1] == "-->", words[0] != "[*]" else { return nil }
      return "\(words[0]) > \(words[2].trimmingCharacters(in: [":"]))"
    }
    return Set(arrows)
  }

  @Test func `Each arrow is a transition, and each transition an arrow`() throws {
    let root = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let page = try String(contentsOf: root.appending(path: "docs/safety.md"), encoding: .utf8)
    let allowed = TransitionTests.allowed.flatMap { from, targets in
      targets.subtracting([from]).map { "\(from.rawValue) > \($0.rawValue)" }
    }
    #expect(Self.arrows(in: page) == Set(allowed))
  }
}
