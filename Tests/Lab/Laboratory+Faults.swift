import Glibc

/// What can go wrong on the hosts, and its undoing.
extension Laboratory {
  /// Kills a part with SIGKILL, as the kernel's out-of-memory killer does.
  ///
  /// - Returns: the moment at which the signal was sent.
  @discardableResult
  public func kill(_ part: Part, on number: Int) throws(LabError) -> Stamp {
    let process = try process(part, on: number)
    let stamp = Stamp.now()
    try process.end()
    return stamp
  }

  /// Asks a part to end, as systemd does, and waits for it.
  @discardableResult
  public func stop(_ part: Part, on number: Int) throws(LabError) -> Stamp {
    let process = try process(part, on: number)
    let stamp = Stamp.now()
    process.send(SIGTERM)
    try process.awaitEnd()
    return stamp
  }

  /// Stops a part with SIGSTOP: it keeps its sockets and answers nothing.
  @discardableResult
  public func freeze(_ part: Part, on number: Int) throws(LabError) -> Stamp {
    let process = try process(part, on: number)
    let stamp = Stamp.now()
    process.send(SIGSTOP)
    state.frozen.append(process)
    try save()
    return stamp
  }

  /// Lets a frozen part go on.
  public func thaw(_ part: Part, on number: Int) throws(LabError) {
    let process = try process(part, on: number)
    process.send(SIGCONT)
    state.frozen.removeAll { $0 == process }
    try save()
  }

  /// Takes the power from a host: its cable goes silent first, so that nobody gets a FIN or a RST.
  ///
  /// Its addresses are removed as well: a host without power has no kernel that could hold them.
  @discardableResult
  public func powerOff(_ number: Int) throws(LabError) -> Stamp {
    let host = try host(number)
    let stamp = Stamp.now()
    try setPort(host.name, up: false)
    for process in host.processes.values { process.send(SIGKILL) }
    try configure(host.namespace, ["link set eth0 down", "addr flush dev eth0"])
    for process in host.processes.values { try process.awaitEnd() }
    for process in try stragglers(on: host) { try process.end() }
    state.hosts[number - 1].isOff = true
    try save()
    return stamp
  }

  /// Boots a host that was switched off: every part starts with the files that lie there.
  public func powerOn(_ number: Int) throws(LabError) {
    let host = try host(number)
    try setUpInterface(
      host.namespace, addresses: ["\(host.version4Address)/24", "\(host.version6Address)/64"])
    try setPort(host.name, up: true)
    state.hosts[number - 1].isOff = false
    try startStopped(on: number)
  }

  /// Pulls a host's cable: the interface loses its carrier.
  @discardableResult
  public func cut(_ number: Int) throws(LabError) -> Stamp {
    let name = try host(number).name
    let stamp = Stamp.now()
    try setPort(name, up: false)
    state.cutPorts.append(name)
    try save()
    return stamp
  }

  /// Puts a host's cable back.
  public func mend(_ number: Int) throws(LabError) {
    let name = try host(number).name
    try setPort(name, up: true)
    state.cutPorts.removeAll { $0 == name }
    try save()
  }

  /// Pulls the cable that carries a host's VIPs, and no other.
  @discardableResult
  public func cutClients(_ number: Int) throws(LabError) -> Stamp {
    let port = clientPort(try host(number).name)
    let stamp = Stamp.now()
    try setPort(port, up: false)
    return stamp
  }

  /// Puts it back.
  public func mendClients(_ number: Int) throws(LabError) {
    try setPort(clientPort(try host(number).name), up: true)
  }

  /// Drops all that passes between two sides, while every interface stays up.
  ///
  /// - Parameters:
  ///   - one: ports on one side: `h1`, or `c1` for the client.
  ///   - other: ports on the other side.
  ///   - oneWay: whether only what goes from the first side to the second is lost.
  /// - Returns: the moment just before.
  /// - Throws: ``LabError`` if nft(8) refuses.
  @discardableResult
  public func partition(
    _ one: [String], from other: [String], oneWay: Bool = false
  ) throws(LabError) -> Stamp {
    for from in one {
      for to in other where to != from {
        state.drops.append(Drop(from: from, to: to))
        if !oneWay { state.drops.append(Drop(from: to, to: from)) }
      }
    }
    let stamp = Stamp.now()
    try applyDrops()
    try save()
    return stamp
  }

