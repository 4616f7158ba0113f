import Addresses
import Dispatch
import FailoverCore
import NIOCore
import NIOPosix
import PeerKit
import Platform
import Testing

@testable import Metrics

/// A server for metrics, with a loop for snapshots that a test can bring to a stop.
private final class MetricsBench: Sendable {
  private let threads = MultiThreadedEventLoopGroup(numberOfThreads: 2)
  private let decisions: any EventLoop
  private let loop: any EventLoop
  private let server: NIOLoopBound<MetricsServer>
  private let count: NIOLoopBoundBox<Int>
  let port: Int

  init(_ bounds: MetricsServer.Bounds = .init(), groups: [MetricsSnapshot.GroupPart] = []) throws {
    let (decisions, loop) = (threads.next(), threads.next())
    (self.decisions, self.loop) = (decisions, loop)
    let count = NIOLoopBoundBox.makeBoxSendingValue(0, eventLoop: decisions)
    self.count = count
    let source = try decisions.submit {
      SnapshotSource(loop: decisions) {
        count.value += 1
        return MetricsSnapshot(
          at: HostClock().now(), groups: groups, pending: [], maxStall: .zero)
      }
    }.wait()
    let endpoint = Endpoint(address: .v4(IPv4Address(127, 0, 0, 1)), port: 0)
    (server, port) = try loop.flatSubmit {
      let server = MetricsServer(source, startedAt: 0, bounds: bounds, loop: loop)
      let bound = NIOLoopBound(server, eventLoop: loop)
      return server.open(endpoint).map { (bound, bound.value.localPort ?? 0) }
    }.wait()
  }

  /// How many snapshots were taken.
  func snapshots() throws -> Int {
    try decisions.submit { [count] in count.value }.wait()
  }

  /// Stops the loop that decides until the gate opens.
  func stall(until gate: DispatchSemaphore) {
    decisions.execute { gate.wait() }
  }

  func end() throws {
    try loop.submit { [server] in server.value.close() }.wait()
    try threads.syncShutdownGracefully()
  }
}

