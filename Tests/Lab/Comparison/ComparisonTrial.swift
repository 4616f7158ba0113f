/// What one run of a comparison is about.
public struct ComparisonSetting: Hashable, Sendable {
  /// Who brings the clients to the new master.
  public var contestant: Contestant
  /// What happens.
  public var fault: Fault
  /// Sentinel's `down-after-milliseconds`.
  public var downAfterMilliseconds: Int

  /// The fault and the time, as in the raw file.
  var condition: String { "\(fault.rawValue), down-after \(downAfterMilliseconds)" }
}

/// The clients of a run, and how long they are watched.
public struct ComparisonClients: Sendable {
  /// How many subscribers there are, and as many in BLPOP.
  public var waiting = 5
  /// How many connections are open and idle.
  public var pool = 1000
  /// How long after the promotion a client may come back, in milliseconds.
  public var watchMilliseconds = 20_000

  /// The usual clients.
  public init() {}

  /// How many there are of a kind.
  func count(_ wait: IdleClients.Wait) -> Int { wait == .pool ? pool : waiting }
}

/// One run of a comparison: a fresh lab, a fault, and every kind of client.
struct ComparisonTrial {
  let setting: ComparisonSetting
  let programs: ComparisonPrograms
  let clients: ComparisonClients

  /// How much later than the promotion its observer may see it, in milliseconds.
  private let observersDelay = 20

  private typealias Crowd = (wait: IdleClients.Wait, run: IdleClientRun)

  /// Brings the lab up, measures, and takes it down.
  func run() -> Benchmark.Run {
    var run = Benchmark.Run()
    do throws(LabError) {
      let plan = setting.contestant.plan(
        programs, downAfterMilliseconds: setting.downAfterMilliseconds)
      let trial = try WriteTrial.begin(plan, client: programs.client, measuresRate: false)
      defer { trial.end() }
      let start = Stamp.now()
      do throws(LabError) {
        try measure(trial, &run)
      } catch {
        run.disturbance = run.disturbance ?? trial.recording(since: start).disturbance
        throw error
      }
    } catch {
      run.failure = "\(error)"
    }
    return run
  }

  private func measure(_ trial: WriteTrial, _ run: inout Benchmark.Run) throws(LabError) {
    let crowds = try startClients(trial)
    // What vipd shares within a second is known to the others after two; Sentinel's periods are up
    // to a second long, and the fault shall fall anywhere in them.
    pause(milliseconds: 2000 + Int.random(in: 0..<1000))
    let fault = try apply(trial)
    let promotion = try trial.observation.awaitPromotion(
      of: trial.group.name, after: fault, exceptFor: 1)
    try watch(trial, crowds, promotion, since: fault)
    // What follows waits for order and measures no times, so a stall does no harm there.
    run.disturbance = trial.recording(since: fault).disturbance
    run.figures = writerFigures(trial, promotion, since: fault)
    for crowd in crowds { run.figures.merge(idleFigures(crowd, promotion)) { $1 } }
    if setting.fault.isHealed { try trial.lab.heal() }
    try trial.lab.awaitOrder(trial.group)
    if hasSecondPromotion(trial, promotion) {
      run.disturbance = run.disturbance ?? "Sentinel promoted a second host"
    }
    // A late holder, or a client that has not yet seen to whom it speaks, has time to show.
    pause(milliseconds: 1000)
    let result = try trial.check((), since: fault)
    run.figures.merge(safetyFigures(result, trial, promotion)) { $1 }
  }

  private func startClients(_ trial: WriteTrial) throws(LabError) -> [Crowd] {
    // One that connects ten times a second, as short-lived processes do: it finds a second master.
    try trial.startWriter(
      "fresh", from: "c1", reach: trial.lab.reach(trial.group, client: programs.client),
      lifeMilliseconds: 100)
    var crowds: [Crowd] = []
    // What comes back with an old master matters to those who write.
    guard setting.fault != .comeback else { return [] }
    for wait in IdleClients.Wait.allCases where clients.count(wait) > 0 {
      crowds.append(
        (
          wait,
          try IdleClientRun(
            trial.lab, program: programs.client, group: trial.group, wait: wait,
            count: clients.count(wait))
        ))
    }
    return crowds
  }

  private func apply(_ trial: WriteTrial) throws(LabError) -> Stamp {
    guard setting.fault == .move else {
      return try setting.fault.apply(to: trial.lab, trial.group, on: 1)
    }
    let stamp = Stamp.now()
    let (status, output) = try trial.lab.vipctl(
      programs.besideVipd("vipctl"), on: 1, ["move", trial.group.name])
    guard status == 0 else { throw .refused("vipctl ended with \(status): \(output)") }
    return stamp
  }

