/// What tempts two hosts to hold a VIP at once.
public enum SplitFault: String, CaseIterable, Sendable {
  /// The holder's cable is pulled.
  case cut
  /// The holder is separated silently: its interface stays up.
  case silentPartition = "silent-partition"
  /// The holder's Redis stands still, and its host is cut off at the first `+sdown`.
  case stallAndCut = "stall-and-cut"
  /// The holder's `vipd` stands still and its Redis dies: only the kernel can let go.
  case frozenAgent = "frozen-vipd"
  /// Two of five Sentinels, a quorum, don't see the master; everyone else does.
  case quorumCut = "quorum-2-of-5-cut"
}

/// For how long two hosts held a VIP at once, by the stamps of their kernels.
public struct TwoHoldersBenchmark {
  private let benchmark: Benchmark
  private let faults: [SplitFault]
  private let agent: AgentPlan

  /// A benchmark of an agent under the given faults, at down-after 3000.
  public init(_ benchmark: Benchmark, faults: [SplitFault], agent: AgentPlan? = nil) {
    self.benchmark = benchmark
    self.faults = faults
    self.agent = agent ?? .daemon(path: benchmark.vipd)
  }

  /// Runs it all and returns the table.
  public func run() -> String {
    var rows: [[String]] = []
    for fault in faults {
      let results = Results(
        measurements: benchmark.measure(agent: agent.name, condition: fault.rawValue) {
          () throws(LabError) in try once(fault)
        })
      let overlap = results.statistics("overlap")
      let clean = results.good.filter { $0.figures["overlap"] == 0 }.count
      rows.append([
        fault.rawValue, agent.name, "\(clean) of \(results.good.count)", "\(results.failures)",
        "\(results.disturbed)", rounded(overlap.maximum),
        rounded(results.statistics("unheld").median),
      ])
    }
    let header = [
      "fault", "agent", "runs with 0 ms", "failed", "repeated", "longest overlap",
      "nobody held, median",
    ]
    return "Two holders at once, in ms, down-after 3000\n\n" + table(header, rows)
  }

  private func plan(for fault: SplitFault) -> LabPlan {
    var plan = benchmark.plan(downAfterMilliseconds: 3000, agent: agent)
    plan.groups[0].virtualAddresses = ["10.77.0.100/24", "10.77.0.101/24"]
    if fault == .quorumCut { plan.useFiveSentinels(quorum: 2) }
    return plan
  }

  private func once(
    _ fault: SplitFault
  ) throws(LabError) -> (figures: [String: Double], recording: Recording) {
    let plan = plan(for: fault)
    let (end, recording) = try Trial.run(plan, client: benchmark.client) {
      trial throws(LabError) in
      let stamp = try apply(fault, trial)
      let promotion = try trial.awaitPromotion(after: stamp)
      try trial.awaitSuccess(at: promotion.host, after: promotion.stamp)
      // The old holder's lease has a few seconds at most; then it comes back.
      pause(milliseconds: 3000)
      try trial.lab.heal()
      pause(milliseconds: 3000)
      return Stamp.now()
    }
    var overlap = 0.0
    for address in plan.groups[0].addresses {
      let history = HoldingHistory(of: address, in: recording.addresses)
      overlap = max(overlap, history.overlap(until: end))
    }
    let history = HoldingHistory(of: plan.groups[0].firstAddress, in: recording.addresses)
    return (["overlap": overlap, "unheld": history.unheld()], recording)
  }

  private func apply(_ fault: SplitFault, _ trial: Trial) throws(LabError) -> Stamp {
    let lab = trial.lab
    let redis = Part.redis(trial.group.name)
    switch fault {
    case .cut: return try lab.cut(1)
    case .silentPartition: return try lab.isolate(1)
    case .stallAndCut:
      let stamp = try lab.freeze(redis, on: 1)
      try waitUntil("the first +sdown", timeoutMilliseconds: 10_000, paceMilliseconds: 1) {
        () throws(LabError) in trial.observation.hasSeen("+sdown", after: stamp)
      }
      try lab.cut(1)
      return stamp
    case .frozenAgent:
      let stamp = try lab.freeze(.agent, on: 1)
      try lab.kill(redis, on: 1)
      return stamp
    case .quorumCut: return try lab.partition(["h1"], from: ["h4", "h5"])
    }
  }
}

extension HoldingHistory {
  /// The milliseconds between the first holding and the last in which nobody had the address.
  func unheld() -> Double {
    var covered: Stamp?
    var total = 0.0
    for holding in holdings {
      if let covered, holding.start > covered {
        total += holding.start.milliseconds(since: covered)
      }
      guard let end = holding.end else { break }
      covered = covered.map { max($0, end) } ?? end
    }
    return total
  }
}
