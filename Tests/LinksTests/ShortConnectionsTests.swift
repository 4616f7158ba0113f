import Addresses
import FailoverCore
import NIOCore
import PeerKit
import Platform
import RESP
import Testing

@testable import Links

/// Short connections to a server that answers each command with OK, and the outcomes they gave.
private final class PoolBench: ServerBench {
  let server: FakeServer
  let pool: ShortConnections
  var endpoint = loopback(1)
  private(set) var told: [String] = []
  private let loop: any EventLoop

  init(_ limits: ShortConnections.Limits, loop: any EventLoop) {
    self.loop = loop
    server = FakeServer(loop: loop) { words, writer in
      switch words[0] {
      case "HELLO":
        writer.version = .three
        writer.map(count: 0)
      case "SILENT": break
      default: writer.simpleString("OK")
      }
    }
    pool = ShortConnections(limits, access: Access(), loop: loop, clock: HostClock())
  }

  /// Sends a command, and notes its outcome.
  func send(_ word: String, to endpoint: Endpoint? = nil) {
    pool.send(RESPCommands([[word]]), to: endpoint ?? self.endpoint) { [unowned self] outcome in
      switch outcome {
      case .answered: told.append(word)
      case .lost(let loss, _): told.append("\(word) \(loss.rawValue)")
      }
    }
  }

  var words: [String] { server.commands.map { $0[0] } }

  func until(_ condition: @escaping () -> Bool, then use: @escaping () -> Void) {
    if condition() { return use() }
    loop.assumeIsolated().scheduleTask(in: .milliseconds(2)) { [self] in
      until(condition, then: use)
    }
  }

  static func run(
    _ limits: ShortConnections.Limits,
    _ body: @escaping @Sendable (PoolBench, _ done: @escaping () -> Void) -> Void
  ) async {
    await run({ PoolBench(limits, loop: $0) }, body)
  }

  func end() { pool.end() }
}

@Suite(.timeLimit(.minutes(10))) struct ShortConnectionsTests {
  @Test func `One connection serves what comes while it is made, and what comes after`() async {
    await PoolBench.run(.messages) { bench, done in
      bench.send("A")
      bench.send("B")
      bench.until({ bench.told == ["A", "B"] }) {
        bench.send("C")
        bench.until({ bench.told.count == 3 }) {
          #expect(bench.words == ["HELLO", "A", "B", "C"])
          done()
        }
      }
    }
  }

  @Test func `An order goes ahead of what waits`() async {
    await PoolBench.run(.questions) { bench, done in
      bench.send("A")
      bench.pool.order(RESPCommands([["ORDER"]]), at: bench.endpoint)
      bench.until({ bench.told == ["A"] }) {
        #expect(bench.words == ["HELLO", "ORDER", "A"])
        done()
      }
    }
  }

  @Test func `An order outlives a connection that is refused; a question is lost with it`() async {
    await PoolBench.run(.questions) { bench, done in
      let nobody = loopback(1)
      bench.send("A", to: nobody)
      bench.pool.order(RESPCommands([["ORDER"]]), at: nobody)
      bench.until({ bench.told == ["A refused"] }) {
        bench.send("B", to: nobody)
        bench.pool.tick(at: HostClock().now() + .milliseconds(100))
        bench.until({ bench.told == ["A refused", "B refused"] }) {
          // Its time is over: nothing is tried any more.
          bench.pool.tick(at: HostClock().now() + .seconds(1))
          #expect(bench.told.count == 2)
          done()
        }
      }
    }
  }

  @Test func `What is not answered in time ends its connection, and all that it carries`() async {
    await PoolBench.run(.messages) { bench, done in
      bench.send("SILENT")
      bench.send("SILENT")
      bench.until({ bench.words.count == 3 }) {
        bench.pool.tick(at: HostClock().now() + .milliseconds(900))
        #expect(bench.told.isEmpty)
        bench.pool.tick(at: HostClock().now() + .seconds(2))
        #expect(bench.told == ["SILENT unreachable", "SILENT unreachable"])
        done()
      }
    }
  }

  @Test func `More than may wait is lost at once`() async {
    await PoolBench.run(.messages) { bench, done in
      for _ in 0..<10 { bench.send("A") }
      #expect(bench.told == ["A unreachable", "A unreachable"])
      bench.until({ bench.told.count == 10 }) { done() }
    }
  }

  @Test func `The server that was needed longest ago gives way`() async {
    var limits = ShortConnections.Limits.messages
    limits.servers = 1
    await PoolBench.run(limits) { bench, done in
      bench.send("A", to: loopback(1))
      bench.send("B")
      #expect(bench.told == ["A closed"])
      bench.until({ bench.told.count == 2 }) { done() }
    }
  }

  @Test func `An idle connection is closed after a while, and made again`() async {
    await PoolBench.run(.messages) { bench, done in
      bench.send("A")
      bench.until({ bench.told == ["A"] }) {
        bench.pool.tick(at: HostClock().now() + .seconds(31))
        bench.send("B")
        bench.until({ bench.told.count == 2 }) {
          #expect(bench.words == ["HELLO", "A", "HELLO", "B"])
          done()
        }
      }
    }
  }

  @Test func `A trial is a greeting, and its connection ends with it`() async {
    await PoolBench.run(.trials) { bench, done in
      var outcomes = 0
      for _ in 0..<2 {
        bench.pool.send(RESPCommands([]), to: bench.endpoint) { _ in outcomes += 1 }
      }
      bench.until({ outcomes == 2 }) {
        bench.pool.send(RESPCommands([]), to: bench.endpoint) { _ in outcomes += 1 }
        bench.until({ outcomes == 3 }) {
          #expect(bench.words == ["HELLO", "HELLO"])
          done()
        }
      }
    }
  }

  @Test func `After the end there is no outcome`() async {
    await PoolBench.run(.messages) { bench, done in
      bench.send("A")
      bench.pool.end()
      bench.send("B")
      bench.pool.tick(at: HostClock().now() + .seconds(9))
      #expect(bench.told.isEmpty)
      done()
    }
  }
}
