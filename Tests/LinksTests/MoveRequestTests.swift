import Addresses
import FailoverCore
import NIOCore
import PeerKit
import RESP
import Testing

@testable import Links

private let now = Instant(nanoseconds: 5)

private func token(_ text: String) throws -> RESPToken {
  var parser = RESPParser()
  parser.append(Array(text.utf8))
  return try #require(try parser.next())
}

private func bulk(_ text: String) throws -> RESPToken {
  try token("$\(text.utf8.count)\r\n\(text)\r\n")
}

@Suite struct SentinelRequestTests {
  /// What a Sentinel that answers so says of itself.
  private func inspection(
    info: RESPToken, quorum: RESPToken, order: RESPToken? = nil
  ) throws -> SentinelInspection? {
    let request = SentinelRequest.inspect(masterName: "m")
    #expect(
      request.commands.bytes == RESPWriter.command(["INFO", "sentinel"])
        + RESPWriter.command(["SENTINEL", "CKQUORUM", "m"])
        + RESPWriter.command(["SENTINEL", "FAILOVER", ""]))
    #expect(request.commands.count == 3)
    let allowed = try token("-ERR No such master with that name\r\n")
    guard
      case .inspected("m", let inspection, sentAt: now) = request.report(
        .answered([info, quorum, order ?? allowed], sentAt: now), askedAt: now)
    else {
      Issue.record("no inspection is reported")
      return nil
    }
    return inspection
  }

  @Test func `TILT and quorum are read from the two answers`() throws {
    let calm = try bulk("# Sentinel\r\nsentinel_masters:1\r\nsentinel_tilt:0\r\n")
    let tilted = try bulk("# Sentinel\r\nsentinel_tilt:1\r\nsentinel_tilt_since_seconds:3\r\n")
    let fine = try token("+OK 3 usable Sentinels. Quorum can be reached\r\n")
    let words = "NOQUORUM 1 usable Sentinels"
    let bad = try token("-\(words)\r\n")
    #expect(try inspection(info: calm, quorum: fine) == SentinelInspection())
    #expect(try inspection(info: tilted, quorum: fine) == SentinelInspection(isInTilt: true))
    #expect(
      try inspection(info: calm, quorum: bad) == SentinelInspection(quorumProblem: words))
  }

  @Test func `Whether it takes the order to fail over is tried on a master that is none`() throws {
    let calm = try bulk("sentinel_tilt:0\r\n")
    let fine = try token("+OK\r\n")
    for words in [
      "NOPERM this user has no permissions to run the 'sentinel|failover' command",
      "NOPERM this user has no permissions to run the 'sentinel' command or its subcommand",
      "NOAUTH Authentication required.",
    ] {
      #expect(
        try inspection(info: calm, quorum: fine, order: try token("-\(words)\r\n"))
          == SentinelInspection(orderProblem: words))
    }
    for words in ["ERR No such master with that name", "BUSY Redis is busy"] {
      #expect(
        try inspection(info: calm, quorum: fine, order: try token("-\(words)\r\n"))
          == SentinelInspection())
    }
  }

  @Test func `A Sentinel that refuses a question has not answered for itself`() throws {
    let calm = try bulk("sentinel_tilt:0\r\n")
    let refusal = try token("-NOPERM this user has no permissions\r\n")
    let fine = try token("+OK\r\n")
    #expect(try inspection(info: refusal, quorum: fine) == nil)
    #expect(try inspection(info: try bulk("sentinel_masters:1\r\n"), quorum: fine) == nil)
    #expect(try inspection(info: calm, quorum: refusal) == nil)
  }

  @Test(arguments: [
    ("+OK\r\n", FailoverAnswer.accepted),
    ("-INPROG Failover already in progress\r\n", .refused("INPROG Failover already in progress")),
    ("-NOGOODSLAVE No suitable replica\r\n", .refused("NOGOODSLAVE No suitable replica")),
  ])
  func `An order to fail over is answered in the Sentinel's words`(
    text: String, answer: FailoverAnswer
  ) throws {
    let request = SentinelRequest.failOver(masterName: "m")
    #expect(request.commands == RESPCommands([["SENTINEL", "FAILOVER", "m"]]))
    guard
      case .failoverAnswered("m", let said) = request.report(
        .answered([try token(text)], sentAt: now), askedAt: now)
    else {
      Issue.record("no answer is reported")
      return
    }
    #expect(said == answer)
  }

  @Test func `A lost connection loses every request, and a failover may have begun`() throws {
    let reports = [SentinelRequest.inspect(masterName: "m"), .failOver(masterName: "m")].map {
      $0.report(.lost(.closed, "gone"), askedAt: now)
    }
    guard reports.count == 2, case .inspected("m", nil, sentAt: now) = reports[0],
      case .failoverAnswered("m", .lost) = reports[1]
    else {
      Issue.record("\(reports)")
      return
    }
  }
}

