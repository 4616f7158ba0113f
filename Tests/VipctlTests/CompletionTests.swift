import ControlProtocol
import ProgramKit
import Testing

@testable import vipctl

@Suite(.timeLimit(.minutes(10))) struct CompletionTests {
  /// Runs the tool.
  private func run(_ words: [String], socket: String = "/nonexistent") throws -> ProgramRun.Ending {
    try ProgramRun(
      "vipctl", words.map { Array($0.utf8) }, environment: ["VIPD_SOCKET": socket]
    ).wait()
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func `A script knows every command, and asks for what only the daemon knows`(shell: String) throws
  {
    let ending = try run(["--generate-completion-script", shell])
    #expect(ending.exitCode == 0)
    for name in [
      "status", "sentinels", "forget", "move", "why", "pause", "resume", "release", "history",
      "events",
      "reload", "retire", "guard", "handover", "version",
    ] {
      #expect(ending.output.contains(name), "\(name)")
    }
    #expect(ending.output.contains("---completion move -- --to"))
  }

  @Test(arguments: [
    ["status", "--", "positional@0"], ["move", "--", "--to"],
    ["sentinels", "forget", "--", "positional@0"],
  ])
  func `Where no daemon answers nothing is completed and nothing is said`(words: [String]) throws {
    let ending = try run(["---completion"] + words + ["1", "0", "vipctl", ""])
    #expect(ending.exitCode == 0)
    #expect(ending.output.filter { !$0.isNewline } == "")
  }

  @Test func `Master names come from the status`() {
    #expect(Completion.masters(inStatus: holderJSON) == ["mymaster"])
    #expect(Completion.masters(inStatus: "nonsense") == [])
  }

  @Test func `Sentinels that are not there can be forgotten, and no others`() {
    var group = SentinelsDocument.Group()
    group.known = [("10.77.0.1:26379", true), (nil, true), ("10.77.0.3:26379", false)].map {
      address, missing in
      SentinelsDocument.Known { known in
        (known.runId, known.address, known.missing) = ("0123abcd", address, missing)
      }
    }
    let document = SentinelsDocument { $0.groups = [group] }
    #expect(
      Completion.missing(inSentinels: document.json) == ["0123abcd", "10.77.0.1:26379"])
    #expect(Completion.missing(inSentinels: "{}") == [])
  }

  @Test func `The socket of the command line is asked`() {
    #expect(Completion.socket(in: ["vipctl", "--socket", "/a", "status"]) == "/a")
    #expect(Completion.socket(in: ["vipctl", "status", "--socket=/a"]) == "/a")
    #expect(Completion.socket(in: ["vipctl", "status", "--socket"]) == nil)
    #expect(Completion.socket(in: ["vipctl", "status"]) == nil)
  }
}
