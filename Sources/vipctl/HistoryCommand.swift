import ArgumentParser
import ControlProtocol
import FoundationEssentials
import Glibc

struct HistoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "What happened on this host: each transition, its phases and times.",
    discussion: """
      The newest stands last. Times are UTC, as in status and events. What is told is this \
      host's side only: ask on the other hosts for theirs.
      """)

  @OptionGroup var connection: ConnectionOptions
  @Argument(help: "The master name; all if left out.", completion: .masters)
  var master: String?
  @Option(name: .shortAndLong, help: "Only the newest so many.") var last: Int?
  @Flag(help: "The daemon's own JSON, for programs.") var json = false

  func validate() throws {
    guard let last else { return }
    guard last > 0 else { throw ValidationError("--last takes a number above 0.") }
    guard !json else { throw ValidationError("--last shortens the table, not the JSON.") }
  }

  func run() throws {
    var client = try connection.connect()
    let answer = try client.ask("HISTORY", master ?? "*")
    guard !json else { return Output.standard.write(answer + "\n") }
    guard var report = try? JSONDecoder().decode(HistoryDocument.self, from: Data(answer.utf8)),
      report.schema == 1
    else {
      throw Failure(
        status: .failed,
        text: "vipd answers with a history that this vipctl can't read: other versions?\n"
          + "Try: vipctl version; vipctl history --json")
    }
    if let last { report.keepNewest(last) }
    Output.standard.write(HistoryText(style: Output.standard.style).text(report))
  }
}

extension HistoryDocument {
  /// Leaves out all but the newest entries.
  mutating func keepNewest(_ count: Int) {
    let excess = max(0, entries.count - count)
    entries.removeFirst(excess)
    omitted += excess
  }
}
