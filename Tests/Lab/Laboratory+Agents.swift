import Foundation
import Glibc

/// What moves the VIPs: `vipd`, its hook alone, the classic script, or a peer.
extension Laboratory {
  func startAgents() throws(LabError) {
    switch plan.agent {
    case .none, .script, .hook:
      for group in plan.groups {
        let master = try host(group.members[0])
        for address in group.virtualAddresses {
          let noDetection = address.contains(":") ? " nodad" : ""
          try configure(
            master.namespace, ["addr add \(address) dev \(plan.virtualInterface)\(noDetection)"])
        }
      }
    case .daemon, .keepalived, .roleFollower:
      for host in hosts where hasRedis(host.number) {
        if case .daemon = plan.agent { try writeDaemonConfiguration(on: host) }
        if case .keepalived = plan.agent { try writeKeepalivedConfiguration(on: host) }
        try start(.agent, on: host.number)
      }
      for group in plan.groups { try awaitHolder(group, number: group.members[0]) }
    case .proxy: try startProxy()
    case .sentinelClient: break
    }
  }

  /// How often a Sentinel has started its scripts, by its log.
  public func startedScripts(on number: Int) throws(LabError) -> Int {
    let log = (try? String(contentsOfFile: host(number).logPath(.sentinel), encoding: .utf8)) ?? ""
    return log.split(separator: "\n").filter { $0.contains("+script-child") }.count
  }

  /// Whether a host runs Redis; only there is an agent needed.
  func hasRedis(_ number: Int) -> Bool {
    plan.groups.contains { $0.members.contains(number) }
  }

  /// The hosts with an agent.
  public var agentHosts: [Int] { hosts.map(\.number).filter(hasRedis) }

  /// Waits until a host, and no other, has all VIPs of a group.
  public func awaitHolder(
    _ group: GroupPlan, number: Int, timeoutMilliseconds: Int = 15_000
  ) throws(LabError) {
    try waitUntil(
      "the VIPs of \(group.name) on h\(number) alone", timeoutMilliseconds: timeoutMilliseconds
    ) { () throws(LabError) in
      for address in group.virtualAddresses {
        guard try holders(of: address) == [number] else { return false }
      }
      return true
    }
  }

  /// The hosts that have an address at this moment.
  public func holders(of address: String) throws(LabError) -> [Int] {
    let bare = address.split(separator: "/")[0]
    var holders: [Int] = []
    for host in hosts where !host.isOff {
      let output = try Subprocess(["ip", "-n", host.namespace, "-o", "addr", "show"]).run()
      let words = output.split(whereSeparator: { $0 == " " || $0 == "\n" })
      if words.contains(where: { $0.split(separator: "/").first == bare }) {
        holders.append(host.number)
      }
    }
    return holders
  }

  /// The host whose Redis says that it is the master, if exactly one does.
  public func master(of group: GroupPlan) throws(LabError) -> Int? {
    let masters = group.members.filter { number in
      let reply = try? connection(to: .redis(group.name), on: number)
        .command("ROLE", timeoutMilliseconds: 200)
      return reply?.parts.first?.text == "master"
    }
    return masters.count == 1 ? masters[0] : nil
  }

  func writeDaemonConfiguration(on host: LabHost) throws(LabError) {
    var lines: [String] = []
    for number in plan.sentinelHosts {
      let address = try self.host(number).address(plan.family)
      lines.append("sentinel \(plan.usesHostNames ? hostName(number) : address) 26379")
    }
    for group in plan.groups where group.members.contains(host.number) {
      for address in group.virtualAddresses {
        lines.append("vip \(group.name) \(address) dev \(plan.virtualInterface)")
      }
      if !plan.usesDefaultConfiguration {
        lines.append("redis \(group.name) \(host.address(plan.family)) \(group.port)")
      }
      lines += try agentSetupLines(group, on: host) + agentAccessLines(group, on: host)
    }
    lines += [
      "control \(host.socketPath(.agent))", "hook \(hookSocket(host))",
      "state-dir \(host.directory)/state",
    ]
    lines += plan.extraConfiguration
    try makeDirectory("\(host.directory)/state")
    try writeFile(host.configurationPath(.agent), lines.joined(separator: "\n") + "\n")
  }

  private func hookSocket(_ host: LabHost) -> String { "\(host.directory)/hook.sock" }

  /// What Sentinel hands on to its script: where the daemon, its socket and its files are.
  func hookEnvironment(_ host: LabHost) -> [String: String] {
    var environment = ["VIPD_HOOK_SOCKET": hookSocket(host)]
    if case .hook(_, let daemon) = plan.agent {
      environment["VIPD_DAEMON"] = daemon
      environment["VIPD_CONFIG"] = host.configurationPath(.agent)
    }
    return environment
  }

  /// The path of Sentinel's `client-reconfig-script` on a host, written first where need be.
  func hookScript(_ host: LabHost) throws(LabError) -> String? {
    switch plan.agent {
    case .none, .keepalived, .proxy, .sentinelClient, .roleFollower: return nil
    case .daemon: return plan.hook
    case .hook(let path, _):
      try writeDaemonConfiguration(on: host)
      return path
    case .script:
      let path = "\(host.directory)/reconfigure.sh"
      try writeFile(path, classicScript(host))
      unsafe chmod(path, 0o755)
      return path
    }
  }

  /// The script that most guides on the net show: `ip` and three gratuitous ARPs by `arping`.
  private func classicScript(_ host: LabHost) throws(LabError) -> String {
    var text = """
      #!/bin/bash
      # <master-name> <role> <state> <from-ip> <from-port> <to-ip> <to-port>
      master=$1 to=$6

      """
    for group in plan.groups {
      for address in group.virtualAddresses {
        let bare = address.split(separator: "/")[0]
        text += """
          if [ "$master" = \(group.name) ]; then
            if [ "$to" = \(host.address(plan.family)) ]; then
              ip addr add \(address) dev eth0
              arping -q -c 3 -A -I eth0 \(bare)
            else
              ip addr del \(address) dev eth0 2>/dev/null
            fi
          fi

          """
      }
    }
    return text + "exit 0\n"
  }
}