@Suite(.timeLimit(.minutes(10))) struct MetricsServerTests {
  /// The first line of an answer.
  private func status(_ answer: String?) -> String? {
    answer.map { String($0.prefix { $0 != "\r\n" }) }
  }

  @Test func `Metrics are answered with their type and length, then the connection ends`() throws {
    let bench = try MetricsBench(groups: [holderPart()])
    defer { try? bench.end() }
    let answer = try #require(HTTPClient.get("/metrics?x=1", port: bench.port))
    let parts = answer.split(separator: "\r\n\r\n", maxSplits: 1)
    try #require(parts.count == 2)
    #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
    #expect(parts[0].contains("Content-Type: text/plain; version=0.0.4; charset=utf-8"))
    #expect(parts[0].contains("Content-Length: \(parts[1].utf8.count)\r\n"))
    #expect(parts[0].contains("Connection: close"))
    #expect(parts[1].hasPrefix("# HELP vipd_holding "))
    #expect(parts[1].contains("\nvipd_holding{master=\"mymaster\"} 1\n"))
  }

  @Test func `A HEAD has the headers of the answer and no body`() throws {
    let bench = try MetricsBench()
    defer { try? bench.end() }
    let head = try #require(HTTPClient.ask("HEAD /metrics HTTP/1.1\r\n\r\n", port: bench.port))
    #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n") && head.hasSuffix("\r\n\r\n"))
    #expect(head.split(separator: "\r\n\r\n").count == 1)
  }

  @Test(arguments: [
    ("GET / HTTP/1.0\r\n\r\n", "200 OK"), ("GET /healthz HTTP/1.1\r\n\r\n", "200 OK"),
    ("GET /readyz HTTP/1.1\r\n\r\n", "503 Service Unavailable"),
    ("GET /nothing HTTP/1.1\r\n\r\n", "404 Not Found"),
    ("GET /metrics/../x HTTP/1.1\r\n\r\n", "404 Not Found"),
    ("POST /metrics HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", "405 Method Not Allowed"),
    ("DELETE /healthz HTTP/1.1\r\n\r\n", "405 Method Not Allowed"),
    ("GET\r\n\r\n", "400 Bad Request"), ("*1\r\n$4\r\nPING\r\n", "400 Bad Request"),
    ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400 Bad Request"),
    ("GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "400 Bad Request"),
    ("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\r\n\r\n", "400 Bad Request"),
  ])
  func `Each request has the status that is due to it`(request: String, expected: String) throws {
    let bench = try MetricsBench(groups: [holderPart()])
    defer { try? bench.end() }
    #expect(status(HTTPClient.ask(request, port: bench.port)) == "HTTP/1.1 \(expected)")
  }

  @Test func `A method that is not allowed is told which are`() throws {
    let bench = try MetricsBench()
    defer { try? bench.end() }
    let answer = HTTPClient.ask("PUT / HTTP/1.1\r\n\r\n", port: bench.port)
    #expect(answer?.contains("Allow: GET, HEAD\r\n") == true)
  }

  @Test func `Who is not ready says what is missing`() throws {
    let bench = try MetricsBench(groups: [holderPart()])
    defer { try? bench.end() }
    let answer = HTTPClient.get("/readyz", port: bench.port)
    #expect(answer?.hasSuffix("\r\n\r\nmymaster: 2 of 4 Sentinels answer; 3 are needed\n") == true)
  }

  @Test func `A request is bounded in its headers, their number, and its first line`() throws {
    let bench = try MetricsBench()
    defer { try? bench.end() }
    let long = String(repeating: "x", count: 20_000)
    let many = (0..<200).map { "h\($0): v\r\n" }.joined()
    for request in [
      "GET / HTTP/1.1\r\nx: \(long)\r\n\r\n", "GET / HTTP/1.1\r\n\(many)\r\n",
      "GET /\(long) HTTP/1.1\r\n\r\n",
    ] {
      #expect(
        status(HTTPClient.ask(request, port: bench.port))
          == "HTTP/1.1 431 Request Header Fields Too Large", "\(request.prefix(20))")
    }
  }

  @Test func `Requests behind the first are not answered, however many`() throws {
    let bench = try MetricsBench()
    defer { try? bench.end() }
    let request = "GET /healthz HTTP/1.1\r\n\r\n"
    let two = try #require(HTTPClient.ask(request + request, port: bench.port))
    #expect(two.split(separator: "HTTP/1.1 ").count == 1)
    // More than anybody means well with: dropped, with or without the answer.
    let many = HTTPClient.ask(String(repeating: request, count: 10_000), port: bench.port)
    #expect(many.map { $0.split(separator: "HTTP/1.1 ").count <= 1 } == true)
  }

  @Test func `A client that says it is done with asking is still answered`() throws {
    let bench = try MetricsBench()
    defer { try? bench.end() }
    let client = try HTTPClient(port: bench.port)
    client.send("GET /healthz HTTP/1.1\r\n\r\n")
    client.finish()
    #expect(client.answer()?.hasSuffix("\r\n\r\nok\n") == true)
  }

  @Test func `Slow clients end with their time, and keep nobody else waiting`() throws {
    var bounds = MetricsServer.Bounds()
    bounds.maxConnection = .milliseconds(300)
    let bench = try MetricsBench(bounds)
    defer { try? bench.end() }
    let silent = try HTTPClient(port: bench.port)
    let slow = try HTTPClient(port: bench.port)
    slow.send("GET /healthz HTTP/1.1\r\nHost:")
    #expect(HTTPClient.get("/healthz", port: bench.port)?.hasSuffix("ok\n") == true)
    #expect(silent.answer() == "" && slow.answer() == "")
  }

  @Test func `Of many connections the oldest make room, and the newest is answered`() throws {
    let bench = try MetricsBench()
    defer { try? bench.end() }
    let limit = MetricsServer.Bounds().clients
    let oldest = try HTTPClient(port: bench.port)
    oldest.send("GET /metrics HTTP/1.1\r\n")
    var kept = 0
    try connect(3 * limit, to: bench.port) {
      #expect(oldest.answer() == "")
      kept += 1
      #expect(HTTPClient.get("/healthz", port: bench.port)?.hasSuffix("ok\n") == true)
    }
    #expect(kept == 1)
  }

  /// Runs a body while so many silent connections stand.
  private func connect(_ count: Int, to port: Int, then body: () throws -> Void) throws {
    guard count > 0 else { return try body() }
    let client = try HTTPClient(port: port)
    try connect(count - 1, to: port, then: body)
    client.finish()
  }

  @Test func `A loop that stands still is unhealthy, and is asked once for all who wait`() throws {
    var bounds = MetricsServer.Bounds()
    bounds.patience = .milliseconds(100)
    let bench = try MetricsBench(bounds)
    defer { try? bench.end() }
    let gate = DispatchSemaphore(value: 0)
    bench.stall(until: gate)
    for path in ["/healthz", "/readyz", "/metrics"] {
      let answer = HTTPClient.get(path, port: bench.port)
      #expect(status(answer) == "HTTP/1.1 503 Service Unavailable")
      #expect(answer?.hasSuffix("the event loop does not answer\n") == true)
    }
    gate.signal()
    #expect(try bench.snapshots() == 1)
    #expect(HTTPClient.get("/healthz", port: bench.port)?.hasSuffix("ok\n") == true)
  }
}
