import Foundation

/// One run of a benchmark: a fresh lab, a client that writes, and all watchers.
public struct Trial {
  /// The lab.
  public let lab: Laboratory
  /// What watches it.
  public let observation: Observation
  /// The group whose VIP the client uses; its first master is host 1.
  public let group: GroupPlan

  /// Brings a lab up, waits until the client is served, runs a body, and takes the lab down.
  ///
  /// - Parameters:
  ///   - plan: what to bring up; the name is replaced by a fresh one.
  ///   - client: the path of `lab-client`.
  ///   - body: what to do once all is well.
  /// - Returns: what the body returned and what was seen.
  /// - Throws: ``LabError`` from the lab or the body.
  public static func run<Outcome>(
    _ plan: LabPlan, client: String, _ body: (Trial) throws(LabError) -> Outcome
  ) throws(LabError) -> (outcome: Outcome, recording: Recording) {
    let lab = try Laboratory.up(plan)
    defer {
      keepLogs(of: lab)
      lab.down()
    }
    let observation = try Observation(lab, client: client)
    let trial = Trial(lab: lab, observation: observation, group: try lab.group())
    do throws(LabError) {
      try trial.awaitService()
      let outcome = try body(trial)
      return (outcome, observation.end())
    } catch {
      _ = observation.end()
      throw error
    }
  }

  private func awaitService() throws(LabError) {
    try waitUntil("the client to be served", timeoutMilliseconds: 5000) {
      () throws(LabError) in
      observation.recording.attempts.suffix(10).filter { $0.outcome == "ok" }.count == 10
    }
    // Sentinel's periods are up to a second long; the fault shall fall anywhere in them.
    pause(milliseconds: Int.random(in: 0..<1000))
  }

  /// Waits until a host other than the old master has been promoted.
  @discardableResult
  public func awaitPromotion(after fault: Stamp, old: Int = 1) throws(LabError) -> RoleChange {
    try observation.awaitPromotion(of: group.name, after: fault, exceptFor: old)
  }

  /// Waits until the client was served by a host after a moment.
  public func awaitSuccess(
    at host: Int, after stamp: Stamp, timeoutMilliseconds: Int = 15_000
  ) throws(LabError) {
    try waitUntil(
      "the client to be served by h\(host)", timeoutMilliseconds: timeoutMilliseconds,
      paceMilliseconds: 50
    ) { () throws(LabError) in
      observation.recording.firstSuccess(at: host, after: stamp) != nil
    }
  }
}

/// Copies a lab's directory to where the variable `LAB_LOGS` says, for looking into a run later.
func keepLogs(of lab: Laboratory) {
  guard let target = ProcessInfo.processInfo.environment["LAB_LOGS"] else { return }
  let path = "\(target)/\(lab.plan.id)"
  try? FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
  _ = try? Subprocess(["cp", "-r", lab.directory, path]).run()
}
