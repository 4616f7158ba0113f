import Addresses
import Logging
import NIOCore
import PeerKit
import Platform
import Synchronization
import Testing

@testable import Agent

/// A resolver before a fake name server, asked for what is due every few milliseconds.
private final class ResolverBench {
  let names: FakeNames
  let resolver: HostResolver
  let lines = LogLines()
  private(set) var changes = 0
  private let loop: any EventLoop
  private var ticker: RepeatedTask?

  init(loop: any EventLoop, names: FakeNames) {
    self.loop = loop
    self.names = names
    let lines = lines
    resolver = HostResolver(
      loop: loop, clock: HostClock(), logger: Logger(label: "test") { _ in lines.handler },
      lookUp: names.lookUp)
    resolver.pace = HostResolver.Pace(
      keepFor: .milliseconds(40), retryAfter: .milliseconds(5), maxRetry: .milliseconds(20),
      refreshGap: .zero, patience: .milliseconds(10))
    resolver.resolved = { [unowned self] in changes += 1 }
    let bound = NIOLoopBound(resolver, eventLoop: loop)
    ticker = loop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(2)) { _ in
      bound.value.tick(at: HostClock().now())
    }
  }

  func until(_ condition: @escaping () -> Bool, then use: @escaping () -> Void) {
    if condition() { return use() }
    loop.assumeIsolated().scheduleTask(in: .milliseconds(2)) { [self] in
      until(condition, then: use)
    }
  }

  func texts(_ host: String) -> [String] {
    resolver.addresses(of: host).map(\.description)
  }

  func end(_ finish: () -> Void) {
    ticker?.cancel()
    resolver.end()
    names.speak()
    finish()
  }

  /// Runs a test with a bench that ends with it.
  static func run(
    _ names: FakeNames = FakeNames(),
    _ body: @escaping @Sendable (ResolverBench, _ done: @escaping () -> Void) -> Void
  ) async {
    await onLoop { loop, finish in
      let bench = ResolverBench(loop: loop, names: names)
      body(bench) { bench.end(finish) }
    }
  }
}

