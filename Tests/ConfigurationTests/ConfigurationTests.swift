import Addresses
import Configuration
import FailoverCore
import Foundation
import Testing

/// The shortest file that can be used, and further lines.
private func parse(_ lines: String...) throws -> Configuration {
  let text =
    (["sentinel 10.77.0.1 26379", "vip mymaster 10.77.0.100/24 dev eth0"] + lines)
    .joined(separator: "\n")
  return try Configuration(parsing: text, file: "vipd.conf")
}

@Suite struct ConfigurationTests {
  @Test func `Two lines are enough, and all else has its default`() throws {
    let configuration = try parse()
    let address = try #require(IPAddress("10.77.0.100"))
    let expected = Configuration(
      sentinels: [
        SentinelAddress(host: .address(.v4(IPv4Address(10, 77, 0, 1))), port: 26379)
      ],
      groups: [
        GroupSection(
          masterName: "mymaster",
          virtualAddresses: [
            VirtualAddress(address: address, interface: "eth0", subnetPrefixLength: 24)
          ])
      ])
    #expect(configuration == expected)
    #expect(configuration.controlPath == "/run/vipd/vipd.sock")
    #expect(configuration.hookPath == "/run/vipd/hook.sock")
    #expect(configuration.stateDirectory == "/var/lib/vipd")
    #expect(configuration.metrics == Endpoint("127.0.0.1:9478"))
    #expect(!configuration.isDaemonless)
    #expect(configuration.stopPolicy == .release)
    #expect(configuration.groups[0].announcement == AnnouncementPlan())
  }

