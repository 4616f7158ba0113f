import Foundation
import Glibc

/// What people and other machines do to a healthy cluster.
extension Laboratory {
  /// Starts two programs at the client that attach to a master as replicas without a port: one that
  /// fetches a copy again and again, one that follows, both for some time.
  func startBackup(of group: GroupPlan, on number: Int, seconds: Int) throws(LabError) {
    let address = try host(number).address(plan.family)
    let base = "redis-cli -h \(address) -p \(group.port)"
    let scripts = [
      "while :; do \(base) --rdb \(directory)/backup.rdb; sleep 0.2; done",
      "exec \(base) --replica",
    ]
    for script in scripts {
      let words = words(in: clientNamespace, ["timeout", "\(seconds)", "sh", "-c", script])
      state.observers.append(LabProcess(number: try Subprocess(words).start(log: "/dev/null")))
    }
    try save()
  }

  /// Whether a Sentinel lists a replica without a port.
  func listsPortlessReplica(_ group: GroupPlan, on number: Int) throws(LabError) -> Bool {
    try connection(to: .sentinel, on: number).command("SENTINEL", "REPLICAS", group.name)
      .parts.contains { $0.fields["port"] == "0" }
  }

  /// How many other Sentinels a Sentinel lists.
  func listedSentinels(_ group: GroupPlan, on number: Int) throws(LabError) -> Int {
    try connection(to: .sentinel, on: number).command("SENTINEL", "SENTINELS", group.name)
      .parts.count
  }

  /// Publishes a Sentinel's greeting that no Sentinel sent; `sentinel.c sentinelSendHello`.
  ///
  /// - Parameters:
  ///   - endpoint: where that Sentinel would be.
  ///   - runID: its run id.
  ///   - group: the group; its first member is the master.
  ///   - numbers: the hosts on whose Redis it is published.
  /// - Throws: ``LabError`` if a Redis does not take it.
  func publishHello(
    of endpoint: String, runID: String, in group: GroupPlan, on numbers: [Int]
  ) throws(LabError) {
    let master = try host(group.members[0]).address(plan.family)
    let message = "\(endpoint),\(runID),0,\(group.name),\(master),\(group.port),0"
    for number in numbers {
      try connection(to: .redis(group.name), on: number)
        .command("PUBLISH", "__sentinel__:hello", message)
    }
  }

  /// The run id of a Sentinel, as it says.
  func runID(ofSentinelOn number: Int) throws(LabError) -> String {
    let reply = try connection(to: .sentinel, on: number).command("SENTINEL", "MYID")
    guard let id = reply.text else { throw .unexpectedReply("\(reply)") }
    return id
  }

  /// Changes a Sentinel's file while the Sentinel is stopped.
  func restartSentinel(
    on number: Int, awaitsAnswer: Bool = true, editing edit: (inout [String]) -> Void
  ) throws(LabError) {
    try stop(.sentinel, on: number)
    let path = try host(number).configurationPath(.sentinel)
    var lines = try readFile(path).split(separator: "\n").map(String.init)
    edit(&lines)
    try writeFile(path, lines.joined(separator: "\n") + "\n")
    try start(.sentinel, on: number, awaitsAnswer: awaitsAnswer)
  }

  /// Stops all Sentinels and starts them with the files that they had at first.
  ///
  /// - Parameter monitored: the address of the master in the files; by default the first master's.
  /// - Returns: the moment before they were started.
  /// - Throws: ``LabError`` if one does not start.
  @discardableResult
  func restartSentinelsAnew(monitoring monitored: String? = nil) throws(LabError) -> Stamp {
    for number in plan.sentinelHosts { try stop(.sentinel, on: number) }
    for group in plan.groups { try awaitLastHellos(in: group) }
    let stamp = Stamp.now()
    for number in plan.sentinelHosts {
      try writeSentinelConfiguration(on: host(number), monitoring: monitored)
      try start(.sentinel, on: number)
    }
    return stamp
  }

  /// Waits until every Redis is done with what Sentinels that were stopped published.
  ///
  /// A hello that waits in a busy master reaches its replicas later, and with them whoever has
  /// subscribed there meanwhile: Sentinels that come back would learn the present configuration from
  /// the dead ones (`sentinel.c sentinelProcessHelloMessage`).
  private func awaitLastHellos(in group: GroupPlan) throws(LabError) {
    var running: [Int] = []
    for number in group.members {
      if try host(number).processes[.redis(group.name)]?.isRunning == true {
        running.append(number)
      }
    }
    for number in running {
      try waitUntil(
        "the Redis on h\(number) to be done with Sentinels", timeoutMilliseconds: 30_000
      ) {
        () throws(LabError) in
        let clients = try connection(to: .redis(group.name), on: number).command("CLIENT", "LIST")
        return clients.text?.contains("name=sentinel-") == false
      }
    }
    guard let master = try master(of: group) else { return }
    let published = try offset(of: group, on: master)
    for number in running where number != master {
      try waitUntil("the replica on h\(number) to have all", timeoutMilliseconds: 30_000) {
        () throws(LabError) in try offset(of: group, on: number) >= published
      }
    }
  }

  /// How far the stream of a master has come at a member, by its own ROLE.
  private func offset(of group: GroupPlan, on number: Int) throws(LabError) -> Int64 {
    let reply = try connection(to: .redis(group.name), on: number).command("ROLE")
    let role = reply.parts
    let index = role.first?.text == "master" ? 1 : 4
    guard role.count > index, let offset = role[index].text.flatMap({ Int64($0) }) else {
      throw .unexpectedReply("\(reply)")
    }
    return offset
  }

  /// Adds a machine that answers every question for an address, and does not announce it.
  ///
  /// That is what a real server behind LVS does whose `arp_ignore` was not set, or a proxy.
  ///
  /// - Returns: its hardware address.
  func bringAnswerer(for address: String) throws(LabError) -> String {
    let namespace = "vl-\(plan.id)-a1"
    state.strangers.append(namespace)
    try save()
    try attach(port: "a1", namespace: namespace, addresses: ["10.77.0.210/24"])
    try configure(namespace, ["addr add \(address)/32 dev lo"])
    let words = words(in: namespace, ["cat", "/sys/class/net/eth0/address"])
    return try Subprocess(words).run().trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// Takes the address from the machine that answers for it.
  func silenceAnswerer(for address: String) throws(LabError) {
    try configure("vl-\(plan.id)-a1", ["addr del \(address)/32 dev lo"])
  }

  /// Adds lines to a host's `vipd.conf` and lets its `vipd` read it again.
  func reloadAgent(on number: Int, adding lines: [String] = []) throws(LabError) {
    let path = try host(number).configurationPath(.agent)
    try writeFile(path, try readFile(path) + lines.map { $0 + "\n" }.joined())
    try process(.agent, on: number).send(SIGHUP)
  }

  /// Stops the `vipd` of hosts and forgets what they knew.
  func stopAgents(on numbers: [Int]) throws(LabError) {
    for number in numbers {
      try stop(.agent, on: number)
      let path = "\(try host(number).directory)/state"
      try? FileManager.default.removeItem(atPath: path)
      try makeDirectory(path)
    }
  }

  /// How the kernel of a host has an address: a line of ip-address(8) for each copy.
  func copies(of address: String, on number: Int) throws(LabError) -> [String] {
    try Subprocess(["ip", "-n", host(number).namespace, "-o", "addr", "show"]).run()
      .split(separator: "\n").map(String.init).filter { $0.contains(" \(address)/") }
  }
}
