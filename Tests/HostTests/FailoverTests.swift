import HostKit
import Testing

@testable import Lab

extension RealHosts {
  @Suite("Servers and hosts go and come back")
  struct Failovers {
    @Test func `Redis is restarted on the master's host: the VIPs stay, and so do the data`() throws
    {
      let scene = try begin()
      let replica = try scene.replica
      try replica.run("redis-cli -h 10.77.0.100 set key value")
      try scene.holder.run("systemctl restart redis-server")
      #expect(try scene.set.awaitService() == scene.holder)
      #expect(try replica.run("redis-cli -h 10.77.0.100 get key") == "value\n")
    }

    @Test func `Redis is stopped on the master's host: the VIPs follow, and both journals say why`()
      throws
    {
      let scene = try begin()
      let journals = try scene.set.hosts.map { try scene.journal(of: "vipd", on: $0) }
      try scene.holder.run("systemctl stop redis-server")
      let new = try scene.awaitTakeover()
      // Mostly out of ‘prepared’, and by a majority where the selection was not heard of in time.
      try journals[new.number - 1].awaitLine(" -> holding: ")
      try journals[new.number - 1].awaitLine("mymaster: The address answers: ")
      try journals[scene.holder.number - 1].awaitLine("mymaster: The local Redis does not answer")
      try journals[scene.holder.number - 1].awaitLine("mymaster: holding -> ")
      try scene.holder.run("systemctl start redis-server")
      #expect(try scene.set.awaitService() == new)
    }

    @Test func `Debian's Sentinel unit runs the hook on each host, and vipd hears of it`() throws {
      let scene = try begin()
      let dropIn = "/run/systemd/system/vipd.service.d/record.conf"
      let recording = "/var/lib/vipd/mymaster.events"
      for host in scene.set.hosts {
        try host.run(
          """
          install -D -m 644 /dev/stdin \(dropIn) <<<'[Service]
          Environment=VIPD_RECORD=/var/lib/vipd'
          systemctl daemon-reload && systemctl restart vipd
          """)
      }
      defer {
        for host in scene.set.hosts {
          _ = host.outcome(
            of: """
              rm \(dropIn) \(recording)
              systemctl daemon-reload && systemctl restart vipd
              """)
        }
      }
      try scene.set.awaitService()
      // In the tests before, daemons were stopped on purpose while Sentinel called the hook.
      let failures = "grep -e -script-error /var/log/redis/redis-sentinel.log || true"
      let before = try scene.set.hosts.map { try $0.run(failures) }
      try scene.move("--accept-loss")
      let new = try scene.awaitTakeover()
      for (host, known) in zip(scene.set.hosts, before) {
        try waitUntil("the hook on \(host.name)", timeoutMilliseconds: 60_000) {
          host.outcome(of: "grep -q ' hook-called' \(recording)").status == 0
        }
        #expect(try host.run(failures) == known)
      }
      #expect(try scene.set.awaitService() == new)
    }

    @Test func `A move with a fence works on Debian's own redis.conf, and loses nothing`() throws {
      let scene = try begin()
      // Without the drop-in for its unit, status says what a restart without its data would cost.
      let fence = "fence mymaster min-replicas all max-lag 1\non-death mymaster wait\n"
      for host in scene.set.hosts {
        try host.write(HostSet.configurationPath, HostSet.configuration() + fence)
        try host.run("systemctl reload vipd")
      }
      try scene.set.awaitService()
      let report = try scene.move()
      #expect(report.contains("writes lost   0"))
      let new = try scene.awaitTakeover()
      #expect(try scene.set.awaitService() == new)
      // Redis wrote the fence into its file, in which only its own user and group may write.
      try new.run("grep -q '^min-replicas-to-write 2$' /etc/redis/redis.conf")
      #expect(try scene.set.mend() == new)
      try new.run("! grep '^min-replicas-to-write [1-9]' /etc/redis/redis.conf")
    }

    @Test func `A replica's host reboots: vipd is there again, and the holder notices nothing`()
      throws
    {
      let scene = try begin()
      let replica = try scene.replica
      let began = try scene.stateBegan(on: scene.holder)
      try replica.reboot()
      #expect(try scene.set.awaitService() == scene.holder)
      #expect(try scene.stateBegan(on: scene.holder) == began)
      #expect(try replica.run("systemctl is-active vipd") == "active\n")
    }

    @Test func `The master's host reboots: one host has the VIPs, and all is well again`() throws {
      let scene = try begin()
      try scene.holder.reboot()
      try scene.set.awaitService()
    }

    @Test func `The master's host is shut down: the VIPs follow, and it comes back as a replica`()
      throws
    {
      let scene = try begin()
      _ = scene.holder.outcome(of: "systemctl poweroff")
      let new = try scene.awaitTakeover()
      try waitUntil("\(scene.holder.name) to be off", timeoutMilliseconds: 100_000) {
        scene.holder.isGone
      }
      try scene.holder.powerOn()
      try scene.holder.awaitBoot()
      #expect(try scene.set.awaitService() == new)
    }

    @Test
    func `The master's host loses its power: the VIPs follow, and it comes back as a replica`()
      throws
    {
      let scene = try begin()
      let client = try WritingClient(scene.set)
      try scene.holder.powerOff()
      let new = try scene.awaitTakeover()
      try client.awaitSuccess()
      try scene.holder.powerOn()
      try scene.holder.awaitBoot()
      #expect(try scene.set.awaitService() == new)
      try client.awaitSuccess()
      try client.end()
    }

    @Test
    func `The master's host is cut off: the VIPs follow, and are gone there when it is mended`()
      throws
    {
      let scene = try begin()
      try scene.holder.cut()
      let new = try scene.awaitTakeover()
      #expect(try scene.holders() == [new.number])
      try scene.holder.heal()
      #expect(try scene.set.awaitService() == new)
    }
  }
}
