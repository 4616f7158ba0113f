import Addresses
import FailoverCore
import NIOCore
import PeerKit
import Platform
import RESP
import Testing

@testable import Links

/// A prober and a fake node, and what was answered.
private final class ProberBench {
  let redis = FakeRedis()
  let clock = HostClock()
  let loop: any EventLoop
  var server: FakeServer?
  var prober: NodeProber?
  var port: UInt16 = 0
  private(set) var answers: [(endpoint: Endpoint, observation: NodeObservation?, sentAt: Instant)] =
    []
  var follow: (ProberBench) -> Void = { _ in }
  /// What keeps the bench until it ends.
  private var own: ProberBench?

  init(loop: any EventLoop) {
    self.loop = loop
    prober = NodeProber(
      access: Access(), loop: loop, clock: clock, decoder: RedisReplyDecoder { _ in nil }
    ) { [unowned self] endpoint, observation, sentAt in
      answers.append((endpoint, observation, sentAt))
      follow(self)
    }
    own = self
    tick()
  }

  /// Lets the time pass as the daemon does.
  private func tick() {
    guard own != nil else { return }
    prober?.tick(at: clock.now())
    loop.assumeIsolated().scheduleTask(in: .milliseconds(20)) { self.tick() }
  }

  var node: Endpoint { Endpoint(address: .v4(IPv4Address(127, 0, 0, 1)), port: port) }

  func end() {
    prober?.end()
    prober = nil
    own = nil
    server?.close()
  }
}

@Suite(.timeLimit(.minutes(10))) struct NodeProberTests {
  /// Asks a fake node once, then follows each answer until the test says that it is done.
  private func run(
    prepare: @escaping @Sendable (FakeRedis) -> Void = { _ in },
    begin: @escaping @Sendable (ProberBench) -> Void = { $0.prober?.ask($0.node) },
    follow: @escaping @Sendable (ProberBench, _ done: @escaping () -> Void) -> Void
  ) async {
    await onLoop { loop, finish in
      let bench = ProberBench(loop: loop)
      prepare(bench.redis)
      let bound = NIOLoopBound(bench.redis, eventLoop: loop)
      let server = FakeServer(loop: loop) { bound.value.answer($0, &$1) }
      bench.server = server
      bench.follow = { bench in
        follow(bench) {
          bench.end()
          bench.follow = { _ in }
          finish()
        }
      }
      server.open { port in
        bench.port = port
        begin(bench)
      }
    }
  }

  @Test("A node is asked for its role, replication and fence in one go")
  func asked() async {
    await run(prepare: {
      $0.minReplicas = "2"
      $0.maxLag = "1"
    }) { bench, done in
      #expect(
        bench.answers[0].observation
          == NodeObservation(
            role: .master, offset: 1_922, fence: FenceSetting(minReplicas: 2, maxLagSeconds: 1),
            keys: 0, stream: "7533879e36647770b7ecdf62293e87ae243a1b8a"))
      #expect(bench.answers[0].endpoint == bench.node)
      #expect(
        bench.server?.commands == [
          ["HELLO", "3"], ["ROLE"], ["INFO", "replication"], ["CONFIG", "GET", "min-replicas-*"],
          ["INFO", "keyspace"],
        ])
      done()
    }
  }

  @Test("A node that keeps its setting to itself is an answer all the same")
  func secretive() async {
    await run(prepare: { $0.refusals["CONFIG"] = "NOPERM" }) { bench, done in
      #expect(bench.answers[0].observation?.fence == nil)
      #expect(bench.answers[0].observation?.offset == 1_922)
      done()
    }
  }

  @Test("Without a role or replication there is no answer", arguments: ["ROLE", "INFO"])
  func useless(command: String) async {
    await run(prepare: { $0.refusals[command] = "LOADING" }) { bench, done in
      #expect(bench.answers.map(\.observation) == [nil])
      done()
    }
  }

  @Test("Each answer may bring the next question, over one connection")
  func chain() async {
    await run { bench, done in
      guard bench.answers.count == 200 else { return bench.prober?.ask(bench.node) ?? () }
      #expect(bench.answers.allSatisfy { $0.observation != nil })
      #expect(bench.server?.commands.count { $0[0] == "HELLO" } == 1)
      done()
    }
  }

  @Test("A question asked while one waits is answered by a later answer")
  func askedTwice() async {
    await run(begin: { bench in
      for _ in 0..<5 { bench.prober?.ask(bench.node) }
    }) { bench, done in
      guard bench.answers.count == 2 else { return }
      #expect(bench.answers[0].sentAt < bench.answers[1].sentAt)
      done()
    }
  }

  @Test("A node that answers nothing is given up, and asked anew over a new connection")
  func silent() async {
    await run(prepare: { $0.silent = ["CONFIG"] }) { bench, done in
      if bench.answers.count == 1 {
        #expect(bench.answers[0].observation == nil)
        #expect(
          bench.clock.now() - bench.answers[0].sentAt > ShortConnections.Limits.questions.answer)
        bench.redis.silent = []
        return bench.prober?.ask(bench.node) ?? ()
      }
      #expect(bench.answers[1].observation != nil)
      #expect(bench.server?.commands.count { $0[0] == "HELLO" } == 2)
      done()
    }
  }

  @Test("A node that is not there has no answer")
  func refused() async {
    await run(begin: { bench in
      bench.server?.close()
      bench.prober?.ask(bench.node)
    }) { bench, done in
      #expect(bench.answers.map(\.observation) == [nil])
      done()
    }
  }

  @Test("Nodes without end are asked through few connections, and each has its answer")
  func bounded() async {
    await run(begin: { bench in
      for port in 1...100 {
        bench.prober?.ask(Endpoint(address: .v4(IPv4Address(127, 0, 0, 1)), port: UInt16(port)))
      }
      // All but the last few gave way.
      #expect(bench.answers.count >= 100 - ShortConnections.Limits.questions.servers)
    }) { bench, done in
      if bench.answers.count == 100 { done() }
    }
  }
}
