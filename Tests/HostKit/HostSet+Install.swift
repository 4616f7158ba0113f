public import Lab

/// Redis, Sentinel and vipd, as an operator sets them up.
extension HostSet {
  /// The VIPs of the group `mymaster`.
  public static let virtualAddresses = ["10.77.0.100", "fd77::100"]

  /// Where a host has its configuration.
  public static let configurationPath = "/etc/vipd/vipd.conf"

  /// Where the hosts have the files of vipd's release.
  public static let releaseDirectory = "/usr/src/vipd"

  /// Sets up everything on all hosts, up to a service that ``awaitService()`` finds well.
  ///
  /// The programs are installed by the lines of the README, and `vipd.conf` is the README's with an
  /// IPv6 address. Sentinel calls the hook besides.
  ///
  /// - Throws: ``LabError`` if a step fails on a host.
  public func install() throws(LabError) {
    try Checkout.requirePrograms()
    for host in hosts {
      try installPrograms(on: host)
      try setUpServers(on: host)
    }
    for host in hosts { try host.run("systemctl daemon-reload && systemctl enable --now vipd") }
    try awaitService()
  }

  /// The `vipd.conf` of a host: all have the same.
  public static func configuration() throws(LabError) -> String {
    try Checkout.block(of: "README.md", beginning: "sentinel 10.77.0.1 26379\n")
      + "vip mymaster fd77::100/64 dev eth0\n"
  }

  /// What the manual tells an operator to type for an upgrade, in a directory with the new files.
  public static func upgradeLines() throws(LabError) -> String {
    try Checkout.block(of: "docs/operations.md", beginning: "install -m 755 vipd vipctl ")
  }

  private func installPrograms(on host: DebianHost) throws(LabError) {
    let place = "\(host.tree)\(HostSet.releaseDirectory)"
    let programs = Checkout.programs.map {
      "\(Checkout.root)\(Checkout.programDirectory)/\($0)"
    }
    try makeDirectory("\(place)/\(Checkout.programDirectory)")
    try Subprocess(["cp"] + programs + ["\(place)/\(Checkout.programDirectory)"]).run()
    try Subprocess(["cp", "-r", "\(Checkout.root)systemd", place]).run()
    let lines = try Checkout.block(
      of: "README.md", beginning: "install -m 755 .build/release/vipd ")
    try host.run("set -e; cd \(HostSet.releaseDirectory)\n\(lines)")
    try host.write(HostSet.configurationPath, HostSet.configuration())
  }

  /// Adapts Debian's own files, with its servers stopped: both write into them when they like.
  ///
  /// A Sentinel that has run once has taken out the lines that say what it does anyhow.
  private func setUpServers(on host: DebianHost) throws(LabError) {
    let follow = host.number == 1 ? "" : "echo 'replicaof 10.77.0.1 6379' >>/etc/redis/redis.conf"
    try host.run(
      """
      set -e
      systemctl stop redis-sentinel redis-server
      sed -i 's/^bind .*/bind * -::*/; s/^protected-mode .*/protected-mode no/' /etc/redis/redis.conf
      \(follow)
      sed -i '/^sentinel .*mymaster/d' /etc/redis/sentinel.conf
      cat >>/etc/redis/sentinel.conf <<'end'
      sentinel monitor mymaster 10.77.0.1 6379 2
      sentinel down-after-milliseconds mymaster 3000
      sentinel failover-timeout mymaster 10000
      sentinel client-reconfig-script mymaster /usr/lib/vipd/vipd-reconfig
      end
      systemctl start redis-server redis-sentinel
      """)
  }
}

/// Whether all is well.
extension HostSet {
  /// Waits until nothing is wrong anywhere, and returns the host that holds the VIPs.
  ///
  /// `vipctl status` ends with 0 on every host, every Sentinel knows the others, two replicas and
  /// the same master, and that host alone has the VIPs.
  ///
  /// - Throws: ``LabError/timedOut(waitingFor:)`` with what was wrong last.
  @discardableResult
  public func awaitService() throws(LabError) -> DebianHost {
    var doubt = ""
    var found: DebianHost?
    do throws(LabError) {
      try waitUntil("", timeoutMilliseconds: 120_000, paceMilliseconds: 250) {
        () throws(LabError) in
        do throws(LabError) {
          found = try holderIfWell()
          return true
        } catch {
          doubt = "\(error)"
          return false
        }
      }
    } catch {
      throw .timedOut(waitingFor: "a service without a fault: \(doubt)")
    }
    guard let found else { throw .timedOut(waitingFor: "a holder") }
    return found
  }

  private func holderIfWell() throws(LabError) -> DebianHost {
    let holders = try holders(of: HostSet.virtualAddresses[0])
    guard let number = holders.first, holders.count == 1 else {
      throw .refused("\(HostSet.virtualAddresses[0]) is on the hosts \(holders)")
    }
    for address in HostSet.virtualAddresses where try self.holders(of: address) != holders {
      throw .refused("\(address) is not on h\(number)")
    }
    let holder = try host(number)
    for host in hosts {
      let master = try fields(host.run("redis-cli -p 26379 sentinel master mymaster"))
      guard master["ip"] == holder.version4Address, master["flags"] == "master",
        master["num-other-sentinels"] == "\(hosts.count - 1)",
        master["num-slaves"] == "\(hosts.count - 1)"
      else { throw .refused("the Sentinel on \(host.name) says \(master)") }
      try host.run("vipctl status")
    }
    let connected = try holder.run("redis-cli info replication").split(whereSeparator: \.isNewline)
    guard connected.count(where: { $0.contains("state=online") }) == hosts.count - 1 else {
      throw .refused("a replica is not attached to \(holder.name)")
    }
    return holder
  }

  /// Names and values that redis-cli(1) writes in turn, a line each.
  private func fields(_ text: String) -> [String: String] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var fields: [String: String] = [:]
    for index in stride(from: 0, to: lines.count - 1, by: 2) {
      fields[lines[index]] = lines[index + 1]
    }
    return fields
  }
}
