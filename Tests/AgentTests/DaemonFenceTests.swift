import Addresses
import Configuration
import FailoverCore
import Foundation
import Logging
import NIOCore
import NIOPosix
import PeerKit
import Platform
import RESP
import Testing

@testable import Agent
@testable import Control

/// A daemon with a fake network and a fake local Redis, and no Sentinel that answers.
private final class DaemonBench {
  let redis = FakeRedis()
  let directory: String
  private(set) var daemon: Daemon?
  private(set) var port: UInt16 = 0
  var server: FakeServer?
  var isRetiring = false
  private let network = FakeNetwork()
  private let loop: any EventLoop
  private let pool = NIOThreadPool(numberOfThreads: 1)

  init(loop: any EventLoop) {
    self.loop = loop
    directory = NSTemporaryDirectory() + "vipd-\(UUID().uuidString.prefix(8))"
    try? FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    pool.start()
  }

  var statePath: String { directory + "/mymaster.state" }

  /// How many commands of a name the server was sent.
  func count(of name: String) -> Int {
    (server?.commands ?? []).count { $0[0] == name }
  }

  func loaded(fence: String) throws -> LoadedConfiguration {
    var configuration = try Configuration(
      parsing: """
        sentinel 127.0.0.1 1
        vip mymaster 10.77.0.100/24 dev eth0
        fence mymaster \(fence)
        control \(directory)/c.sock
        hook \(directory)/h.sock
        state-dir \(directory)
        """, file: "test.conf")
    // No file may say so: here alone the nodes are ports of one host.
    configuration.groups[0].redis = loopback(port)
    return try LoadedConfiguration(readingSecretsOf: configuration)
  }

