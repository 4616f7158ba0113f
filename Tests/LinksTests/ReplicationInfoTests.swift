import Addresses
import FailoverCore
import PeerKit
import RESP
import Testing

@testable import Links

@Suite struct ReplicationInfoTests {
  private func info(_ text: String, names: [String: IPAddress] = [:]) -> ReplicationInfo {
    ReplicationInfo(Array(text.utf8)[...]) { names[$0] }
  }

  private func replica(_ text: String) throws -> Endpoint { try #require(Endpoint(text)) }

  @Test("A master's replicas and offset are read as a real Redis sends them")
  func master() throws {
    let info = info(Captured.replication.replacing("\n", with: "\r\n"))
    #expect(
      info.local
        == LocalReplication(
          replicas: [
            AttachedReplica(
              endpoint: try replica("127.0.0.1:6380"), isOnline: true, lagSeconds: 1, offset: 1_922)
          ], offset: 1_922))
    #expect(
      info.observation(of: .master, fence: nil) == NodeObservation(role: .master, offset: 1_922))
  }

  @Test("Redis's own count of good replicas is told by a master that asks for them")
  func count() {
    #expect(info("connected_slaves:2\r\nmin_slaves_good_slaves:1\r\n").local.goodReplicas == 1)
    #expect(info("connected_slaves:2\r\n").local.goodReplicas == nil)
    #expect(info("min_slaves_good_slaves:-1").local.goodReplicas == nil)
  }

  @Test("A replica's own words are read as a real Redis 7.0 sends them")
  func replicaItself() throws {
    let text = """
      # Replication
      role:slave
      master_host:10.77.0.1
      master_port:6379
      master_link_status:up
      slave_read_repl_offset:77
      slave_repl_offset:70
      slave_priority:25
      connected_slaves:0
      master_repl_offset:71
      """
    let role = LocalRole.replica(of: try replica("10.77.0.1:6379"))
    let fence = FenceSetting(minReplicas: 2, maxLagSeconds: 1)
    let up = NodeObservation(role: role, offset: 70, isLinkUp: true, priority: 25, fence: fence)
    #expect(info(text).observation(of: role, fence: fence) == up)
    let down = info(text.replacing("status:up", with: "status:down"))
    #expect(!down.observation(of: role, fence: fence).isLinkUp)
  }

  @Test("Names go through the resolver, IPv6 and what Valkey adds are understood")
  func addresses() throws {
    let text = """
      slave0:ip=fd77::2,port=6379,state=online,offset=5,lag=0,type=replica
      slave1:ip=redis-b.example,port=6380,state=wait_bgsave,offset=0,lag=0
      slave2:ip=redis-c.example,port=6381,state=online,offset=9,lag=3
      """
    let named = try #require(IPAddress("10.77.0.9"))
    #expect(
      info(text, names: ["redis-b.example": named]).replicas == [
        AttachedReplica(endpoint: try replica("[fd77::2]:6379"), offset: 5),
        AttachedReplica(endpoint: try replica("10.77.0.9:6380"), isOnline: false),
      ])
  }

  @Test("A clock that was set back makes no replica bad, nor a year of lag a crash")
  func lag() {
    let line = "slave0:ip=10.77.0.2,port=6379,state=online,offset=1,lag="
    #expect(info(line + "-3").replicas.map(\.lagSeconds) == [0])
    #expect(info(line + "999999999999999999").replicas.map(\.lagSeconds) == [1 << 31])
    #expect(info(line + "9999999999999999999").replicas.isEmpty)
  }

  @Test(
    "What is damaged is left out",
    arguments: [
      "", ":", "slave0", "slave0:", "slave0:ip=,port=1,state=online,lag=0",
      "slave0:ip=10.77.0.2,port=0,state=online,lag=0",
      "slave0:ip=10.77.0.2,port=65536,state=online,lag=0", "slave0:ip=10.77.0.2,state=online,lag=0",
      "slave0:ip=10.77.0.2,port=1,state=online", "slave:ip=10.77.0.2,port=1,state=online,lag=0",
      "slavex:ip=10.77.0.2,port=1,state=online,lag=0", "slave0:ip=10.77.0.2,port=1,lag=-",
      "slave_priority:-1", "master_repl_offset:-1", "master_repl_offset:18446744073709551616",
    ])
  func damage(text: String) {
    #expect(info(text) == info(""))
  }

  @Test("A list without end is cut")
  func bounded() {
    let lines = (0..<5_000).map {
      "slave\($0 % 1_000):ip=10.77.\($0 / 250).\($0 % 250 + 1),port=1,state=online,offset=1,lag=0"
    }
    #expect(info(lines.joined(separator: "\r\n")).replicas.count == LocalReplication.maxReplicas)
  }

  @Test("The setting is read from a flat array and from a map, in any order")
  func setting() throws {
    let decoder = RedisReplyDecoder { _ in nil }
    for version in [RESPVersion.two, .three] {
      var writer = RESPWriter(version: version)
      writer.map(count: 2)
      for word in ["min-replicas-max-lag", "1", "min-replicas-to-write", "1000000"] {
        writer.bulkString(word)
      }
      var parser = RESPParser()
      parser.append(writer.bytes)
      let token = try #require(try parser.next())
      let setting = try #require(decoder.fence(token))
      #expect(setting == FenceSetting(minReplicas: 1_000_000, maxLagSeconds: 1))
      #expect(setting.isClosed)
    }
  }

  @Test(
    "A setting that Redis can't have is none",
    arguments: [
      "*0\r\n", "-NOPERM\r\n", "$-1\r\n", "*2\r\n$21\r\nmin-replicas-to-write\r\n$1\r\n2\r\n",
      "*4\r\n$21\r\nmin-replicas-to-write\r\n$2\r\n-1\r\n$20\r\nmin-replicas-max-lag\r\n$1\r\n1\r\n",
      "*4\r\n$21\r\nmin-replicas-to-write\r\n$10\r\n2147483648\r\n$20\r\nmin-replicas-max-lag\r\n"
        + "$1\r\n1\r\n",
    ])
  func noSetting(reply: String) throws {
    var parser = RESPParser()
    parser.append(Array(reply.utf8))
    let token = try #require(try parser.next())
    #expect(RedisReplyDecoder { _ in nil }.fence(token) == nil)
  }
}
