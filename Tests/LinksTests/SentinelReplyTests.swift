import Addresses
import FailoverCore
import PeerKit
import RESP
import Testing

@testable import Links

@Suite struct SentinelReplyTests {
  private let decoder = SentinelReplyDecoder { _ in nil }

  private func token(_ text: String) throws -> RESPToken {
    var parser = RESPParser()
    parser.append(Captured.bytes(text))
    return try #require(try parser.next())
  }

  @Test(
    "A MASTER reply of a real Sentinel is read alike in RESP2 and RESP3",
    arguments: [Captured.masterInRESP2, Captured.masterInRESP3])
  func master(text: String) throws {
    var flaws: [SentinelReplyDecoder.Flaw] = []
    let fields = try decoder.master(token(text), &flaws)
    #expect(flaws.isEmpty)
    #expect(fields.endpoint == Endpoint("127.0.0.1:6379"))
    #expect(fields.flags == .master)
    #expect(fields.failoverState == nil)
    #expect((fields.lastOkPingReply ?? .seconds(9)) < .seconds(2))
    #expect(fields.downAfter == .milliseconds(3_000))
    #expect(fields.failoverTimeout == .seconds(180))
    #expect(fields.configEpoch == 0 && fields.quorum == 2 && fields.otherSentinels == 1)
  }

  @Test(
    "A REPLICAS reply of a real Sentinel is read alike in RESP2 and RESP3",
    arguments: [Captured.replicasInRESP2, Captured.replicasInRESP3])
  func replicas(text: String) throws {
    var flaws: [SentinelReplyDecoder.Flaw] = []
    let replicas = try decoder.replicas(token(text), &flaws)
    #expect(flaws.isEmpty)
    #expect(replicas.map(\.endpoint) == [Endpoint("127.0.0.1:6380")])
    #expect(replicas[0].flags == .slave && replicas[0].priority == 100)
    #expect((replicas[0].lastOkPingReply ?? .seconds(9)) < .seconds(2))
  }

  @Test(
    "A SENTINELS reply gives the others with their ids",
    arguments: [Captured.sentinelsInRESP2, Captured.sentinelsInRESP3])
  func sentinels(text: String) throws {
    var flaws: [SentinelReplyDecoder.Flaw] = []
    let sentinels = try decoder.sentinels(token(text), &flaws)
    #expect(flaws.isEmpty)
    #expect(sentinels.map(\.endpoint) == [Endpoint("127.0.0.1:26372")])
    #expect(sentinels[0].runID.utf8.count == 40)
  }

  @Test(
    "The named address is read alike in RESP2 and RESP3",
    arguments: [Captured.namedInRESP2, Captured.namedInRESP3])
  func named(text: String) throws {
    #expect(try decoder.named(token(text)) == Endpoint("127.0.0.1:6379"))
  }

  @Test("An unknown master is told apart from other errors, in each of its forms")
  func unknownMaster() throws {
    for text in ["*-1", "_"] {
      #expect(throws: SentinelReplyError.noSuchMaster) { try decoder.named(token(text)) }
    }
    var parser = RESPParser()
    parser.append("-ERR No such master with that name\r\n-NOPERM no\r\n".utf8)
    let (unknown, refused) = (try #require(try parser.next()), try #require(try parser.next()))
    var flaws: [SentinelReplyDecoder.Flaw] = []
    #expect(throws: SentinelReplyError.noSuchMaster) { try decoder.master(unknown, &flaws) }
    #expect(throws: SentinelReplyError.refused("NOPERM no")) {
      try decoder.master(refused, &flaws)
    }
  }

  @Test("A reply that is not a list of fields is nonsense", arguments: [":1", "$2 hi"])
  func nonsense(text: String) throws {
    let token = try token(text)
    var flaws: [SentinelReplyDecoder.Flaw] = []
    do throws(SentinelReplyError) {
      _ = try decoder.master(token, &flaws)
      Issue.record("it was taken for a view")
    } catch {
      guard case .nonsense = error else {
        Issue.record("it was taken for \(error)")
        return
      }
    }
  }

