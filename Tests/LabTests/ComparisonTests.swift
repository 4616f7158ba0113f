import Foundation
import FoundationXML
import Testing

@testable import Lab

@Suite("The comparison's order, tables and pictures")
struct ComparisonTests {
  private func setting(_ contestant: Contestant) -> ComparisonSetting {
    ComparisonSetting(contestant: contestant, fault: .kill, downAfterMilliseconds: 1000)
  }

  private func result(
    _ contestant: Contestant, _ figures: [String: Double],
    disturbance: String? = nil, failure: String? = nil
  ) -> ComparisonOutcome {
    ComparisonOutcome(
      setting: setting(contestant),
      run: Benchmark.Run(figures: figures, disturbance: disturbance, failure: failure))
  }

  // MARK: - The order

  @Test func `Contestants take turns, and another one begins each round`() {
    var schedule = ComparisonSchedule(
      [.vipd, .script, .floor], [.kill, .cut], downAfterMilliseconds: [1000], runs: 2)
    #expect(schedule.total == 12)
    var order: [String] = []
    while let job = schedule.next() {
      order.append("\(job.setting.fault.rawValue) \(job.setting.contestant.rawValue)")
      schedule.finish(job, isDisturbed: false)
    }
    #expect(
      order == [
        "kill vipd", "kill script", "kill floor", "cut vipd", "cut script", "cut floor",
        "kill script", "kill floor", "kill vipd", "cut script", "cut floor", "cut vipd",
      ])
  }

  @Test func `A disturbed run is repeated once and at once`() throws {
    var schedule = ComparisonSchedule(
      [.vipd, .script], [.kill], downAfterMilliseconds: [1000], runs: 1)
    let firstJob = schedule.next()
    let first = try #require(firstJob)
    schedule.finish(first, isDisturbed: true)
    let secondJob = schedule.next()
    let second = try #require(secondJob)
    #expect(second == ComparisonSchedule.Job(setting: setting(.vipd), isRepeat: true))
    schedule.finish(second, isDisturbed: true)
    #expect(schedule.next()?.setting == setting(.script))
    #expect(schedule.next() == nil)
    #expect(schedule.total == 3)
  }

  @Test func `Only vipd with its fence makes planned moves`() {
    var schedule = ComparisonSchedule(
      Contestant.allCases, [.move], downAfterMilliseconds: [1000], runs: 1)
    #expect(schedule.next()?.setting.contestant == .fencedVipd)
    #expect(schedule.next() == nil)
  }

  @Test func `What is left is reckoned from what the runs took`() throws {
    var schedule = ComparisonSchedule(
      [.vipd], [.kill], downAfterMilliseconds: [1000], runs: 4)
    let next = schedule.next()
    let job = try #require(next)
    #expect(schedule.secondsLeft(elapsed: 30) == nil)
    schedule.finish(job, isDisturbed: false)
    #expect(schedule.secondsLeft(elapsed: 30) == 90)
    #expect([30.4, 95, 3599, 7260].map(spoken) == ["30 s", "2 min", "1 h 0 min", "2 h 1 min"])
  }

  // MARK: - The tables

  @Test func `Runs that stand in the raw file are read again, and a strange line is named`()
    throws
  {
    let file = NSTemporaryDirectory() + "compare-\(UUID().uuidString).jsonl"
    defer { try? FileManager.default.removeItem(atPath: file) }
    #expect(try ComparisonOutcome.read(from: file).isEmpty)
    let written = [
      result(.fencedVipd, ["restored-promoted": 46.5]),
      result(.script, ["lost": 3], disturbance: "stood still"), result(.floor, [:], failure: "no"),
    ]
    for outcome in written { outcome.measurement.append(to: file) }
    let read = try ComparisonOutcome.read(from: file)
    #expect(read.map(\.setting) == written.map(\.setting))
    #expect(read.map(\.measurement) == written.map(\.measurement))

    Measurement(agent: "vipd", condition: "move, 1 replicas", figures: [:]).append(to: file)
    let error = #expect(throws: LabError.self) { try ComparisonOutcome.read(from: file) }
    #expect(error?.description.contains("line 4") == true)
  }

  @Test func `Milliseconds are whole, with a comma after each third digit`() {
    #expect([0.4, 45.5, 999.5, 1_234_567].map(inWords) == ["0", "46", "1,000", "1,234,567"])
    #expect([-3.6, -0.2, Double.infinity].map(inWords) == ["−4", "0", "never"])
    #expect([1, 0.905, 12.34].map(twoDigits) == ["1.00", "0.91", "12.34"])
  }

  @Test func `A cell has the median, the 95th percentile, the maximum and the ratio to the floor`()
  {
    let report = ComparisonReport(
      results: [40, 50, 60].map { result(.floor, ["restored-promoted": $0]) }
        + [90, 50, 70].map { result(.vipd, ["restored-promoted": $0]) })
    #expect(report.text.contains("| vipd | 70 / 90 / 90 · ×1.40 |"))
    #expect(report.text.contains("| floor | 50 / 60 / 60 · ×1.00 |"))
  }

  @Test func `What was there before the promotion has no ratio`() {
    let report = ComparisonReport(
      results: [
        result(.keepalived, ["restored-promoted": -1]), result(.floor, ["restored-promoted": 50]),
      ])
    #expect(report.text.contains("| keepalived | −1 |"))
  }

  @Test func `Who is never back is so in the table, and disturbed runs count for nothing`() {
    let report = ComparisonReport(
      results: [
        result(.script, ["restored-promoted": 900, "pool-never": 1000]),
        result(
          .script, ["restored-promoted": 5000, "pool-never": 0], disturbance: "it stood still"),
        result(.script, [:], failure: "gave up"),
        result(.vipd, ["restored-promoted": 60, "pool-never": 0, "pool-promoted": 110]),
      ])
    #expect(report.text.contains("| script | never |"))
    #expect(report.text.contains("| vipd | 110 |"))
    #expect(report.text.contains("| script | 900 |"))
    #expect(report.text.contains("| script | 1, 1, 1 |"))
  }

  @Test func `What nobody measured is a dash and no zero`() {
    let report = ComparisonReport(
      results: [
        result(.haproxy, ["restored-promoted": 900, "lost": 0]),
        result(.floor, ["restored-promoted": 50, "lost": 0, "overlap": 1200]),
      ])
    let overlaps = report.text.split(separator: "### ").first { $0.hasPrefix("Two hosts") } ?? ""
    #expect(overlaps.contains("| haproxy | – |"))
    #expect(overlaps.contains("| floor | 1,200 |"))
  }

  // MARK: - The pictures

  private var picture: String {
    let report = ComparisonReport(
      results: [
        result(
          .vipd,
          [
            "promoted-fault": 1400, "restored-promoted": 60, "subscribe-never": 0,
            "subscribe-promoted": 80,
          ]),
        result(
          .keepalived,
          ["promoted-fault": 1400, "restored-promoted": 2800, "subscribe-never": 5]),
        result(.script, ["promoted-fault": 1400]),
      ])
    return TimelineDrawing(report, downAfterMilliseconds: 1000).text
  }

  @Test func `The picture is well-formed`() {
    let parser = XMLParser(data: Data(picture.utf8))
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
  }

  @Test func `The picture names who took part, with the writer's time or never`() {
    for text in [">vipd<", ">keepalived<", ">script<", ">+60 ms<", ">+2,800 ms<", ">never<"] {
      #expect(picture.contains(text), "\(text)")
    }
    #expect(!picture.contains(">haproxy<"))
    #expect(!picture.contains("inf") && !picture.contains("nan"))
  }

  @Test func `Who was there before the promotion is not late in the picture`() {
    let report = ComparisonReport(
      results: [result(.keepalived, ["promoted-fault": 4000, "restored-promoted": -20])])
    let picture = TimelineDrawing(report, downAfterMilliseconds: 1000).text
    #expect(picture.contains(">−20 ms<"))
  }

  @Test func `Text can't break the picture`() {
    var document = SVGDocument(width: 100)
    document.text("a < b & c", x: 0, y: 10)
    #expect(document.text(title: "<>", bottom: 0).contains(">a &lt; b &amp; c</text>"))
  }
}
