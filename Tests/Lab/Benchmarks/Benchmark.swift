import Foundation

/// What one run gave, as it goes into the raw file: a line of JSON.
public struct Measurement: Codable, Equatable, Sendable {
  /// The agent, such as `vipd` or `script`.
  public var agent: String
  /// The fault and the settings, such as `kill, down-after 1000`.
  public var condition: String
  /// The figures in milliseconds, by name.
  public var figures: [String: Double]
  /// Why the run failed, if it did.
  public var failure: String?
  /// Why the run says nothing and was repeated, if so.
  public var disturbance: String?
  /// What a program said, where that tells more than the figures.
  public var note: String?

  /// What one run gave.
  ///
  /// - Parameters:
  ///   - agent: the agent, such as `vipd`.
  ///   - condition: the fault and the settings.
  ///   - figures: the figures in milliseconds, by name.
  ///   - failure: why the run failed, if it did.
  ///   - disturbance: why the run says nothing, if so.
  ///   - note: what a program said.
  public init(
    agent: String, condition: String, figures: [String: Double] = [:], failure: String? = nil,
    disturbance: String? = nil, note: String? = nil
  ) {
    self.agent = agent
    self.condition = condition
    self.figures = figures
    self.failure = failure
    self.disturbance = disturbance
    self.note = note
  }
}

/// What all benchmarks need to know.
public struct Benchmark {
  /// The path of `vipd`.
  public var vipd: String
  /// The path of `lab-client`.
  public var client: String
  /// How many runs there are of each kind.
  public var runs: Int
  /// A directory with other servers.
  public var serverDirectory: String?
  /// Where the raw lines go.
  public var rawFile: String
  /// Says how far things are.
  public var progress: (String) -> Void

  /// Settings for benchmarks.
  ///
  /// - Parameters:
  ///   - vipd: the path of `vipd`.
  ///   - client: the path of `lab-client`.
  ///   - runs: how many runs there are of each kind.
  ///   - serverDirectory: a directory with other servers.
  ///   - rawFile: where the raw lines go.
  ///   - progress: says how far things are.
  public init(
    vipd: String, client: String, runs: Int, serverDirectory: String?, rawFile: String,
    progress: @escaping (String) -> Void
  ) {
    self.vipd = vipd
    self.client = client
    self.runs = runs
    self.serverDirectory = serverDirectory
    self.rawFile = rawFile
    self.progress = progress
  }

  /// A plan for a fresh lab with `vipd`.
  func plan(downAfterMilliseconds: Int, agent: AgentPlan? = nil) -> LabPlan {
    var plan = LabPlan(id: LabPlan.freshID())
    plan.downAfterMilliseconds = downAfterMilliseconds
    plan.agent = agent ?? .daemon(path: vipd)
    plan.serverDirectory = serverDirectory
    return plan
  }

  /// Repeats a measurement until it has succeeded or failed as often as there are runs.
  ///
  /// A disturbed run counts for nothing and is repeated, at most once for each run. Every run is
  /// written to the raw file.
  func measure(
    agent: String, condition: String,
    _ run: () throws(LabError) -> (figures: [String: Double], recording: Recording)
  ) -> [Measurement] {
    measureRuns(agent: agent, condition: condition) { () throws(LabError) in
      let (figures, recording) = try run()
      return Run(figures: figures, disturbance: recording.disturbance)
    }
  }

  /// What one run gave.
  struct Run: Sendable {
    var figures: [String: Double] = [:]
    var disturbance: String?
    var failure: String?
    var note: String?
  }

  /// The same for runs that can say of a failure whether the machine was disturbed.
  func measureRuns(
    agent: String, condition: String, _ run: () throws(LabError) -> Run
  ) -> [Measurement] {
    var results: [Measurement] = []
    var good = 0
    while good < runs && results.count < 2 * runs {
      var result = Measurement(agent: agent, condition: condition, figures: [:])
      do throws(LabError) {
        let run = try run()
        result.figures = run.figures
        result.disturbance = run.disturbance
        result.failure = run.failure
        result.note = run.note
      } catch {
        result.failure = "\(error)"
      }
      if result.disturbance == nil { good += 1 }
      results.append(result)
      result.append(to: rawFile)
      progress("\(agent), \(condition), \(good) of \(runs): \(result.summary)")
    }
    return results
  }
}

extension Measurement {
  /// Adds it as a line of JSON to a file.
  public func append(to file: String) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    guard let line = try? encoder.encode(self) else { return }
    let old = FileManager.default.contents(atPath: file) ?? Data()
    _ = FileManager.default.createFile(atPath: file, contents: old + line + Data("\n".utf8))
  }

  /// The figures or what went wrong, in a few words.
  public var summary: String {
    if let disturbance { return "repeated: \(disturbance)" + (failure.map { "; \($0)" } ?? "") }
    if let failure { return "failed: \(failure)" }
    return figures.sorted { $0.key < $1.key }.map { "\($0.key) \(rounded($0.value))" }
      .joined(separator: ", ")
  }
}

/// The results of one kind of run, ready for a table.
public struct Results {
  /// All runs.
  public let measurements: [Measurement]

  /// The results of some runs.
  public init(measurements: [Measurement]) { self.measurements = measurements }

  /// The middle and the worst of a figure.
  public func statistics(_ figure: String) -> Statistics {
    Statistics(good.compactMap { $0.figures[figure] })
  }

  /// The runs that count.
  public var good: [Measurement] {
    measurements.filter { $0.failure == nil && $0.disturbance == nil }
  }
  /// How many runs failed.
  public var failures: Int {
    measurements.filter { $0.failure != nil && $0.disturbance == nil }.count
  }
  /// How many runs said nothing.
  public var disturbed: Int { measurements.filter { $0.disturbance != nil }.count }
}

/// A Markdown table.
public func table(_ header: [String], _ rows: [[String]]) -> String {
  let lines = [header, header.map { _ in "---" }] + rows
  return lines.map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
}

/// A figure with as many digits as it deserves: tenths below 100, whole numbers above.
public func rounded(_ value: Double) -> String {
  guard value.isFinite else { return "–" }
  return value < 100 ? String(format: "%.1f", value) : String(format: "%.0f", value)
}
