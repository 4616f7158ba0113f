/// A lab of one host in which one process stands in for every Redis and for three Sentinels.
///
/// The process is `Tests/micro`; the lab itself starts no server.
struct StandInLab {
  let lab: Laboratory
  let host: LabHost

  /// Brings it up, and starts the servers with these words.
  init(_ words: [String]) throws(LabError) {
    var plan = LabPlan(id: LabPlan.freshID())
    (plan.hosts, plan.sentinelHosts, plan.groups) = (1, [], [])
    lab = try Laboratory.up(plan)
    host = try lab.host(1)
    do throws(LabError) {
      let log = "\(host.directory)/servers.log"
      try start(words, in: host.namespace, log: log)
      try waitUntil("the servers", timeoutMilliseconds: 5000) { () throws(LabError) in
        try readFile(log).hasPrefix("ready")
      }
    } catch {
      lab.down()
      throw error
    }
  }

  /// Starts a program, to be ended with the lab.
  @discardableResult
  func start(
    _ words: [String], in namespace: String, log: String
  ) throws(LabError) -> LabProcess {
    let process = LabProcess(
      number: try Subprocess(lab.words(in: namespace, words)).start(log: log))
    lab.state.observers.append(process)
    try lab.save()
    return process
  }

  /// Starts the daemon for so many groups, named `g0`, `g1` and so on.
  ///
  /// - Parameters:
  ///   - path: the daemon.
  ///   - groups: how many groups there are.
  ///   - addresses: the VIPs of a group by its number, each with its prefix length.
  /// - Returns: the daemon's process.
  /// - Throws: ``LabError`` if a file can't be written or the program not started.
  func startDaemon(
    _ path: String, groups: Int, addresses: (_ group: Int) -> [String]
  ) throws(LabError) -> LabProcess {
    var lines = (1...3).map { "sentinel 127.0.0.\($0) 26379" }
    for group in 0..<groups {
      lines.append("redis g\(group) \(host.version4Address) \(7000 + group)")
      lines += addresses(group).map { "vip g\(group) \($0) dev eth0" }
    }
    lines += [
      "control \(host.socketPath(.agent))", "hook \(host.directory)/hook.sock",
      "state-dir \(host.directory)/state",
    ]
    try makeDirectory("\(host.directory)/state")
    try writeFile(host.configurationPath(.agent), lines.joined(separator: "\n") + "\n")
    return try start(
      [path, "--config", host.configurationPath(.agent)], in: host.namespace,
      log: host.logPath(.agent))
  }

  func down() {
    keepLogs(of: lab)
    lab.down()
  }
}
