import Addresses
import ControlProtocol

@testable import vipctl

/// Three well hosts; each test changes what it is about.
enum DoctorExample {
  static func host(_ number: Int) -> DoctorHost {
    let facts = HostFactsDocument { facts in
      facts.host = "h\(number)"
      facts.node = "10.77.0.\(number):6379"
      facts.version = "0.1.0"
      facts.wallMs = 1_790_000_000_000 + Int64(number)
      facts.isClockSynchronized = true
      facts.lockedKiB = 30_000
      facts.hasJournal = true
      facts.interfaces = 2
      facts.configurationPath = "/etc/vipd/vipd.conf"
      facts.settings = [
        ("net.ipv4.conf.all.arp_filter", 0), ("net.ipv4.conf.eth0.arp_filter", 0),
        ("net.netfilter.nf_conntrack_count", 70), ("net.netfilter.nf_conntrack_max", 100),
        ("net.ipv4.ip_nonlocal_bind", 0), ("vm.overcommit_memory", 1),
      ].map { name, value in
        HostFactsDocument.Setting { ($0.name, $0.value) = (name, value) }
      }
      facts.files = [
        ("configuration", "/etc/vipd/vipd.conf", 0o644), ("secret", "/etc/vipd/redis.pass", 0o400),
        ("hook", "/usr/bin/vipd-reconfig", 0o755),
      ].map { kind, path, mode in
        HostFactsDocument.File { ($0.kind, $0.path, $0.mode) = (kind, path, mode) }
      }
      facts.units = [
        HostFactsDocument.Unit {
          ($0.name, $0.restart, $0.hasGuard) = ("redis-server.service", "always", false)
        }
      ]
    }
    return DoctorHost(name: "10.77.0.\(number):6379", version: "0.1.0", facts: facts)
  }

  static func sentinel(_ number: Int) -> DoctorSentinel {
    var sentinel = DoctorSentinel(base: SetupExample.sentinel(number))
    sentinel.failoverTimeout = 180_000
    sentinel.hook = "/usr/bin/vipd-reconfig"
    return sentinel
  }

  static func server(_ number: Int) -> DoctorServer {
    var server = DoctorServer(base: SetupExample.redis(number))
    server.settings = [
      "protected-mode": "no", "appendonly": "yes", "save": "", "replica-priority": "100",
      "replica-read-only": "yes", "min-replicas-to-write": "2", "requirepass": "yes",
      "masterauth": "yes",
    ]
    if number == 1 {
      server.lags = [SetupExample.node(2): 1, SetupExample.node(3): 0]
    } else {
      (server.master, server.isLinkUp) = (SetupExample.node(1), true)
    }
    return server
  }

  /// All is well.
  static var facts: DoctorFacts {
    var facts = DoctorFacts(master: "mymaster")
    facts.addresses = [.v4(IPv4Address(10, 77, 0, 100))]
    facts.wantsFence = true
    facts.redisUser = "vipd"
    facts.hosts = (1...3).map(host)
    facts.sentinels = (1...3).map(sentinel)
    facts.servers = (1...3).map(server)
    return facts
  }

  /// What is found after a change.
  static func findings(_ change: (inout DoctorFacts) -> Void) -> [DoctorFinding] {
    var facts = facts
    change(&facts)
    return DoctorRules.findings(facts)
  }

  static func set(_ name: String, _ value: Int64, _ facts: inout DoctorFacts) {
    for index in facts.hosts[1].facts?.settings.indices ?? 0..<0
    where facts.hosts[1].facts?.settings[index].name == name {
      facts.hosts[1].facts?.settings[index].value = value
    }
  }
}
