import Glibc

/// What `vipd` is compared with: keepalived, HAProxy, and the floor.
extension Laboratory {
  /// The port of the proxy's host at the bridge.
  static let proxyPort = "p1"
  /// The address of the proxy's host.
  static let proxyAddress = "10.77.0.200"

  private var proxyNamespace: String { "vl-\(plan.id)-\(Laboratory.proxyPort)" }

  /// How the client's programs get to a group; `client` is the path of `lab-client`.
  func reach(_ group: GroupPlan, client: String) -> Reach {
    switch plan.agent {
    case .proxy: Reach(client: client, address: Laboratory.proxyAddress, port: group.port)
    case .sentinelClient(let words):
      Reach(
        words: words,
        sentinels: plan.sentinelHosts.map { hosts[$0 - 1].address(plan.family) },
        masterName: group.name)
    default: Reach(client: client, address: group.firstAddress, port: group.port)
    }
  }

  /// The words that start the agent of a host.
  func agentWords(on host: LabHost) throws(LabError) -> [String] {
    let configuration = host.configurationPath(.agent)
    switch plan.agent {
    case .daemon(let path): return [path, "--config", configuration]
    case .keepalived:
      // Files of its own, for there is one on every host of every lab.
      return [
        "keepalived", "--vrrp", "--dont-fork", "--log-console", "--no-syslog",
        "--use-file=\(configuration)", "--pid=\(host.directory)/keepalived.pid",
        "--vrrp_pid=\(host.directory)/vrrp.pid",
      ]
    case .roleFollower(let path):
      let group = try group()
      return [
        path, "follow-role", host.socketPath(.redis(group.name)), group.virtualAddresses[0],
      ]
    case .none, .script, .hook, .proxy, .sentinelClient:
      throw .refused("this lab has no daemon")
    }
  }

  /// Whether a part answers on a socket of its own.
  func answers(_ part: Part) -> Bool {
    if case .daemon = plan.agent { true } else { part != .agent }
  }

  func writeKeepalivedConfiguration(on host: LabHost) throws(LabError) {
    let group = try group()
    let script = "\(host.directory)/role-check"
    try writeFile(script, KeepalivedConfiguration.roleCheck(port: group.port))
    unsafe chmod(script, 0o755)
    let peers = group.members.filter { $0 != host.number }
    let configuration = KeepalivedConfiguration(
      address: host.version4Address, peers: peers.map { hosts[$0 - 1].version4Address },
      virtualAddresses: group.virtualAddresses, script: script)
    try writeFile(host.configurationPath(.agent), configuration.text)
    // It refuses a file that others may write or run.
    unsafe chmod(host.configurationPath(.agent), 0o644)
  }

  /// Adds a host with HAProxy, and waits until a client gets through it.
  func startProxy() throws(LabError) {
    let group = try group()
    try attach(
      port: Laboratory.proxyPort, namespace: proxyNamespace,
      addresses: ["\(Laboratory.proxyAddress)/24"])
    let configuration = ProxyConfiguration(
      address: Laboratory.proxyAddress, port: group.port,
      servers: group.members.map { hosts[$0 - 1].version4Address })
    let path = "\(directory)/haproxy.cfg"
    try writeFile(path, configuration.text)
    let process = LabProcess(
      number: try Subprocess(words(in: proxyNamespace, ["haproxy", "-db", "-f", path]))
        .start(log: "\(directory)/haproxy.log"))
    state.observers.append(process)
    try save()
  }
}

/// How a client gets to a group's master.
struct Reach: Equatable, Sendable {
  /// The program and what it takes before the mode.
  private let program: [String]
  /// The two words that say where: an address and a port, or the Sentinels and the master name.
  private let target: [String]

  /// `lab-client`, at an address.
  init(client: String, address: String, port: UInt16) {
    program = [client]
    target = [address, "\(port)"]
  }

  /// A client that asks the Sentinels.
  init(words: [String], sentinels: [String], masterName: String) {
    program = words
    target = [sentinels.joined(separator: ","), masterName]
  }

  /// The words that start the client in a mode.
  func words(_ mode: String, _ rest: [String]) -> [String] { program + [mode] + target + rest }
}
