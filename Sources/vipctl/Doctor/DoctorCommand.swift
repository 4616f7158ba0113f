import ArgumentParser
import ControlProtocol
import FoundationEssentials

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Examine the whole installation, and say how to mend what is found.",
    discussion: """
      Asks the vipd of every host how it is there, and every Sentinel and Redis of the group itself, \
      with the passwords of vipd.conf: run it as root. Nothing is changed.

      A finding has an id, a severity (error, warning, note), what was seen and what to do; \
      docs/doctor.md explains each. Exits with 0 if there is none, or notes alone, \
      and with 3 otherwise. What could not be looked at stands under 'not seen'.

      After 'vipctl setup', and after each change:  vipctl doctor
      """)

  @OptionGroup var connection: ConnectionOptions
  @Argument(help: "The master name; all if left out.", completion: .masters)
  var master: String?
  @Flag(help: "JSON, for programs.") var json = false

  private static func facts(
    _ client: inout ControlClient, _ master: String
  ) throws(Failure) -> String {
    do throws(Failure) {
      return try client.ask("FACTS", master)
    } catch {
      guard error.text.hasPrefix("unknown command") else { throw error }
      throw Failure(
        status: .failed,
        text: "the vipd of this host is older than this vipctl, and does not know 'doctor'.\n"
          + "Try: systemctl restart vipd; vipctl version")
    }
  }

  func run() throws {
    var client = try connection.connect()
    let answer = try Self.facts(&client, master ?? "*")
    guard let told = try? JSONDecoder().decode(FactsDocument.self, from: Data(answer.utf8)) else {
      throw Failure(
        status: .failed, text: "vipd answers what this vipctl can't read. Try: vipctl version")
    }
    let reports = told.groups.map { DoctorReport(DoctorSurvey().facts(of: $0)) }
    if json {
      let document = DoctorDocument { $0.groups = reports.map(\.document) }
      Output.standard.write(document.json + "\n")
    } else {
      let style = Output.standard.style
      Output.standard.write(reports.map { $0.text(style) }.joined(separator: "\n"))
    }
    if !reports.allSatisfy(\.isWell) { throw Failure(status: .degraded, text: "") }
  }
}
