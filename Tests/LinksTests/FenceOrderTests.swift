import Addresses
import FailoverCore
import RESP
import Testing

@testable import Links

@Suite struct FenceOrderTests {
  private static let armed = FenceSetting(minReplicas: 2, maxLagSeconds: 1)
  private static let master = Endpoint(address: .v4(IPv4Address(10, 77, 0, 2)), port: 6379)
  private static let demotion = FenceOrder.demote(to: master, armed)

  /// What Redis 7.0.15, 6.2.14 and Valkey 9.1.2 answer to a demotion that is carried out.
  private static let queued = Array(repeating: "+QUEUED\r\n", count: 6)
  private static func execution(_ replies: [String]) -> String {
    "*\(replies.count)\r\n" + replies.joined()
  }

  private func outcomes(
    _ orders: [FenceOrder], _ replies: [String]
  ) throws -> [(order: FenceOrder, problem: FenceProblem?)] {
    var parser = RESPParser()
    parser.append(Array(replies.joined().utf8))
    let now = Instant(nanoseconds: 0)
    var outcomes: [(order: FenceOrder, problem: FenceProblem?)] = []
    for order in orders {
      let request = RedisRequest.fence(order)
      let tokens = try (0..<request.commands.count).map { _ in try #require(try parser.next()) }
      let reports = request.reports(
        .answered(tokens, sentAt: now), askedAt: now, RedisReplyDecoder { _ in nil })
      guard reports.count == 1, case .fenceAnswered(let answered, let problem) = reports[0] else {
        Issue.record("\(reports)")
        continue
      }
      outcomes.append((answered, problem))
    }
    let rest = try parser.next()
    #expect(rest == nil)
    return outcomes
  }

  private func problem(_ order: FenceOrder, _ replies: [String]) throws -> FenceProblem? {
    let outcomes = try outcomes([order], replies)
    try #require(outcomes.count == 1)
    #expect(outcomes[0].order == order)
    return outcomes[0].problem
  }

  @Test("The lag is set before the count, one parameter a command")
  func setting() {
    #expect(
      FenceOrder.set(Self.armed).commands == [
        ["CONFIG", "SET", "min-replicas-max-lag", "1"],
        ["CONFIG", "SET", "min-replicas-to-write", "2"],
      ])
  }

  @Test("A demotion is one transaction: setting, REPLICAOF, file, clients")
  func demotion() {
    #expect(
      Self.demotion.commands == [
        ["MULTI"], ["CONFIG", "SET", "min-replicas-max-lag", "1"],
        ["CONFIG", "SET", "min-replicas-to-write", "2"], ["REPLICAOF", "10.77.0.2", "6379"],
        ["CONFIG", "REWRITE"], ["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"],
        ["CLIENT", "KILL", "TYPE", "pubsub", "SKIPME", "yes"], ["EXEC"],
      ])
  }

  @Test("A setting is in force only if both halves are", arguments: [0, 1])
  func halves(place: Int) throws {
    #expect(try problem(.set(Self.armed), ["+OK\r\n", "+OK\r\n"]) == nil)
    var replies = ["+OK\r\n", "+OK\r\n"]
    replies[place] = "-NOPERM no\r\n"
    #expect(try problem(.set(Self.armed), replies) == .refused("NOPERM no"))
  }

  @Test(
    "What CONFIG REWRITE can't do is told from what it may not do",
    arguments: [
      ("ERR The server is running without a config file", true),
      ("ERR Rewriting config file: Read-only file system", true),
      ("ERR Rewriting config file: No space left on device", true),
      ("NOPERM this user has no permissions to run the 'config|rewrite' command", false),
      ("ERR unknown command 'CONFIG', with args beginning with: 'REWRITE' ", false),
      ("ERR Unknown subcommand or wrong number of arguments for 'REWRITE'", false),
    ])
  func rewriting(text: String, isOfFile: Bool) throws {
    let expected = isOfFile ? FenceProblem.notPersisted(text) : .refused(text)
    #expect(try problem(.persist, ["-\(text)\r\n"]) == expected)
    #expect(try problem(.persist, ["+OK\r\n"]) == nil)
  }

  @Test("The answers within EXEC say what was done and what not")
  func transaction() throws {
    let ok = "+OK\r\n"
    func outcome(_ replies: [String]) throws -> FenceProblem? {
      try problem(Self.demotion, [ok] + Self.queued + [Self.execution(replies)])
    }
    let one = ":1\r\n"
    #expect(try outcome([ok, ok, ok, ok, one, one]) == nil)
    #expect(
      try outcome([ok, ok, ok, "-ERR no file\r\n", one, one]) == .notPersisted("ERR no file"))
    #expect(
      try outcome([ok, ok, "-ERR no\r\n", "-ERR no file\r\n", one, one])
        == .notDemoted("ERR no", isSet: true))
    #expect(try outcome([ok, "-ERR bad\r\n", ok, ok, one, one]) == .refused("ERR bad"))
    #expect(try outcome([]) == .refused("EXEC did not answer in full"))
  }

  @Test("A command that is refused while it is queued undoes the whole")
  func aborted() throws {
    let abort = "-EXECABORT Transaction discarded because of previous errors.\r\n"
    for place in 0..<6 {
      var queued = Self.queued
      queued[place] = "-NOPERM x\r\n"
      // The file's command too: nothing was done, so the setting is not in force either.
      let expected =
        place == 2 ? FenceProblem.notDemoted("NOPERM x", isSet: false) : .refused("NOPERM x")
      #expect(try problem(Self.demotion, ["+OK\r\n"] + queued + [abort]) == expected)
    }
    let withoutMulti = ["-NOPERM multi\r\n"] + Self.queued + ["-ERR EXEC without MULTI\r\n"]
    #expect(try problem(Self.demotion, withoutMulti) == .refused("NOPERM multi"))
    #expect(
      try problem(Self.demotion, ["+OK\r\n"] + Self.queued + ["*-1\r\n"])
        == .refused("EXEC did nothing"))
  }

  @Test("Orders are answered in their order, each once")
  func order() throws {
    let closed = FenceOrder.set(
      FenceSetting(minReplicas: FenceSetting.closedCount, maxLagSeconds: 1))
    let found = try outcomes(
      [closed, .persist, .set(Self.armed)],
      ["+OK\r\n", "+OK\r\n", "-ERR none\r\n", "+OK\r\n", "+OK\r\n"])
    #expect(found.map(\.order) == [closed, .persist, .set(Self.armed)])
    #expect(found.map(\.problem) == [nil, .notPersisted("ERR none"), nil])
  }

  @Test("What a server says of an error is not kept at any length")
  func bounded() throws {
    let long = "ERR " + String(repeating: "x", count: 60_000)
    let problem = try problem(.persist, ["-\(long)\r\n"])
    guard case .notPersisted(let text) = problem else {
      Issue.record("it is \(String(describing: problem))")
      return
    }
    #expect(text.utf8.count == 200)
  }
}
