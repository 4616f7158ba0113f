import Testing

@testable import HostKit
@testable import Lab

extension RealHosts {
  /// Of the same programs there are two packages, the second with a greater version.
  @Suite("The package")
  struct Packages {
    /// Installs a package by the line of the README.
    ///
    /// - Returns: what was said.
    @discardableResult
    private func install(_ number: Int, on host: DebianHost) throws -> String {
      let lines = try HostSet.packageLines()
      return try host.run(
        "set -e; cd \(HostSet.packageDirectory)/\(number)\n\(lines)", limitSeconds: 120)
    }

    private func process(on host: DebianHost) throws -> String {
      try host.run("systemctl show -P MainPID vipd")
    }

    /// Installs the second version and then the first again, under a client with a write each 2 ms.
    private func replace(on host: DebianHost, of set: HostSet) throws {
      let began = try process(on: host)
      let writer = try HostWriter(
        set, key: "package", in: set.clientWords, to: HostSet.virtualAddresses[0],
        client: Laboratory.neighbour("lab-client"))
      defer { writer.end() }
      try writer.awaitSuccess()
      let said = try install(2, on: host)
      try writer.awaitSuccess()
      let second = try process(on: host)
      #expect(second != began, "\(said)")
      try host.run("dpkg -i \(HostSet.packageDirectory)/1/*.deb", limitSeconds: 120)
      try writer.awaitSuccess()
      #expect(try process(on: host) != second)
      writer.end()
      #expect(writer.record.connections.flatMap(\.failures) == [])
      #expect(writer.record.acknowledged > 0)
    }

    @Test(arguments: ["", "on-stop move\n"])
    func `Another version and back: the VIPs stay, and no write fails, whatever on-stop says`(
      lines: String
    ) throws {
      let scene = try begin()
      try scene.holder.write(HostSet.configurationPath, HostSet.configuration() + lines)
      try scene.holder.run("systemctl reload vipd")
      try replace(on: scene.holder, of: scene.set)
      #expect(try scene.set.awaitService() == scene.holder)
    }

    @Test func `A version that can't read the file leaves the one that runs at work, and says so`()
      throws
    {
      let scene = try begin()
      let host = scene.holder
      let before = try process(on: host)
      try host.write(HostSet.configurationPath, HostSet.configuration() + "nonsense\n")
      let said = try install(2, on: host)
      #expect(said.contains("the one that runs was not restarted"), "\(said)")
      #expect(said.contains("'nonsense'"), "\(said)")
      #expect(try process(on: host) == before)
      #expect(try scene.holders() == [host.number])
      try host.write(HostSet.configurationPath, HostSet.configuration())
      try host.run("dpkg -i \(HostSet.packageDirectory)/1/*.deb", limitSeconds: 120)
      #expect(try process(on: host) != before)
      #expect(try scene.set.awaitService() == host)
    }

    @Test func `Removed on the holder, it gives the VIPs up, and Redis has its own settings back`()
      throws
    {
      let scene = try begin()
      let fence =
        "fence mymaster min-replicas all max-lag 1\non-death mymaster wait\non-stop keep\n"
      for host in scene.set.hosts {
        try host.write(HostSet.configurationPath, HostSet.configuration() + fence)
        try host.run("systemctl reload vipd")
      }
      let host = try scene.set.awaitService()
      // In which order Redis adds the two lines depends on which was no default first.
      let setting =
        "redis-cli config get min-replicas-to-write; grep ^min-replicas /etc/redis/redis.conf | sort"
      try waitUntil("an armed fence", timeoutMilliseconds: 30_000) {
        host.outcome(of: setting).output.contains("min-replicas-to-write 2\n")
      }
      let said = try host.run("apt-get remove -y vipd", limitSeconds: 120)
      #expect(try scene.holders() == [])
      let restored = "min-replicas-to-write\n0\nmin-replicas-max-lag 10\nmin-replicas-to-write 0\n"
      #expect(host.outcome(of: setting).output == restored)
      // Sentinel calls the hook on these hosts.
      #expect(said.contains("names /usr/lib/vipd/vipd-reconfig"), "\(said)")
      #expect(host.outcome(of: "ls /usr/bin/vipd /usr/lib/systemd/system/vipd.service").status == 2)
      #expect(try host.read(HostSet.configurationPath).contains("fence mymaster"))

      let again = try install(1, on: host)
      #expect(again.contains("was not started"), "\(again)")
      #expect(host.outcome(of: "systemctl is-active vipd").output == "inactive\n")
      try host.run("systemctl start vipd")
      #expect(try scene.set.awaitService() == host)
    }

