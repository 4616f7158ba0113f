import Addresses
import FailoverCore
import NIOCore
import NIOHTTP1
import NIOPosix
import Platform

/// Answers HTTP on the address for metrics, on a thread of its own.
///
/// Whoever connects can take that thread's time and a bounded amount of memory, and nothing of
/// the event loop that decides: that is asked for one snapshot at a time, ten times a second at
/// most. A connection has one request and ten seconds.
final class MetricsServer {
  /// What a client may take.
  struct Bounds: Sendable {
    /// Connections at a time; whoever comes beyond takes the place of the oldest.
    var clients = 32
    /// How long a connection may last in all.
    var maxConnection = TimeAmount.seconds(10)
    /// How long the event loop may take for a snapshot; it needs a millisecond.
    var patience = TimeAmount.seconds(2)
    /// How long a snapshot is good for.
    var snapshotLifetime = Duration.milliseconds(100)
  }

  /// What a request may be at most; a scraper's has some 300 bytes.
  static let limits: NIOHTTPDecoderLimitConfiguration = {
    var limits = NIOHTTPDecoderLimitConfiguration()
    limits.maxHeaderFieldSize = 4_096
    limits.maxHeaderListSize = 16_384
    limits.maxHeaderFieldCount = 64
    return limits
  }()

  let bounds: Bounds
  private let loop: any EventLoop
  private let source: SnapshotSource
  private let startedAt: Int64
  private let clock = HostClock()
  private var channel: (any Channel)?
  private var sessions: [ObjectIdentifier: MetricsSession] = [:]
  private var snapshot: MetricsSnapshot?
  /// Who waits for the snapshot that was asked for.
  private var waiting: [Int: (use: (MetricsSnapshot?) -> Void, timer: Scheduled<Void>)] = [:]
  private var isAsking = false
  private var connections = 0
  private var requests = 0

  init(
    _ source: SnapshotSource, startedAt: Int64, bounds: Bounds = Bounds(), loop: any EventLoop
  ) {
    self.bounds = bounds
    self.source = source
    self.startedAt = startedAt
    self.loop = loop
  }

