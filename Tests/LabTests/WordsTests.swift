import Foundation
import Testing

@testable import Lab

extension RealServers {
  @Suite("What servers say when they refuse")
  struct Words {
    /// Waits until `vipctl status` of a host shows words, with exit status 3.
    private func awaitStatus(_ lab: Laboratory, on number: Int, shows words: String...) throws {
      try waitUntil("status on h\(number) to show \(words)", timeoutMilliseconds: 15_000) {
        () throws(LabError) in
        let (status, output) = try lab.vipctl(
          Laboratory.neighbour("vipctl"), on: number, ["status"])
        return status == 3 && words.allSatisfy(output.contains)
      }
    }

    private func awaitHealth(_ lab: Laboratory, on number: Int) throws {
      try waitUntil("status on h\(number) to be well", timeoutMilliseconds: 90_000) {
        () throws(LabError) in
        try lab.vipctl(Laboratory.neighbour("vipctl"), on: number, ["status"]).status == 0
      }
    }

    /// Takes a right from everybody at every Sentinel, and ends the connections that have it.
    private func forbid(_ right: String, _ lab: Laboratory) throws -> Stamp {
      let fault = Stamp.now()
      for number in 1...3 {
        let sentinel = try lab.connection(to: .sentinel, on: number)
        try sentinel.command("ACL", "SETUSER", "default", right)
        try sentinel.command("CLIENT", "KILL", "TYPE", "pubsub")
        try sentinel.command("CLIENT", "KILL", "TYPE", "normal")
      }
      return fault
    }

    @Test func `A Sentinel without the right to SUBSCRIBE counts, and says what is missing`() throws
    {
      try RealServers.withDaemons { trial in
        let lab = trial.lab
        let fault = try forbid("-subscribe", lab)
        try awaitStatus(lab, on: 1, shows: "does not let vipd subscribe (NOPERM", "HOLDING")
        #expect(!trial.hasLost(trial.group.firstAddress, on: 1, after: fault))
        // Takeovers go on.
        try trial.awaitTakeover(after: lab.kill(.redis(trial.group.name), on: 1))
      }
    }

    @Test func `Sentinels that do not tell their id are followed all the same`() throws {
      try RealServers.withDaemons { trial in
        let lab = trial.lab
        let fault = try forbid("-sentinel|myid", lab)
        for number in 1...3 {
          try waitUntil("the Sentinel on h\(number) to refuse MYID", timeoutMilliseconds: 5000) {
            () throws(LabError) in
            try !lab.connection(to: .sentinel, on: number).command("ACL", "LOG").parts.isEmpty
          }
        }
        try awaitHealth(lab, on: 1)
        #expect(!trial.hasLost(trial.group.firstAddress, on: 1, after: fault))
        try trial.awaitTakeover(after: lab.kill(.redis(trial.group.name), on: 1))
      }
    }

    @Test func `A Redis that turns vipd away is quoted: protected mode, maxclients, password`()
      throws
    {
      try RealServers.withDaemons { trial in
        let lab = trial.lab
        let redis = try lab.connection(to: .redis(trial.group.name), on: 2)
        for (name, value, usual, words) in [
          ("protected-mode", "yes", "no", "DENIED Redis is running in protected mode"),
          ("maxclients", "1", "10000", "ERR max number of clients reached"),
          ("requirepass", "secret", "", "NOAUTH"),
        ] {
          try redis.command("CONFIG", "SET", name, value)
          try redis.command("CLIENT", "KILL", "TYPE", "pubsub")
          try redis.command("CLIENT", "KILL", "TYPE", "normal")
          try awaitStatus(lab, on: 2, shows: words)
          try redis.command("CONFIG", "SET", name, usual)
          try awaitHealth(lab, on: 2)
        }
        #expect(try lab.holders(of: trial.group.firstAddress) == [1])
      }
    }

    @Test func `A Sentinel in protected mode is quoted, and the others are enough`() throws {
      try RealServers.withDaemons { trial in
        let lab = trial.lab
        let fault = Stamp.now()
        try lab.kill(.sentinel, on: 3)
        let path = try lab.host(3).configurationPath(.sentinel)
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try text.replacingOccurrences(of: "protected-mode no", with: "protected-mode yes")
          .write(toFile: path, atomically: true, encoding: .utf8)
        try lab.start(.sentinel, on: 3)
        try awaitStatus(lab, on: 1, shows: "out of contact: DENIED Redis is running in protected")
        #expect(!trial.hasLost(trial.group.firstAddress, on: 1, after: fault))
      }
    }

    @Test func `A master that refuses writes after a failed save says MISCONF`() throws {
      try RealServers.withDaemons { trial in
        let lab = trial.lab
        let redis = try lab.connection(to: .redis(trial.group.name), on: 1)
        try redis.command("CONFIG", "SET", "save", "3600 1")
        // A directory stands where the file is to go.
        let file = "\(try lab.host(1).directory)/redis-\(trial.group.name).rdb"
        try FileManager.default.createDirectory(atPath: file, withIntermediateDirectories: false)
        try redis.command("BGSAVE")
        try awaitStatus(lab, on: 1, shows: "MISCONF", "its last RDB save failed")
        let stamp = Stamp.now()
        try FileManager.default.removeItem(atPath: file)
        try redis.command("BGSAVE")
        try awaitHealth(lab, on: 1)
        try trial.awaitSuccess(at: 1, after: stamp)
      }
    }
  }
}