  func start(port: UInt16, fence: String, state: String?) throws {
    self.port = port
    if let state { try state.write(toFile: statePath, atomically: true, encoding: .utf8) }
    let daemon = Daemon(
      try loaded(fence: fence), network: network.seams, pool: pool, loop: loop,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    self.daemon = daemon
    daemon.start()
  }

  func stop(_ done: @escaping () -> Void) {
    daemon?.stop { [self] in
      server?.close()
      pool.shutdownGracefully { _ in }
      try? FileManager.default.removeItem(atPath: directory)
      daemon = nil
      done()
    }
  }
}

@Suite(.timeLimit(.minutes(10))) struct DaemonFenceTests {
  /// Runs a daemon against a fake Redis; each command that it sends is shown before its answer.
  private func run(
    fence: String, state: String? = nil,
    prepare: @escaping @Sendable (FakeRedis) -> Void = { _ in },
    follow: @escaping @Sendable (DaemonBench, [String], @escaping () -> Void) -> Void
  ) async {
    await onLoop { loop, finish in
      let bench = DaemonBench(loop: loop)
      prepare(bench.redis)
      let bound = NIOLoopBound(bench, eventLoop: loop)
      let server = FakeServer(loop: loop) { words, writer in
        bound.value.redis.answer(words, &writer)
        follow(bound.value, words) { bound.value.stop(finish) }
      }
      bench.server = server
      server.open { port in
        do {
          try bench.start(port: port, fence: fence, state: state)
        } catch {
          Issue.record(error)
          finish()
        }
      }
    }
  }

  @Test("With the mode off, what an earlier daemon found is back in force and in the file")
  func restored() async {
    await run(
      fence: "off", state: "sentinels 3\nfence-found 1/10\nfence-armed 2/1\n",
      prepare: {
        $0.minReplicas = "2"
        $0.maxLag = "1"
      }
    ) { bench, words, done in
      guard words == ["CONFIG", "REWRITE"] else { return }
      #expect(bench.redis.minReplicas == "1" && bench.redis.maxLag == "10")
      done()
    }
  }

  @Test("A mode that is switched off by a reload restores what this daemon found at its start")
  func reloaded() async {
    await run(
      fence: "min-replicas all max-lag 1",
      prepare: { $0.minReplicas = "1" }
    ) { bench, words, done in
      switch words.prefix(2) {
      case ["INFO", "replication"] where bench.redis.maxLag == "10":
        // As if it had been armed since.
        bench.redis.minReplicas = "2"
        bench.redis.maxLag = "1"
        do {
          bench.daemon?.reload(try bench.loaded(fence: "off"))
        } catch {
          Issue.record(error)
        }
      case ["CONFIG", "REWRITE"]:
        #expect(bench.redis.minReplicas == "1" && bench.redis.maxLag == "10")
        done()
      default: break
      }
    }
  }

  @Test("Before a removal Redis gets back what it had, and the next stop releases")
  func retired() async {
    await run(
      fence: "min-replicas all max-lag 1\non-stop keep",
      prepare: { $0.minReplicas = "1" }
    ) { bench, words, done in
      guard words.prefix(2) == ["INFO", "replication"], !bench.isRetiring else { return }
      bench.isRetiring = true
      // As if it had been armed since.
      bench.redis.minReplicas = "2"
      bench.redis.maxLag = "1"
      bench.daemon?.retire { problem in
        #expect(problem == nil)
        #expect(bench.redis.minReplicas == "1" && bench.redis.maxLag == "10")
        #expect(bench.daemon?.loaded.configuration.stopPolicy == .release)
        #expect(bench.daemon?.loaded.configuration.groups.map(\.fence) == [.off])
        done()
      }
    }
  }

  @Test("With the mode off and nothing to restore, Redis is not even asked for its setting")
  func untouched() async {
    await run(fence: "off") { bench, words, done in
      guard words[0] == "ROLE", bench.count(of: "ROLE") == 3 else { return }
      let isAsked = bench.server?.commands.contains { $0[0] == "CONFIG" }
      #expect(isAsked == false)
      done()
    }
  }

  @Test("A stop waits for the answer to an order that was sent")
  func stopWaits() async {
    await run(
      fence: "off", state: "fence-found 1/10\nfence-armed 2/1\n",
      prepare: {
        // A master would be asked for more at the same time.
        $0.role = Captured.roleOfReplicaInRESP3
        $0.minReplicas = "2"
        $0.maxLag = "1"
        // What else is asked is not answered before it.
        $0.silent = ["CONFIG SET", "INFO"]
      }
    ) { bench, words, done in
      guard words == ["CONFIG", "SET", "min-replicas-to-write", "1"] else { return }
      // The order is sent and not answered. However slow this machine is, the answer counts.
      bench.daemon?.orderLimit = .seconds(600)
      #expect(bench.daemon?.groups.first?.redis.hasOrders == true)
      let loop = bench.daemon?.loop
      done()
      loop?.assumeIsolated().scheduleTask(in: .milliseconds(60)) {
        #expect(bench.daemon != nil)
        bench.server?.push { writer in
          // The three answers that are owed: to both halves, and to CONFIG REWRITE behind them.
          for _ in 0..<3 { writer.simpleString("OK") }
        }
      }
    }
  }

  @Test("A stop does not wait for a Redis that hangs")
  func stopGivesUp() async {
    await run(
      fence: "off", state: "fence-found 1/10\nfence-armed 2/1\n",
      prepare: { $0.silent = ["CONFIG SET", "CONFIG REWRITE"] }
    ) { _, words, done in
      if words == ["CONFIG", "SET", "min-replicas-to-write", "1"] { done() }
    }
  }

  @Test("Nothing is known of another instance before it answers, and it is not ordered anything")
  func anotherInstance() async {
    await run(fence: "min-replicas all max-lag 1") { bench, words, done in
      guard words[0] == "ROLE", bench.count(of: "ROLE") == 2,
        let group = bench.daemon?.groups.first
      else { return }
      #expect(group.status.fence.setting == .serverDefault && group.status.localRole == .master)
      // Nobody listens there.
      group.redis.follow(loopback(1))
      #expect(group.status.fence.setting == nil && group.status.localRole == nil)
      #expect(!group.redis.hasOrders)
      done()
    }
  }

  @Test("STATUS tells the fence's state, setting and problem")
  func status() async {
    await run(
      fence: "min-replicas all max-lag 1", prepare: { $0.refusals["CONFIG"] = "NOPERM nobody" }
    ) { bench, words, done in
      guard words[0] == "ROLE", bench.count(of: "ROLE") == 2,
        let daemon = bench.daemon, let group = daemon.groups.first
      else { return }
      let status = group.status
      #expect(status.fence.state == .half)
      let json = StatusReport(clock: daemon.clock, node: "h1", problems: []).json([
        StatusReport.Entry(status: status, holder: nil, fenceDoubt: "too slow")
      ])
      #expect(
        json.contains(
          #""fence":{"state":"half","minReplicas":null,"maxLag":null,"problem":"the local Redis "#
            + #"refuses CONFIG (NOPERM nobody)"#))
      #expect(json.contains(#""doubt":"too slow"}"#))
      let why = WhyReport(clock: daemon.clock).text(status, at: daemon.clock.now())
      #expect(why.contains("  fence: half\n  fence: the local Redis refuses CONFIG"))
      done()
    }
  }
}