  @Test(
    "A field of MASTER that is missing or out of range costs that field, and is told",
    arguments: [
      ("$4 6379", "$5 66379"), ("$4 6379", "$1 0"), ("$9 127.0.0.1", "$1 !"),
      ("$6 quorum $1 2", "$6 quorum $2 -2"), ("$12 config-epoch", "$12 config_epoch"),
      ("$4 3000", "$4 3e03"), ("$5 flags", "$5 flaws"),
      ("$18 last-ok-ping-reply", "$18 last_ok_ping_reply"),
      ("$19 num-other-sentinels", "$19 num_other_sentinels"),
    ])
  func spoiledField(old: String, new: String) throws {
    var (flaws, before): ([SentinelReplyDecoder.Flaw], [SentinelReplyDecoder.Flaw]) = ([], [])
    let whole = try decoder.master(token(Captured.masterInRESP2), &before)
    let fields = try decoder.master(
      token(Captured.masterInRESP2.replacing(old, with: new, maxReplacements: 1)), &flaws)
    #expect(before.isEmpty && flaws.count == 1)
    let isSame = [
      fields.endpoint == whole.endpoint, fields.flags == whole.flags,
      fields.lastOkPingReply == whole.lastOkPingReply, fields.downAfter == whole.downAfter,
      fields.failoverTimeout == whole.failoverTimeout, fields.configEpoch == whole.configEpoch,
      fields.quorum == whole.quorum, fields.otherSentinels == whole.otherSentinels,
    ]
    // Without its flags a master may be down, so its age goes with them. The epoch of this one is 0.
    let lost = isSame.count { !$0 }
    #expect(lost == (old == "$5 flags" ? 2 : old == "$12 config-epoch" ? 0 : 1))
  }

  @Test("An age is negative where the Sentinel's clock was set back, and that is told as it is")
  func negativeAge() throws {
    var flaws: [SentinelReplyDecoder.Flaw] = []
    let text = try #require(
      Captured.masterInRESP2.firstMatch(of: /\$18 last-ok-ping-reply \$\d+ \d+/)?.output)
    let spoiled = Captured.masterInRESP2.replacing(
      text, with: "$18 last-ok-ping-reply $7 -600000")
    #expect(try decoder.master(token(spoiled), &flaws).lastOkPingReply == .seconds(-600))
    #expect(flaws.isEmpty)
  }

  @Test("A replica without a port, as a backup tool is one, costs its own entry only")
  func portlessReplica() throws {
    var flaws: [SentinelReplyDecoder.Flaw] = []
    let entry = Captured.replicasInRESP2.drop { $0 != " " }.dropFirst()
    let backup = entry.replacing("$4 6380", with: "$1 0")
    let replicas = try decoder.replicas(token("*2 \(entry) \(backup)"), &flaws)
    #expect(replicas.map(\.endpoint) == [Endpoint("127.0.0.1:6380")])
    #expect(flaws.map(\.text) == ["a replica at 127.0.0.1:0 has no usable address and port"])
  }

  @Test("A Sentinel whose address was taken by another id still counts by its id")
  func portlessSentinel() throws {
    var flaws: [SentinelReplyDecoder.Flaw] = []
    let text = Captured.sentinelsInRESP2.replacing(/\$5\s26372/, with: "$1 0")
    let sentinels = try decoder.sentinels(token(text), &flaws)
    #expect(sentinels.count == 1 && sentinels[0].endpoint == nil)
    #expect(sentinels[0].runID.utf8.count == 40 && flaws.count == 1)
  }

  @Test("A failover state that is not known counts as a failover under way")
  func unknownFailoverState() throws {
    let text = Captured.masterInRESP2.replacing("*40", with: "*42") + " $14 failover-state $3 new"
    var flaws: [SentinelReplyDecoder.Flaw] = []
    #expect(try decoder.master(token(text), &flaws).failoverState == .waitStart)
  }

  @Test("A host name stands for its address once that is known")
  func hostNames() throws {
    let text = Captured.namedInRESP2.replacing("$9 127.0.0.1", with: "$5 node1")
    let token = try token(text)
    #expect(throws: SentinelReplyError.unresolved("node1")) { try decoder.named(token) }
    let knowing = SentinelReplyDecoder { $0 == "node1" ? IPAddress("10.77.0.1") : nil }
    #expect(try knowing.named(token) == Endpoint("10.77.0.1:6379"))
  }

  @Test("Roles and acknowledging replicas are read as a real Redis sends them")
  func redis() throws {
    let decoder = RedisReplyDecoder { _ in nil }
    for text in [Captured.roleOfMasterInRESP2, Captured.roleOfMasterInRESP3] {
      #expect(try decoder.role(token(text)) == .master)
    }
    for text in [Captured.roleOfReplicaInRESP2, Captured.roleOfReplicaInRESP3] {
      #expect(try decoder.role(token(text)) == .replica(of: Endpoint("127.0.0.1:6379")))
    }
    var writer = RESPWriter()
    let text = Captured.replication
    writer.bulkString(text)
    writer.bulkString(text.replacing("lag=0", with: "lag=2").replacing("lag=1", with: "lag=2"))
    writer.bulkString(text.replacing("state=online", with: "state=wait_bgsave"))
    var parser = RESPParser()
    parser.append(writer.bytes)
    var found: [[Endpoint]?] = []
    while let token = try parser.next() { found.append(decoder.replication(token)?.acknowledging) }
    #expect(found == [[Endpoint("127.0.0.1:6380")].compactMap(\.self), [], []])
  }
}

