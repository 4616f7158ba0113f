import ArgumentParser
import ControlProtocol
import FoundationEssentials
import RESP

struct EventsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "events", abstract: "Follow decisions as they are made, until interrupted.")

  @OptionGroup var connection: ConnectionOptions
  @Flag(help: "One JSON object a line.") var json = false

  func run() throws {
    var client = try connection.connect()
    _ = try client.ask("EVENTS")
    let style = Output.standard.style
    while true {
      let message = try client.receive(isPatient: true)
      guard let text = Self.payload(of: message) else { continue }
      guard !json else {
        Output.standard.write(text + "\n")
        continue
      }
      // What can't be read is shown as it came: an event must not be lost.
      let event = try? JSONDecoder().decode(EventDocument.self, from: Data(text.utf8))
      Output.standard.write((event?.line(style) ?? text) + "\n")
    }
  }

  /// The JSON of a message: the last text in it.
  static func payload(of message: RESPToken) -> String? {
    if let text = message.text { return text }
    return message.elements?.compactMap(\.text).last
  }
}

extension EventDocument {
  /// One line for people.
  func line(_ style: TextStyle) -> String {
    let time = style.dim(at)
    guard kind != "alarm" else { return "\(time)  \(master)  \(style.red("alarm"))  \(text)" }
    let after = afterMs.map { style.dim("  (after \(TextStyle.span(milliseconds: $0)))") } ?? ""
    return "\(time)  \(master)  \(text)\(after)"
  }
}
