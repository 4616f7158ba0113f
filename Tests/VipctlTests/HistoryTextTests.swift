import ControlProtocol
import Foundation
import Testing

@testable import vipctl

/// A failover as the daemon's JSON has it, on the host that took over.
let historyJSON = """
  {"schema":1,"node":"h2","now":"2026-11-21T06:30:00.000Z","omitted":0,"skipped":0,"unsaved":0,
  "problem":null,"entries":[
  {"at":"2026-11-20T04:00:00.000Z","ageMs":95400000,"master":"mymaster","kind":"started",
   "text":"vipd 0.1.0 follows this group from now on","version":"0.1.0"},
  {"at":"2026-11-21T06:25:07.123Z","ageMs":292877,"master":"mymaster","kind":"transition",
   "from":"standby","to":"prepared","basis":"none","reason":"selected",
   "text":"standby -> prepared: a failover selected this node in epoch 7"},
  {"at":"2026-11-21T06:25:07.436Z","ageMs":292564,"master":"mymaster","kind":"transition",
   "from":"prepared","to":"holding","basis":"provisional","reason":"promoted-while-prepared",
   "text":"prepared -> holding: promoted in epoch 7, and the old holder is known to be gone",
   "afterMs":313,"phases":[{"name":"selected","atMs":0.000},{"name":"flip","atMs":312.900},
   {"name":"installed","atMs":312.985},{"name":"announced","atMs":313.049}]},
  {"at":"2026-11-21T06:25:07.455Z","ageMs":292545,"master":"mymaster","kind":"answered",
   "checked":"outside","text":"10.77.0.3:6379 reached the address 14 ms after the take",
   "afterMs":14,"by":"10.77.0.3:6379","mac":"02:00:0a:4d:00:02"},
  {"at":"2026-11-21T06:25:08.340Z","ageMs":291660,"master":"mymaster","kind":"transition",
   "from":"holding","to":"holding","basis":"sentinels","reason":"confirmed",
   "text":"holding, now on confirmations: 2 of 3 Sentinels confirm this node","afterMs":904,
   "phases":[{"name":"announced","atMs":0},{"name":"named","atMs":904.2}]},
  {"at":"2026-11-21T06:29:59.000Z","ageMs":1000,"master":"mymaster","kind":"of-the-future",
   "text":"something new","unknownMs":5}]}
  """

@Suite struct HistoryTextTests {
  private func report(_ change: (inout HistoryDocument) -> Void = { _ in }) throws
    -> HistoryDocument
  {
    var report = try JSONDecoder().decode(HistoryDocument.self, from: Data(historyJSON.utf8))
    change(&report)
    return report
  }

  @Test func `A history is a table with the newest last, and the steps of a take below it`() throws
  {
    #expect(
      HistoryText(style: .plain).text(try report()) == """
          UTC                      AGO          WHAT                 AFTER   WHY
          2026-11-20 04:00:00.000  26 h 30 min  started              -       \
        vipd 0.1.0 follows this group from now on
          2026-11-21 06:25:07.123  4 min 52 s   standby -> prepared  -       \
        a failover selected this node in epoch 7
          2026-11-21 06:25:07.436  4 min 52 s   prepared -> holding  313 ms  \
        promoted in epoch 7, and the old holder is known to be gone
                                                                             \
        selected, flip +313 ms, installed +0.09 ms, announced +0.06 ms
          2026-11-21 06:25:07.455  4 min 52 s   answered             14 ms   \
        10.77.0.3:6379 reached the address 14 ms after the take
          2026-11-21 06:25:08.340  4 min 51 s   holding              904 ms  \
        now on confirmations: 2 of 3 Sentinels confirm this node
                                                                             \
        announced, named +904 ms
          2026-11-21 06:29:59.000  1.0 s        of-the-future        -       something new

        """)
  }

  @Test func `Several groups have a column of their own`() throws {
    let text = HistoryText(style: .plain).text(try report { $0.entries[0].master = "cache" })
    #expect(text.contains("AGO          MASTER    WHAT "))
    #expect(text.contains("26 h 30 min  cache     started "))
  }

  @Test func `What is missing is said: older entries, unread lines, a full disk`() throws {
    let text = HistoryText(style: .plain).text(
      try report { report in
        report.omitted = 3
        report.keepNewest(1)
        report.skipped = 1
        report.unsaved = 2
        report.problem = "can't write /d/mymaster.history: No space left on device"
      })
    #expect(
      text == """
          (8 older entries left out)
          UTC                      AGO    WHAT           AFTER  WHY
          2026-11-21 06:29:59.000  1.0 s  of-the-future  -      something new
        ! 2 entries are not on the disk: can't write /d/mymaster.history: No space left on device
        ! 1 line of the file could not be read: left out

        """)
    #expect(
      HistoryText(style: .plain).text(try report { $0.entries = [] })
        == "Nothing has happened yet.\n")
  }

  @Test func `Colour stands around whole lines, and a take is green`() throws {
    let lines = HistoryText(style: .coloured).text(try report()).split(separator: "\n")
    #expect(lines[3].hasPrefix("\u{1b}[32m  2026-11-21 06:25:07.436"))
    #expect(lines[0].hasPrefix("\u{1b}[2m  UTC"))
  }

  @Test func `An address that does not answer stands out`() throws {
    let text = HistoryText(style: .coloured).text(
      try report { report in
        report.entries[3].kind = "unanswered"
        report.entries[3].set(text: "10.77.0.3:6379 did not reach 10.77.0.100 within 3.0 s")
      })
    let line = try #require(text.split(separator: "\n").first { $0.contains("unanswered") })
    #expect(line.hasPrefix("\u{1b}[33m  2026-11-21 06:25:07.455") && line.hasSuffix("\u{1b}[0m"))
  }

  @Test func `Absurd times from another version don't stop the tool`() throws {
    let text = HistoryText(style: .plain).text(
      try report { report in
        report.entries[2].phases = [
          .init(name: "a", atMs: 1e300), .init(name: "b", atMs: -1e300),
        ]
      })
    #expect(text.contains("a, b +"))
  }
}
