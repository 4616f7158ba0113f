public import Lab

/// Redis or Valkey, Sentinel and vipd, as an operator sets them up.
extension HostSet {
  /// The VIPs of the group `mymaster`.
  public static let virtualAddresses = ["10.77.0.100", "fd77::100"]

  /// Where a host has its configuration.
  public static let configurationPath = "/etc/vipd/vipd.conf"

  /// Where the hosts have the packages, each in a directory of its own.
  public static let packageDirectory = "/usr/src/vipd"

  /// Sets up everything on all hosts, up to a service that ``awaitService()`` finds well.
  ///
  /// The package is installed by the line of the README, and `vipd.conf` is the README's with an IPv6
  /// address. Sentinel calls the hook besides. The drop-ins for the units of the servers are switched off:
  /// what they are for does not wait for Sentinel, and most tests are about Sentinel.
  ///
  /// - Parameter plan: what is to run where.
  /// - Throws: ``LabError`` if a step fails on a host.
  public func install(_ plan: ServicePlan = ServicePlan()) throws(LabError) {
    let members = members(plan)
    for host in hosts {
      try installPackage(on: host, plan)
      // The hook has nobody to tell where there is no vipd.
      try setUpSentinel(on: host, plan, callsHook: members.contains(host))
      if members.contains(host) { try setUpServer(on: host, plan) }
    }
    for host in hosts { try host.run("systemctl start \(plan.server.sentinelUnit)") }
    for host in members { try host.run("systemctl daemon-reload && systemctl enable --now vipd") }
    try awaitService(plan)
  }

  /// Sets up Redis and Sentinel alone, and lays the packages beside: what somebody has who begins.
  ///
  /// - Parameter plan: what is to run where.
  /// - Throws: ``LabError`` if a step fails on a host.
  public func installServers(_ plan: ServicePlan = ServicePlan()) throws(LabError) {
    let members = members(plan)
    for host in hosts {
      try layPackages(on: host)
      try setUpSentinel(on: host, plan, callsHook: false)
      if members.contains(host) { try setUpServer(on: host, plan) }
    }
    for host in hosts { try host.run("systemctl start \(plan.server.sentinelUnit)") }
  }

  /// What the README tells an operator to type after the package is installed.
  public static func setupLines() throws(LabError) -> String {
    try Checkout.block(of: "README.md", beginning: "vipctl setup ")
  }

  /// The `vipd.conf` of a host: all have the same.
  public static func configuration() throws(LabError) -> String {
    try Checkout.block(of: "README.md", beginning: "sentinel 10.77.0.1 26379\n")
      + "vip mymaster fd77::100/64 dev eth0\n"
  }

  /// What the README tells an operator to type, in a directory with one package.
  public static func packageLines() throws(LabError) -> String {
    try Checkout.block(of: "README.md", beginning: "apt install ./vipd_")
  }

  /// Lays the two packages on a host.
  public func layPackages(on host: DebianHost) throws(LabError) {
    for number in 1...2 {
      let place = "\(host.tree)\(HostSet.packageDirectory)/\(number)"
      try makeDirectory(place)
      try Subprocess(["cp", Checkout.package(number), place]).run()
    }
  }

  private func installPackage(on host: DebianHost, _ plan: ServicePlan) throws(LabError) {
    try layPackages(on: host)
    let lines = try HostSet.packageLines()
    try host.run(
      """
      set -e
      \(plan.server.dropInLines(isInForce: false))
      cd \(HostSet.packageDirectory)/1
      \(lines)
      """)
    try host.write(HostSet.configurationPath, HostSet.configuration())
  }

  /// Adapts Debian's own file of Sentinel, with all servers stopped: they write into their files
  /// when they like.
  ///
  /// A Sentinel that has run once has taken out the lines that say what it does anyhow.
  private func setUpSentinel(
    on host: DebianHost, _ plan: ServicePlan, callsHook: Bool
  ) throws(LabError) {
    let file = plan.server.sentinelConfiguration
    let hook =
      callsHook
      ? "sentinel client-reconfig-script mymaster /usr/lib/vipd/vipd-reconfig" : ""
    try host.run(
      """
      set -e
      systemctl disable --now redis-sentinel redis-server
      systemctl enable \(plan.server.sentinelUnit)
      sed -i '/^sentinel .*mymaster/d' \(file)
      cat >>\(file) <<'end'
      sentinel monitor mymaster 10.77.0.1 6379 2
      sentinel down-after-milliseconds mymaster \(plan.downAfterMilliseconds)
      sentinel failover-timeout mymaster 10000
      \(hook)
      end
      """)
  }