  /// Waits until every client is back, or the time is over.
  private func watch(
    _ trial: WriteTrial, _ crowds: [Crowd], _ promotion: RoleChange, since fault: Stamp
  ) throws(LabError) {
    let end = promotion.stamp.advanced(milliseconds: clients.watchMilliseconds)
    while Stamp.now() < end {
      let isWritten =
        trial.writer.hasSucceeded(after: promotion.stamp)
        && trial.writer.record.firstAcknowledgment(after: fault, by: promotion.host) != nil
      if isWritten, crowds.allSatisfy({ returns($0, promotion).count == $0.run.count }) { break }
      pause(milliseconds: 200)
    }
    // Long enough that an old holder that lets go late is seen.
    pause(milliseconds: 300)
  }

  private func returns(_ crowd: Crowd, _ promotion: RoleChange) -> [Stamp] {
    crowd.run.returns(since: promotion.stamp.advanced(milliseconds: -observersDelay))
  }

  /// Whether Sentinel gave up the new master as well: it found it too slow, as a busy machine is.
  ///
  /// What is lost and held twice then is no doing of the contestant's.
  private func hasSecondPromotion(_ trial: WriteTrial, _ promotion: RoleChange) -> Bool {
    trial.observation.recording.roles.contains {
      $0.role == "master" && $0.stamp > promotion.stamp && ![1, promotion.host].contains($0.host)
    }
  }

  // MARK: - Figures

  /// Times that didn't come to an end are left out.
  private func writerFigures(
    _ trial: WriteTrial, _ promotion: RoleChange, since fault: Stamp
  ) -> [String: Double] {
    let record = trial.writer.record
    let restored = record.firstAcknowledgment(after: fault, by: promotion.host)?.stamp
    let address = trial.group.firstAddress
    let moved = trial.observation.recording.addresses.first {
      $0.address == address && $0.host == promotion.host && $0.isPresent && $0.stamp > fault
    }
    var figures = [
      "promoted-fault": promotion.stamp.milliseconds(since: fault),
      "rate": record.rate(before: fault),
    ]
    figures["restored-promoted"] = restored?.milliseconds(since: promotion.stamp)
    figures["moved-promoted"] = moved?.stamp.milliseconds(since: promotion.stamp)
    let gap = record.maxGap(after: fault)
    figures["outage"] = restored != nil && gap.isFinite ? gap : nil
    return figures
  }

  private func idleFigures(_ crowd: Crowd, _ promotion: RoleChange) -> [String: Double] {
    let name = crowd.wait.rawValue
    let back = returns(crowd, promotion).map { $0.milliseconds(since: promotion.stamp) }
    var figures = ["\(name)-never": Double(crowd.run.count - back.count)]
    if back.count == crowd.run.count { figures["\(name)-promoted"] = back.last }
    if !back.isEmpty { figures["\(name)-median"] = Statistics(back).median }
    return figures
  }

  private func safetyFigures(
    _ result: WriteTrial.Result<Void>, _ trial: WriteTrial, _ promotion: RoleChange
  ) -> [String: Double] {
    var figures = ["lost": Double(result.lost.count)]
    let stray = result.records.values.map { $0.writes(by: 1, after: promotion.stamp) }
    figures["stray-writes"] = Double(stray.reduce(0) { $0 + $1.count })
    figures["stray-last"] =
      stray.compactMap(\.last).max()?.milliseconds(since: promotion.stamp) ?? 0
    if setting.contestant.movesAddress {
      // From the beginning: who held it before the fault may hold it still.
      let history = HoldingHistory(
        of: trial.group.firstAddress, in: trial.observation.recording.addresses)
      figures["overlap"] = history.overlap(until: .now())
    }
    return figures
  }
}

extension WriterRecord {
  /// The writes that a host acknowledged after a moment: how many, and the last.
  func writes(by host: Int, after stamp: Stamp) -> (count: Int, last: Stamp?) {
    var count = 0
    var last: Stamp?
    for connection in connections {
      var before = 0
      for acknowledgment in connection.acknowledgments {
        if acknowledgment.host == host, acknowledgment.stamp > stamp {
          count += acknowledgment.count - before
          last = [last, acknowledgment.stamp].compactMap(\.self).max()
        }
        before = acknowledgment.count
      }
    }
    return (count, last)
  }
}
