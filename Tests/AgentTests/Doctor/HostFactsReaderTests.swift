import Addresses
import ControlProtocol
import Foundation
import Testing

@testable import Agent

@Suite struct HostFactsReaderTests {
  /// Reads what some files under a directory for `/` say.
  private func read(
    _ files: [String: String], _ prepare: (String) throws -> Void = { _ in }
  ) throws -> HostFactsDocument {
    let root = NSTemporaryDirectory() + "vipd-\(UUID().uuidString.prefix(8))"
    defer { try? FileManager.default.removeItem(atPath: root) }
    for (path, text) in files {
      let url = URL(filePath: "\(root)/\(path)")
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
    }
    try prepare(root)
    let six = IPAddress("fd77::100")
    return HostFactsReader(
      root: root,
      addresses: [.v4(IPv4Address(10, 77, 0, 100)), try #require(six)],
      interfaces: ["eth0.5"], files: [("secret", "\(root)/none")]
    ).read()
  }

  private static let addressFiles: [(path: String, text: String, number: Int)] = [
    ("etc/network/interfaces", "auto eth0\n  address 10.77.0.100/24\n", 2),
    ("etc/network/interfaces.d/vip", "address fd77::100\n", 1),
    ("etc/netplan/50.yaml", "a:\n b:\n  addresses: [10.77.0.1/24, \"10.77.0.100/24\"]\n", 3),
    ("etc/systemd/network/10-eth.network", "[Network]\nAddress=10.77.0.100/24\n", 2),
    ("etc/NetworkManager/system-connections/a.nmconnection", "address1=10.77.0.100/24,1.2.3.4", 1),
    ("etc/keepalived/keepalived.conf", "virtual_ipaddress {\n 10.77.0.100\n}\n", 2),
  ]

  @Test(arguments: addressFiles)
  func `A file of another program that names the address is told, with the line`(
    file: (path: String, text: String, number: Int)
  ) throws {
    let lines = try read([file.path: file.text]).lines
    #expect(lines.map(\.path) == ["/" + file.path])
    #expect(lines.map(\.number) == [file.number])
  }

  @Test func `A comment, and an address that begins alike, are not told`() throws {
    let facts = try read([
      "etc/network/interfaces":
        "# address 10.77.0.100\naddress 110.77.0.100\naddress 10.77.0.10\nup ip a # 10.77.0.100\n"
    ])
    #expect(facts.lines.isEmpty)
    #expect(facts.unseen.isEmpty)
  }

  @Test func `Settings have the names of sysctl, and those that are not there are left out`() throws
  {
    let facts = try read([
      "proc/sys/net/ipv4/conf/eth0.5/arp_filter": "1\n",
      "proc/sys/net/netfilter/nf_conntrack_max": "262144\n", "proc/sys/kernel/hostname": "h1\n",
      "proc/self/status": "Name:\tvipd\nVmLck:\t   29640 kB\n",
    ])
    #expect(
      facts.settings.map { "\($0.name)=\($0.value)" } == [
        "net.ipv4.conf.eth0/5.arp_filter=1", "net.netfilter.nf_conntrack_max=262144",
      ])
    #expect(facts.host == "h1")
    #expect(facts.lockedKiB == 29_640)
    #expect(facts.hasJournal == nil)
  }

  @Test func `Of a unit the first file counts, and its drop-ins by name`() throws {
    let facts = try read([
      "run/systemd/system/.keep": "",
      "lib/systemd/system/redis-server.service": "[Service]\nRestart=always\nUser=redis\n",
      "etc/systemd/system/redis-server.service.d/b.conf": "[Service]\nRestart = no\n",
      "usr/lib/systemd/system/redis-server.service.d/a.conf":
        "Restart=on-failure\nExecStartPre=+-/usr/bin/vipctl guard\n",
      "lib/systemd/system/redis-server@.service": "Restart=always\n",
    ])
    #expect(
      facts.units == [
        HostFactsDocument.Unit {
          ($0.name, $0.restart, $0.user) = ("redis-server.service", "no", "redis")
          $0.hasGuard = true
        }
      ])
  }

  @Test func `Another name of a unit is no unit, and its drop-ins are the unit's`() throws {
    let facts = try read([
      "run/systemd/system/.keep": "",
      "lib/systemd/system/redis-server.service": "[Service]\nRestart=always\n",
      "etc/systemd/system/redis.service.d/a.conf": "[Service]\nExecStartPre=vipctl guard\n",
    ]) { root in
      try FileManager.default.createSymbolicLink(
        atPath: "\(root)/etc/systemd/system/redis.service",
        withDestinationPath: "/lib/systemd/system/redis-server.service")
    }
    #expect(facts.units.map(\.name) == ["redis-server.service"])
    #expect(facts.units.map(\.hasGuard) == [true])
  }

  @Test func `A host without systemd has no units`() throws {
    let facts = try read(["lib/systemd/system/redis-server.service": "Restart=always\n"])
    #expect(facts.units.isEmpty)
  }

  @Test func `A file that can't be looked at is told with the reason`() throws {
    let file = try #require(try read([:]).files.first)
    #expect(file.kind == "secret" && file.mode == nil)
    #expect(file.problem?.hasSuffix("No such file or directory") == true)
  }

  @Test func `A file that can't be read is told as not seen`() throws {
    let facts = try read([:]) { root in
      try FileManager.default.createDirectory(
        atPath: "\(root)/etc/netplan", withIntermediateDirectories: true)
      // A link in a circle: not even root reads it.
      try FileManager.default.createSymbolicLink(
        atPath: "\(root)/etc/netplan/50.yaml", withDestinationPath: "50.yaml")
    }
    #expect(facts.unseen.map(\.what) == ["whether /etc/netplan/50.yaml names the address"])
  }
}
