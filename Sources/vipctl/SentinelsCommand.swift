import ArgumentParser
import ControlProtocol
import FoundationEssentials

struct SentinelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sentinels",
    abstract: "Who the Sentinels are, who lists whom, and which of them count.",
    discussion: """
      Exits with 3 if a Sentinel counts that is not there, or one lacks something that the others \
      know. One that is gone for good: SENTINEL RESET on one Sentinel after the other, 30 s apart, \
      and a minute later it counts no more; or 'vipctl sentinels forget'.
      """,
    subcommands: [List.self, Forget.self], defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "Who the Sentinels are, and who lists whom (the default).")

    @OptionGroup var connection: ConnectionOptions
    @Argument(help: "The master name; all if left out.", completion: .masters)
    var master: String?
    @Flag(help: "The daemon's own JSON, for programs.") var json = false

    func run() throws {
      var client = try connection.connect()
      let answer = try client.ask("SENTINELS", master ?? "*")
      let report: SentinelsDocument
      do {
        report = try JSONDecoder().decode(SentinelsDocument.self, from: Data(answer.utf8))
      } catch {
        if json { return Output.standard.write(answer + "\n") }
        throw Failure(
          status: .failed, text: "vipd answers what this vipctl can't read. Try: vipctl version")
      }
      let text =
        json ? answer + "\n" : SentinelsText(style: Output.standard.style).text(report)
      Output.standard.write(text)
      if report.groups.contains(where: { !$0.isWell }) {
        throw Failure(status: .degraded, text: "")
      }
    }
  }

  struct Forget: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "forget",
      abstract: "Say that a Sentinel is gone for good: it counts no more, on every host.",
      discussion: """
        Only for one whose process does not exist any more: while it lives, and is only cut off, it \
        may elect another master. One that says hello again counts again at once. It is refused \
        for a Sentinel that is in contact or said hello within 10 s, and on a host that reaches no \
        majority of the Sentinels: that host may itself be cut off.

        Only vipd forgets. Sentinel counts it until SENTINEL RESET, one Sentinel after the other, \
        30 s apart, and needs more votes for a failover until then: status says so.
        """)

    @OptionGroup var connection: ConnectionOptions
    @Argument(
      help: """
        Its run id (8 characters are enough), its address as HOST:PORT, or 'unknown' for those of \
        which only the number is remembered.
        """,
      completion: .sentinels)
    var sentinel: String
    @Argument(help: "The master name; all if left out.", completion: .masters)
    var master: String?
    @Flag(
      help: """
        Also where this host reaches no majority. If the Sentinel lives, two hosts may then hold the \
        address.
        """)
    var force = false

    func run() throws {
      var client = try connection.connect()
      var words = ["SENTINELS", "FORGET", sentinel, master ?? "*"]
      if force { words.append("FORCE") }
      Output.standard.write(try client.ask(words) + "\n")
    }
  }
}

extension SentinelsDocument.Group {
  /// Whether nothing needs attention.
  var isWell: Bool {
    members.allSatisfy(\.isWell) && !known.contains { $0.missing || $0.isListedInVain }
      && Set(members.compactMap(\.view)).count <= 1 && !members.isEmpty
  }
}

extension SentinelsDocument.Known {
  /// Whether vipd left it out on the operator's word, and Sentinel itself still counts it.
  var isListedInVain: Bool { fate == "forgotten" && !inContact && !listedBy.isEmpty }
}

extension SentinelsDocument.Member {
  /// Whether nothing about it needs attention.
  var isWell: Bool {
    if counts == false { return true }
    return connected && monitors && unusable == nil && tilt != true && clockSetBackMs == nil
  }

  /// What it and the others should agree on.
  var view: [String?]? {
    guard connected, monitors else { return nil }
    let known = lists.map(\.runId) + [runId ?? ""]
    return [names, quorum.map(String.init), downAfterMs.map(String.init)] + known.sorted()
  }
}

/// Sets the Sentinels for people: a table of what each says, and a matrix of who lists whom.
struct SentinelsText {
  var style: TextStyle

  /// The whole text, with its final line end.
  func text(_ report: SentinelsDocument) -> String {
    report.groups.map { text($0).joined(separator: "\n") + "\n" }.joined(separator: "\n")
  }

