import Addresses
import FailoverCore
import Links
import NIOCore
import PeerKit
import Platform
import RESP
import Testing
import Wording

@Suite(.timeLimit(.minutes(10))) struct RedisLinkTests {
  /// What a master answers; every client is greeted in RESP3.
  private static func answer(_ words: [String], _ writer: inout RESPWriter) {
    switch words.first {
    case "HELLO":
      writer.version = .three
      writer.map(count: 0)
    case "ROLE": writer.bytes += Captured.bytes(Captured.roleOfMasterInRESP3)
    case "SUBSCRIBE":
      writer.push(count: 3)
      writer.bulkString("subscribe")
      writer.bulkString(words[1])
      writer.integer(1)
    default: writer.error("ERR unknown command")
    }
  }

  /// Runs a link, acts after each role that it reports, and ends it after so many.
  ///
  /// Nothing ticks: whatever happens, happens because a connection ended.
  private func run(
    roles wanted: Int, act: @escaping @Sendable (Int, RedisLink, FakeServer) -> Void
  ) async -> [String] {
    await withCheckedContinuation { continuation in
      Task {
        await onLoop { loop, finish in
          let server = FakeServer(loop: loop, answer: Self.answer)
          var reports: [String] = []
          var link: RedisLink?
          var roles = 0
          server.open { port in
            let made = RedisLink(
              to: Endpoint(address: .v4(IPv4Address(127, 0, 0, 1)), port: port), access: Access(),
              channelName: "c", loop: loop, clock: HostClock(),
              decoder: RedisReplyDecoder { _ in nil }
            ) { report in
              switch report {
              case .lost(let loss, _): reports.append("lost \(loss.rawValue)")
              case .role(let role, _):
                reports.append(role.word)
                roles += 1
                guard let current = link else { return }
                if roles < wanted { return act(roles, current, server) }
                current.end()
                server.close()
                link = nil
                continuation.resume(returning: reports)
                finish()
              case .replicas, .replication, .fence, .fenceUnreadable, .fenceAnswered, .message,
                .priority, .priorityAnswered, .roleRefused, .channelRefused, .health, .identity,
                .sentNonsense:
                break
              }
            }
            link = made
            made.tick(at: HostClock().now())
          }
        }
      }
    }
  }

  @Test("A dropped connection is made again and asked for the role, without a tick")
  func reconnect() async {
    let reports = await run(roles: 2) { _, _, server in server.dropClients() }
    #expect(reports == ["master", "lost closed", "master"])
  }

  @Test("So it is when the role was asked for just before the drop")
  func reconnectAfterRole() async {
    let reports = await run(roles: 3) { roles, link, server in
      if roles == 1 { link.readRole() } else { server.dropClients() }
    }
    #expect(reports == ["master", "master", "lost closed", "master"])
  }

  @Test("So it is when the connections are dropped twice in a row")
  func droppedTwice() async {
    let reports = await run(roles: 4) { _, _, server in server.dropClients() }
    #expect(reports.filter { $0 == "master" }.count == 4)
  }
}
