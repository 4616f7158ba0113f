import EventRecording
import FailoverCore
import Foundation
import Testing

/// Recordings of real daemons beside real Redis and Sentinel, told to the machine of today.
///
/// With `VIPD_UPDATE_RECORDINGS=1` the orders in the files are written anew; the difference is
/// then explained in the commit. `VIPD_RECORDINGS` names other files, parted by colons.
@Suite struct ReplayTests {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Recordings")

  static var files: [URL] {
    if let others = ProcessInfo.processInfo.environment["VIPD_RECORDINGS"] {
      return others.split(separator: ":").map { URL(filePath: String($0)) }
    }
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
    return files.filter { $0.hasSuffix(".events") }.sorted().map { folder.appending(path: $0) }
  }

  @Test func `The recordings are there, and none is long`() throws {
    if ProcessInfo.processInfo.environment["VIPD_RECORDINGS"] != nil { return }
    #expect(Self.files.count >= 8)
    for file in Self.files {
      #expect(try Data(contentsOf: file).count < 200_000, "\(file.lastPathComponent)")
    }
  }

  @Test(arguments: files)
  func `A recording replays without divergence`(file: URL) throws {
    let text = try String(contentsOf: file, encoding: .utf8)
    if ProcessInfo.processInfo.environment["VIPD_UPDATE_RECORDINGS"] == "1" {
      try Recording.rewriting(text).write(to: file, atomically: true, encoding: .utf8)
      return
    }
    let runs = try Recording.runs(of: text)
    #expect(runs.contains { !$0.steps.isEmpty }, "\(file.lastPathComponent) says nothing")
    for run in runs {
      if let divergence = run.firstDivergence() {
        Issue.record("\(file.lastPathComponent) diverges in \(divergence)")
      }
    }
  }
}

/// What a replay itself must do.
@Suite struct DivergenceTests {
  /// A machine's start, as a daemon would write it.
  private static let text: String = {
    let configuration = RecordingTextTests.configurations[0]
    var machine = FailoverMachine(configuration: configuration)
    let events: [Event] = [
      // An address without end and without a right to it is removed.
      .started(
        StartupFacts(present: [.init(virtualAddress: SampleEvents.address, remaining: nil)])),
      .localInstancesChanged([SampleEvents.version4]),
      .sentinelConnected(SampleEvents.version4, runID: "a"),
    ]
    return RecordingText.beginning(configuration)
      + events.enumerated().map { index, event in
        let now = Instant.milliseconds(Int64(index))
        return RecordingText.lines(event, at: now, orders: machine.handle(event, at: now))
      }.joined()
  }()

  @Test func `What was just recorded does not diverge`() throws {
    let run = try #require(try Recording.runs(of: Self.text).first)
    #expect(run.steps.contains { !$0.orders.isEmpty })
    #expect(run.firstDivergence() == nil)
  }

  @Test func `A changed order is found, with its line, and both sides are shown`() throws {
    var run = try #require(try Recording.runs(of: Self.text).first)
    let index = try #require(run.steps.firstIndex { !$0.orders.isEmpty })
    run.steps[index].orders[0] = "dance"
    let divergence = try #require(run.firstDivergence())
    #expect(divergence.step.line == run.steps[index].line)
    #expect(divergence.orders != divergence.step.orders)
    #expect(divergence.description.contains("line \(run.steps[index].line): "))
    #expect(divergence.description.contains("recorded:\n  dance"))
  }

  @Test func `A missing order is found`() throws {
    var run = try #require(try Recording.runs(of: Self.text).first)
    let index = try #require(run.steps.firstIndex { !$0.orders.isEmpty })
    run.steps[index].orders = []
    #expect(run.firstDivergence()?.description.contains("recorded:\n  nothing") == true)
  }

  @Test func `Rewriting changes orders and nothing else`() throws {
    let spoilt = "# for people\n" + Self.text.replacing("\n  ", with: "\n  not-") + "\n# end\n"
    let rewritten = try Recording.rewriting(spoilt)
    #expect(rewritten == "# for people\n" + Self.text + "\n# end\n")
    #expect(try Recording.rewriting(rewritten) == rewritten)
  }
}
