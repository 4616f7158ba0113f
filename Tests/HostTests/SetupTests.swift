import Testing

@testable import HostKit
@testable import Lab

extension RealHosts {
  /// On hosts of their own, with Redis and Sentinel as Debian has them, and no vipd.
  @Suite("Setting up") struct SettingUp {
    private let setup = "vipctl setup mymaster 10.77.0.100/24"
    private let virtualAddress = "10.77.0.100"

    private func install(on host: DebianHost) throws {
      let lines = try HostSet.packageLines()
      try host.run("set -e; cd \(HostSet.packageDirectory)/1\n\(lines)", limitSeconds: 120)
    }

    /// Waits until every Sentinel knows the others and all replicas.
    private func awaitSentinels(_ set: HostSet) throws {
      for host in set.hosts {
        try waitUntil("Sentinels that know each other", timeoutMilliseconds: 60_000) {
          let text = host.outcome(of: "redis-cli -p 26379 sentinel master mymaster").output
          return text.contains("num-other-sentinels\n2\n") && text.contains("num-slaves\n2\n")
        }
      }
    }

    /// Expects that `vipctl doctor` finds nothing, but that no container may lock memory.
    private func expectHealth(of host: DebianHost) throws {
      let (status, output) = host.outcome(of: "vipctl doctor")
      let marked = output.split(separator: "\n").filter { $0.contains("! ") }
      let others = marked.filter { !$0.contains("! warning memory-unlocked") }
      #expect(others.isEmpty, "\(output)")
      #expect(status == (marked.isEmpty ? 0 : 3), "\(output)")
      #expect(output.contains("3 hosts told of themselves"), "\(output)")
    }

    private func isRunning(_ host: DebianHost) -> Bool {
      host.outcome(of: "systemctl is-active --quiet vipd").status == 0
    }

    @Test func `By the lines of the README: the address answers, and nothing is to be done again`()
      throws
    {
      let set = try HostSet.up(id: "\(HostSet.testID)s")
      defer { set.down() }
      try set.installServers()
      try awaitSentinels(set)
      let lines = try HostSet.setupLines()
      for host in set.hosts {
        try install(on: host)
        let before = try host.read(HostSet.configurationPath)
        try host.run(setup)
        #expect(try host.read(HostSet.configurationPath) == before)
        #expect(!isRunning(host))
        try host.run("set -e\n\(lines)", limitSeconds: 120)
        #expect(host.outcome(of: "systemctl is-enabled vipd").output == "enabled\n")
      }
      #expect(try set.holders(of: virtualAddress) == [1])
      let client = try WritingClient(set)
      try client.end()
      for host in set.hosts { try expectHealth(of: host) }

      let files = try set.hosts.map { host in try host.read(HostSet.configurationPath) }
      #expect(Set(files).count == 1)
      for host in set.hosts {
        let again = try host.run("\(setup) --yes")
        #expect(again.contains("Nothing is to be done"), "\(again)")
        #expect(try host.read(HostSet.configurationPath) == files[0])
        try host.run("vipctl status")
        #expect(try host.run("stat -c '%U %a' \(HostSet.configurationPath)") == "root 644\n")
      }
      try refuse(on: set.hosts[2])
      try fence(set)
    }

    /// What a careful operator is kept from.
    private func refuse(on host: DebianHost) throws {
      let other = host.outcome(of: "vipctl setup mymaster 10.77.0.99 --yes")
      #expect(other.status == 1)
      #expect(other.output.contains("gives mymaster another address"), "\(other.output)")
      let unknown = host.outcome(of: "vipctl setup other 10.77.0.99 --yes")
      #expect(unknown.status == 1 && unknown.output.contains("but: mymaster"), "\(unknown.output)")
      // Another machine's: the client of these hosts has it.
      let taken = host.outcome(of: "vipctl setup mymaster 10.77.0.201 --config /etc/vipd/x.conf")
      #expect(taken.output.contains("another machine answers for 10.77.0.201"), "\(taken.output)")
      try host.run("redis-cli config set bind '127.0.0.1 \(host.version4Address)'")
      let unheard = host.outcome(of: "\(setup) --yes")
      try host.run("redis-cli config set bind '* -::*'")
      #expect(unheard.status == 1)
      #expect(unheard.output.contains("does not listen at 10.77.0.100"), "\(unheard.output)")
      #expect(unheard.output.contains("of /etc/redis/redis.conf"), "\(unheard.output)")
    }

    /// A line more, on hosts that run: the daemon reads it, and the address stays.
    private func fence(_ set: HostSet) throws {
      for host in set.hosts {
        let said = try host.run("\(setup) --fence --yes")
        #expect(said.contains("The daemon has read it again"), "\(said)")
        let text = try host.read(HostSet.configurationPath)
        #expect(text.hasSuffix("\nfence mymaster min-replicas all max-lag 1\n"))
      }
      #expect(try set.holders(of: virtualAddress) == [1])
      #expect(try set.hosts[0].run("vipctl status").contains("fence"))
    }
  }
}
