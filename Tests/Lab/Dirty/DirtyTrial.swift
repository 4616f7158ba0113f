import Foundation

/// The programs that a trial in a dirty world runs.
public struct DirtyPrograms: Sendable {
  /// The path of `vipd`.
  public var vipd: String
  /// The path of `vipctl`.
  public var vipctl: String
  /// The path of `lab-client`.
  public var client: String
  /// A directory with other servers.
  public var serverDirectory: String?

  /// The given programs.
  ///
  /// - Parameters:
  ///   - vipd: the path of `vipd`.
  ///   - vipctl: the path of `vipctl`.
  ///   - client: the path of `lab-client`.
  ///   - serverDirectory: a directory with other servers.
  public init(vipd: String, vipctl: String, client: String, serverDirectory: String? = nil) {
    self.vipd = vipd
    self.vipctl = vipctl
    self.client = client
    self.serverDirectory = serverDirectory
  }
}

/// What a trial in a dirty world gave.
public struct DirtyOutcome: Sendable {
  /// What was done.
  public let row: DirtyRow
  /// What was not as it must be, as sentences; empty if all was.
  public var failures: [String] = []
  /// The longest time between two acknowledged writes while nothing was to be noticed, in ms.
  public var gapMilliseconds: Double?
  /// The longest time until a sentence stood in `vipctl status`, in ms.
  public var sentenceMilliseconds: Double?
  /// Further figures, by name.
  public var figures: [String: Double] = [:]
  /// Why the run says nothing, if so: the machine was too busy.
  public var disturbance: String?

  /// All in one line.
  public var text: String {
    var words = [row.rawValue + (failures.isEmpty ? ": as it must be" : ": NOT as it must be")]
    if let gapMilliseconds { words.append("gap \(rounded(gapMilliseconds)) ms") }
    if let sentenceMilliseconds { words.append("said after \(rounded(sentenceMilliseconds)) ms") }
    words += figures.sorted { $0.key < $1.key }.map { "\($0.key) \(rounded($0.value))" }
    if let disturbance { words.append("disturbed: \(disturbance)") }
    return (words + failures).joined(separator: "; ")
  }
}

/// A lab in the default configuration with a client that writes each 2 ms, in which somebody does
/// what people do; what is not as it must be is noted and the trial goes on.
final class DirtyTrial {
  let lab: Laboratory
  let observation: Observation
  let group: GroupPlan
  let writer: Writer
  let programs: DirtyPrograms
  private(set) var outcome: DirtyOutcome

  private init(_ row: DirtyRow, _ lab: Laboratory, _ programs: DirtyPrograms) throws(LabError) {
    self.lab = lab
    self.programs = programs
    let group = try lab.group()
    self.group = group
    outcome = DirtyOutcome(row: row)
    observation = try Observation(
      lab, client: programs.client, probing: [], watchesRoles: false)
    var manner = WritingManner()
    manner.paceMicroseconds = 2000
    // Longer than a stall of the machine, so that only the address ends a session; where it moves
    // without a word, the client must be as impatient as elsewhere in the lab.
    manner.timeoutMilliseconds = row == .carrierMoved ? 100 : 1000
    writer = try Writer(
      lab, key: "vip", from: "c1", reach: lab.reach(group, client: programs.client), manner)
  }

  /// Runs a row in a lab of its own.
  static func run(_ row: DirtyRow, _ programs: DirtyPrograms) -> DirtyOutcome {
    var outcome = DirtyOutcome(row: row)
    var plan = LabPlan(id: LabPlan.freshID())
    plan.agent = .daemon(path: programs.vipd)
    plan.serverDirectory = programs.serverDirectory
    plan.usesDefaultConfiguration = true
    row.shape(&plan)
    do throws(LabError) {
      let lab = try Laboratory.up(plan)
      defer {
        keepLogs(of: lab)
        lab.down()
      }
      let trial = try DirtyTrial(row, lab, programs)
      trial.run(row)
      outcome = trial.outcome
    } catch {
      outcome.failures.append("the lab: \(error)")
    }
    return outcome
  }

  private func run(_ row: DirtyRow) {
    let start = Stamp.now()
    do throws(LabError) {
      try writer.awaitSuccess(after: .now(), timeoutMilliseconds: 10_000)
      // Sentinel's periods are up to a second long; what is done shall fall anywhere in them.
      pause(milliseconds: Int.random(in: 0..<1000))
      try row.act(self)
    } catch {
      outcome.failures.append("\(error)")
    }
    let end = Stamp.now()
    var recording = observation.end().since(start)
    let record = writer.end()
    for address in group.addresses {
      let overlap = HoldingHistory(of: address, in: observation.recording.addresses)
        .overlap(until: end)
      expect(overlap == 0, "\(address) was on two hosts for \(rounded(overlap)) ms")
    }
    recording.overruns = record.overruns
    if row.causesTilt { recording.events.removeAll { $0.name == "+tilt" } }
    outcome.disturbance = recording.disturbance
  }

  /// Notes a sentence if something is not as it must be.
  func expect(_ isSo: Bool, _ otherwise: @autoclosure () -> String) {
    if !isSo { outcome.failures.append(otherwise()) }
  }