    @Test func `Purged, nothing is left but the user`() throws {
      let scene = try begin()
      let host = try scene.replica
      try host.run("apt-get purge -y vipd", limitSeconds: 120)
      let left = try host.run(
        """
        find /etc /usr /var /run -xdev -name '*vipd*' -not -path '/usr/src/*' \\
          -not -path '/run/systemd/*' -not -path '/etc/systemd/system/*-server.service.d/vipd.conf'
        find /run/vipd 2>/dev/null || true
        """)
      #expect(left == "")
      #expect(host.outcome(of: "id -u vipd").status == 0)
      try install(1, on: host)
      try host.write(HostSet.configurationPath, HostSet.configuration())
      try host.run("systemctl enable --now vipd")
      #expect(try scene.set.awaitService() == scene.holder)
    }

    @Test
    func `Over programs that were copied by hand: no write fails, and what shadows it is named`()
      throws
    {
      let scene = try begin()
      let host = scene.holder
      try host.run("apt-get purge -y vipd", limitSeconds: 120)
      let dropIn = "/etc/systemd/system/redis-server.service.d/vipd.conf"
      // As the README had it, with the unit of that time.
      try host.run(
        """
        set -e
        mkdir -p /etc/vipd; cd \(HostSet.packageDirectory); rm -rf files
        dpkg-deb -x 1/*.deb files
        install -m 755 files/usr/bin/* /usr/bin/
        install -D -m 755 files/usr/lib/vipd/vipd-reconfig /usr/lib/vipd/vipd-reconfig
        sed /^RestartKillSignal/d files/usr/lib/systemd/system/vipd.service \\
          >/etc/systemd/system/vipd.service
        install -m 644 files/usr/lib/sysusers.d/vipd.conf /usr/lib/sysusers.d/vipd.conf
        rm -f \(dropIn)
        install -D -m 644 files/usr/lib/systemd/system/redis-server.service.d/vipd.conf \(dropIn)
        systemd-sysusers
        """)
      try host.write(HostSet.configurationPath, HostSet.configuration())
      try host.run("systemctl daemon-reload && systemctl enable --now vipd")
      #expect(try scene.set.awaitService() == host)
      let before = try process(on: host)
      let client = try WritingClient(scene.set)
      let said = try host.run(
        "cd \(HostSet.packageDirectory)/1 && dpkg -i --force-confold ./*.deb", limitSeconds: 120)
      try client.awaitSuccess()
      #expect(said.contains("/etc/systemd/system/vipd.service goes before"), "\(said)")
      #expect(said.contains("\(dropIn) goes before"), "\(said)")
      #expect(try process(on: host) != before)

      // As it says.
      try host.run(
        """
        rm /etc/systemd/system/vipd.service \(dropIn)
        \(ServerPackage.redis.dropInLines(isInForce: false))
        systemctl daemon-reload && systemctl reenable vipd && systemctl restart vipd
        """)
      try client.awaitSuccess()
      try client.end()
      #expect(client.attempts.filter { $0.outcome != "ok" } == [])
      let path = try host.run("systemctl show -P FragmentPath vipd")
      #expect(path.hasSuffix("/lib/systemd/system/vipd.service\n"), "\(path)")
      #expect(try scene.set.awaitService() == host)
    }

    @Test func `On Debian 13: nothing starts unasked, and another version over it costs no write`()
      throws
    {
      let set = try HostSet.up(id: "\(HostSet.testID)p", suite: "trixie")
      defer { set.down() }
      let bare = set.hosts[0]
      try set.layPackages(on: bare)
      let said = try install(1, on: bare)
      #expect(said.contains("nothing was started"), "\(said)")
      #expect(bare.outcome(of: "systemctl is-active vipd").output == "inactive\n")
      #expect(bare.outcome(of: "systemctl is-enabled vipd").output == "disabled\n")
      // Started all the same, it says what is missing.
      #expect(bare.outcome(of: "systemctl start vipd").status != 0)
      #expect(try bare.run("journalctl -u vipd -o cat").contains("vip"))
      try bare.run("systemctl reset-failed vipd; apt-get purge -y vipd", limitSeconds: 120)

      try set.install()
      try replace(on: set.awaitService(), of: set)
      try set.awaitService()
    }
  }
}
