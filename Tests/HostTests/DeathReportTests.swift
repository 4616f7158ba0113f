import Testing

@testable import HostKit
@testable import Lab

@Suite("The table of deaths")
struct DeathReportTests {
  private func run(_ figures: [String: Double]) -> Lab.Measurement {
    Lab.Measurement(agent: "vipd", condition: "", figures: figures)
  }

  private func report(
    _ death: DeathCase, _ runs: [Lab.Measurement], fence: Bool = true
  ) -> DeathReport {
    var report = DeathReport(fence: fence)
    for run in runs { report.add(run, death) }
    return report
  }

  @Test func `A bar is met by runs of which the middle and the worst are short enough`() {
    let good = report(.killed, [200, 299, 600].map { run(["gap": $0]) })
    #expect(good.verdict(.killed) == "met")
    let slow = report(.killed, [200, 301, 600].map { run(["gap": $0]) })
    #expect(slow.verdict(.killed) == "missed: median 301 of 300")
    let long = report(.killed, [200, 299, 601].map { run(["gap": $0]) })
    #expect(long.verdict(.killed) == "missed: 601 of 600")
  }

  @Test func `Journals are kept of a run that is slower than usual, with a bar for it or without`()
  {
    let (usual, slow) = (["gap": 299.0, "lost-keys": 0], ["gap": 301.0, "lost-keys": 0])
    for death in [DeathCase.killed, .killedRestart, .stopped] {
      #expect(death.bar(fence: true)?.isMet(by: usual) == true)
      #expect(death.bar(fence: true)?.isMet(by: slow) == false)
    }
    #expect(DeathCase.isolated.bar(fence: true)?.isMet(by: ["gap": 31_000]) == true)
  }

  @Test func `A gap that never ended misses every bar`() {
    let report = report(.killed, [run(["gap": .infinity])])
    #expect(report.verdict(.killed).hasPrefix("missed: median"))
  }

  @Test func `A failed run misses the bar, a disturbed one says nothing`() {
    var failed = run([:])
    failed.failure = "gave up"
    var disturbed = run(["gap": 5000])
    disturbed.disturbance = "the machine stalled for 151 ms"
    let report = report(.stopped, [run(["gap": 100, "lost": 0]), failed, disturbed])
    #expect(report.verdict(.stopped) == "missed: 1 failed")
    #expect(report.results(.stopped).decided == 2)
    #expect(report.text.contains("- stopped, repeated: the machine stalled for 151 ms"))
    #expect(report.text.contains("- stopped, failed: gave up"))
  }

  @Test func `What is lost counts where it is promised that nothing is`() {
    let lossy = [run(["gap": 100, "lost": 2, "lost-keys": 0])]
    #expect(report(.stopped, lossy).verdict(.stopped) == "missed: 2 writes lost")
    #expect(report(.stopped, lossy, fence: false).verdict(.stopped) == "met")
    #expect(report(.killed, lossy).verdict(.killed) == "met")
    let empty = [run(["gap": 100, "lost-keys": 5000])]
    #expect(report(.killedRestart, empty).verdict(.killedRestart) == "missed: 5000 keys lost")
  }

  @Test func `A death that is ordered may lose no more than one that is left to Sentinel`() {
    var report = report(.killed, [run(["gap": 100, "lost": 3]), run(["gap": 100, "lost": 0])])
    report.add(run(["gap": 31_000, "lost": 2]), .killedNatural)
    #expect(report.verdict(.killed) == "met")
    report.add(run(["gap": 100, "lost": 9]), .killed)
    #expect(report.verdict(.killed) == "missed: lost more than the natural failover")
    #expect(report.verdict(.killedNatural) == "–")
  }

  @Test func `An isolated master is held to its last write only with a fence`() {
    let late = [run(["gap": 31_000, "last-write": 900, "late": 1])]
    let verdict = report(.isolated, late).verdict(.isolated)
    #expect(verdict == "missed: last write after 900 of 800, 1 writes at the old master")
    #expect(report(.isolated, late, fence: false).verdict(.isolated) == "–")
  }
}
