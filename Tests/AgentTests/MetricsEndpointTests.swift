import Configuration
import FailoverCore
import Foundation
import Logging
import NIOCore
import NIOPosix
import PeerKit
import Platform
import Testing
import Wording

@testable import Agent
@testable import Metrics

/// A daemon with an endpoint for metrics, asked from outside its loop.
private final class EndpointBench: Sendable {
  private let threads = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let loop: any EventLoop
  private let bench: NIOLoopBound<ControlBench>

  init(metrics: String) throws {
    let loop = threads.next()
    self.loop = loop
    bench = try loop.submit {
      NIOLoopBound(try ControlBench(loop: loop), eventLoop: loop)
    }.wait()
    try loop.submit { [bench] in
      let bench = bench.value
      bench.daemon.metrics = MetricsEndpoint(
        bench.daemon, logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() })
      bench.daemon.start()
      bench.daemon.reload(try Self.loaded(metrics, bench))
    }.wait()
  }

  private static func loaded(_ metrics: String, _ bench: ControlBench) throws
    -> LoadedConfiguration
  {
    try ControlBench.loaded(ControlBench.text + "\n" + metrics, directory: bench.directory)
  }

  /// Reads another configuration with this line.
  func reload(metrics: String) throws {
    try loop.submit { [bench] in
      bench.value.daemon.reload(try Self.loaded(metrics, bench.value))
    }.wait()
  }

  /// Waits until something holds of the daemon: it ticks by itself.
  func wait(until isTrue: @escaping @Sendable (Daemon) -> Bool) throws {
    while try !loop.submit({ [bench] in isTrue(bench.value.daemon) }).wait() { usleep(2_000) }
  }

  func withDaemon<Value: Sendable>(_ body: @escaping @Sendable (Daemon) -> Value) throws -> Value {
    try loop.submit { [bench] in body(bench.value.daemon) }.wait()
  }

  func end() throws {
    let other = try loop.submit { [bench] in bench.value.daemon.metrics?.threads }.wait()
    let promise = loop.makePromise(of: Void.self)
    loop.execute { [bench] in bench.value.end { promise.succeed() } }
    try promise.futureResult.wait()
    try other?.syncShutdownGracefully()
    try threads.syncShutdownGracefully()
  }
}

@Suite(.timeLimit(.minutes(10))) struct MetricsEndpointTests {
  /// A port that was free a moment ago.
  private func freePort() throws -> Int {
    let taken = try TakenPort()
    return taken.port
  }

  @Test func `A daemon serves every metric of the contract, for each of its groups`() throws {
    let port = try freePort()
    let bench = try EndpointBench(metrics: "metrics 127.0.0.1 \(port)")
    defer { try? bench.end() }
    try bench.wait { $0.metrics?.port == port && $0.isReady }
    let text = try #require(HTTPClient.get("/metrics", port: port))
    for (name, kind) in [
      ("vipd_holding", "gauge"), ("vipd_transitions_total", "counter"),
      ("vipd_takeover_seconds", "histogram"), ("vipd_lease_remaining_seconds", "gauge"),
      ("vipd_sentinels", "gauge"), ("vipd_fence_state", "gauge"),
      ("vipd_announcements_total", "counter"), ("vipd_conflicts_total", "counter"),
      ("vipd_address_repairs_total", "counter"), ("vipd_refused_decisions_total", "counter"),
      ("vipd_loop_stall_seconds", "gauge"), ("process_resident_memory_bytes", "gauge"),
    ] {
      #expect(text.contains("\n# TYPE \(name) \(kind)\n"), "\(name)")
    }
    for master in ["mymaster", "cache"] {
      #expect(text.contains("\nvipd_holding{master=\"\(master)\"} 0\n"))
      #expect(text.contains("\nvipd_fence_state{master=\"\(master)\",state=\"off\"} 1\n"))
    }
    #expect(HTTPClient.get("/readyz", port: port)?.contains(" 503 ") == true)
  }

  @Test func `A reload moves the metrics, ends them, and brings them back`() throws {
    let (first, second) = (try freePort(), try freePort())
    let bench = try EndpointBench(metrics: "metrics 127.0.0.1 \(first)")
    defer { try? bench.end() }
    try bench.wait { $0.metrics?.port == first }
    #expect(HTTPClient.get("/healthz", port: first)?.hasSuffix("ok\n") == true)
    try bench.reload(metrics: "metrics 127.0.0.1 \(second)")
    try bench.wait { $0.metrics?.port == second }
    #expect(HTTPClient.get("/healthz", port: second)?.hasSuffix("ok\n") == true)
    #expect(HTTPClient.isRefused(port: first))
    try bench.reload(metrics: "metrics off")
    while !HTTPClient.isRefused(port: second) { usleep(2_000) }
    #expect(try bench.withDaemon { $0.metrics?.port } == nil)
    try bench.reload(metrics: "metrics 127.0.0.1 \(first)")
    try bench.wait { $0.metrics?.port == first }
    #expect(HTTPClient.get("/healthz", port: first)?.hasSuffix("ok\n") == true)
  }

  @Test func `Changes in quick succession end with the last one`() throws {
    let ports = try (0..<5).map { _ in try freePort() }
    let bench = try EndpointBench(metrics: "metrics off")
    defer { try? bench.end() }
    for port in ports { try bench.reload(metrics: "metrics 127.0.0.1 \(port)") }
    try bench.wait { $0.metrics?.port == ports[4] }
    for port in Set(ports.prefix(4)).subtracting([ports[4]]) {
      while !HTTPClient.isRefused(port: port) { usleep(2_000) }
    }
    #expect(HTTPClient.get("/healthz", port: ports[4])?.hasSuffix("ok\n") == true)
  }

  @Test func `A port that is taken is a problem of the daemon until it is free`() throws {
    let port: Int
    let bench: EndpointBench
    do {
      let taken = try TakenPort()
      port = taken.port
      bench = try EndpointBench(metrics: "metrics 127.0.0.1 \(port)")
      try bench.wait { !$0.problems.isEmpty && $0.isReady }
      #expect(
        try bench.withDaemon { $0.problems } == [
          GroupProblem(
            label: "metrics-unserved",
            sentence: "metrics can't be served on 127.0.0.1:\(port): Address already in use")
        ])
    }
    defer { try? bench.end() }
    _ = try bench.withDaemon { $0.metrics?.tick(at: $0.clock.now() + MetricsEndpoint.retryAfter) }
    try bench.wait { $0.problems.isEmpty }
    #expect(HTTPClient.get("/healthz", port: port)?.hasSuffix("ok\n") == true)
  }

  @Test func `What newly keeps the address from a master is counted once, until it ends`() throws {
    let bench = try EndpointBench(metrics: "metrics off")
    defer { try? bench.end() }
    try bench.wait { $0.isReady }
    let refusals = try bench.withDaemon { daemon in
      guard let group = daemon.group("mymaster") else { return [String: Int]() }
      let journal = Journal(group.configuration, group.services)
      var status = group.status
      status.obstacles = [.notMaster(nil)]
      journal.noteObstacles(status)
      status.localRole = .master
      status.obstacles = [.probing, .notConfirmed(by: 0, needed: 2)]
      journal.noteObstacles(status)
      status.obstacles = [.notConfirmed(by: 1, needed: 2)]
      journal.noteObstacles(status)
      status.obstacles = [.notConfirmed(by: 1, needed: 2), .probing]
      journal.noteObstacles(status)
      return journal.counters.refusals
    }
    #expect(refusals == ["probing": 2, "not-confirmed": 1])
  }
}
