import Addresses
import FailoverCore
import RESP
import Testing
import Wording

@testable import Agent
@testable import Links

@Suite struct RedisConditionTests {
  private let unprotected = KnownLogin(directive: "auth-pass-file redis mymaster")
  private let protected = KnownLogin(
    user: "vipd", file: "/etc/vipd/m.pass", directive: "auth-pass-file redis mymaster")

  private func problems(
    _ reports: RedisLinkReport..., entry: ServerWords? = nil, login: KnownLogin? = nil
  ) -> [GroupProblem] {
    var condition = RedisCondition()
    for report in reports { condition.take(report) }
    return condition.problems(of: "Redis r", entry: entry, login: login ?? unprotected)
  }

  @Test(arguments: [
    ("BUSY Redis is busy running a script.", "redis-busy"),
    ("NOPERM this user has no permissions to run the 'role' command", "redis-noperm"),
    ("DENIED Redis is running in protected mode", "redis-denied"),
    ("LOADING Redis is loading the dataset in memory", "redis-loading"),
    ("MASTERDOWN Link with MASTER is down", "redis-masterdown"),
    ("READONLY You can't write against a read only replica.", "redis-readonly"),
    ("MISCONF Errors writing to the AOF file", "redis-misconf"),
    ("NOAUTH Authentication required.", "redis-auth"),
    ("ERR max number of clients reached", "redis-max-clients"),
    ("ERR something else", "redis-refuses"),
    ("Connection refused", "redis-silent"),
    ("TLS: its certificate expired on 2026-11-30: renew it there", "redis-tls"),
    ("it does not speak RESP: no RESP type begins with byte 72", "redis-foreign"),
  ])
  func `What Redis says has a label of its own and is quoted`(words: String, label: String) {
    for report in [RedisLinkReport.roleRefused(ServerWords(words)), .lost(.closed, words)] {
      let found = problems(report)
      #expect(found.map(\.label) == [label])
      #expect(found[0].sentence.contains(words))
    }
  }

  @Test func `Where connections stand and new ones are refused, that is told and nothing else`() {
    let words = ServerWords("Connection refused (errno: 111)")
    let found = problems(.role(.master, sentAt: .milliseconds(0)), entry: words)
    #expect(found.map(\.label) == ["redis-closed"])
    #expect(found[0].sentence.contains("(Connection refused (errno: 111))"))
    // Where it does not answer at all, one sentence is enough.
    let silent = problems(.lost(.refused, "Connection refused (errno: 111)"), entry: words)
    #expect(silent.map(\.label) == ["redis-silent"])
  }

  @Test func `A handshake that fails is told also while the old connection goes on`() {
    let words = ServerWords("TLS: its certificate expired on 2026-11-30: renew it there")
    let found = problems(.role(.master, sentAt: .milliseconds(0)), entry: words)
    #expect(found.map(\.label) == ["redis-tls"])
    #expect(found[0].sentence == "Redis r: \(words.text)")
  }

  @Test func `A refused password is named with its user and its file`() {
    let words = ServerWords("WRONGPASS invalid username-password pair or user is disabled.")
    let found = problems(.role(.master, sentAt: .milliseconds(0)), entry: words, login: protected)
    #expect(found.map(\.label) == ["password-refused"])
    #expect(
      found[0].sentence.hasPrefix(
        "Redis r refuses the password of user vipd in /etc/vipd/m.pass (WRONGPASS invalid"))
    let lacking = problems(.lost(.closed, "NOAUTH HELLO must be called"))
    #expect(lacking[0].sentence.contains("add the line 'auth-pass-file redis mymaster FILE'"))
  }

  @Test func `A role, or a new connection, ends what was refused before`() {
    let busy = RedisLinkReport.roleRefused(ServerWords("BUSY x"))
    #expect(problems(busy, .role(.master, sentAt: .milliseconds(0))).isEmpty)
    #expect(
      problems(.lost(.refused, "Connection refused"), .role(.master, sentAt: .milliseconds(0)))
        .isEmpty)
    #expect(problems(busy, .lost(.closed, "closed by the peer")).map(\.label) == ["redis-silent"])
    let channel = RedisLinkReport.channelRefused(ServerWords("NOPERM x"))
    #expect(problems(channel).map(\.label) == ["redis-channel"])
    #expect(problems(channel, .channelRefused(nil)).isEmpty)
  }

  @Test func `A master that loads says how far it is, and a replica is not asked`() {
    var health = RedisHealth()
    health.take("# Persistence\r\nloading:1\r\nloading_loaded_perc:37.25\r\n")
    let found = problems(.role(.master, sentAt: .milliseconds(0)), .health(health))
    #expect(found.map(\.label) == ["redis-loading"])
    #expect(found[0].sentence.contains("is loading its data (37 %)"))
    let demoted = RedisLinkReport.role(.replica(of: nil), sentAt: .milliseconds(0))
    #expect(problems(.health(health), demoted).isEmpty)
  }

  @Test(arguments: [(true as Bool?, true), (nil, true), (false, false)])
  func `A failed save matters unless Redis does not mind`(stops: Bool?, isProblem: Bool) {
    var health = RedisHealth(hasFailedToSave: true, stopsWithoutSave: stops)
    #expect(problems(.health(health)).map(\.label) == (isProblem ? ["redis-misconf"] : []))
    health.hasFailedToAppend = true
    #expect(problems(.health(health)).map(\.label) == ["redis-misconf"])
    #expect(problems(.health(health))[0].sentence.contains("aof_last_write_status:err"))
  }

  @Test func `Clients that were turned away count only from one look to the next`() {
    let looks = [5, 5, 9].map { RedisLinkReport.health(RedisHealth(rejectedConnections: $0)) }
    #expect(problems(looks[0]).isEmpty)
    #expect(problems(looks[0], looks[1]).isEmpty)
    let found = problems(looks[0], looks[1], looks[2])
    #expect(found.map(\.label) == ["redis-max-clients"])
    #expect(
      found[0].sentence.contains("turned 4 clients away within 4.0 s: ERR max number of clients"))
    // The server was started anew.
    #expect(problems(looks[2], looks[0]).isEmpty)
  }
}

