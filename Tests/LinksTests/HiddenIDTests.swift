import Addresses
import FailoverCore
import Logging
import NIOCore
import PeerKit
import Platform
import RESP
import Testing

@testable import Links

/// Two Sentinels of one group that don't tell their ids, and list each other.
private final class SilentPair {
  private(set) var directory: SentinelDirectory?
  private(set) var connections: [String] = []
  private var servers: [FakeServer] = []
  private var ports: [UInt16] = []
  private let loop: any EventLoop
  private var ticker: RepeatedTask?
  private static let runIDs = ["aaaa", "bbbb"]

  init(loop: any EventLoop) {
    self.loop = loop
  }

  func start(then use: @escaping () -> Void) {
    let box = NIOLoopBound(self, eventLoop: loop)
    for place in 0...1 {
      let server = FakeServer(loop: loop) { words, writer in
        box.value.answer(words, at: place, &writer)
      }
      servers.append(server)
      server.open { [self] port in
        ports.append(port)
        if ports.count == 2 { follow(use) }
      }
    }
  }

  private func answer(_ words: [String], at place: Int, _ writer: inout RESPWriter) {
    switch words.dropFirst().first {
    case "MYID": writer.error("ERR Unknown sentinel subcommand 'MYID'")
    case "SENTINELS":
      writer.array(count: 1)
      writer.map(count: 4)
      for word in [
        "ip", "127.0.0.1", "port", "\(ports[1 - place])", "runid", Self.runIDs[1 - place],
        "last-hello-message", "500",
      ] {
        writer.bulkString(word)
      }
    default: FakeSentinel.answer(words, &writer)
    }
  }

  private func follow(_ use: @escaping () -> Void) {
    // The servers have their ids in the order in which they were made.
    let directory = SentinelDirectory(
      loop: loop, clock: HostClock(),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      decoder: SentinelReplyDecoder { _ in nil }, needAddress: { _ in },
      deliver: { [unowned self] event, _ in
        if case .sentinelConnected(let id, let runID) = event {
          connections.append("\(id) \(runID)")
        }
      })
    self.directory = directory
    let lines = ports.map {
      SentinelLine(text: "127.0.0.1:\($0)", masterName: nil, endpoints: [loopback($0)])
    }
    directory.configure(lines, access: Access(), masterNames: ["mymaster"])
    let bound = NIOLoopBound(directory, eventLoop: loop)
    ticker = loop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(3)) { _ in
      bound.value.tick(at: HostClock().now())
    }
    use()
  }

  func until(_ condition: @escaping () -> Bool, then use: @escaping () -> Void) {
    if condition() { return use() }
    loop.assumeIsolated().scheduleTask(in: .milliseconds(3)) { [self] in
      until(condition, then: use)
    }
  }

  func end() {
    ticker?.cancel()
    directory?.end()
    for server in servers { server.close() }
  }
}

@Suite(.timeLimit(.minutes(10))) struct HiddenIDTests {
  @Test func `Sentinels that don't tell their ids have them from one another`() async {
    await onLoop { loop, finish in
      let pair = SilentPair(loop: loop)
      pair.start {
        pair.until({
          pair.directory?.links.compactMap(\.runID).sorted() == ["aaaa", "bbbb"]
            && pair.directory?.links.allSatisfy(\.isConnected) == true
        }) {
          #expect(pair.directory?.links.allSatisfy { $0.hidesRunID && !$0.hasStandIn } == true)
          #expect(pair.connections.contains { $0.hasSuffix(" aaaa") })
          #expect(pair.connections.contains { $0.hasSuffix(" bbbb") })
          pair.end()
          finish()
        }
      }
    }
  }
}