  @Test func `Every global directive is read`() throws {
    let configuration = try parse(
      "sentinel Sentinel-2.example. 26380", "sentinel fd77::3 26379", "daemonless yes",
      "control /c", "hook '/h h'", "metrics ::1 9478", "state-dir \"/s\\x41\"", "on-stop keep",
      "auth-user sentinel op", "auth-pass-file sentinel /p")
    #expect(
      configuration.sentinels.map(\.description) == [
        "10.77.0.1:26379", "Sentinel-2.example.:26380", "[fd77::3]:26379",
      ])
    #expect(configuration.isDaemonless)
    #expect(configuration.controlPath == "/c")
    #expect(configuration.hookPath == "/h h")
    #expect(configuration.metrics == Endpoint("[::1]:9478"))
    #expect(configuration.stateDirectory == "/sA")
    #expect(configuration.stopPolicy == .keep)
    #expect(configuration.sentinelCredentials == Credentials(user: "op", passwordFile: "/p"))
  }

  @Test func `Every directive of a group is read, wherever it stands`() throws {
    let configuration = try parse(
      "lease other 1500ms", "vip other fd77::100/64 dev bond0.7", "blind other replicas",
      "fence other min-replicas 2 max-lag 3", "redis other fd77::1 6380",
      "announce other refresh 1m rounds 3 interval 2s", "auth-pass-file redis other /p",
      "channel-key-file other /k", "vip mymaster 10.77.0.101/24 dev eth0")
    #expect(configuration.groups.map(\.masterName) == ["mymaster", "other"])
    #expect(configuration.groups[0].virtualAddresses.count == 2)
    let group = configuration.groups[1]
    #expect(group.virtualAddresses.map(\.description) == ["fd77::100 on bond0.7"])
    #expect(group.virtualAddresses[0].subnetPrefixLength == 64)
    #expect(group.leaseLimit == .milliseconds(1500))
    #expect(group.blindPolicy == .replicas)
    #expect(group.fence == .minReplicas(.exactly(2), maxLagSeconds: 3))
    #expect(group.redis == Endpoint("[fd77::1]:6380"))
    #expect(
      group.announcement
        == AnnouncementPlan(rounds: 3, interval: .seconds(2), refresh: .seconds(60)))
    #expect(group.redisCredentials == Credentials(passwordFile: "/p"))
    #expect(group.channelKeyFile == "/k")
  }

  @Test func `An instance may be reached otherwise than Sentinel names it`() throws {
    let configuration = try parse("redis mymaster 203.0.113.7 16379 at 127.0.0.1 6379")
    #expect(configuration.groups[0].redis == Endpoint("203.0.113.7:16379"))
    #expect(configuration.groups[0].redisLocal == Endpoint("127.0.0.1:6379"))
    #expect(try parse("redis mymaster 10.77.0.1 6379").groups[0].redisLocal == nil)
  }

  @Test func `The core gets what concerns it`() throws {
    let configuration = try parse("sentinel h 1", "lease mymaster 2s", "blind mymaster hold")
    let core = configuration.coreConfiguration(of: configuration.groups[0])
    #expect(core.masterName == "mymaster")
    #expect(core.configuredSentinels == 2)
    #expect(core.leaseLimit == .seconds(2))
    #expect(core.blindPolicy == .hold)
  }

  @Test func `A group that names its own Sentinels uses only these`() throws {
    let configuration = try parse(
      "vip cache 10.77.0.101/24 dev eth0", "sentinel cache 10.77.0.1 26380",
      "sentinel cache s2.example 26380", "sentinel 10.77.0.2 26379",
      "sentinel cache 10.77.0.1 26379")
    #expect(
      configuration.sentinels(of: "mymaster").map(\.description) == [
        "10.77.0.1:26379", "10.77.0.2:26379",
      ])
    #expect(
      configuration.sentinels(of: "cache").map(\.description) == [
        "10.77.0.1:26380", "s2.example:26380", "10.77.0.1:26379",
      ])
    let counts = configuration.groups.map {
      configuration.coreConfiguration(of: $0).configuredSentinels
    }
    #expect(counts == [2, 3])
  }

  @Test func `Where each group names its own, no line for all is needed`() throws {
    let text = "sentinel m 10.77.0.1 26379\nvip m 10.77.0.100/24 dev eth0"
    let configuration = try Configuration(parsing: text, file: "vipd.conf")
    #expect(configuration.sentinels(of: "m").map(\.description) == ["10.77.0.1:26379"])
  }

  @Test func `Connections are encrypted for the Sentinels, and for each master by itself`() throws {
    let configuration = try parse(
      "tls sentinel ca /etc/vipd/tls/ca.crt",
      "tls redis mymaster server-name redis.example cert /c min-version 1.3 key /k ca /ca")
    #expect(configuration.sentinelTLS == TLSSettings(authorities: "/etc/vipd/tls/ca.crt"))
    var redis = TLSSettings(
      authorities: "/ca", client: TLSSettings.Client(certificateFile: "/c", keyFile: "/k"),
      serverName: .name("redis.example"))
    redis.minVersion = .tls13
    #expect(configuration.groups[0].tls == redis)
    #expect(redis.paths == ["/ca", "/c", "/k"])
    #expect(configuration.cautions.isEmpty)
    #expect(try parse().sentinelTLS == nil)
    #expect(try parse().groups[0].tls == nil)
  }

  @Test func `Who does not verify is told what that costs`() throws {
    let configuration = try parse("tls sentinel verify no", "tls redis mymaster ca /ca verify yes")
    #expect(configuration.sentinelTLS?.isVerified == false)
    #expect(configuration.groups[0].tls?.isVerified == true)
    #expect(
      configuration.cautions.map(\.description) == [
        "vipd.conf:3:21: 'no': unsafe: whoever is on the way can pose as these servers, and gets "
          + "their passwords"
      ])
  }

  @Test func `A second line for the same servers is an error, also for a master called sentinel`()
    throws
  {
    let text = """
      sentinel 10.0.0.1 1
      vip sentinel 10.0.0.7/24 dev eth0
      tls sentinel ca /a
      tls redis sentinel ca /b

      """
    #expect(try Configuration(parsing: text, file: "f").groups[0].tls?.authorities == "/b")
    #expect(
      problems(in: text + "tls sentinel ca /c") == [
        "5:1: 'tls': repeated: it already stands in line 3"
      ])
    #expect(
      problems(in: text + "tls redis sentinel ca /c") == [
        "5:1: 'tls': repeated for 'sentinel': it already stands in line 4"
      ])
  }

  @Test func `What is allowed but has a price is said`() throws {
    let configuration = try parse(
      "blind mymaster hold", "fence mymaster min-replicas all", "daemonless yes")
    #expect(
      configuration.cautions.map(\.description) == [
        "vipd.conf:3:16: 'hold': unsafe: an isolated master keeps the address until the cut heals",
        "vipd.conf:5:12: 'yes': the hook acts alone where no daemon runs:"
          + " without a lease and without repair",
      ])
    #expect(try parse("fence mymaster min-replicas all").cautions.isEmpty)
  }

  @Test func `Comments, blank lines and carriage returns mean nothing`() throws {
    let text =
      "# head\r\n\r\n  sentinel h 1 # tail\r\n\t#\r\nvip m#1 10.0.0.7/24 dev e#0#x\t#x\r\n"
    let configuration = try Configuration(parsing: text, file: "f")
    #expect(configuration.groups.map(\.masterName) == ["m#1"])
    #expect(configuration.groups[0].virtualAddresses[0].interface == "e#0#x")
  }

  @Test func `The reference file is a good one`() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try Data(contentsOf: root.appending(path: "systemd/vipd.conf"))
    let configuration = try Configuration(parsing: [UInt8](text), file: "vipd.conf")
    #expect(configuration.sentinels.count == 3)
    #expect(configuration.groups.map(\.virtualAddresses.count) == [2])
    #expect(configuration.cautions.isEmpty)
  }

  @Test func `Each example in the reference file is a good line as well`() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try String(contentsOf: root.appending(path: "systemd/vipd.conf"), encoding: .utf8)
    let lines = text.split(separator: "\n").map { line in
      line.hasPrefix("#") && line.dropFirst().first?.isLowercase == true ? line.dropFirst() : line
    }
    let configuration = try Configuration(parsing: lines.joined(separator: "\n"), file: "f")
    #expect(configuration.groups[0].channelKeyFile == "/etc/vipd/mymaster.key")
    #expect(configuration.sentinelCredentials?.user == "vipd")
    for directive in [
      "sentinel", "vip", "redis", "lease", "blind", "fence", "announce", "auth-user",
      "auth-pass-file", "channel-key-file", "tls", "control", "hook", "daemonless", "metrics",
      "state-dir", "on-stop", "notify",
    ] {
      #expect(text.contains("\n# \(directive) "), "\(directive) isn't described")
    }
  }

  @Test(arguments: [
    ("daemonless yes", true), ("daemonless no", false), ("", false), ("#daemonless yes", false),
    ("x\n daemonless 'yes' # why\n", true), ("daemonless yes\ndaemonless yes", false),
    ("daemonless yes no", false), ("daemonless \"yes", false), ("daemonless YES", false),
  ])
  func `The hook learns whether it may act alone`(text: String, answer: Bool) {
    #expect(Configuration.isDaemonless(in: Array(text.utf8)) == answer)
  }

  @Test(arguments: [
    ("1500ms", 1500), ("2s", 2000), ("1m", 60_000), ("60s", 60_000), ("4h", 14_400_000), ("0s", 0),
  ])
  func `A duration is read in its unit`(text: String, milliseconds: Int) {
    #expect(Duration(text: text) == .milliseconds(milliseconds))
  }

  @Test(arguments: ["", "s", "2", "2 s", "-1s", "+1s", "1.5s", "1e3s", "٣s", "2S", "1234567890s"])
  func `What is not a duration is not taken for one`(text: String) {
    #expect(Duration(text: text) == nil)
  }

  @Test(arguments: ["1500ms", "2s", "1m", "61s", "1h", "0ms", "90s"])
  func `A duration is written in the greatest unit that divides it`(text: String) {
    #expect(Duration(text: text)?.text == text)
  }
}

