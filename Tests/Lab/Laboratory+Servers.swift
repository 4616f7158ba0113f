import Foundation
import Glibc

/// Redis and Sentinel: configurations, starting, and waiting until they have settled.
extension Laboratory {
  /// The server program: along `PATH`, or Redis or Valkey from the plan's directory.
  var serverProgram: String {
    guard let directory = plan.serverDirectory else { return "redis-server" }
    let valkey = "\(directory)/valkey-server"
    return FileManager.default.isExecutableFile(atPath: valkey)
      ? valkey : "\(directory)/redis-server"
  }

  func startServers() throws(LabError) {
    try writeCertificates()
    for group in plan.groups {
      for member in group.members { try writeRedisConfiguration(group, on: host(member)) }
    }
    for number in plan.sentinelHosts { try writeSentinelConfiguration(on: host(number)) }
    for group in plan.groups {
      for member in group.members { try start(.redis(group.name), on: member) }
    }
    for group in plan.groups { try awaitReplication(group) }
    for number in plan.sentinelHosts { try start(.sentinel, on: number) }
    try awaitSettled()
  }

  /// Starts a part with the configuration that lies there, and waits until it answers.
  ///
  /// - Parameters:
  ///   - part: what to start.
  ///   - number: the host.
  ///   - awaitsAnswer: whether to wait for its answer; a server that is full has none.
  /// - Throws: ``LabError`` if it does not start.
  public func start(
    _ part: Part, on number: Int, awaitsAnswer: Bool = true
  ) throws(LabError) {
    let host = try host(number)
    let configuration = host.configurationPath(part)
    var environment: [String: String] = [:]
    var program: [String]
    switch part {
    case .redis(let group): program = try redisWords(group, on: host)
    case .sentinel:
      program = [serverProgram, configuration, "--sentinel"]
      environment = hookEnvironment(host)
    case .agent:
      program = try agentWords(on: host)
      if plan.recordsEvents {
        try makeDirectory(host.recordings)
        environment["VIPD_RECORD"] = host.recordings
      }
    }
    if plan.hasSteppableClocks {
      environment.merge(try clockEnvironment(part, on: host)) { old, _ in old }
    }
    program = words(on: host, program)
    let socket = host.socketPath(part)
    unsafe unlink(socket)
    let started = try Subprocess(program, environment: environment).start(log: host.logPath(part))
    let process = LabProcess(number: started)
    state.hosts[number - 1].processes[part] = process
    try save()
    guard awaitsAnswer else { return }
    let what = "\(part.name) on \(host.name), see \(host.logPath(part))"
    try waitUntil(what, timeoutMilliseconds: 5000) { () throws(LabError) in
      guard process.isRunning else {
        throw .refused(
          "\(part.name) on \(host.name) ended at once: \(lastLines(host.logPath(part)))")
      }
      // What has no such socket is waited for by what it does: it takes the VIP.
      guard answers(part) else { return true }
      guard let connection = try? RESPConnection(path: socket) else { return false }
      return (try? connection.command("PING")) == .status("PONG")
    }
  }

  private func writeRedisConfiguration(
    _ group: GroupPlan, on host: LabHost
  ) throws(LabError) {
    let part = Part.redis(group.name)
    var lines = [
      "protected-mode no", "daemonize no",
      "unixsocket \(host.socketPath(part))", "dir \(host.directory)",
      "dbfilename \(part.name).rdb", "save \"\"", "appendonly no", "repl-diskless-sync yes",
      "repl-diskless-sync-delay 0", "loglevel notice",
    ]
    lines += portLines(group.port, on: host) + userLines(group)
    if !plan.usesDefaultConfiguration { lines.append("repl-timeout 10") }
    lines += setupLines(group)
    if host.number != group.members[0] {
      let master = try self.host(group.members[0])
      lines.append("replicaof \(master.address(plan.family)) \(group.port)")
    }
    try writeFile(host.configurationPath(part), lines.joined(separator: "\n") + "\n")
  }

