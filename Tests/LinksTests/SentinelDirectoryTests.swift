import Addresses
import FailoverCore
import Links
import Logging
import NIOCore
import NIOPosix
import PeerKit
import Platform
import RESP
import Testing

/// A directory over fake Sentinels whose ids and lists a test can change.
private final class DirectoryBench {
  /// What one fake Sentinel tells of itself.
  final class Sentinel: @unchecked Sendable {
    var myID: String
    var processID: String
    var others: [(runID: String, port: UInt16)] = []
    var server: FakeServer?
    var port: UInt16 = 0

    init(_ myID: String, process: String) {
      self.myID = myID
      processID = process
    }
  }

  let loop: any EventLoop
  private(set) var directory: SentinelDirectory?
  private var ticker: RepeatedTask?
  private(set) var events: [String] = []
  var sentinels: [Sentinel] = []
  /// Called after each event and tick.
  var told: () -> Void = {}

  init(loop: any EventLoop) {
    self.loop = loop
  }

  /// Opens the servers, then follows those of the first lines.
  func start(_ sentinels: [Sentinel], lines: Int, then use: @escaping () -> Void = {}) {
    self.sentinels = sentinels
    var waiting = sentinels.count
    for sentinel in sentinels {
      let server = FakeServer(loop: loop) { words, writer in
        DirectoryBench.answer(words, &writer, sentinel)
      }
      sentinel.server = server
      server.open { [self] port in
        sentinel.port = port
        waiting -= 1
        guard waiting == 0 else { return }
        use()
        follow(lines)
      }
    }
  }

  private static func answer(_ words: [String], _ writer: inout RESPWriter, _ sentinel: Sentinel) {
    if words.prefix(2) == ["SENTINEL", "MYID"] {
      writer.bulkString(sentinel.myID)
    } else if words.prefix(2) == ["SENTINEL", "SENTINELS"] {
      writer.array(count: sentinel.others.count)
      for other in sentinel.others {
        writer.array(count: 6)
        for word in ["ip", "127.0.0.1", "port", "\(other.port)", "runid", other.runID] {
          writer.bulkString(word)
        }
      }
    } else if words.first == "INFO" {
      writer.bulkString("# Server\r\nrun_id:\(sentinel.processID)\r\nsentinel_tilt:0\r\n")
    } else {
      FakeSentinel.answer(words, &writer)
    }
  }

  private func follow(_ lines: Int) {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let directory = SentinelDirectory(
      loop: loop, clock: HostClock(), logger: logger, decoder: SentinelReplyDecoder { _ in nil },
      needAddress: { _ in },
      deliver: { [unowned self] event, _ in
        guard let text = Self.text(event) else { return }
        events.append(text)
        told()
      })
    self.directory = directory
    directory.configure(
      sentinels.prefix(lines).map { sentinel in
        SentinelLine(text: "line", masterName: nil, endpoints: [Self.endpoint(sentinel.port)])
      }, access: Access(), masterNames: ["mymaster"])
    let bound = NIOLoopBound(self, eventLoop: loop)
    ticker = loop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(5)) { _ in
      bound.value.directory?.tick(at: HostClock().now())
      bound.value.told()
    }
  }

  static func endpoint(_ port: UInt16) -> Endpoint {
    Endpoint(address: .v4(IPv4Address(127, 0, 0, 1)), port: port)
  }

  /// The place of a Sentinel in the test's order.
  func place(_ id: SentinelID) -> Int? { sentinels.firstIndex { $0.port == id.port } }

  private static func text(_ event: Event) -> String? {
    switch event {
    case .sentinelConnected(let id, let runID): "connected \(id.port) \(runID)"
    case .sentinelDisconnected(let id, let loss): "lost \(id.port) \(loss.rawValue)"
    case .sentinelForgotten(let id): "forgotten \(id.port)"
    case .sentinelsConfigured(let count): "configured \(count)"
    default: nil
    }
  }

  func end() {
    ticker?.cancel()
    directory?.end()
    for sentinel in sentinels { sentinel.server?.close() }
  }
}

@Suite(.timeLimit(.minutes(10))) struct SentinelDirectoryTests {
  /// Runs a directory until its events fulfil a condition, and returns them.
  private func events(
    _ make: @escaping @Sendable (DirectoryBench) -> Void,
    act: @escaping @Sendable (DirectoryBench) -> Void = { _ in },
    until isDone: @escaping @Sendable (DirectoryBench) -> Bool
  ) async -> [String] {
    await withCheckedContinuation { continuation in
      Task {
        await onLoop { loop, finish in
          let bench = DirectoryBench(loop: loop)
          var isOver = false
          bench.told = {
            guard !isOver else { return }
            act(bench)
            guard isDone(bench) else { return }
            isOver = true
            let events = bench.events
            loop.assumeIsolated().execute {
              bench.end()
              continuation.resume(returning: events)
              finish()
            }
          }
          make(bench)
        }
      }
    }
  }

  @Test("Two addresses of one process count once, also in the number that is configured")
  func twoAddresses() async {
    let events = await events(
      { $0.start([.init("aa", process: "1"), .init("aa", process: "1")], lines: 2) },
      until: { $0.events.contains("configured 1") })
    #expect(events.first == "configured 2")
    #expect(events.count { $0.hasPrefix("connected") } == 1)
  }

  @Test("A copied id is told as such, and followed for itself as soon as it is another's")
  func copiedID() async {
    let events = await events(
      { $0.start([.init("aa", process: "1"), .init("aa", process: "2")], lines: 2) },
      act: { bench in
        let isCopied = bench.directory?.twins.contains { $0.isCopied } ?? false
        guard isCopied || bench.sentinels[1].myID == "bb" else { return }
        // The operator takes the line out and starts it again.
        let twin = bench.sentinels[1].myID == "aa" ? bench.directory?.twins.first : nil
        guard let twin, let place = bench.place(twin.endpoints[1]) else { return }
        bench.sentinels[place].myID = "bb"
        bench.sentinels[place].server?.dropClients()
      },
      until: { $0.events.contains { $0.hasSuffix(" bb") } })
    #expect(events.first == "configured 2")
    #expect(!events.contains("configured 1"))
    #expect(events.contains { $0.hasSuffix(" aa") })
  }

  @Test("A Sentinel that moved with its id is followed there, and its old place is forgotten")
  func moved() async {
    let events = await events(
      { bench in
        let (old, other, new) = (
          DirectoryBench.Sentinel("aa", process: "1"),
          DirectoryBench.Sentinel("bb", process: "2"), DirectoryBench.Sentinel("aa", process: "3")
        )
        bench.start([old, other, new], lines: 2) { other.others = [("aa", old.port)] }
      },
      act: { bench in
        let (old, other, new) = (bench.sentinels[0], bench.sentinels[1], bench.sentinels[2])
        let areThere = [" aa", " bb"].allSatisfy { id in
          bench.events.contains { $0.hasPrefix("connected") && $0.hasSuffix(id) }
        }
        guard areThere, other.others.first?.port == old.port else { return }
        other.others = [("aa", new.port)]
        other.server?.dropClients()
        old.server?.close()
      },
      until: { bench in
        bench.events.contains("connected \(bench.sentinels[2].port) aa")
      })
    let ports = events.compactMap { $0.hasSuffix(" aa") ? $0.split(separator: " ")[1] : nil }
    #expect(Set(ports).count == 2)
    #expect(!events.contains { $0.hasPrefix("lost \(ports.last ?? "")") })
    #expect(events.last { $0.contains(ports.first ?? "none") }?.hasPrefix("forgotten") == true)
  }
}
