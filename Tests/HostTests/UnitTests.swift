import Glibc
import HostKit
import Testing

@testable import Lab

extension RealHosts {
  @Suite("The unit of vipd")
  struct VipdUnit {
    @Test func `It is ready on every host, and the master's host alone has the VIPs`() throws {
      let scene = try begin()
      for host in scene.set.hosts {
        // Type=notify: active means that vipd itself has said READY=1.
        #expect(try host.run("systemctl show -P Type vipd") == "notify\n")
        #expect(try host.run("systemctl show -P ActiveState vipd") == "active\n")
        #expect(try host.run("systemctl is-enabled vipd") == "enabled\n")
        #expect(try host.run("systemctl --failed --quiet --no-legend") == "")
      }
      let status = try scene.holder.run("systemctl show -P StatusText vipd")
      #expect(status == "mymaster: holding\n")
      let role = try scene.holder.run("redis-cli role").split(whereSeparator: \.isNewline)
      #expect(role.first == "master")
      #expect(try scene.holders() == [scene.holder.number])
    }

    @Test func `A reload with a bad file fails, and changes nothing; with a good one it works`()
      throws
    {
      let scene = try begin()
      let host = scene.holder
      let began = try scene.stateBegan(on: host)
      let process = try host.run("systemctl show -P MainPID vipd")
      let good = try HostSet.configuration()

      try host.write(HostSet.configurationPath, good + "nonsense\n")
      #expect(host.outcome(of: "systemctl reload vipd").status == 1)
      #expect(host.outcome(of: "vipctl status").status == 3)
      #expect(try scene.holders() == [host.number])
      #expect(try scene.stateBegan(on: host) == began)

      try host.write(HostSet.configurationPath, good + "vip mymaster 10.77.0.101/24 dev eth0\n")
      try host.run("systemctl reload vipd")
      try waitUntil("the third VIP", timeoutMilliseconds: 10_000) { () throws(LabError) in
        try host.has("10.77.0.101")
      }
      try host.write(HostSet.configurationPath, good)
      try host.run("systemctl reload vipd")
      try waitUntil("the third VIP to go", timeoutMilliseconds: 10_000) { () throws(LabError) in
        try !host.has("10.77.0.101")
      }
      #expect(try host.run("systemctl show -P MainPID vipd") == process)
    }

    @Test func `Stopped on the holder, it gives the VIPs up, and brings them back when started`()
      throws
    {
      let scene = try begin()
      try scene.holder.run("systemctl stop vipd")
      #expect(try scene.holders() == [])
      #expect(try scene.holder.run("systemctl show -P Result vipd") == "success\n")
      try scene.holder.run("systemctl start vipd")
      #expect(try scene.set.awaitService() == scene.holder)
    }

    @Test func `Restarted on the holder, it has the VIPs again, and no write fails`() throws {
      let scene = try begin()
      let client = try WritingClient(scene.set)
      try scene.holder.run("systemctl restart vipd")
      try client.awaitSuccess()
      try client.end()
      #expect(client.attempts.filter { $0.outcome != "ok" } == [])
      #expect(try scene.set.awaitService() == scene.holder)
    }

    @Test func `Killed, it is started again, and no write fails`() throws {
      let scene = try begin()
      let client = try WritingClient(scene.set)
      let process = try scene.holder.run("systemctl show -P MainPID vipd")
      try scene.holder.run("systemctl kill --signal=KILL vipd")
      try waitUntil("another vipd", timeoutMilliseconds: 30_000) { () throws(LabError) in
        let state = try scene.holder.run("systemctl show -P ActiveState vipd")
        let present = try scene.holder.run("systemctl show -P MainPID vipd")
        return present != process && state == "active\n"
      }
      #expect(try scene.set.awaitService() == scene.holder)
      try client.awaitSuccess()
      try client.end()
      #expect(client.attempts.filter { $0.outcome != "ok" } == [])
    }

    @Test func `Stopped by a signal, it is ended by the watchdog and started again`() throws {
      let scene = try begin()
      let host = scene.holder
      let journal = try scene.journal(of: "vipd", on: host)
      let process = try host.run("systemctl show -P MainPID vipd")
      try host.run("systemctl kill --kill-whom=main --signal=STOP vipd")
      try journal.awaitLine("Watchdog timeout")
      try waitUntil("another vipd", timeoutMilliseconds: 30_000) { () throws(LabError) in
        let present = try host.run("systemctl show -P MainPID vipd")
        let state = try host.run("systemctl show -P ActiveState vipd")
        return present != process && state == "active\n"
      }
      #expect(try scene.set.awaitService() == host)
    }

    @Test func `The network's service removes the VIPs, and they are put back`() throws {
      let scene = try begin()
      let began = try scene.stateBegan(on: scene.holder)
      let journal = try scene.journal(of: "vipd", on: scene.holder)
      // systemd-networkd takes addresses away that it does not know.
      try scene.holder.run("networkctl reconfigure eth0")
      // By another program, or behind the daemon's back where nobody was told of it.
      try journal.awaitLine(", and put back")
      #expect(try scene.set.awaitService() == scene.holder)
      #expect(try scene.stateBegan(on: scene.holder) == began)
    }
  }
}