  /// Writes a sentinel.conf in which the Sentinels already know one another.
  ///
  /// That is what the file looks like once a cluster has run; it saves each start the 2 s of
  /// Sentinel's hello messages.
  ///
  /// - Parameters:
  ///   - host: the host.
  ///   - monitored: the address of the master; by default that of the group's first member.
  /// - Throws: ``LabError`` if it can't be written.
  func writeSentinelConfiguration(
    on host: LabHost, monitoring monitored: String? = nil
  ) throws(LabError) {
    var lines = [
      "loglevel notice", "protected-mode no", "daemonize no",
      "unixsocket \(host.socketPath(.sentinel))", "dir \(host.directory)",
    ]
    lines += portLines(26379, on: host)
    if !plan.usesDefaultConfiguration {
      lines.append("sentinel myid \(sentinelID(host.number))")
    }
    for group in plan.groups {
      let master = try self.host(group.members[0])
      let address = monitored ?? master.address(plan.family)
      lines += [
        "sentinel monitor \(group.name) \(address) \(group.port) \(plan.quorum)",
        "sentinel down-after-milliseconds \(group.name) \(plan.downAfterMilliseconds)",
        "sentinel failover-timeout \(group.name) \(plan.failoverTimeoutMilliseconds)",
        "sentinel parallel-syncs \(group.name) \(plan.parallelSyncs)",
      ]
      lines += sentinelSetupLines(group) + sentinelUserLines(group)
      if let script = try hookScript(host) {
        // Only at this level does Sentinel say that it starts a script: `+script-child`.
        lines[0] = "loglevel debug"
        lines.append("sentinel client-reconfig-script \(group.name) \(script)")
      }
      if !plan.usesDefaultConfiguration { lines += try knownLines(group, on: host) }
    }
    try writeFile(host.configurationPath(.sentinel), lines.joined(separator: "\n") + "\n")
  }

  /// The lines by which a Sentinel knows the replicas and the other Sentinels from the start.
  private func knownLines(_ group: GroupPlan, on host: LabHost) throws(LabError) -> [String] {
    var lines: [String] = []
    for member in group.members.dropFirst() {
      let address = try self.host(member).address(plan.family)
      lines.append("sentinel known-replica \(group.name) \(address) \(group.port)")
    }
    for other in plan.sentinelHosts where other != host.number {
      let address = try self.host(other).address(plan.family)
      lines.append("sentinel known-sentinel \(group.name) \(address) 26379 \(sentinelID(other))")
    }
    return lines
  }

  /// The run id of a Sentinel: 40 hexadecimal digits that end with its host's number.
  private func sentinelID(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "a", count: 40 - digits.count) + digits
  }

  /// A connection to a part that doesn't use the network under test.
  public func connection(to part: Part, on number: Int) throws(LabError) -> RESPConnection {
    try RESPConnection(path: host(number).socketPath(part))
  }

  private func awaitReplication(_ group: GroupPlan) throws(LabError) {
    for member in group.members.dropFirst() {
      try waitUntil("the replica on h\(member) to follow", timeoutMilliseconds: 15_000) {
        () throws(LabError) in
        let role = try connection(to: .redis(group.name), on: member).command("ROLE").parts
        return role.count > 3 && role[3].text == "connected"
      }
    }
  }

  /// Waits until every running Sentinel sees every member of every group in good order.
  public func awaitSettled(timeoutMilliseconds: Int = 20_000) throws(LabError) {
    for number in plan.sentinelHosts {
      for group in plan.groups {
        try waitUntil(
          "the Sentinel on h\(number) to settle", timeoutMilliseconds: timeoutMilliseconds
        ) { () throws(LabError) in try isSettled(group, seenBy: number) }
      }
    }
  }

  /// Waits until every Sentinel names a host as the master of a group and has no failover going.
  public func awaitSettled(group: GroupPlan, master: Int) throws(LabError) {
    let address = try host(master).address(plan.family)
    for number in plan.sentinelHosts {
      try waitUntil("the Sentinel on h\(number) to name h\(master)", timeoutMilliseconds: 30_000) {
        () throws(LabError) in
        let fields = try connection(to: .sentinel, on: number)
          .command("SENTINEL", "MASTER", group.name).fields
        return fields["ip"] == address && fields["flags"] == "master"
      }
    }
  }

  private func isSettled(_ group: GroupPlan, seenBy number: Int) throws(LabError) -> Bool {
    let sentinel = try connection(to: .sentinel, on: number)
    let master = try sentinel.command("SENTINEL", "MASTER", group.name).fields
    let replicas = try sentinel.command("SENTINEL", "REPLICAS", group.name).parts.map(\.fields)
    let others = try sentinel.command("SENTINEL", "SENTINELS", group.name).parts.map(\.fields)
    return master["flags"] == "master"
      && replicas.count == group.members.count - 1
      && others.count == plan.sentinelHosts.count - 1
      && replicas.allSatisfy { $0["flags"] == "slave" && $0["master-link-status"] == "ok" }
      && others.allSatisfy { $0["flags"] == "sentinel" }
  }
}

/// The end of a log, for an error's text.
func lastLines(_ path: String) -> String {
  let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
  return text.split(separator: "\n").suffix(5).joined(separator: " | ")
}