  /// Begins to listen.
  func open(_ endpoint: Endpoint) -> EventLoopFuture<Void> {
    let server = NIOLoopBound(self, eventLoop: loop)
    do {
      let address = try SocketAddress(
        ipAddress: endpoint.address.description, port: Int(endpoint.port))
      return ServerBootstrap(group: loop)
        .serverChannelOption(.backlog, value: 64)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .childChannelOption(.allowRemoteHalfClosure, value: true)
        .childChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture { try server.value.accept(channel) }
        }
        .bind(to: address)
        .map { server.value.channel = $0 }
    } catch {
      return loop.makeFailedFuture(error)
    }
  }

  /// The port on which it listens; nothing if it does not.
  var localPort: Int? { channel?.localAddress?.port }

  /// Stops listening and ends every connection.
  func close() {
    channel?.close(promise: nil)
    channel = nil
    for session in sessions.values { session.drop() }
  }

  private func accept(_ channel: any Channel) throws {
    if sessions.count >= bounds.clients {
      sessions.values.min { $0.number < $1.number }?.drop()
    }
    let pipeline = channel.pipeline.syncOperations
    try pipeline.configureHTTPServerPipeline(
      withPipeliningAssistance: false, withErrorHandling: false, withEncoderConfiguration: .init(),
      withDecoderLimitConfiguration: Self.limits)
    let session = MetricsSession(channel: channel, server: self)
    sessions[ObjectIdentifier(session)] = session
    try pipeline.addHandler(session)
  }

  /// The place of a new connection in their order.
  func nextNumber() -> Int {
    connections += 1
    return connections
  }

  /// Takes in that a connection is gone.
  func ended(_ session: MetricsSession) {
    sessions[ObjectIdentifier(session)] = nil
  }

  // MARK: - Answers

  /// Answers a request, now or when the event loop has answered.
  func answer(_ head: HTTPRequestHead, then use: @escaping (HTTPAnswer) -> Void) {
    guard head.method == .GET || head.method == .HEAD else { return use(.wrongMethod) }
    let path = head.uri.prefix { $0 != "?" }
    let startedAt = startedAt
    switch path {
    case "/metrics":
      ask { snapshot in
        guard let snapshot else { return use(.stalled) }
        use(.metrics(snapshot.text(.current(startedAt: startedAt))))
      }
    case "/healthz": ask { use($0 == nil ? .stalled : .well) }
    case "/readyz":
      ask { snapshot in
        guard let snapshot else { return use(.stalled) }
        use(snapshot.shortcomings.isEmpty ? .well : .unready(snapshot.shortcomings))
      }
    case "/": use(.index)
    default: use(.notFound)
    }
  }

  /// Asks the event loop for a snapshot; nothing if it does not answer in time.
  private func ask(_ use: @escaping (MetricsSnapshot?) -> Void) {
    let now = clock.now()
    if let snapshot, now - snapshot.at < bounds.snapshotLifetime { return use(snapshot) }
    let bound = NIOLoopBound(self, eventLoop: loop)
    requests += 1
    let number = requests
    let timer = loop.scheduleTask(in: bounds.patience) { bound.value.giveUp(number) }
    waiting[number] = (use, timer)
    // There is never more than one on its way, also while the loop stands still.
    guard !isAsking else { return }
    isAsking = true
    source.take(for: loop) { bound.value.taken($0) }
  }

  private func taken(_ snapshot: MetricsSnapshot) {
    isAsking = false
    self.snapshot = snapshot
    let served = waiting.values
    waiting = [:]
    for (use, timer) in served {
      timer.cancel()
      use(snapshot)
    }
  }

  private func giveUp(_ number: Int) {
    waiting.removeValue(forKey: number)?.use(nil)
  }
}

/// Where snapshots are taken: the event loop that decides.
struct SnapshotSource: Sendable {
  private let loop: any EventLoop
  private let make: NIOLoopBound<() -> MetricsSnapshot>

  /// Makes a source; called on the event loop that decides.
  init(loop: any EventLoop, make: @escaping () -> MetricsSnapshot) {
    self.loop = loop
    self.make = NIOLoopBound(make, eventLoop: loop)
  }

  /// Takes a snapshot and passes it on, on the loop of the one who asks.
  func take(for other: any EventLoop, then use: @escaping @Sendable (MetricsSnapshot) -> Void) {
    loop.execute { [make] in
      let snapshot = make.value()
      other.execute { use(snapshot) }
    }
  }
}

/// What is answered to a request.
struct HTTPAnswer: Equatable {
  var status: HTTPResponseStatus
  var mediaType = "text/plain; charset=utf-8"
  var allow: String?
  var body: String

  static let well = HTTPAnswer(status: .ok, body: "ok\n")
  static let index = HTTPAnswer(status: .ok, body: "/metrics\n/healthz\n/readyz\n")
  static let notFound = HTTPAnswer(
    status: .notFound, body: "there is /metrics, /healthz, /readyz\n")
  static let wrongMethod = HTTPAnswer(
    status: .methodNotAllowed, allow: "GET, HEAD", body: "only GET and HEAD\n")
  static let badRequest = HTTPAnswer(status: .badRequest, body: "not HTTP\n")
  static let tooLarge = HTTPAnswer(
    status: .requestHeaderFieldsTooLarge, body: "the request is too long\n")
  static let stalled = HTTPAnswer(
    status: .serviceUnavailable, body: "the event loop does not answer\n")

  static func metrics(_ text: String) -> HTTPAnswer {
    HTTPAnswer(status: .ok, mediaType: MetricsText.mediaType, body: text)
  }

  static func unready(_ shortcomings: [String]) -> HTTPAnswer {
    HTTPAnswer(
      status: .serviceUnavailable, body: shortcomings.map { $0 + "\n" }.joined())
  }
}
