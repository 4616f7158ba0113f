import Foundation
import Synchronization

/// `vipd` and what people use otherwise, side by side under the same faults.
public struct Comparison: Sendable {
  /// Who takes part.
  public var contestants = Contestant.allCases
  /// What happens.
  public var faults = Fault.allCases
  /// Sentinel's `down-after-milliseconds`, one or more.
  public var downAfterMilliseconds = [1000, 3000]
  /// How many runs there are of each combination.
  public var runs = 10
  /// How many labs are up at once.
  public var labs = 1
  /// The clients of each run.
  public var clients = ComparisonClients()
  /// What is started.
  public var programs: ComparisonPrograms
  /// Where the raw lines go, one a run, behind those of earlier runs that stand there.
  public var rawFile: String

  /// A comparison of everything.
  public init(programs: ComparisonPrograms, rawFile: String) {
    self.programs = programs
    self.rawFile = rawFile
  }

  /// What the threads of a comparison share.
  private final class Board: Sendable {
    struct State {
      var schedule: ComparisonSchedule
      var results: [ComparisonOutcome] = []
    }
    let state: Mutex<State>
    let start = Stamp.now()

    init(_ schedule: ComparisonSchedule) { state = Mutex(State(schedule: schedule)) }
  }

  /// Runs it all.
  ///
  /// - Parameters:
  ///   - progress: gets a line for each run, and what is left.
  ///   - report: gets all results so far, earlier ones too, after each round of contestants.
  /// - Returns: all results.
  /// - Throws: ``LabError`` if the raw file has lines that are no results.
  public func run(
    progress: @escaping @Sendable (String) -> Void,
    report: @escaping @Sendable ([ComparisonOutcome]) -> Void
  ) throws(LabError) -> [ComparisonOutcome] {
    let earlier = try ComparisonOutcome.read(from: rawFile)
    if !earlier.isEmpty { progress("\(rawFile) has \(earlier.count) earlier runs") }
    let board = Board(
      ComparisonSchedule(
        contestants, faults, downAfterMilliseconds: downAfterMilliseconds, runs: runs))
    let group = DispatchGroup()
    for _ in 0..<max(1, labs) {
      group.enter()
      // A thread and not a queue: runs mostly sleep, and a queue would start no more of them than
      // there are processors.
      Thread.detachNewThread {
        while let job = board.state.withLock({ $0.schedule.next() }) {
          let trial = ComparisonTrial(setting: job.setting, programs: programs, clients: clients)
          let result = ComparisonOutcome(setting: job.setting, run: trial.run())
          progress(note(job, result, on: board))
          let results = board.state.withLock { $0.results }
          if results.count % contestants.count == 0 { report(earlier + results) }
        }
        group.leave()
      }
    }
    group.wait()
    let results = earlier + board.state.withLock { $0.results }
    report(results)
    return results
  }

  /// Takes a result in, and says how far things are.
  private func note(
    _ job: ComparisonSchedule.Job, _ result: ComparisonOutcome, on board: Board
  ) -> String {
    board.state.withLock { state in
      state.results.append(result)
      state.schedule.finish(job, isDisturbed: result.run.disturbance != nil)
      result.measurement.append(to: rawFile)
      let schedule = state.schedule
      let elapsed = Stamp.now().milliseconds(since: board.start) / 1000
      let left = schedule.secondsLeft(elapsed: elapsed).map { ", \(spoken($0)) left" } ?? ""
      return "[\(schedule.made)/\(schedule.total)\(left)] \(result.line)"
    }
  }
}

/// A time in words that people use: `40 s`, `12 min`, `3 h 20 min`.
func spoken(_ seconds: Double) -> String {
  let minutes = Int((seconds / 60).rounded())
  if seconds < 90 { return "\(Int(seconds.rounded())) s" }
  return minutes < 60 ? "\(minutes) min" : "\(minutes / 60) h \(minutes % 60) min"
}

/// What a run of a comparison gave.
public struct ComparisonOutcome: Sendable {
  let setting: ComparisonSetting
  let run: Benchmark.Run

  init(setting: ComparisonSetting, run: Benchmark.Run) {
    self.setting = setting
    self.run = run
  }

  /// A result as it stands in the raw file; nothing if it is none of a comparison.
  init?(_ measurement: Measurement) {
    let words = measurement.condition.split(separator: ", down-after ")
    guard words.count == 2, let contestant = Contestant(rawValue: measurement.agent),
      let fault = Fault(rawValue: String(words[0])), let time = Int(words[1])
    else { return nil }
    setting = ComparisonSetting(
      contestant: contestant, fault: fault, downAfterMilliseconds: time)
    run = Benchmark.Run(
      figures: measurement.figures, disturbance: measurement.disturbance,
      failure: measurement.failure, note: measurement.note)
  }

  /// The results in a raw file; none if there is no such file.
  ///
  /// - Throws: ``LabError`` for a line that is no result.
  static func read(from file: String) throws(LabError) -> [ComparisonOutcome] {
    let bytes = FileManager.default.contents(atPath: file) ?? Data()
    var outcomes: [ComparisonOutcome] = []
    for (index, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
      let measurement = try? JSONDecoder().decode(Measurement.self, from: line)
      guard let outcome = measurement.flatMap(ComparisonOutcome.init) else {
        throw .refused("\(file), line \(index + 1): no run of a comparison; remove it, or the file")
      }
      outcomes.append(outcome)
    }
    return outcomes
  }

  /// The result as it goes into the raw file.
  var measurement: Measurement {
    Measurement(
      agent: setting.contestant.rawValue, condition: setting.condition, figures: run.figures,
      failure: run.failure, disturbance: run.disturbance, note: run.note)
  }

  /// A line for who waits.
  var line: String {
    let title = "\(setting.contestant.rawValue), \(setting.condition): "
    if run.failure != nil || run.disturbance != nil { return title + measurement.summary }
    func time(_ figure: String) -> String { inWords(run.figures[figure] ?? .infinity) }
    var words = [
      "promoted after \(time("promoted-fault"))", "restored +\(time("restored-promoted"))",
    ]
    for wait in IdleClients.Wait.allCases where run.figures["\(wait.rawValue)-never"] != nil {
      words.append("\(wait.rawValue) +\(time("\(wait.rawValue)-promoted"))")
    }
    words.append("lost \(Int(run.figures["lost"] ?? 0))")
    if let overlap = run.figures["overlap"] { words.append("overlap \(inWords(overlap))") }
    return title + words.joined(separator: ", ")
  }
}

/// Milliseconds as people read them: `46`, `1,840`, or `never`.
func inWords(_ milliseconds: Double) -> String {
  guard milliseconds.isFinite else { return "never" }
  let digits = String(Int(abs(milliseconds).rounded()))
  var text = ""
  for (place, digit) in digits.enumerated() {
    if place > 0, (digits.count - place) % 3 == 0 { text += "," }
    text.append(digit)
  }
  return milliseconds <= -0.5 ? "−" + text : text
}
