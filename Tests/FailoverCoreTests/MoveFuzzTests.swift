import FailoverCore
import FuzzKit
import Testing

/// Random faults while moves are under way: what they promise holds, and none is left behind.
///
/// `TraceDirector.checkMove` looks at each order.
@Suite struct MoveFuzzTests {
  private static let faults = [
    "cancel", "s1 selects b", "s1 selects b", "s1 selects b", "s1 selects b", "s1 aborts",
    "s1 lost", "s1 reconnects", "s2 lost", "s3 refused", "s2 starts", "s1 tilt", "s2 down",
    "offset b 9", "offset me 9", "target silent", "target refuses paused", "redis hangs",
    "redis answers", "redis lost", "redis refuses", "pause 700", "release", "resume",
    "node b master", "node b silent", "node b replica-of me", "replica b gone", "arrived b",
    "s1 selects b; arrived b", "s1 selects b; arrived b", "pause 700; move",
    "s1 selects b; arrived b; node b master; s1 promoted b 9; s2 s3 names b epoch 9",
    "s1 promoted b 9", "s2 s3 names b epoch 9", "s2 s3 names b epoch 9", "s2 votes s1 9",
    "stall", "resume-loop 300", "jump 700", "by-hand 0", "move", "role dead", "role master",
  ]
  private static let recovery = [
    "resume-loop 0", "redis answers", "redis allows", "role master", "target ready", "s1 aborts",
    "s2 aborts", "s1 back", "s2 back", "s3 back", "s1 untilt", "all names me", "s1 answers-orders",
    "node b replica-of me", "replica b good", "offset me 0", "offset b 0", "resume",
  ]

  /// Five moves, each with a handful of faults, with time to recover between them.
  private static func script(seed: Int) -> String {
    var random = SeededGenerator(seed: UInt64(seed) &* 0x2545_f491_4f6c_dd1d)
    func pick(_ words: [String]) -> String { words[Int(random.next() % UInt64(words.count))] }
    var script = MoveTransitionTests.begun
    var time = 3_000
    for _ in 0..<5 {
      let variants = [
        "", "offset me 9", "s1 loses-answer", "s1 refuses-failover INPROG", "redis hangs",
      ]
      for verb in [random.next() % 3 == 0 ? pick(variants) : "", "move"] where verb != "" {
        script += "\(time) \(verb)\n"
      }
      for _ in 0..<(1 + random.next() % 6) {
        time += Int(random.next() % 4 == 0 ? random.next() % 2_000 : random.next() % 100)
        script += lines(pick(faults), at: time)
      }
      time += 500
      script += lines(recovery.joined(separator: "; "), at: time)
      time += 9_000
    }
    // A move that was asked for while the daemon stalled may have begun since.
    return script + "\(time) s1 aborts\n\(time + 9_000) end\n"
  }

  private static func lines(_ verbs: String, at time: Int) -> String {
    verbs.split(separator: ";").map { "\(time) \($0)\n" }.joined()
  }

  @Test("Random faults open no fence that a commanded failover still needs", arguments: 1...16)
  func faults(seed: Int) throws {
    let (_, director) = try TraceScript.playing(Self.script(seed: seed))
    let status = director.machine.status(at: director.now)
    #expect(status.move == nil)
    #expect(status.fence.state == .armed)
    #expect(director.moves.begun == director.moves.ended)
  }

  @Test("The random faults reach every phase, and every kind of end")
  func reach() throws {
    var text = ""
    for seed in 17...24 {
      text += try TraceScript.playing(Self.script(seed: seed)).1.lines.joined(separator: "\n")
      text += "\n"
    }
    let words = MovePhase.allCases.map { ": \($0)\n" } + ["REFUSED", "UNDONE", "DONE", "undoing"]
    let missing = words.filter { !text.contains($0) }
    #expect(missing.isEmpty)
  }
}
