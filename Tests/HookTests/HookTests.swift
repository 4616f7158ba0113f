import Foundation
import Glibc
import ProgramKit
import Testing

private func words(_ text: String...) -> [[UInt8]] { text.map { Array($0.utf8) } }

/// What Sentinel passes to a client-reconfig-script.
private let reconfig = words(
  "mymaster", "leader", "start", "10.77.0.1", "6379", "10.77.0.2", "6379")

/// The command that the daemon should get for words.
private func command(_ kind: String, _ arguments: [[UInt8]]) -> [UInt8] {
  let all = [Array("RECONFIG".utf8), Array(kind.utf8)] + arguments
  return Array("*\(all.count)\r\n".utf8)
    + all.flatMap { Array("$\($0.count)\r\n".utf8) + $0 + [0x0d, 0x0a] }
}

@Suite(.timeLimit(.minutes(10))) struct HookTests {
  /// Runs the hook against a daemon that answers, and gives what it got and how the hook ended.
  private func run(
    _ arguments: [[UInt8]], expecting count: Int, answer: String, closesStreams: Bool = false
  ) throws -> (request: [UInt8], ending: ProgramRun.Ending) {
    let daemon = try FakeDaemon()
    let hook = try ProgramRun(
      "vipd-reconfig", arguments, environment: ["VIPD_HOOK_SOCKET": daemon.path],
      closesStreams: closesStreams)
    let connection = try daemon.accept()
    let request = FakeDaemon.read(connection, count: count)
    FakeDaemon.write(connection, answer)
    close(connection)
    return (request, hook.wait())
  }

  @Test func `The seven words of a client-reconfig-script are handed over`() throws {
    let expected = command("reconfig", reconfig)
    #expect(
      String(decoding: expected, as: UTF8.self).hasPrefix(
        "*9\r\n$8\r\nRECONFIG\r\n$8\r\nreconfig\r\n$8\r\nmymaster\r\n$6\r\nleader\r\n"))
    let result = try run(reconfig, expecting: expected.count, answer: "+OK\r\n")
    #expect(result.request == expected)
    #expect(result.ending == ProgramRun.Ending(exitCode: 0, output: ""))
  }

  @Test func `The two words of a notification-script are handed over`() throws {
    let arguments = words("+switch-master", "mymaster 10.77.0.1 6379 10.77.0.2 6379")
    let expected = command("notify", arguments)
    let result = try run(arguments, expecting: expected.count, answer: "+OK\r\n")
    #expect(result.request == expected)
    #expect(result.ending.exitCode == 0)
  }

  @Test func `Any bytes pass unchanged, also none`() throws {
    let arguments: [[UInt8]] = [[], Array(1...255)]
    let expected = command("notify", arguments)
    let result = try run(arguments, expecting: expected.count, answer: "+OK\r\n")
    #expect(result.request == expected)
    #expect(result.ending.exitCode == 0)
  }

  @Test func `With its streams closed it doesn't take the socket for one`() throws {
    let expected = command("reconfig", reconfig)
    let result = try run(
      reconfig, expecting: expected.count + 1, answer: "", closesStreams: true)
    #expect(result.request.isEmpty || result.request == expected)
    let answered = try run(
      reconfig, expecting: expected.count, answer: "-ERR no\r\n", closesStreams: true)
    #expect(answered.request == expected)
    #expect(answered.ending == ProgramRun.Ending(exitCode: 2, output: ""))
  }

  @Test func `64 KiB of arguments pass, one byte more does not`() throws {
    let most = [Array("e".utf8), [UInt8](repeating: 0x78, count: 65535)]
    let expected = command("notify", most)
    let result = try run(most, expecting: expected.count, answer: "+OK\r\n")
    #expect(result.request == expected)
    #expect(result.ending.exitCode == 0)
    let tooLong = try ProgramRun("vipd-reconfig", [most[0], most[1] + [0x78]]).wait()
    #expect(tooLong.exitCode == 2)
    #expect(tooLong.output.contains("the arguments exceed 64 KiB"))
  }

  @Test(arguments: [
    ("-NOPERM go away\u{1b}[2J\r\n", "the daemon refuses: NOPERM go away?[2J"),
    ("+OKAY\r\n", "something else than vipd answers: +OKAY"),
    ("HTTP/1.1 400 Bad Request\r\n", "something else than vipd answers: HTTP/1.1 400 Bad Request"),
    (String(repeating: "y", count: 5000), "something else than vipd answers: yyyy"),
    ("", "the daemon doesn't answer"),
    ("+OK", "the daemon doesn't answer"),
    ("\r\n", "the daemon doesn't answer"),
  ])
  func `An answer other than OK is told, and never asks Sentinel to repeat`(
    answer: String, message: String
  ) throws {
    let count = command("reconfig", reconfig).count
    let ending = try run(reconfig, expecting: count, answer: answer).ending
    #expect(ending.exitCode == 2)
    #expect(ending.output.contains(message), "\(ending.output)")
  }

  @Test func `A daemon that takes the message and never answers doesn't hold it`() throws {
    let daemon = try FakeDaemon()
    let hook = try ProgramRun(
      "vipd-reconfig", reconfig, environment: ["VIPD_HOOK_SOCKET": daemon.path])
    let connection = try daemon.accept()
    #expect(hook.wait().exitCode == 2)
    close(connection)
  }

  @Test func `A daemon that doesn't even accept doesn't hold it`() throws {
    let daemon = try FakeDaemon()
    let arguments = [Array("e".utf8), [UInt8](repeating: 0x78, count: 65535)]
    let hook = try ProgramRun(
      "vipd-reconfig", arguments, environment: ["VIPD_HOOK_SOCKET": daemon.path])
    #expect(hook.wait().exitCode == 2)
  }

  @Test func `A full backlog doesn't hold it`() throws {
    let daemon = try FakeDaemon(backlog: 0)
    var clients: [Int32] = []
    while let client = try? daemon.connectSilently() { clients.append(client) }
    let ending = try ProgramRun(
      "vipd-reconfig", reconfig, environment: ["VIPD_HOOK_SOCKET": daemon.path]
    ).wait()
    #expect(ending.exitCode == 2)
    #expect(ending.output.contains("the daemon doesn't take connections in time on"))
    clients.forEach { close($0) }
  }

  @Test func `Ignored signals and a reader that is gone change nothing`() throws {
    let daemon = try FakeDaemon()
    let hook = try ProgramRun(
      "vipd-reconfig", reconfig, environment: ["VIPD_HOOK_SOCKET": daemon.path])
    let connection = try daemon.accept()
    hook.signal(SIGPIPE)
    FakeDaemon.write(connection, "+OK\r\n")
    #expect(hook.wait().exitCode == 0)
    close(connection)
  }
}
