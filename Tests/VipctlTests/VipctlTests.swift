import Configuration
import Glibc
import ProgramKit
import RESP
import Testing

@testable import vipctl

private func bulk(_ text: String) -> String { "$\(text.utf8.count)\r\n\(text)\r\n" }

@Suite(.timeLimit(.minutes(10))) struct VipctlTests {
  /// Runs the tool against a daemon that gives one answer; what it asked, and how it ended.
  private func run(
    _ arguments: [String], answer: String, closes: Bool = true
  ) throws -> (request: [String], ending: ProgramRun.Ending) {
    let daemon = try FakeDaemon()
    let program = try ProgramRun(
      "vipctl", arguments.map { Array($0.utf8) }, environment: ["VIPD_SOCKET": daemon.path])
    let connection = try daemon.accept()
    var parser = RESPCommandParser()
    var request: [String]?
    while request == nil {
      let bytes = FakeDaemon.read(connection, count: 1)
      guard !bytes.isEmpty else { break }
      parser.append(bytes)
      request = try parser.next()
    }
    FakeDaemon.write(connection, answer)
    if closes { close(connection) }
    let ending = program.wait()
    if !closes { close(connection) }
    return (request ?? [], ending)
  }

  @Test(arguments: [
    (["status"], ["STATUS", "*"]), (["status", "m", "--json"], ["STATUS", "m"]),
    (["why"], ["WHY", "*"]), (["why", "m"], ["WHY", "m"]),
    (["pause"], ["PAUSE", "*"]), (["pause", "m", "--for", "90s"], ["PAUSE", "m", "90000"]),
    (["pause", "--for", "1500ms", "m"], ["PAUSE", "m", "1500"]),
    (["resume"], ["RESUME", "*"]), (["resume", "m"], ["RESUME", "m"]),
    (["release", "m"], ["RELEASE", "m"]), (["events"], ["EVENTS"]), (["version"], ["VERSION"]),
    (["reload"], ["RELOAD"]),
    (["history"], ["HISTORY", "*"]), (["history", "m", "-l", "3"], ["HISTORY", "m"]),
  ])
  func `Each command asks the daemon what it should`(
    arguments: [String], request: [String]
  ) throws {
    #expect(try run(arguments, answer: "-ERR no\r\n").request == request)
  }

  @Test func `A healthy status exits with 0, and JSON passes through`() throws {
    let result = try run(["status"], answer: bulk(holderJSON))
    #expect(result.ending.exitCode == 0)
    #expect(result.ending.output.hasPrefix("mymaster  HOLDING: the address is on this host\n"))
    #expect(!result.ending.output.contains("\u{1b}"))
    let json = try run(["status", "--json"], answer: bulk(holderJSON))
    #expect(json.ending == ProgramRun.Ending(exitCode: 0, output: holderJSON + "\n"))
  }

  @Test func `A status that needs attention exits with 3, as text and as JSON`() throws {
    let degraded = holderJSON.replacing("\"connected\":true", with: "\"connected\":false")
    let result = try run(["status"], answer: bulk(degraded))
    #expect(result.ending.exitCode == 3)
    #expect(result.ending.output.contains("  ! 2 of 2 Sentinels out of contact\n"))
    #expect(try run(["status", "--json"], answer: bulk(degraded)).ending.exitCode == 3)
    let full = holderJSON.replacing("\"node\"", with: "\"problems\":[\"disk full\"],\"node\"")
    let problem = try run(["status"], answer: bulk(full))
    #expect(problem.ending.exitCode == 3)
    #expect(problem.ending.output.hasPrefix("! disk full\nmymaster  HOLDING"))
  }

  @Test func `A history exits with 0, as text and as JSON, shortened if asked to`() throws {
    let text = try run(["history"], answer: bulk(historyJSON))
    #expect(text.ending.exitCode == 0)
    #expect(text.ending.output.hasPrefix("  UTC                      AGO          WHAT "))
    #expect(!text.ending.output.contains("\u{1b}"))
    let json = try run(["history", "--json"], answer: bulk(historyJSON))
    #expect(json.ending == ProgramRun.Ending(exitCode: 0, output: historyJSON + "\n"))
    let last = try run(["history", "m", "--last", "1"], answer: bulk(historyJSON))
    #expect(last.ending.output.hasPrefix("  (5 older entries left out)\n"))
    let later = try run(["history"], answer: bulk("{\"schema\":2}"))
    #expect(later.ending.exitCode == 1)
    #expect(later.ending.output.contains("Try: vipctl version; vipctl history --json"))
  }

  @Test func `A status of another version is refused as text`() throws {
    let result = try run(["status"], answer: bulk("{\"schema\":2}"))
    #expect(result.ending.exitCode == 1)
    #expect(result.ending.output.contains("Try: vipctl version; vipctl status --json"))
  }

  @Test func `What the daemon refuses exits with 1, in its words`() throws {
    let result = try run(["release", "x"], answer: "-ERR no such master 'x', but: m\r\n")
    #expect(
      result.ending
        == ProgramRun.Ending(exitCode: 1, output: "vipctl: no such master 'x', but: m\n"))
  }

  @Test func `An order that was taken is confirmed, with its undoing`() throws {
    let paused = try run(["pause", "m", "--for", "2h"], answer: "+OK\r\n")
    #expect(
      paused.ending
        == ProgramRun.Ending(
          exitCode: 0, output: "Paused m on this host, for 2h. Undo: vipctl resume\n"))
    let released = try run(["release", "m"], answer: "+OK\r\n")
    #expect(released.ending.output.hasSuffix("Undo: vipctl resume m\n"))
  }

  @Test func `A reload is confirmed, or fails with the daemon's reason`() throws {
    let done = try run(["reload"], answer: "+OK\r\n")
    #expect(done.ending.exitCode == 0)
    #expect(done.ending.output == "The configuration was read again and is in force.\n")
    let failed = try run(
      ["reload"], answer: "-ERR the configuration is unchanged: f:3:1: 'x': unknown\r\n")
    #expect(failed.ending.exitCode == 1)
    #expect(
      failed.ending.output == "vipctl: the configuration is unchanged: f:3:1: 'x': unknown\n")
  }

  @Test func `Events are followed until the daemon goes, which is told`() throws {
    let event = """
      {"at":"2026-11-21T06:25:07.123Z","master":"m","kind":"transition","from":"standby",\
      "to":"holding","text":"Standby to holding","afterMs":1234}
      """
    let alarm = "{\"at\":\"now\",\"master\":\"m\",\"kind\":\"alarm\",\"text\":\"A conflict\"}"
    let answer =
      "+OK\r\n*2\r\n" + bulk("event") + bulk(event) + ">2\r\n" + bulk("event") + bulk(alarm)
      + "*2\r\n" + bulk("event") + bulk("?")
    let result = try run(["events"], answer: answer)
    #expect(result.ending.exitCode == 4)
    #expect(
      result.ending.output.hasPrefix(
        "2026-11-21T06:25:07.123Z  m  Standby to holding  (after 1.2 s)\n"
          + "now  m  alarm  A conflict\n?\nvipctl: vipd closed the connection"))
    let json = try run(["events", "--json"], answer: answer)
    #expect(json.ending.output.hasPrefix(event + "\n" + alarm + "\n"))
  }

  @Test(arguments: ["HTTP/1.1 400\r\n", "$-7\r\n", "*1\r\n*0\r\n", "$99999999999\r\n"])
  func `What is not vipd is told to be not`(answer: String) throws {
    let ending = try run(["why"], answer: answer).ending
    #expect(ending.exitCode == 1)
    #expect(ending.output.contains("is not vipd"), "\(ending.output)")
  }

  @Test(arguments: ["", "$10\r\nabc"])
  func `A daemon that goes in the middle is no daemon`(answer: String) throws {
    let ending = try run(["why"], answer: answer).ending
    #expect(ending.exitCode == 4)
    #expect(ending.output.contains("vipd closed the connection"))
  }

  @Test func `A daemon that takes the command and is silent is given up`() throws {
    let ending = try run(["why"], answer: "", closes: false).ending
    #expect(ending.exitCode == 4)
    #expect(ending.output.contains("does not answer within 5 s"))
  }

  @Test func `Without a daemon it says where it looked and what to do, and exits with 4`() throws {
    for command in ["status", "why", "pause", "resume", "events", "reload"] {
      let words = [command, "--socket", "/nonexistent/s"].map { Array($0.utf8) }
      let ending = try ProgramRun("vipctl", words).wait()
      #expect(ending.exitCode == 4)
      #expect(ending.output.contains("no daemon answers on /nonexistent/s: No such file"))
      #expect(ending.output.contains("systemctl status vipd"))
    }
  }

  @Test(arguments: [
    ["dance"], ["release"], ["pause", "--for", "3"], ["pause", "--for", "0s"],
    ["pause", "--for", "9000h"], ["status", "a", "b"], ["status", "--colour"],
    ["why", "--socket"], ["history", "--last", "0"], ["history", "--last", "2", "--json"],
  ])
  func `A wrong command line exits with 2`(arguments: [String]) throws {
    let ending = try ProgramRun("vipctl", arguments.map { Array($0.utf8) }).wait()
    #expect(ending.exitCode == 2)
    #expect(ending.output.contains("Usage:"))
  }

  @Test func `The tool looks where the daemon listens`() throws {
    let text = "sentinel h 1\nvip m 10.0.0.7/24 dev eth0"
    let configuration = try Configuration(parsing: text, file: "f")
    #expect(ControlClient.defaultPath == configuration.controlPath)
    let hook = try ProgramRun("vipd-reconfig", [Array("--help".utf8)]).wait()
    #expect(hook.output.contains("(\(configuration.hookPath))"))
    #expect(hook.output.contains("(\(Configuration.defaultPath))"))
  }

  @Test func `A socket path that can't be one is wrong usage`() throws {
    let path = String(repeating: "p", count: 108)
    let words = ["why", "--socket", path].map { Array($0.utf8) }
    #expect(try ProgramRun("vipctl", words).wait().exitCode == 2)
  }

  @Test(arguments: [["--help"], ["help", "pause"], ["--version"], []])
  func `Help and version exit with 0`(arguments: [String]) throws {
    let ending = try ProgramRun("vipctl", arguments.map { Array($0.utf8) }).wait()
    #expect(ending.exitCode == 0)
    #expect(ending.output.contains("vipctl"))
  }
}

@Suite struct SocketOptionTests {
  @Test(
    "The socket may be named before the command as well as behind it",
    arguments: [
      (["--socket", "/s", "status", "mymaster"], ["status", "mymaster", "--socket", "/s"]),
      (["--socket=/s", "why"], ["why", "--socket=/s"]),
      (["status", "--socket", "/s"], ["status", "--socket", "/s"]),
      (["--socket"], ["--socket"]), ([], []),
    ])
  func socketBeforeCommand(given: [String], expected: [String]) {
    #expect(Vipctl.withSocketLast(given) == expected)
  }
}