@Suite struct RedisHealthTests {
  private func token(_ text: String) throws -> RESPToken {
    var parser = RESPParser()
    parser.append(Array(text.utf8))
    return try #require(try parser.next())
  }

  private func bulk(_ text: String) -> String { "$\(text.utf8.count)\r\n\(text)\r\n" }

  @Test func `A healthy master is asked two questions, and one that can't save two more`() throws {
    var inquiry = RedisHealthInquiry()
    let fine = try token(bulk("loading:0\r\nrdb_last_bgsave_status:ok\r\n"))
    let stats = try token(bulk("rejected_connections:7\r\n"))
    #expect(inquiry.take(.persistence, fine) == .wait)
    #expect(inquiry.take(.stats, stats) == .done(RedisHealth(rejectedConnections: 7)))
    let failed = try token(bulk("rdb_last_bgsave_status:err\r\naof_enabled:0\r\n"))
    #expect(inquiry.take(.persistence, failed) == .wait)
    #expect(inquiry.take(.stats, stats) == .askSettings)
    let stops = try token("%1\r\n" + bulk("stop-writes-on-bgsave-error") + bulk("yes"))
    #expect(inquiry.take(.stopsWrites, stops) == .wait)
    #expect(
      inquiry.take(.saves, try token("%1\r\n$4\r\nsave\r\n$6\r\n3600 1\r\n"))
        == .done(
          RedisHealth(hasFailedToSave: true, stopsWithoutSave: true, rejectedConnections: 7)))
  }

  @Test(arguments: [
    ("yes", "3600 1", true as Bool?), ("no", "3600 1", false), ("yes", "", false), (nil, "", false),
    (nil, nil, nil), ("yes", nil, nil), ("no", nil, false),
  ])
  func `Writes stop after a failed save only with both settings`(
    stops: String?, saves: String?, expected: Bool?
  ) throws {
    func answer(_ name: String, _ value: String?) throws -> RESPToken {
      try token(value.map { "*2\r\n" + bulk(name) + bulk($0) } ?? "-NOPERM no\r\n")
    }
    var inquiry = RedisHealthInquiry()
    _ = inquiry.take(.persistence, try token(bulk("rdb_last_bgsave_status:err\r\n")))
    _ = inquiry.take(.stats, try token(bulk("")))
    _ = inquiry.take(.stopsWrites, try answer("stop-writes-on-bgsave-error", stops))
    let last = inquiry.take(.saves, try answer("save", saves))
    #expect(last == .done(RedisHealth(hasFailedToSave: true, stopsWithoutSave: expected)))
  }

  @Test func `Whoever may not ask asks no more`() throws {
    var inquiry = RedisHealthInquiry()
    #expect(inquiry.take(.persistence, try token("-NOPERM no\r\n")) == .refused)
  }

  @Test(arguments: [
    "", ":", "loading", "loading_loaded_perc:x", "rejected_connections:-1", "a:b:c",
  ])
  func `Lines that make no sense change nothing`(text: String) {
    var health = RedisHealth()
    health.take(text)
    #expect(health == RedisHealth())
  }

  @Test func `One spoiled line costs that line, whatever stands there`() {
    let fields = [
      "loading:1", "loading_loaded_perc:37.25", "rdb_last_bgsave_status:err", "aof_enabled:1",
      "aof_last_write_status:err", "rejected_connections:12", "async_loading:0", "# Persistence",
    ]
    let pieces = [
      "", ":", "err", "-1", "99999999999999999999", "é", "\u{0}", "loading", "=", " ", "1", "1.5.2",
    ]
    var random = SystemRandomNumberGenerator()
    for round in 0..<20_000 {
      let place = round % fields.count
      var spoiled = fields
      var rest = fields
      rest.remove(at: place)
      let junk = (0..<3).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
      // A name that nobody knows: the line is spoiled as a whole.
      spoiled[place] = "x" + junk
      var with = RedisHealth()
      var without = RedisHealth()
      with.take(spoiled.joined(separator: "\r\n"))
      without.take(rest.joined(separator: "\r\n"))
      #expect(with == without)
      // A value that makes no sense leaves the fields of all other lines as they are.
      let name = fields[place].prefix { $0 != ":" }
      spoiled[place] = name + ":" + junk
      var odd = RedisHealth()
      odd.take(spoiled.joined(separator: "\r\n"))
      #expect(place == 0 || odd.isLoading)
      #expect(place == 5 || odd.rejectedConnections == 12)
      #expect((0...100).contains(odd.loadedPercent ?? 0))
    }
  }

  @Test func `An append-only file that is off is not broken`() {
    var health = RedisHealth()
    health.take("aof_enabled:0\r\naof_last_write_status:err\r\n")
    #expect(!health.hasFailedToAppend)
    health.take("aof_enabled:1\r\naof_last_write_status:err\r\n")
    #expect(health.hasFailedToAppend)
  }
}
