import Glibc
import ProgramKit
import RESP
import Testing

@testable import vipctl

private func bulk(_ text: String) -> String { "$\(text.utf8.count)\r\n\(text)\r\n" }
private func push(_ json: String) -> String { ">2\r\n" + bulk("move") + bulk(json) }
private let greeting = "%0\r\n"
private let pulse = push(#"{"kind":"pulse","text":""}"#)

@Suite(.timeLimit(.minutes(10))) struct MoveCommandTests {
  /// Reads the next command of a client.
  private func command(
    _ connection: Int32, _ parser: inout RESPCommandParser
  ) throws -> [String] {
    while true {
      if let words = try parser.next() { return words }
      let bytes = FakeDaemon.read(connection, count: 1)
      if bytes.isEmpty { return [] }
      parser.append(bytes)
    }
  }

  /// Runs the tool against a daemon that answers a move so, and then closes.
  private func run(
    _ arguments: [String], _ answer: String
  ) throws -> (request: [String], ending: ProgramRun.Ending) {
    let daemon = try FakeDaemon()
    let words = (["move"] + arguments).map { Array($0.utf8) }
    let program = try ProgramRun("vipctl", words, environment: ["VIPD_SOCKET": daemon.path])
    let connection = try daemon.accept()
    var parser = RESPCommandParser()
    let hello = try command(connection, &parser)
    #expect(hello == ["HELLO", "3"])
    FakeDaemon.write(connection, greeting)
    let request = try command(connection, &parser)
    FakeDaemon.write(connection, answer)
    close(connection)
    return (request, program.wait())
  }

  private let done = """
    {"kind":"result","outcome":"done","atMs":1234,"promoted":"10.77.0.2:6379","writeGapMs":194,\
    "disconnected":3,"writesLost":0,"writesLostText":null,\
    "phases":[{"phase":"closing","ms":2},{"phase":"draining","ms":4}],"remains":[],\
    "text":"moved: 10.77.0.2:6379 is the master"}
    """

  @Test(arguments: [
    (["m"], ["MOVE", "m", "TIMEOUT", "60000"]),
    (["m", "--to", "h2:6380"], ["MOVE", "m", "TO", "h2:6380", "TIMEOUT", "60000"]),
    (["m", "--timeout", "90s", "--dry-run"], ["MOVE", "m", "TIMEOUT", "90000", "DRYRUN"]),
    (["--accept-loss", "m"], ["MOVE", "m", "TIMEOUT", "60000", "ACCEPTLOSS"]),
  ])
  func `The daemon is asked for what the operator wants`(
    arguments: [String], request: [String]
  ) throws {
    #expect(try run(arguments, "-ERR no\r\n").request == request)
  }

  @Test func `Progress is shown line by line, then the figures, and it exits with 0`() throws {
    let phase = #"{"kind":"phase","phase":"closing","atMs":12,"text":"closes the fence"}"#
    let plan = #"{"kind":"plan","text":"moves the master"}"#
    let ending = try run(["m"], push(plan) + pulse + push(phase) + bulk(done)).ending
    #expect(
      ending
        == ProgramRun.Ending(
          exitCode: 0,
          output: """
              moves the master
                  12 ms  closing     closes the fence
            m  moved: 10.77.0.2:6379 is the master
              write gap     194 ms
              disconnected  3
              writes lost   0
              phases        closing 2 ms, draining 4 ms

            """))
  }

  @Test func `A refusal shows each finding with what to do, and exits with 1`() throws {
    let finding = """
      {"kind":"finding","label":"paused","text":"the group is paused","remedy":"vipctl resume"}
      """
    let result = #"{"kind":"result","outcome":"refused","text":"refused for 1 reason"}"#
    let ending = try run(["m", "--dry-run"], push(finding) + bulk(result)).ending
    #expect(
      ending
        == ProgramRun.Ending(
          exitCode: 1,
          output: "  ! the group is paused\n    vipctl resume\nvipctl: refused for 1 reason\n"))
  }

  @Test func `A master that moved to a host without the address exits with 3`() throws {
    let result = """
      {"kind":"result","outcome":"done","promoted":"10.77.0.2:6379","writeGapMs":null,\
      "writesLost":0,"text":"moved: 10.77.0.2:6379 is the master"}
      """
    let ending = try run(["m"], bulk(result)).ending
    #expect(ending.exitCode == 3)
    #expect(ending.output.contains("10.77.0.2:6379 is the master and has not said that it has the"))
    // Without a fence the gap is not counted, and nothing follows from its lack.
    let unfenced = result.replacing(#""writesLost":0,"#, with: "")
    #expect(try run(["m", "--accept-loss"], bulk(unfenced)).ending.exitCode == 0)
  }

  @Test func `What remains after a failure is shown`() throws {
    let result = """
      {"kind":"result","outcome":"failed","text":"failed: x","remains":["look after y"]}
      """
    let ending = try run(["m"], bulk(result)).ending
    #expect(
      ending == ProgramRun.Ending(exitCode: 1, output: "  ! look after y\nvipctl: failed: x\n"))
  }

  @Test func `JSON passes through, a line each, without the pulses`() throws {
    let note = #"{"kind":"note","text":"x"}"#
    let ending = try run(["m", "--json"], push(note) + pulse + bulk(done)).ending
    #expect(ending == ProgramRun.Ending(exitCode: 0, output: note + "\n" + done + "\n"))
  }

  @Test func `A line from another host cannot play with the terminal`() throws {
    let note = #"{"kind":"note","text":"a\u001b[2Jb\nc"}"#
    let ending = try run(["m"], push(note) + bulk(done)).ending
    #expect(ending.output.hasPrefix("  a?[2Jb?c\n"))
  }

  @Test func `A daemon that goes in the middle leaves the outcome open, and says so`() throws {
    let ending = try run(["m"], pulse).ending
    #expect(ending.exitCode == 4)
    #expect(ending.output.contains("vipd closed the connection"))
    #expect(ending.output.contains("What became of the move is not known here"))
  }

  @Test func `An older daemon's words are shown`() throws {
    let ending = try run(["m"], "-ERR unknown command 'MOVE'; try HELP\r\n").ending
    #expect(
      ending
        == ProgramRun.Ending(
          exitCode: 1, output: "vipctl: unknown command 'MOVE'; try HELP\n"))
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func `Ctrl-C asks for the undo, waits for it, and exits with 1`(signal: Int32) throws {
    let daemon = try FakeDaemon()
    let words = ["move", "m"].map { Array($0.utf8) }
    let program = try ProgramRun("vipctl", words, environment: ["VIPD_SOCKET": daemon.path])
    let connection = try daemon.accept()
    var parser = RESPCommandParser()
    _ = try command(connection, &parser)
    FakeDaemon.write(connection, greeting)
    _ = try command(connection, &parser)
    program.signal(signal)
    let second = try command(connection, &parser)
    #expect(second == ["CANCEL"])
    FakeDaemon.write(
      connection, bulk(#"{"kind":"result","outcome":"undone","text":"undone: it was cancelled"}"#))
    let ending = program.wait()
    close(connection)
    #expect(
      ending
        == ProgramRun.Ending(
          exitCode: 1,
          output: """
            vipctl: interrupted; asks for the undo (again: leave it to vipd)
            vipctl: undone: it was cancelled

            """))
  }

  @Test func `A second Ctrl-C leaves the undo to the daemon`() throws {
    let daemon = try FakeDaemon()
    let words = ["move", "m"].map { Array($0.utf8) }
    let program = try ProgramRun("vipctl", words, environment: ["VIPD_SOCKET": daemon.path])
    let connection = try daemon.accept()
    var parser = RESPCommandParser()
    _ = try command(connection, &parser)
    FakeDaemon.write(connection, greeting)
    _ = try command(connection, &parser)
    program.signal(SIGINT)
    _ = try command(connection, &parser)
    program.signal(SIGINT)
    let ending = program.wait()
    close(connection)
    #expect(ending.exitCode == 1)
    #expect(ending.output.contains("left; vipd undoes the move"))
  }

  @Test(arguments: [
    [], ["m", "x"], ["m", "--to"], ["m", "--to", ""], ["m", "--to", "a b"], ["m", "--to", "*"],
    ["m", "--timeout", "900ms"], ["m", "--timeout", "2h"], ["m", "--timeout", "soon"],
  ])
  func `A wrong command line exits with 2`(arguments: [String]) throws {
    let ending = try ProgramRun("vipctl", (["move"] + arguments).map { Array($0.utf8) }).wait()
    #expect(ending.exitCode == 2)
    #expect(ending.output.contains("Usage:"))
  }

  @Test func `Help teaches the order of the steps, how long writes stop, and examples`() throws {
    let ending = try ProgramRun("vipctl", ["move", "--help"].map { Array($0.utf8) }).wait()
    #expect(ending.exitCode == 0)
    let parts = ["closes the fence", "SENTINEL FAILOVER", "200 ms", "--dry-run", "EXAMPLES"]
    for part in parts { #expect(ending.output.contains(part), "\(part)") }
    let lines = ending.output.split(separator: "\n").prefix { !$0.hasPrefix("USAGE") }
    let widest = lines.map(\.count).max() ?? 0
    #expect(widest <= 80)
  }
}
