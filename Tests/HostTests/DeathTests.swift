import HostKit
import Testing

@testable import Lab

extension RealHosts {
  /// `down-after` is half a minute: no Sentinel has a part in what these wait for.
  @Suite("A stop is a move, and a death needs no waiting")
  struct Deaths {
    /// Begins with a fence, the drop-in for the unit of Redis, and Sentinels that are in no hurry.
    private func withDropIn(_ lines: String = "", _ body: (Scene) throws -> Void) throws {
      let scene = try begin()
      let fence = "fence mymaster min-replicas all max-lag 1\n" + lines
      for host in scene.set.hosts {
        try host.run(
          """
          set -e
          \(ServerPackage.redis.dropInLines(isInForce: true))
          systemctl daemon-reload
          redis-cli -p 26379 sentinel set mymaster down-after-milliseconds 30000
          """)
        try host.write(HostSet.configurationPath, HostSet.configuration() + fence)
        // A daemon that was just started knows of no promotion within the last minute.
        try host.run("systemctl restart vipd")
      }
      defer {
        for host in scene.set.hosts {
          _ = host.outcome(
            of: """
              \(ServerPackage.redis.dropInLines(isInForce: false)); systemctl daemon-reload
              redis-cli -p 26379 sentinel set mymaster down-after-milliseconds 3000
              """)
        }
      }
      let holder = try scene.set.awaitService()
      try scene.set.awaitArmed(on: holder)
      // The daemons speak each second: one that is younger knows of no replica that could serve.
      try waitUntil("a daemon that has heard the others", timeoutMilliseconds: 30_000) {
        holder.outcome(
          of: """
            began=$(systemctl show -P ActiveEnterTimestampMonotonic vipd)
            now=$(cut -d. -f1 /proc/uptime); test $((now - began / 1000000)) -ge 3
            """
        ).status == 0
      }
      try body(Scene(set: scene.set, holder: holder))
    }

    @Test func `systemctl stop redis-server moves the master first`() throws {
      try withDropIn { scene in
        let journal = try scene.journal(of: "redis-server", on: scene.holder)
        let client = try WritingClient(scene.set)
        try scene.holder.run("systemctl stop redis-server")
        let new = try scene.awaitTakeover()
        try client.awaitSuccess()
        // Sentinel chooses: what is told may be another node than the one that was planned.
        try journal.awaitLine("mymaster  moved")
        try journal.awaitLine("writes lost   0")
        try scene.holder.run("systemctl start redis-server")
        #expect(try scene.set.awaitService() == new)
        try client.end()
      }
    }

    @Test func `systemctl restart redis-server, on the master's host and on a replica's`() throws {
      try withDropIn { scene in
        let replica = try scene.replica
        let quiet = try scene.journal(of: "redis-server", on: replica)
        try replica.run("systemctl restart redis-server")
        try quiet.awaitLine("this replica may stop: no write")
        #expect(try scene.set.awaitService() == scene.holder)
        let journal = try scene.journal(of: "redis-server", on: scene.holder)
        try scene.holder.run("systemctl restart redis-server")
        let new = try scene.awaitTakeover()
        try journal.awaitLine("Redis may start: it was not the master when it last answered vipd")
        #expect(try scene.set.awaitService() == new)
      }
    }

    @Test
    func `Killed without persistence: it comes back behind its successor, and no key is lost`()
      throws
    {
      try withDropIn { scene in
        try scene.holder.run(
          """
          redis-cli config set save ''
          redis-cli eval "for i = 1, 5000 do redis.call('SET', 'k' .. i, i) end" 0
          rm -f /var/lib/redis/dump.rdb
          """)
        let journal = try scene.journal(of: "redis-server", on: scene.holder)
        let decisions = try scene.journal(of: "vipd", on: scene.holder)
        try scene.holder.run("kill -9 $(systemctl show -P MainPID redis-server)")
        let new: DebianHost
        do {
          new = try scene.awaitTakeover()
        } catch {
          Issue.record("\(try decisions.lines()) \(try journal.lines())")
          throw error
        }
        try journal.awaitLine("Redis waits with its start")
        try journal.awaitLine("is the master now")
        #expect(try scene.set.awaitService() == new)
        for host in scene.set.hosts {
          try waitUntil("every key on \(host.name)", timeoutMilliseconds: 30_000) {
            () throws(LabError) in
            try (Int(host.run("redis-cli dbsize").filter(\.isNumber)) ?? 0) >= 5_000
          }
        }
      }
    }

    @Test func `systemctl reboot of the master's host moves the master first`() throws {
      try withDropIn { scene in
        try scene.holder.reboot()
        let new = try scene.set.awaitService()
        #expect(new != scene.holder)
        // The journal of the boot before is gone, the history is not.
        let history = try scene.holder.run("vipctl history mymaster")
        #expect(history.contains("moved"), "\(history)")
      }
    }

    @Test func `systemctl stop vipd moves the master first where the file says so`() throws {
      try withDropIn("on-stop move\n") { scene in
        try scene.holder.run("systemctl stop vipd")
        let new = try scene.awaitTakeover()
        try scene.holder.run("systemctl start vipd")
        #expect(try scene.set.awaitService() == new)
      }
    }

    @Test func `A daemon that hangs, or is not there, keeps no Redis from starting or stopping`()
      throws
    {
      try withDropIn { scene in
        let replica = try scene.replica
        for (before, after) in [
          ("systemctl stop vipd", "systemctl start vipd"),
          ("systemctl kill -s STOP vipd", "systemctl kill -s CONT vipd"),
        ] {
          try replica.run("\(before); systemctl restart redis-server; \(after)")
          #expect(try replica.run("systemctl is-active redis-server") == "active\n")
          try scene.set.awaitService()
        }
      }
    }
  }
}

extension HostSet {
  /// Waits until the fence of a holder asks for all replicas.
  fileprivate func awaitArmed(on host: DebianHost) throws {
    try waitUntil("an armed fence", timeoutMilliseconds: 30_000) {
      host.outcome(of: "redis-cli config get min-replicas-to-write").output.contains("\n2\n")
    }
  }
}
