import FailoverCore
import Testing

@testable import EventRecording

/// Texts that no daemon wrote.
@Suite struct HostileRecordingTests {
  static let group = RecordingText.beginning(RecordingTextTests.configurations[0])

  /// Lines, the number of the wrong one, and what is wrong with it.
  static let wrong: [([String], Int, RecordingError.Problem)] =
    [
      ([], 1, .noHeader), (["1 woke"], 1, .noHeader),
      (["vipd-recording 2"], 1, .otherVersion("2")), (["vipd-recording"], 1, .otherVersion("")),
      (["vipd-recording 1", "1 woke"], 2, .noGroup), (["vipd-recording 1"], 2, .noGroup),
      (["vipd-recording 1", "vipd-recording 1"], 2, .noGroup),
      (["vipd-recording 1", "  wake at=1"], 2, .orderWithoutEvent),
      (["vipd-recording 1", "group vips="], 2, .missingField("name")),
    ]
    + [
      (["  wake at=1"], 1, .orderWithoutEvent), (["2 woke", "1 woke"], 2, .timeWentBack),
      (["1 slept"], 1, .unknownEvent("slept")), (["1"], 1, .unknownEvent("")),
      (["soon woke"], 1, .badInstant("soon")),
      (["9223372036854775807 woke"], 1, .badInstant("9223372036854775807")),
      (["1 woke up"], 1, .excess("up")), (["1 woke "], 1, .excess("")),
      (["1 stop"], 1, .missingField("policy")),
      (["1 stop policy=perhaps"], 1, .badValue(field: "policy", text: "perhaps")),
      (["1 connected sentinel=10.0.0.1:1 run-id=%"], 1, .badValue(field: "run-id", text: "%")),
      (["1 connected sentinel=10.0.0.1:1 run-id=%ff"], 1, .badValue(field: "run-id", text: "%ff")),
      (["1 connected sentinel=10.0.0.1:1 run-id=%FF"], 1, .badValue(field: "run-id", text: "%FF")),
      (["1 disturbed by=stall;9223372036854775808s"], 1, stall("9223372036854775808s")),
      (["1 disturbed by=stall;1.s"], 1, stall("1.s")),
      (["1 disturbed by=stall;--1s"], 1, stall("--1s")),
      (["1 disturbed by=stall"], 1, .badValue(field: "by", text: "stall")),
      (
        ["1 forgotten sentinel=fd77::1:5"], 1, .badValue(field: "sentinel", text: "fd77::1:5")
      ),
      (
        ["1 local-instances are=10.0.0.1:1,"], 1, .badValue(field: "are", text: "10.0.0.1:1,")
      ),
    ].map { lines, number, problem in
      (group.split(separator: "\n").map(String.init) + lines, number + 2, problem)
    }

  private static func stall(_ text: String) -> RecordingError.Problem {
    .badValue(field: "by", text: "stall;" + text)
  }

  @Test(arguments: wrong)
  func `What is no recording is refused with its line`(
    lines: [String], number: Int, problem: RecordingError.Problem
  ) {
    #expect(throws: RecordingError(line: number, problem: problem)) {
      try Recording.runs(of: lines.map { $0 + "\n" }.joined())
    }
  }

  @Test func `A recording that was cut off within a line is refused`() {
    #expect(throws: RecordingError(line: 4, problem: .cutOff)) {
      try Recording.runs(of: Self.group + "1 woke\n2 wo")
    }
  }

  @Test func `A line without end is refused`() {
    let text =
      Self.group + "1 connected sentinel=10.0.0.1:1 run-id="
      + String(repeating: "a", count: 1 << 20)
    #expect(throws: RecordingError(line: 3, problem: .tooLong)) {
      try Recording.runs(of: text + "\n")
    }
  }

  @Test func `Every beginning of a recording is read or refused`() {
    let text = Self.group + SampleEvents.all.prefix(24).map(lines).joined()
    for end in text.indices {
      do throws(RecordingError) {
        _ = try Recording.runs(of: String(text[..<end]))
        #expect(text[..<end].last == "\n")
      } catch {
        #expect(error.line >= 1)
      }
    }
  }

  @Test(arguments: 1...8)
  func `A recording with wrong bytes is read or refused, and what is read can be written`(
    seed: UInt64
  ) throws {
    var state = seed &* 0x9e37_79b9_7f4a_7c15 | 1
    func random(_ bound: Int) -> Int {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Int(state % UInt64(bound))
    }
    let alphabet = Array("0123456789abcdef:;,.=-%|@/[] \n#s".utf8)
    var readable = 0
    for _ in 0..<1_000 {
      let event = SampleEvents.all[random(SampleEvents.all.count)]
      var bytes = Array(lines(event).utf8)
      for _ in 0...random(3) {
        let place = random(bytes.count)
        switch random(3) {
        case 0: bytes[place] = alphabet[random(alphabet.count)]
        case 1: bytes.insert(alphabet[random(alphabet.count)], at: place)
        default: bytes.remove(at: place)
        }
        if bytes.isEmpty { bytes = [10] }
      }
      let text = Self.group + String(decoding: bytes, as: UTF8.self)
      guard let runs = try? Recording.runs(of: text) else { continue }
      readable += 1
      for step in runs.flatMap(\.steps) {
        let again = Self.group + RecordingText.lines(step.event, at: step.at, orders: [])
        #expect(try Recording.runs(of: again).first?.steps.first?.event == step.event)
      }
    }
    #expect(readable > 0)
  }

  private func lines(_ event: Event) -> String {
    RecordingText.lines(event, at: SampleEvents.instant, orders: [])
  }
}