@Suite struct RedisRequestTests {
  /// What is reported of a request that is answered so.
  private func report(_ request: RedisRequest, _ replies: [RESPToken]) -> RedisLinkReport? {
    #expect(request.commands.count == replies.count)
    let reports = request.reports(
      .answered(replies, sentAt: now), askedAt: now, RedisReplyDecoder { _ in nil })
    #expect(reports.count <= 1)
    return reports.first
  }

  @Test func `The priority is read from a map and from a flat array`() throws {
    for text in [
      "%1\r\n$16\r\nreplica-priority\r\n$3\r\n100\r\n",
      "*2\r\n$16\r\nreplica-priority\r\n$3\r\n100\r\n",
    ] {
      #expect(
        RedisRequest.readPriority.commands
          == RESPCommands([["CONFIG", "GET", "replica-priority"]]))
      guard case .priority(100, sentAt: now) = report(.readPriority, [try token(text)]) else {
        Issue.record("\(text) has no priority")
        continue
      }
    }
  }

  @Test(arguments: [
    "-NOPERM no\r\n", "*0\r\n", "+OK\r\n", "*2\r\n$16\r\nreplica-priority\r\n$2\r\n-1\r\n",
    "*2\r\n$1\r\nx\r\n$1\r\n1\r\n",
  ])
  func `A priority that is not told is nothing`(text: String) throws {
    guard case .priority(nil, sentAt: now) = report(.readPriority, [try token(text)]) else {
      Issue.record("\(text) is taken for a priority")
      return
    }
  }

  /// What becomes of an order to set the priority, if it is answered so.
  private func problem(
    _ answers: [String], isLasting: Bool
  ) throws -> (isReported: Bool, problem: FenceProblem?) {
    guard
      case .priorityAnswered(1, let problem) = report(
        .setPriority(1, isLasting: isLasting), try answers.map(token))
    else { return (false, nil) }
    return (true, problem)
  }

  @Test func `A priority is set, and written to the file if it is to last`() throws {
    #expect(try problem(["+OK\r\n"], isLasting: false) == (true, nil))
    #expect(try problem(["+OK\r\n", "+OK\r\n"], isLasting: true) == (true, nil))
    #expect(
      try problem(["-NOPERM x\r\n", "+OK\r\n"], isLasting: true) == (true, .refused("NOPERM x")))
    #expect(
      try problem(["+OK\r\n", "-ERR no file\r\n"], isLasting: true)
        == (true, .notPersisted("ERR no file")))
  }

  @Test func `INFO is read at once; requests without a connection are answered all the same`()
    throws
  {
    #expect(RedisRequest.readReplication.commands == RESPCommands([["INFO", "replication"]]))
    let text = Captured.replication.split(separator: "\n").joined(separator: "\r\n")
    guard case .replication(let said, sentAt: now) = report(.readReplication, [try bulk(text)])
    else {
      Issue.record("no replication")
      return
    }
    #expect(said.offset == 1_922)
    let requests = [
      RedisRequest.readReplication, .setPriority(7, isLasting: false), .readPriority,
    ]
    let reports = requests.flatMap {
      $0.reports(.lost(.closed, "gone"), askedAt: now, RedisReplyDecoder { _ in nil })
    }
    guard reports.count == 2, case .priorityAnswered(7, .unreachable) = reports[0],
      case .priority(nil, sentAt: now) = reports[1]
    else {
      Issue.record("\(reports)")
      return
    }
  }
}