  private func text(_ group: SentinelsDocument.Group) -> [String] {
    let losses = group.toleratedSentinelLosses
    let count = group.sentinels
    var lines = [
      "\(style.bold(group.master))  \(count) Sentinel\(count == 1 ? "" : "s") "
        + "count\(count == 1 ? "s" : ""); \(group.majority) are a majority, quorum \(group.quorum), "
        + "\(group.confirmationsNeeded) must confirm the holder; "
        + (losses == 0 ? "none may fail" : "\(losses) may fail")
    ]
    lines += concerns(group).map { "  \(style.red("!")) \($0)" }
    let header = [
      "SENTINEL", "ID", "VERSION", "NAMES", "EPOCH", "QUORUM", "DOWN-AFTER", "CLOCK", "STATE",
    ]
    let table = TextStyle.table([header] + group.members.map(row), indent: "  ")
    lines += [style.dim(table[0])] + table.dropFirst() + [""]
    lines += matrix(group)
    let names = group.lines.filter { $0.addresses != [$0.text] }
    lines += names.map { line in
      let addresses =
        line.addresses.isEmpty ? "not resolved" : line.addresses.joined(separator: " ")
      return "  \(line.text) -> \(addresses)"
    }
    return lines
  }

  private func concerns(_ group: SentinelsDocument.Group) -> [String] {
    var concerns = group.known.filter(\.missing).map { known in
      "\(known.address ?? "?") (run id \(known.runId)) counts and is not there: "
        + (known.listedBy.isEmpty
          ? "no Sentinel lists it" : "listed by \(known.listedBy.joined(separator: ", "))")
        + "; last hello " + Self.ago(known.helloMsAgo)
    }
    concerns += group.known.filter(\.isListedInVain).map { known in
      "\(known.address ?? "?") (run id \(known.runId)) was forgotten, and "
        + "\(known.listedBy.joined(separator: ", ")) still "
        + "count\(known.listedBy.count == 1 ? "s" : "") it: SENTINEL RESET on one after the other, 30 s "
        + "apart"
    }
    let views = Set(group.members.compactMap(\.view))
    if views.count > 1 { concerns.append("the Sentinels do not agree; see below") }
    for member in group.members {
      if let step = member.clockSetBackMs {
        concerns.append(
          "the clock of \(member.address) was set back by \(TextStyle.span(milliseconds: step)): "
            + "restart this Sentinel")
      }
      if let unusable = member.unusable {
        concerns.append("\(member.address) answers what can't be used: \(unusable)")
      }
    }
    return concerns
  }

  private static func ago(_ milliseconds: Int64?) -> String {
    milliseconds.map { TextStyle.span(milliseconds: $0) + " ago" } ?? "not known"
  }

  private func row(_ member: SentinelsDocument.Member) -> [String] {
    var state = "in contact"
    if member.counts == false {
      state = "gone, counts no more"
    } else if !member.connected {
      state = "out of contact" + (member.loss.map { ": \($0)" } ?? "")
    } else if !member.monitors {
      state = "does not monitor this master"
    } else if member.tilt == true {
      state = "in TILT"
    } else if !member.leftOut.isEmpty {
      state = "in contact; left out: \(member.leftOut.joined(separator: "; "))"
    }
    return [
      member.address, member.runId.map { String($0.prefix(8)) } ?? "-", member.version ?? "-",
      member.names ?? "-", member.configEpoch.map(String.init) ?? "-",
      member.quorum.map(String.init) ?? "-", member.downAfterMs.map { "\($0) ms" } ?? "-",
      member.clockOffsetMs.map(Self.offset) ?? "-", state,
    ]
  }

  private static func offset(_ milliseconds: Int64) -> String {
    // The way of the answer is in it.
    if abs(milliseconds) < 250 { return "right" }
    let span = TextStyle.span(milliseconds: abs(milliseconds))
    return milliseconds < 0 ? "\(span) behind" : "\(span) ahead"
  }

  /// Who lists whom: a row for each that answers, a column for each that is known.
  private func matrix(_ group: SentinelsDocument.Group) -> [String] {
    let known = group.known.filter { $0.fate == "counted" || !$0.listedBy.isEmpty }
    guard !known.isEmpty, group.members.contains(where: \.connected) else { return [] }
    let header = ["LISTS"] + known.map { $0.address ?? String($0.runId.prefix(8)) }
    let rows = group.members.filter(\.connected).map { member in
      [member.address] + known.map { mark(of: $0, in: member) }
    }
    let fates = known.map { $0.inContact ? "answers" : $0.fate == "counted" ? "missing" : $0.fate }
    let table = TextStyle.table([header] + rows + [[""] + fates], indent: "  ")
    return [style.dim(table[0])] + table.dropFirst()
  }

  private func mark(
    of known: SentinelsDocument.Known, in member: SentinelsDocument.Member
  ) -> String {
    if member.runId == known.runId { return "itself" }
    guard let entry = member.lists.first(where: { $0.runId == known.runId }) else { return "no" }
    return entry.helloMsAgo.map { TextStyle.span(milliseconds: $0) } ?? "yes"
  }
}