@Suite struct SentinelEventTests {
  @Test(
    "The group of an event is found wherever the event names it",
    arguments: [
      ("+sdown", "master mymaster 10.77.0.1 6379"),
      ("+odown", "master mymaster 10.77.0.1 6379 #quorum 2/2"),
      ("+selected-slave", "slave 10.77.0.2:6379 10.77.0.2 6379 @ mymaster 10.77.0.1 6379"),
      ("+switch-master", "mymaster 10.77.0.1 6379 10.77.0.2 6379"),
      ("-role-change", "slave a:1 a 1 @ mymaster 10.77.0.1 6379 new reported role is master"),
    ])
  func group(channel: String, payload: String) {
    let message = SentinelEventDecoder.message(channel: channel, payload: payload)
    #expect(message == SentinelMessage(masterName: "mymaster", hint: .changed))
  }

  @Test("A vote and a new epoch name no group and keep their numbers")
  func votes() {
    #expect(
      SentinelEventDecoder.message(channel: "+vote-for-leader", payload: "abc 7")
        == SentinelMessage(hint: .voted(leader: "abc", epoch: 7)))
    #expect(
      SentinelEventDecoder.message(channel: "+new-epoch", payload: "8")
        == SentinelMessage(hint: .newEpoch(8)))
    #expect(SentinelEventDecoder.message(channel: "+vote-for-leader", payload: "abc") == nil)
    #expect(SentinelEventDecoder.message(channel: "+new-epoch", payload: "-1") == nil)
  }

  @Test("News of Sentinels asks for their list")
  func sentinels() throws {
    let payload = "sentinel abc 10.77.0.3 26379 @ mymaster 10.77.0.1 6379"
    let message = try #require(
      SentinelEventDecoder.message(channel: "+sentinel", payload: payload))
    #expect(message.concernsSentinels && message.masterName == "mymaster")
  }

  @Test("News of TILT asks what the Sentinel says of itself", arguments: ["+tilt", "-tilt"])
  func tilt(channel: String) throws {
    let message = try #require(
      SentinelEventDecoder.message(channel: channel, payload: "#tilt mode entered"))
    #expect(message.concernsSentinels && message.masterName == nil)
  }

  @Test("An event without a group is for all")
  func noGroup() {
    #expect(
      SentinelEventDecoder.message(channel: "+sdown", payload: "master")
        == SentinelMessage(masterName: nil, hint: .changed))
  }
}
