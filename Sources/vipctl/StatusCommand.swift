import ArgumentParser
import ControlProtocol
import FoundationEssentials
import Glibc

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Who holds the address, why, and what each Sentinel says.",
    discussion: """
      Exits with 3 if something needs attention: it is marked with '!'. What the settings can't \
      promise (guarantee) is told, and is no reason for a 3.
      """)

  @OptionGroup var connection: ConnectionOptions
  @Argument(help: "The master name; all if left out.", completion: .masters)
  var master: String?
  @Flag(help: "The daemon's own JSON, for programs.") var json = false
  @Flag(help: "Again each second, until interrupted.") var watch = false

  func run() throws {
    guard watch else {
      let answer = try ask()
      Output.standard.write(answer.text)
      if !answer.isWell { throw Failure(status: .degraded, text: "") }
      return
    }
    while true {
      let text: String
      do throws(Failure) {
        text = try ask().text
      } catch {
        // A watch goes on: the daemon may be restarting.
        text = "vipctl: \(error.text)\n"
      }
      // Home and clear (ECMA-48 §8.3.21, §8.3.39); in a pipe, one status after the other.
      let clear = Output.standard.isTerminal ? "\u{1b}[H\u{1b}[2J" : ""
      Output.standard.write(clear + text)
      sleep(1)
    }
  }

  private func ask() throws(Failure) -> (text: String, isWell: Bool) {
    var client = try connection.connect()
    let answer = try client.ask("STATUS", master ?? "*")
    let report: StatusDocument
    do {
      report = try JSONDecoder().decode(StatusDocument.self, from: Data(answer.utf8))
    } catch {
      if json { return (answer + "\n", true) }
      throw Failure(
        status: .failed,
        text: "vipd answers with a status that this vipctl can't read: other versions?\n"
          + "Try: vipctl version; vipctl status --json")
    }
    let isWell =
      report.groups.allSatisfy(\.concerns.isEmpty) && (report.problems ?? []).isEmpty
    let text = json ? answer + "\n" : StatusText(style: Output.standard.style).text(report)
    return (text, isWell)
  }
}
