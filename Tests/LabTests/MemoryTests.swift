import Foundation
import Testing

@testable import Lab

extension RealServers {
  @Suite("Memory")
  struct Memory {
    @Test func `What vipd has used stays in memory, and where it may not, vipd says so`() throws {
      let program = try wrapper(
        """
        case "$*" in */h2/*) exec prlimit --memlock=65536 setpriv --bounding-set=-ipc_lock \(vipd) "$@" ;; esac
        exec \(vipd) "$@"
        """)
      defer { try? FileManager.default.removeItem(atPath: program) }
      try RealServers.withDaemons({ $0.agent = .daemon(path: program) }) { trial in
        let locked = try trial.lab.process(.agent, on: 1)
        #expect(try #require(locked.lockedKibibytes) > #require(locked.residentKibibytes))
        let limited = try trial.lab.process(.agent, on: 2)
        #expect(limited.lockedKibibytes == 0)
        let log = try String(contentsOfFile: trial.lab.host(2).logPath(.agent), encoding: .utf8)
        #expect(log.contains("RLIMIT_MEMLOCK"))
        // It does its work all the same.
        let fault = try trial.lab.kill(.redis(trial.group.name), on: 1)
        let promotion = try trial.awaitTakeover(after: fault)
        try trial.awaitSuccess(at: promotion.host, after: .now())
      }
    }

    private var vipd: String { Laboratory.neighbour("vipd") }

    private func wrapper(_ body: String) throws -> String {
      let path = FileManager.default.temporaryDirectory.appending(path: "vipd-\(UUID())").path
      try "#!/bin/sh\n\(body)\n".write(toFile: path, atomically: true, encoding: .utf8)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
      return path
    }
  }
}