  /// Adapts Debian's own file of the server, and starts it.
  private func setUpServer(on host: DebianHost, _ plan: ServicePlan) throws(LabError) {
    let file = plan.server.configuration
    var lines: [String] = []
    if host.number > 1 { lines.append("replicaof 10.77.0.1 6379") }
    if plan.forgetsAll { lines.append("save \"\"") }
    try host.run(
      """
      set -e
      sed -i 's/^bind .*/bind * -::*/; s/^protected-mode .*/protected-mode no/' \(file)
      cat >>\(file) <<'end'
      \(lines.joined(separator: "\n"))
      end
      systemctl enable --now \(plan.server.unit)
      """)
  }
}

/// Whether all is well.
extension HostSet {
  /// Waits until nothing is wrong anywhere, and returns the host that holds the VIPs.
  ///
  /// `vipctl status` ends with 0 on every host, every Sentinel knows the others, all replicas and
  /// the same master, and that host alone has the VIPs.
  ///
  /// - Parameters:
  ///   - plan: what is to run where.
  ///   - problem: the label of what `vipctl status` has to tell of the master, if anything.
  /// - Returns: the host with the VIPs.
  /// - Throws: ``LabError/timedOut(waitingFor:)`` with what was wrong last.
  @discardableResult
  public func awaitService(
    _ plan: ServicePlan = ServicePlan(), telling problem: String? = nil
  ) throws(LabError) -> DebianHost {
    var doubt = ""
    var found: DebianHost?
    do throws(LabError) {
      try waitUntil("", timeoutMilliseconds: 120_000, paceMilliseconds: 250) {
        () throws(LabError) in
        do throws(LabError) {
          found = try holderIfWell(plan, telling: problem)
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

  private func holderIfWell(
    _ plan: ServicePlan, telling problem: String?
  ) throws(LabError) -> DebianHost {
    let members = members(plan)
    let client = plan.server.client
    let holders = try holders(of: HostSet.virtualAddresses[0])
    guard let number = holders.first, holders.count == 1 else {
      throw .refused("\(HostSet.virtualAddresses[0]) is on the hosts \(holders)")
    }
    for address in HostSet.virtualAddresses where try self.holders(of: address) != holders {
      throw .refused("\(address) is not on h\(number)")
    }
    let holder = try host(number)
    for host in hosts {
      let master = try fields(host.run("\(client) -p 26379 sentinel master mymaster"))
      guard master["ip"] == holder.version4Address, master["flags"] == "master",
        master["num-other-sentinels"] == "\(hosts.count - 1)",
        master["num-slaves"] == "\(members.count - 1)"
      else { throw .refused("the Sentinel on \(host.name) says \(master)") }
    }
    for host in members { try requireStatus(on: host, problem, isMaster: host == holder) }
    let connected = try holder.run("\(client) info replication").split(whereSeparator: \.isNewline)
    guard connected.count(where: { $0.contains("state=online") }) == members.count - 1 else {
      throw .refused("a replica is not attached to \(holder.name)")
    }
    return holder
  }

  /// Says no unless `vipctl status` tells that all is well, or of one problem alone.
  ///
  /// What concerns a master is told on its host, and may be told still where it was.
  private func requireStatus(
    on host: DebianHost, _ problem: String?, isMaster: Bool
  ) throws(LabError) {
    guard let problem else {
      try host.run("vipctl status")
      return
    }
    let status = host.status()
    let isWell = status.exit == 0 && status.problems.isEmpty
    guard status.exit == 3 && status.problems == [problem] || isWell && !isMaster else {
      throw .refused("‘vipctl status’ on \(host.name) ends with \(status.exit): \(status.problems)")
    }
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