@Suite struct HostDirectiveTests {
  private func group(_ lines: String...) throws -> GroupSection {
    let text = (["sentinel 10.0.0.1 26379"] + lines).joined(separator: "\n")
    return try #require(try Configuration(parsing: text, file: "f").groups.first)
  }

  @Test func `An interface may be found by the subnet, or by another name of it`() throws {
    for name in ["auto", "enp1s0-the-other-name-of-eth0", "eth0.100"] {
      let group = try group("vip m 10.0.0.100/24 dev \(name)")
      #expect(group.virtualAddresses[0].interface == name)
    }
  }

  @Test func `What a lost carrier does is to stay, unless a move loses no write`() throws {
    let vip = "vip m 10.0.0.100/24 dev eth0"
    #expect(try !group(vip).movesOnCarrierLoss)
    #expect(try !group(vip, "on-carrier-loss m stay").movesOnCarrierLoss)
    #expect(
      try group(vip, "on-carrier-loss m move", "fence m min-replicas all").movesOnCarrierLoss)
  }

  @Test
  func `A known death leads to a failover where there is a fence, unless a line says otherwise`()
    throws
  {
    let vip = "vip m 10.0.0.100/24 dev eth0"
    #expect(try group(vip).deathPolicy == .wait)
    #expect(try group(vip, "fence m min-replicas all").deathPolicy == .failover)
    #expect(try group(vip, "on-death m failover").deathPolicy == .failover)
    #expect(try group(vip, "on-death m wait", "fence m min-replicas 1").deathPolicy == .wait)
    #expect(try group(vip, "fence m off").deathPolicy == .wait)
  }

  @Test func `Duplicate probes can be switched off, and machines that always answer ignored`()
    throws
  {
    let vip = "vip m 10.0.0.100/24 dev eth0"
    #expect(try group(vip).probesForDuplicates)
    let off = try Configuration(
      parsing: "sentinel 10.0.0.1 26379\n\(vip)\nprobe m off", file: "f")
    #expect(!off.groups[0].probesForDuplicates && off.cautions.count == 1)
    #expect(!off.coreConfiguration(of: off.groups[0]).probesForDuplicates)
    let ignoring = try group(vip, "probe m ignore 02:00:0a:4d:00:0b 02:00:0A:4D:00:0C")
    #expect(ignoring.probesForDuplicates)
    #expect(
      ignoring.ignoredClaimants.map(\.description).sorted()
        == ["02:00:0a:4d:00:0b", "02:00:0a:4d:00:0c"])
  }
}