  /// Notes a figure.
  func note(_ name: String, _ milliseconds: Double) { outcome.figures[name] = milliseconds }

  /// Notes whether a host has had the VIPs without a break since a moment, and the writer's gap.
  ///
  /// - Parameters:
  ///   - host: the host.
  ///   - stamp: since when.
  ///   - keepsSessions: whether the writer's connection must have lived on as well.
  func expectHeld(by host: Int, since stamp: Stamp, keepsSessions: Bool = true) {
    for address in group.addresses {
      let history = HoldingHistory(of: address, in: observation.recording.addresses)
      let isHeld = history.holdings.contains {
        $0.host == host && $0.start <= stamp && $0.end == nil
      }
      let holdings = history.holdings.filter { $0.end ?? .now() > stamp }
        .map { $0.words(since: stamp) }.joined(separator: ", ")
      expect(isHeld, "\(address) was not on h\(host) all the time: \(holdings)")
    }
    let record = writer.record
    let gap = record.maxGap(after: stamp)
    outcome.gapMilliseconds = max(outcome.gapMilliseconds ?? 0, gap)
    expect(gap.isFinite, "no write was acknowledged any more")
    if keepsSessions {
      let ended = record.disconnections(after: stamp)
      expect(ended == 0, "the client's session ended \(ended) times")
    }
  }
}

extension DirtyTrial {
  /// What `vipctl status` answers on a host.
  func status(on host: Int) throws(LabError) -> (status: Int32, output: String) {
    try lab.vipctl(programs.vipctl, on: host, ["status", group.name])
  }

  /// Waits until `vipctl status` exits as it must and says what it must, and notes how long it took
  /// or that it doesn't.
  ///
  /// - Parameters:
  ///   - host: where.
  ///   - stamp: from when the time counts.
  ///   - exit: the exit status.
  ///   - words: what must be in the text; capital letters don't matter.
  ///   - timeoutMilliseconds: how long to wait; 5 s are promised for what is wrong.
  /// - Throws: ``LabError`` if the program can't be started.
  func awaitStatus(
    on host: Int, since stamp: Stamp, exit: Int32, saying words: [String] = [],
    timeoutMilliseconds: Int = 15_000
  ) throws(LabError) {
    let deadline = Stamp.now().advanced(milliseconds: timeoutMilliseconds)
    while true {
      let (status, output) = try status(on: host)
      let missing = words.filter { !output.lowercased().contains($0.lowercased()) }
      let now = Stamp.now()
      if status == exit, missing.isEmpty {
        let time = now.milliseconds(since: stamp)
        if exit == 3 {
          outcome.sentenceMilliseconds = max(outcome.sentenceMilliseconds ?? 0, time)
        }
        return
      }
      guard now < deadline else {
        outcome.failures.append(
          "‘vipctl status’ on h\(host) exits with \(status) instead of \(exit)"
            + (missing.isEmpty ? "" : ", does not say \(missing.joined(separator: ", "))")
            + ": \(gist(of: output))")
        return
      }
      pause(milliseconds: 100)
    }
  }

  /// The lines of a status that say what is wrong, why, and what is promised.
  private func gist(of output: String) -> String {
    let lines = output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    let telling = lines.filter { line in
      ["!", "why", "guarantee"].contains { line.hasPrefix($0) }
    }
    return ([lines.first ?? ""] + telling).joined(separator: " / ")
  }

  /// Waits until `vipctl status` tells how many Sentinels may fail, or notes that it doesn't.
  func awaitTolerance(
    _ count: Int, on host: Int, timeoutMilliseconds: Int = 15_000
  ) throws(LabError) {
    var last: Int?
    do throws(LabError) {
      try waitUntil("it", timeoutMilliseconds: timeoutMilliseconds, paceMilliseconds: 100) {
        () throws(LabError) in
        last = try lab.status(of: group, on: host).toleratedSentinelLosses
        return last == count
      }
    } catch .timedOut {
      outcome.failures.append(
        "h\(host) says that \(last.map(String.init) ?? "?") Sentinels may fail, not \(count)")
    }
  }

  /// Waits for something, or notes that it did not come.
  func awaitOrNote(
    _ what: String, timeoutMilliseconds: Int, _ condition: () throws(LabError) -> Bool
  ) throws(LabError) {
    do throws(LabError) {
      try waitUntil(
        what, timeoutMilliseconds: timeoutMilliseconds, paceMilliseconds: 50, condition)
    } catch .timedOut {
      outcome.failures.append("gave up waiting for \(what)")
    }
  }

  /// Stops the Sentinel of a host for good; the holder must not be moved by it.
  func expectSentinelIsSpared(on number: Int, holder: Int) throws(LabError) {
    let stamp = try lab.stop(.sentinel, on: number)
    // Twice the longest lease.
    pause(milliseconds: 10_000)
    expectHeld(by: holder, since: stamp)
  }
}

extension Holding {
  /// Where and when, counted in milliseconds from a moment.
  fileprivate func words(since stamp: Stamp) -> String {
    let end = end.map { "\(Int($0.milliseconds(since: stamp)))" } ?? ""
    return "h\(host) from \(Int(start.milliseconds(since: stamp))) to \(end)"
  }
}
