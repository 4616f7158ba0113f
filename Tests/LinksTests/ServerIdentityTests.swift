import FailoverCore
import RESP
import Testing

@testable import Links

@Suite struct ServerIdentityTests {
  private func token(_ text: String) throws -> RESPToken {
    var parser = RESPParser()
    parser.append(Array("$\(text.utf8.count)\r\n\(text)\r\n".utf8))
    return try #require(try parser.next())
  }

  private func isRunBySystemd(_ line: String) throws -> Bool? {
    try report(line, replication: "role:master\r\n")?.isRunBySystemd
  }

  private func report(
    _ line: String = "", replication: String
  ) throws -> (identity: LocalIdentity, isRunBySystemd: Bool?)? {
    let replies = [
      "# Server\r\nprocess_id:47\r\n\(line)run_id:6f1e\r\n", "# Persistence\r\nloading:0\r\n",
      "# Replication\r\n\(replication)master_repl_offset:1922\r\n", "# Keyspace\r\n",
    ]
    let now = Instant(nanoseconds: 7)
    let outcome = RESPOutcome.answered(try replies.map(token), sentAt: now)
    let reports = RedisRequest.readIdentity.reports(
      outcome, askedAt: now, RedisReplyDecoder { _ in nil })
    guard case .identity(let identity, let isRunBySystemd, _) = try #require(reports.first) else {
      Issue.record("\(reports)")
      return nil
    }
    #expect(identity.process == "6f1e")
    return (identity, isRunBySystemd)
  }

  @Test(arguments: [
    ("role:master\r\n", true), ("role:slave\r\nmaster_link_status:up\r\n", true),
    ("role:slave\r\nmaster_link_status:down\r\n", false), ("role:slave\r\n", false),
  ])
  func `A replica says whether it has its master's data`(
    replication: String, isLinkUp: Bool
  ) throws {
    #expect(try report(replication: replication)?.identity.isLinkUp == isLinkUp)
  }

  /// What Redis 7.0 says after a start as a master with a dump.rdb, before 7.0 or with an append-only file, and
  /// what nobody should say.
  @Test(arguments: [
    (id: stream, next: "1441", offset: 1_440 as UInt64?), (id: stream, next: "1", offset: 0),
    (id: String(repeating: "0", count: 40), next: "-1", offset: nil),
    (id: stream, next: "-1", offset: nil), (id: stream, next: "0", offset: nil),
    (id: "5e", next: "1441", offset: nil), (id: stream + "5", next: "1441", offset: nil),
    (id: "g" + stream.dropFirst(), next: "1441", offset: nil),
  ])
  func `A master that read a file says where that ends in the stream of before`(
    id: String, next: String, offset: UInt64?
  ) throws {
    let text = "role:master\r\nmaster_replid2:\(id)\r\nsecond_repl_offset:\(next)\r\n"
    let expected = offset.map { ReplicationPoint(stream: id, offset: $0) }
    #expect(try report(replication: text)?.identity.base == expected)
  }

  @Test func `A node names the stream that its offset counts`() {
    let info = "# Replication\r\nrole:slave\r\nmaster_replid:\(stream)\r\nmaster_replid2:0\r\n"
    #expect(info.masterStream == stream)
    #expect("role:slave\r\nmaster_replid:\r\n".masterStream == nil)
    #expect("role:slave\r\n".masterStream == nil)
  }

  /// `server.c genRedisInfoString`; an older Redis says nothing of it.
  @Test func `Redis itself says whether systemd runs it, without a right to read its settings`()
    throws
  {
    #expect(try isRunBySystemd("process_supervised:systemd\r\n") == true)
    #expect(try isRunBySystemd("process_supervised:no\r\n") == false)
    #expect(try isRunBySystemd("") == nil)
    #expect(RedisRequest.readIdentity.commands.count == 4)
  }
}

private let stream = "5e1d7c64e1bd6a2f0b8d0a9c3f4e2d1c0b9a8f7e"