  /// Lets what a master sends to a replica pass no faster than so.
  ///
  /// The replica acknowledges each second, and counts as good, however far behind it is.
  public func slowReplication(
    of group: GroupPlan, from master: Int, to replica: Int, kilobytesPerSecond: Int
  ) throws(LabError) {
    let slow = SlowStream(
      from: try host(master).name, to: try host(replica).name, port: group.port,
      kilobytes: kilobytesPerSecond)
    state.slowStreams = (state.slowStreams ?? []) + [slow]
    try applyDrops()
    try save()
  }

  /// Lets every replication run at its full speed again.
  public func endSlowReplication() throws(LabError) {
    state.slowStreams = nil
    try applyDrops()
    try save()
  }

  /// Separates a host from everything else, silently.
  @discardableResult
  public func isolate(_ number: Int) throws(LabError) -> Stamp {
    let name = try host(number).name
    return try partition([name], from: ports.filter { $0 != name })
  }

  /// What still runs on a host, other than what watches it: children of its programs.
  private func stragglers(on host: LabHost) throws(LabError) -> [LabProcess] {
    try Subprocess(["ip", "netns", "pids", host.namespace]).run().split(separator: "\n")
      .compactMap { Int32($0).map { LabProcess(number: $0) } }
      .filter { !state.observers.contains($0) }
  }

  /// All ports of the bridge: the hosts, the client, and the proxy if there is one.
  public var ports: [String] {
    hosts.map(\.name) + ["c1"] + (plan.agent == .proxy ? [Laboratory.proxyPort] : [])
  }

  /// Undoes every fault: cables, partitions, slow streams, strangers, frozen and ended processes,
  /// dark hosts.
  public func heal() throws(LabError) {
    state.drops = []
    state.slowStreams = nil
    state.isNameServerSilent = nil
    try applyDrops()
    for port in state.cutPorts { try setPort(port, up: true) }
    state.cutPorts = []
    for process in state.frozen { process.send(SIGCONT) }
    state.frozen = []
    for stranger in state.strangers { try Subprocess(["ip", "netns", "del", stranger]).run() }
    state.strangers = []
    try save()
    for host in hosts {
      if host.isOff { try powerOn(host.number) } else { try startStopped(on: host.number) }
    }
  }

  private func startStopped(on number: Int) throws(LabError) {
    // Redis first, the agent last, as `Before=` and `After=` order them at boot.
    let order: [Part] = plan.groups.map { .redis($0.name) } + [.sentinel, .agent]
    for part in order {
      guard let process = try host(number).processes[part], !process.isRunning else { continue }
      try start(part, on: number)
    }
  }

  /// Adds a host that has a VIP although nobody gave it to it, and announces it thrice.
  ///
  /// arping(8) of iputils sends the gratuitous ARP; an IPv6 address announces itself.
  public func bringStranger(claiming address: String) throws(LabError) {
    let name = "x\(state.strangers.count + 1)"
    let namespace = "vl-\(plan.id)-\(name)"
    state.strangers.append(namespace)
    try save()
    try attach(port: name, namespace: namespace, addresses: [address])
    let bare = String(address.split(separator: "/")[0])
    guard !bare.contains(":") else { return }
    let announcement = ["arping", "-q", "-c", "3", "-A", "-I", "eth0", bare]
    try Subprocess(words(in: namespace, announcement)).run()
  }

  /// Removes an address behind the agent's back, as a network manager does.
  @discardableResult
  public func removeAddress(_ address: String, on number: Int) throws(LabError) -> Stamp {
    let bare = address.split(separator: "/")[0]
    let stamp = Stamp.now()
    try configure(try host(number).namespace, ["addr flush dev eth0 to \(bare)"])
    return stamp
  }

  /// Sends `SENTINEL FAILOVER` to one Sentinel.
  @discardableResult
  public func failover(_ group: GroupPlan, by number: Int) throws(LabError) -> Stamp {
    let sentinel = try connection(to: .sentinel, on: number)
    let stamp = Stamp.now()
    let reply = try sentinel.command("SENTINEL", "FAILOVER", group.name)
    guard reply == .status("OK") else { throw .unexpectedReply("\(reply)") }
    return stamp
  }

  /// The process of a part on a host.
  public func process(_ part: Part, on number: Int) throws(LabError) -> LabProcess {
    guard let process = try host(number).processes[part] else {
      throw .refused("\(part.name) was never started on h\(number)")
    }
    return process
  }
}

extension Laboratory {
  /// Stops all Sentinels together and starts them again.
  public func restartSentinels() throws(LabError) {
    let processes = try plan.sentinelHosts.map { number throws(LabError) in
      try process(.sentinel, on: number)
    }
    for process in processes { process.send(SIGTERM) }
    for process in processes { try process.awaitEnd() }
    for number in plan.sentinelHosts { try start(.sentinel, on: number) }
  }
}
