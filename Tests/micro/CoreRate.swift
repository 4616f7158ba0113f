import EventRecording
import FailoverCore
import Foundation

/// How many events the core decides on in a second, from recordings of real daemons.
struct CoreRate {
  let directory: String

  func run() {
    let recordings = read()
    guard !recordings.isEmpty else { fail("there are no recordings in \(directory)") }
    // Counted so that no compiler takes the work for useless.
    var orders = 0
    let values = rates {
      var events = 0
      for recording in recordings {
        var machine = FailoverMachine(configuration: recording.configuration)
        for step in recording.steps {
          orders += machine.handle(step.event, at: step.at).count
          events += 1
        }
      }
      return events
    }
    guard orders > 0 else { fail("the core ordered nothing") }
    report(["core-events": values])
  }

  private func read() -> [Recording] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    return names.sorted().filter { $0.hasSuffix(".events") }.flatMap { name -> [Recording] in
      let text = try? String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8)
      return text.flatMap { try? Recording.runs(of: $0) } ?? []
    }
  }
}
