import Foundation

/// At which points of a move a `vipd` is killed.
public enum CrashSweep: String, CaseIterable, Sendable {
  /// After each line that it logs during a move.
  case lines
  /// After each step of time from the start of the move to its end.
  case times
}

/// What a move leaves behind whose `vipd`, on either host, is killed at any point.
public struct MoveCrashBenchmark {
  private let benchmark: Benchmark
  private let vipctl: String
  private let replicas: Int
  private let sweeps: [CrashSweep]
  private let stepMilliseconds: Int
  /// The time after which a killed `vipd` is started again: systemd's default `RestartSec`.
  private let restartMilliseconds = 100

  /// A benchmark of a group with so many replicas.
  public init(
    _ benchmark: Benchmark, vipctl: String, replicas: Int, sweeps: [CrashSweep],
    stepMilliseconds: Int
  ) {
    var single = benchmark
    single.runs = 1
    self.benchmark = single
    self.vipctl = vipctl
    self.replicas = replicas
    self.sweeps = sweeps
    self.stepMilliseconds = stepMilliseconds
  }

  /// A point at which a `vipd` is killed.
  private struct Point {
    var isSource: Bool
    var sweep: CrashSweep
    /// The lines that it has logged, or the milliseconds that have passed.
    var after: Int

    var text: String {
      let host = isSource ? "old" : "new"
      return sweep == .lines
        ? "vipd of the \(host) master killed after line \(after)"
        : "vipd of the \(host) master killed after \(after) ms"
    }
  }

  /// Runs it all and returns the table.
  ///
  /// - Throws: ``LabError`` if an undisturbed move fails.
  public func run() throws(LabError) -> String {
    let session = MoveSession(benchmark, replicas: replicas, moves: 12)
    defer { session.end() }
    let length = try undisturbed(session)
    var rows: [[String]] = []
    for sweep in sweeps {
      for isSource in [true, false] {
        let end = sweep == .times ? length.milliseconds : isSource ? length.source : length.target
        let step = sweep == .times ? stepMilliseconds : 1
        var all: [Measurement] = []
        for after in stride(from: 0, through: end, by: step) {
          let point = Point(isSource: isSource, sweep: sweep, after: after)
          all += benchmark.measureRuns(agent: "vipd", condition: point.text) {
            () throws(LabError) in try once(session, point)
          }
        }
        rows.append(row(sweep, isSource, Results(measurements: all)))
      }
    }
    let header = [
      "killed at each", "vipd of the", "points", "failed", "repeated", "no write lost",
      "nothing left closed", "moved", "write gap, ms, median", "max",
    ]
    return "vipd killed during vipctl move and started again, down-after 3000\n\n"
      + table(header, rows)
  }

  private func row(_ sweep: CrashSweep, _ isSource: Bool, _ results: Results) -> [String] {
    [
      sweep == .lines ? "line of its log" : "\(stepMilliseconds) ms",
      isSource ? "old master" : "new master", "\(results.good.count)", "\(results.failures)",
      "\(results.disturbed)", results.clean("lost"), results.clean("closed-left"),
      rounded(results.statistics("moved").sorted.reduce(0, +)),
      rounded(results.statistics("gap").median), rounded(results.statistics("gap").maximum),
    ]
  }

  /// How long a move takes, in time and in lines of the logs.
  private func undisturbed(
    _ session: MoveSession
  ) throws(LabError) -> (milliseconds: Int, source: Int, target: Int) {
    let trial = try session.next()
    let place = try session.choose()
    let logs = try [place.source, place.target].map { number throws(LabError) in
      LogFollower(path: try trial.lab.host(number).logPath(.agent))
    }
    let stamp = Stamp.now()
    let (status, output) = try trial.lab.vipctl(
      vipctl, on: place.node, place.words(of: trial.group, in: trial.lab))
    guard status == 0 else { throw .refused("vipctl ended with \(status): \(output)") }
    let ended = Stamp.now()
    try session.settle(on: place.target)
    return (
      Int(ended.milliseconds(since: stamp)) + 300, logs[0].newLines, logs[1].newLines
    )
  }

  private func once(_ session: MoveSession, _ point: Point) throws(LabError) -> Benchmark.Run {
    let trial = try session.next()
    let place = try session.choose()
    let stamp = Stamp.now()
    var run = Benchmark.Run()
    do throws(LabError) {
      let output = try crash(trial, place, point)
      let master = try trial.lab.awaitOrder(trial.group)
      try session.settle(on: master)
      let result = try trial.check((), since: stamp)
      run.figures = session.figures(of: result, since: stamp)
      run.figures["moved"] = master == place.target ? 1 : 0
      run.note = (result.closedValues + [output]).joined(separator: "\n")
      run.disturbance = result.recording.disturbance
    } catch {
      let left = trial.lab.closedValues(trial.group).joined(separator: ", ")
      run.failure = "\(error); closed: \(left.isEmpty ? "nothing" : left)"
      run.disturbance = trial.recording(since: stamp).disturbance
      session.end()
    }
    return run
  }

  /// Starts a move, kills a `vipd` in it, starts it again, and returns what `vipctl` wrote.
  private func crash(
    _ trial: WriteTrial, _ place: MoveSession.Place, _ point: Point
  ) throws(LabError) -> String {
    let lab = trial.lab
    let victim = point.isSource ? place.source : place.target
    // The command is given on the other host, so that its own daemon lives.
    let node = point.isSource ? place.target : place.source
    let follower = LogFollower(path: try lab.host(victim).logPath(.agent))
    let log = "\(lab.directory)/vipctl.log"
    try? FileManager.default.removeItem(atPath: log)
    let stamp = Stamp.now()
    let command = try lab.startVipctl(
      vipctl, on: node, place.words(of: trial.group, in: lab), log: log)
    switch point.sweep {
    case .times:
      let rest = Double(point.after) - Stamp.now().milliseconds(since: stamp)
      if rest > 0 { usleep(UInt32(rest * 1000)) }
    case .lines:
      // A move that ends first, as it may with fewer lines, is a kill after its end.
      while follower.newLines < point.after && command.isRunning { usleep(200) }
    }
    try lab.kill(.agent, on: victim)
    pause(milliseconds: restartMilliseconds)
    try lab.start(.agent, on: victim)
    try waitUntil("the end of vipctl", timeoutMilliseconds: 90_000) { !command.isRunning }
    return (try? readFile(log)) ?? ""
  }
}

/// Counts the lines that are added to a file.
private final class LogFollower {
  private let file: FileHandle?
  private var count = 0

  init(path: String) {
    file = FileHandle(forReadingAtPath: path)
    _ = try? file?.seekToEnd()
  }

  /// How many lines have been added since the start.
  var newLines: Int {
    let data = (try? file?.readToEnd()) ?? Data()
    count += data.count { $0 == UInt8(ascii: "\n") }
    return count
  }
}
