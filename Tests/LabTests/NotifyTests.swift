import Foundation
import Glibc
import Testing

@testable import Lab

extension RealServers {
  @Suite("Programs at events")
  struct ProgramsAtEvents {
    /// A program that notes each event in a file of its node, and then hangs.
    private func program(in directory: String) throws -> String {
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
      let path = "\(directory)/program"
      let text = """
        #!/bin/sh
        echo "$VIPD_EVENT" >>"\(directory)/$VIPD_NODE"
        exec sleep 9999

        """
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
      return path
    }

    @Test func `A failover is told on both hosts, and programs that hang delay nothing`() throws {
      let directory = NSTemporaryDirectory() + "programs-\(UUID().uuidString.prefix(8))"
      let program = try program(in: directory)
      defer { try? FileManager.default.removeItem(atPath: directory) }
      try RealServers.withDaemons({ $0.extraConfiguration = ["notify mymaster \(program)"] }) {
        trial in
        var runners: [LabProcess] = []
        defer { for runner in runners { runner.send(SIGTERM) } }
        for number in trial.group.members {
          let host = try trial.lab.host(number)
          let words = [
            Laboratory.neighbour("vipctl"), "notify-run", "--limit", "1s", "--listen",
            "\(host.directory)/notify.sock",
          ]
          runners.append(
            LabProcess(number: try Subprocess(words).start(log: "\(host.directory)/notify.log")))
          try waitUntil("somebody to listen", timeoutMilliseconds: 10_000) {
            () throws(LabError) in
            FileManager.default.fileExists(atPath: "\(host.directory)/notify.sock")
          }
        }
        let promotion = try trial.awaitTakeover(after: trial.lab.failover(trial.group, by: 2))
        func told(_ number: Int) throws -> [String] {
          let node = try trial.lab.host(number).address(.version4)
          let text = try? String(contentsOfFile: "\(directory)/\(node):6379", encoding: .utf8)
          return (text ?? "").split(separator: "\n").map(String.init)
        }
        var events: (old: [String], new: [String]) = ([], [])
        try waitUntil("both programs to run", timeoutMilliseconds: 20_000) {
          () throws(LabError) in
          events = ((try? told(1)) ?? [], (try? told(promotion.host)) ?? [])
          return !events.old.isEmpty && !events.new.isEmpty
        }
        #expect(events.old.first == "yielded")
        #expect(events.new.first == "taken")
      }
    }
  }
}
