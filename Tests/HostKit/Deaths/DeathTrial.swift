import Lab

/// One death on a set that is whole, up to a set that is whole again.
struct DeathTrial {
  private let set: HostSet
  private let death: DeathCase
  private let plan: ServicePlan
  /// The host of the master that dies.
  private let old: DebianHost
  /// The writer through the VIP, at the client.
  private let writer: HostWriter
  /// Writers on the host of the master.
  private let locals: [HostWriter]

  /// When the writers began.
  private let start = Stamp.now()
  /// When a successor served, with all Sentinels agreed.
  private var settled: Stamp?

  /// Starts the writers of a trial on a set that was prepared.
  ///
  /// - Parameters:
  ///   - death: what is to happen.
  ///   - set: the hosts.
  ///   - plan: what runs on them.
  ///   - master: the host of the master.
  ///   - key: what the keys of this trial's writers begin with.
  ///   - client: the path of `lab-client`.
  /// - Throws: ``LabError`` if a writer doesn't start.
  init(
    _ death: DeathCase, on set: HostSet, _ plan: ServicePlan, master: DebianHost, key: String,
    client: String
  ) throws(LabError) {
    self.set = set
    self.death = death
    self.plan = plan
    old = master
    let address = HostSet.virtualAddresses[0]
    writer = try HostWriter(
      set, key: "\(key)-vip", in: set.clientWords, to: address, client: client)
    var locals: [HostWriter] = []
    if death.isolates {
      for (name, address) in [("local", address), ("own", "127.0.0.1")] {
        locals.append(
          try HostWriter(
            set, key: "\(key)-\(name)", in: { set.words(inNetworkOf: master, $0) }, to: address,
            client: client))
      }
    }
    self.locals = locals
  }

  /// Lets it happen, and returns the figures.
  ///
  /// - Throws: ``LabError`` if the set did not become whole again.
  mutating func run() throws(LabError) -> [String: Double] {
    for writer in [writer] + locals { try writer.awaitSuccess() }
    // Sentinel's periods are up to a second long; the fault shall fall anywhere in them.
    pause(milliseconds: Int.random(in: 0..<1000))
    let fault = try apply()
    try awaitSuccessor()
    let settled = Stamp.now()
    self.settled = settled
    try restore()
    let master = try set.awaitService(plan, telling: death.problem)
    let record = writer.record
    var figures = [
      "gap": record.maxGap(after: fault, until: settled),
      "gap-later": record.maxGap(after: settled),
      "settled": settled.milliseconds(since: fault),
      "lost-keys": Double(try set.lostKeys(plan.server, on: master)),
    ]
    var lost = 0
    for record in [record] + locals.map(\.record) {
      lost += try set.lostWrites(of: record, plan.server, on: master)
    }
    figures["lost"] = Double(lost)
    if death.isolates { figures.merge(localFigures(fault, settled)) { $1 } }
    return figures
  }

  /// Why the trial tells nothing of vipd, if so, by what was seen of the machine meanwhile.
  func disturbance(_ stalls: [Stall]) -> String? {
    let end = settled ?? .now()
    var recording = Recording()
    recording.stalls = stalls.filter { $0.stamp >= start && $0.stamp <= end }
    // Whoever is cut off from the master is kept waiting by that.
    let writers = death.isolates ? locals : [writer]
    recording.overruns = writers.flatMap(\.record.overruns).filter { $0.stamp <= end }
    return recording.disturbance
  }

  /// Ends the writers.
  func end() { for writer in [writer] + locals { writer.end() } }

  // MARK: - What happens

  private func apply() throws(LabError) -> Stamp {
    let unit = plan.server.unit
    // Asked before, so that nothing but the signal lies between the moment and the death.
    let process = try old.run("systemctl show -P MainPID \(unit)").filter(\.isNumber)
    let stamp = Stamp.now()
    switch death {
    case .killed, .killedNatural, .killedRestart, .killedRestartWithoutGuard:
      try old.run("kill -9 \(process)")
    case .stopped: try old.run("systemctl stop \(unit)")
    case .stoppedBoth:
      for host in stopped { try host.run("systemctl stop --no-block \(unit)") }
    case .restarted: try old.run("systemctl restart \(unit)")
    case .rebooted: try old.reboot()
    case .vipdStopped: try old.run("systemctl stop vipd")
    case .isolated: try old.silence()
    case .unplugged: try old.cut()
    }
    return stamp
  }

  /// The hosts that can't have the VIP afterwards.
  private var stopped: [DebianHost] {
    let other = death == .stoppedBoth ? set.members(plan).first { $0 != old } : nil
    return [old] + (other.map { [$0] } ?? [])
  }

  /// Waits until another host has the VIP, every Sentinel in reach names it, and it serves.
  private func awaitSuccessor() throws(LabError) {
    let sentinels = set.hosts.filter { !death.isolates || $0 != old }
    var moment: Stamp?
    let limit = plan.downAfterMilliseconds + 60_000
    try waitUntil(
      "a successor of \(old.name)", timeoutMilliseconds: limit, paceMilliseconds: 100
    ) {
      guard let holder = set.namedHolder(plan.server, by: sentinels), !stopped.contains(holder)
      else { return false }
      let since = moment ?? .now()
      moment = since
      return writer.hasSuccess(after: since)
    }
  }

  /// Brings back what was stopped for good.
  private func restore() throws(LabError) {
    switch death {
    case .killed, .killedNatural, .stopped: try old.run("systemctl start \(plan.server.unit)")
    case .stoppedBoth:
      for host in stopped {
        try host.run("systemctl stop \(plan.server.unit); systemctl start \(plan.server.unit)")
      }
    case .vipdStopped: try old.run("systemctl start vipd")
    case .isolated, .unplugged: try old.heal()
    case .killedRestart, .killedRestartWithoutGuard, .restarted, .rebooted: break
    }
  }

  /// Until when an isolated master acknowledged, and whether it did again when it was back.
  private func localFigures(_ cut: Stamp, _ healed: Stamp) -> [String: Double] {
    let writers = locals.map { $0.record.connections.flatMap(\.acknowledgments).map(\.stamp) }
    let last = writers.flatMap(\.self).filter { $0 <= healed }.max()
    return [
      "last-write": last?.milliseconds(since: cut) ?? .nan,
      // The other one reaches the new master then.
      "late": Double(writers.last?.count { $0 > healed } ?? 0),
    ]
  }
}
