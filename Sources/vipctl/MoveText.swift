import ControlProtocol
import FoundationEssentials

extension MoveDocument {
  /// Reads the daemon's JSON; nothing if it is of another version.
  init?(_ json: String) {
    guard let line = try? JSONDecoder().decode(MoveDocument.self, from: Data(json.utf8)) else {
      return nil
    }
    self = line
  }

  /// Whether a result is what was asked for.
  var isGood: Bool { outcome == "done" || outcome == "planned" }

  /// Whether the master moved, and the new one has not said that it has the address.
  ///
  /// Without a fence that is not known: the gap is counted from its closing.
  var lacksArrival: Bool { outcome == "done" && writeGapMs == nil && writesLost == 0 }
}

/// Sets the report on a planned move for people who watch it.
struct MoveText {
  var style: TextStyle
  var master: String

  /// What is shown for a line, with its line end; nothing for a pulse.
  func text(of line: MoveDocument) -> String? {
    let text = Self.printable(line.text ?? "")
    switch line.kind {
    case .pulse: return nil
    case .note, .plan: return "  \(text)\n"
    case .finding:
      // The daemon writes directives as the documentation does.
      let words = line.remedy.map { $0.replacing(" MASTER ", with: " \(master) ") }
      let remedy = words.map { "\n    \(Self.printable($0))" } ?? ""
      return "  \(style.red("!")) \(text)\(remedy)\n"
    case .phase: return phase(line, text)
    case .result: return result(line)
    }
  }

  private func phase(_ line: MoveDocument, _ text: String) -> String {
    let time = Self.pad(line.atMs.map { "\($0) ms" } ?? "", to: 9, isRight: true)
    let name = Self.pad(Self.printable(line.phase ?? ""), to: 10, isRight: false)
    return "  \(style.dim(time))  \(style.bold(name))  \(text)\n"
  }

  /// A good end in full; of a bad one what is not said on standard error.
  private func result(_ line: MoveDocument) -> String {
    var lines: [String] = []
    if line.isGood {
      lines.append("\(style.bold(master))  \(style.green(Self.printable(line.text ?? "done")))")
    }
    var rows: [[String]] = []
    if let gap = line.writeGapMs {
      rows.append(["write gap", "\(gap) ms"])
    } else if line.outcome == "done" {
      rows.append(["write gap", "not known: the new master did not say when it had the address"])
    }
    if let count = line.disconnected { rows.append(["disconnected", "\(count)"]) }
    if let lost = Self.lost(line) { rows.append(["writes lost", lost]) }
    if let phases = line.phases, !phases.isEmpty {
      let text = phases.map { "\(Self.printable($0.phase)) \($0.ms) ms" }.joined(separator: ", ")
      rows.append(["phases", text])
    }
    lines += TextStyle.table(rows, indent: "  ")
    lines += (line.remains ?? []).map { "  \(style.red("!")) \(Self.printable($0))" }
    return lines.map { $0 + "\n" }.joined()
  }

  private static func lost(_ line: MoveDocument) -> String? {
    if let count = line.writesLost { return "\(count)" }
    return line.writesLostText.map(printable)
  }

  /// A text without control characters: it may come from another host.
  static func printable(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { $0.value < 0x20 || (0x7f...0x9f) ~= $0.value ? "?" : $0 }))
  }

  private static func pad(_ text: String, to width: Int, isRight: Bool) -> String {
    let blanks = String(repeating: " ", count: max(0, width - text.count))
    return isRight ? blanks + text : text + blanks
  }
}