@Suite(.timeLimit(.minutes(10))) struct HostResolverTests {
  @Test func `A name that a late name server does not know is asked again until it does`() async {
    await ResolverBench.run { bench, done in
      bench.resolver.configure(["s1.example"])
      bench.until({ bench.names.asked.count >= 4 }) {
        #expect(bench.texts("s1.example").isEmpty)
        #expect(bench.changes == 0)
        bench.names.set("s1.example", "10.77.0.1")
        bench.until({ bench.changes == 1 }) {
          #expect(bench.texts("s1.example") == ["10.77.0.1"])
          #expect(bench.resolver.address(of: "s1.example")?.description == "10.77.0.1")
          done()
        }
      }
    }
  }

  @Test func `Why a name is not known is logged once, and again when the reason changes`() async {
    await ResolverBench.run { bench, done in
      bench.resolver.configure(["s1.example"])
      bench.until({ bench.names.asked.count >= 4 }) {
        #expect(bench.lines.all.count == 1)
        #expect(bench.lines.all[0].contains("s1.example can't be resolved (Temporary failure"))
        let problem = bench.resolver.problems(of: ["s1.example", "10.77.0.1"])
        #expect(problem.map(\.host) == ["s1.example"])
        #expect(problem.map(\.reason) == ["Temporary failure in name resolution"])
        bench.names.refuse(with: "Name or service not known")
        bench.until({ bench.lines.all.count == 2 }) {
          #expect(bench.lines.all[1].contains("(Name or service not known)"))
          bench.names.set("s1.example", "10.77.0.1")
          bench.until({ bench.changes == 1 }) {
            #expect(bench.resolver.problems(of: ["s1.example"]).isEmpty)
            done()
          }
        }
      }
    }
  }

  @Test func `Every address of a name is kept, and a changed order changes nothing`() async {
    await ResolverBench.run { bench, done in
      bench.names.set("s.example", "fd77::1", "10.77.0.1", "10.77.0.2")
      bench.resolver.configure(["s.example"])
      bench.until({ bench.changes == 1 }) {
        #expect(bench.texts("s.example") == ["fd77::1", "10.77.0.1", "10.77.0.2"])
        bench.names.set("s.example", "10.77.0.2", "10.77.0.1", "fd77::1")
        let asked = bench.names.asked.count
        bench.until({ bench.names.asked.count >= asked + 2 }) {
          #expect(bench.changes == 1)
          #expect(bench.texts("s.example") == ["fd77::1", "10.77.0.1", "10.77.0.2"])
          bench.names.set("s.example", "10.77.0.9")
          bench.until({ bench.changes == 2 }) {
            #expect(bench.texts("s.example") == ["10.77.0.9"])
            done()
          }
        }
      }
    }
  }

  @Test func `A name that is no longer known keeps its last addresses`() async {
    await ResolverBench.run { bench, done in
      bench.names.set("s.example", "10.77.0.1")
      bench.resolver.configure(["s.example"])
      bench.until({ bench.changes == 1 }) {
        bench.names.set("s.example")
        bench.until({ bench.lines.all.last?.contains("its last addresses are used") == true }) {
          #expect(bench.texts("s.example") == ["10.77.0.1"])
          #expect(bench.resolver.problems(of: ["s.example"]).isEmpty)
          done()
        }
      }
    }
  }

  @Test func `A name that does not lead to a host is asked again before its time`() async {
    await ResolverBench.run { bench, done in
      bench.resolver.pace.keepFor = .seconds(3_600)
      bench.names.set("s.example", "10.77.0.1")
      bench.resolver.configure(["s.example"])
      bench.until({ bench.changes == 1 }) {
        bench.names.set("s.example", "10.77.0.2")
        bench.resolver.refresh("s.example")
        bench.until({ bench.changes == 2 }) {
          #expect(bench.texts("s.example") == ["10.77.0.2"])
          done()
        }
      }
    }
  }

  @Test func `Three hundred names of the configuration are all kept and asked once`() async {
    let names = FakeNames()
    let hosts = (0..<300).map { "s\($0).example" }
    for (index, host) in hosts.enumerated() {
      names.set(host, "10.77.\(index / 200).\(index % 200)")
    }
    await ResolverBench.run(names) { bench, done in
      bench.resolver.pace.keepFor = .seconds(3_600)
      bench.resolver.configure(hosts)
      bench.until({ bench.changes == hosts.count }) {
        #expect(hosts.allSatisfy { bench.texts($0).count == 1 })
        #expect(bench.names.asked.sorted() == hosts.sorted())
        done()
      }
    }
  }

  @Test func `Names that a Sentinel invents neither fill the memory nor push others out`() async {
    await ResolverBench.run { bench, done in
      bench.names.set("s.example", "10.77.0.1")
      bench.names.fallSilent()
      for index in 0..<1_000 { _ = bench.resolver.addresses(of: "x\(index).example") }
      bench.until({ bench.names.waiting == HostResolver.threadCount }) {
        // The name of the configuration is the next to be asked.
        bench.resolver.configure(["s.example"])
        bench.until({ bench.resolver.problems(of: ["s.example"]).count == 1 }) {
          #expect(
            bench.resolver.problems(of: ["s.example"]).map(\.reason) == [
              "no name server has answered yet"
            ])
          bench.names.speak()
          bench.until({ bench.changes == 1 }) {
            #expect(
              Set(bench.names.asked.prefix(2 * HostResolver.threadCount)).contains("s.example"))
            bench.until({ bench.names.asked.count > HostResolver.limit }) { done() }
          }
        }
      }
    }
  }

  @Test func `An answer that comes after the end is nobody's`() async {
    await ResolverBench.run { bench, done in
      bench.names.set("s.example", "10.77.0.1")
      bench.names.fallSilent()
      bench.resolver.configure(["s.example"])
      bench.until({ bench.names.waiting == 1 }) {
        bench.resolver.end()
        bench.names.speak()
        #expect(bench.texts("s.example").isEmpty)
        done()
      }
    }
  }

  @Test func `The system tells the addresses of this host's loopback, and why a name has none`() {
    #expect((try? HostLookup.addresses(of: "localhost").get())?.isEmpty == false)
    guard case .failure(let failure) = HostLookup.addresses(of: "no.such.name.invalid") else {
      Issue.record("a name that cannot exist has an address")
      return
    }
    #expect(!failure.text.isEmpty)
  }
}

/// The lines that were logged.
final class LogLines: Sendable {
  private let lines = Mutex<[String]>([])

  var all: [String] { lines.withLock { $0 } }

  var handler: any LogHandler { Handler(lines: self) }

  fileprivate func add(_ line: String) {
    lines.withLock { $0.append(line) }
  }

  private struct Handler: LogHandler {
    let lines: LogLines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      lines.add("\(event.message)")
    }
  }
}
