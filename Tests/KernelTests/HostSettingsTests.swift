import Addresses
import Foundation
import Testing

@testable import Kernel

@Suite struct HostSettingsTests {
  @Test func `The routes that need no gateway are read from the kernel's lists`() throws {
    let direct = HostSettings.ipv4Route(
      "eth0\t00004D0A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0")
    #expect(direct?.interface == "eth0")
    #expect(direct?.network == Prefix("10.77.0.0/24"))
    #expect(
      HostSettings.ipv4Route("eth0\t00000000\t01004D0A\t0003\t0\t0\t0\t00000000\t0\t0\t0") == nil)
    #expect(HostSettings.ipv4Route("Iface\tDestination\tGateway \tFlags") == nil)
    let zeros = String(repeating: "0", count: 32)
    let six = HostSettings.ipv6Route(
      "fd770000000000000000000000000000 40 \(zeros) 00 \(zeros) 00000100 00000001 00000000 00000001"
        + "     eth0")
    #expect(six?.interface == "eth0")
    #expect(six?.network == Prefix("fd77::/64"))
    let own = HostSettings.ipv6Route(
      "fd770000000000000000000000000001 80 \(zeros) 00 \(zeros) 00000000 00000003 00000000 80200001"
        + "     eth0")
    #expect(own == nil, "the host's own address leads to no neighbour")
  }

  @Test func `The greater of an interface's setting and of all's counts`() throws {
    let settings = try settings([
      "proc/sys/net/ipv4/conf/all/rp_filter": "1\n",
      "proc/sys/net/ipv4/conf/eth1/rp_filter": "2\n",
      "proc/sys/net/ipv4/conf/eth0/arp_ignore": "8\n",
      "proc/sys/net/ipv6/conf/eth1/disable_ipv6": "1\n",
      "proc/sys/net/ipv6/conf/eth0/disable_ipv6": "0\n",
    ])
    #expect(settings.pathFiltered == ["eth0", "gone"])
    #expect(settings.arpIgnored == ["eth0"])
    #expect(settings.ipv6Off == ["eth1"])
    #expect(!settings.hasGuard)
  }

  @Test(
    "A unit of Redis asks before it starts if a drop-in says so",
    arguments: [
      ("etc/systemd/system/redis-server.service.d/vipd.conf", "ExecStartPre=+-vipctl guard", true),
      ("lib/systemd/system/redis-server@.service.d/a.conf", "ExecStartPre = vipctl guard", true),
      ("run/systemd/system/valkey@a.service.d/b.conf", "  ExecStartPre=/bin/vipctl guard", true),
      ("etc/systemd/system/redis-server.service.d/vipd.conf", "#ExecStartPre=vipctl guard", false),
      ("etc/systemd/system/redis-server.service.d/vipd.conf", "ExecStop=vipctl guard", false),
      ("etc/systemd/system/redis-server.service.d/vipd.conf", "ExecStartPre=vipctl status", false),
      ("etc/systemd/system/redis-server.service.d/vipd.conf~", "ExecStartPre=vipctl guard", false),
      ("etc/systemd/system/nginx.service.d/vipd.conf", "ExecStartPre=vipctl guard", false),
    ])
  func dropIn(path: String, line: String, isGuard: Bool) throws {
    #expect(try settings([path: "[Service]\n\(line)\n"]).hasGuard == isGuard)
  }

  @Test("A drop-in of the operator goes before the package's of that name, and can switch it off")
  func dropInMasked() throws {
    let name = "systemd/system/redis-server.service.d/vipd.conf"
    let call = "[Service]\nExecStartPre=+-/usr/bin/vipctl guard\n"
    #expect(try settings(["usr/lib/\(name)": call]).hasGuard)
    #expect(try !settings(["usr/lib/\(name)": call, "etc/\(name)": ""]).hasGuard)
    #expect(try settings(["usr/lib/\(name)": "", "etc/\(name)": call]).hasGuard)
    let other = "etc/systemd/system/redis-server.service.d/other.conf"
    #expect(try settings(["usr/lib/\(name)": call, other: ""]).hasGuard)
  }

  @Test("The drop-in of a unit that runs no Redis here stands for no other")
  func dropInOfAnotherUnit() throws {
    let call = "[Service]\nExecStartPre=+-/usr/bin/vipctl guard\n"
    let shipped = ["redis-server", "redis-server@", "valkey-server", "valkey-server@"].map {
      ("usr/lib/systemd/system/\($0).service.d/vipd.conf", call)
    }
    let debian = ["redis-server", "redis-server@", "redis-sentinel", "redis-sentinel@"].map {
      ("lib/systemd/system/\($0).service", "[Service]\nExecStart=/usr/bin/redis\n")
    }
    var files = Dictionary(uniqueKeysWithValues: shipped + debian)
    files["etc/systemd/system/redis.service"] = "-> /lib/systemd/system/redis-server.service"
    #expect(try settings(files).hasGuard)
    let switchedOff = "etc/systemd/system/redis-server.service.d/vipd.conf"
    #expect(try !settings(files.merging([switchedOff: "-> /dev/null"]) { $1 }).hasGuard)
    // By its other name it is the same unit.
    let alias = "etc/systemd/system/redis.service.d/own.conf"
    let both = [switchedOff: "-> /dev/null", alias: call]
    #expect(try settings(files.merging(both) { $1 }).hasGuard)
    // A unit that is switched off does not have to ask.
    let masked = [
      switchedOff: "-> /dev/null", "etc/systemd/system/redis-server.service": "-> /dev/null",
    ]
    #expect(try settings(files.merging(masked) { $1 }).hasGuard)
    // The unit itself may ask, too.
    let unit = [switchedOff: "-> /dev/null", "etc/systemd/system/redis-server.service": call]
    #expect(try settings(files.merging(unit) { $1 }).hasGuard)
    // An empty one takes back what stands before it.
    let later = "etc/systemd/system/redis-server.service.d/z.conf"
    #expect(try !settings(files.merging([later: "[Service]\nExecStartPre=\n"]) { $1 }).hasGuard)
    // A link to a file elsewhere is the unit itself (systemctl link).
    let linked = ["etc/systemd/system/redis-own.service": "-> /opt/redis/redis-own.service"]
    #expect(try !settings(files.merging(linked) { $1 }).hasGuard)
    let its = ["etc/systemd/system/redis-own.service.d/vipd.conf": call]
    #expect(try settings(files.merging(linked) { $1 }.merging(its) { $1 }).hasGuard)
    // Of two servers both must.
    let valkey = ["lib/systemd/system/valkey-server.service": "[Service]\n"]
    #expect(try settings(files.merging(valkey) { $1 }).hasGuard)
    let valkeyOff = ["etc/systemd/system/valkey-server.service.d/vipd.conf": ""]
    #expect(try !settings(files.merging(valkey) { $1 }.merging(valkeyOff) { $1 }).hasGuard)
  }

  /// What is read of a host with these files; `-> PATH` makes a link.
  private func settings(_ files: [String: String]) throws -> HostSettings {
    let root = NSTemporaryDirectory() + "vipd-\(UUID().uuidString.prefix(8))"
    defer { try? FileManager.default.removeItem(atPath: root) }
    for (path, text) in files {
      let file = URL(fileURLWithPath: "\(root)/\(path)")
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      guard text.hasPrefix("-> ") else {
        try text.write(to: file, atomically: true, encoding: .utf8)
        continue
      }
      try FileManager.default.createSymbolicLink(
        atPath: file.path(), withDestinationPath: String(text.dropFirst(3)))
    }
    return HostSettings.read(of: ["eth0", "eth1", "gone"], root: root)
  }
}
