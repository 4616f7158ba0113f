package import Addresses
package import FailoverCore
import Glibc
package import Logging
package import NIOCore
package import NIOPosix
package import Platform

/// Keeps the metrics on the address that the configuration names.
///
/// An address that is taken, or not there yet, costs the metrics and nothing else: it is logged
/// once, shown in `status`, and tried again.
package final class MetricsEndpoint {
  /// How often an address that failed is tried again.
  static let retryAfter = Duration.seconds(5)

  private let source: SnapshotSource
  private let startedAt: Int64
  private let loop: any EventLoop
  private let clock: HostClock
  private let logger: Logger
  private var endpoint: Endpoint?
  private var server: NIOLoopBound<MetricsServer>?
  private var isOpening = false
  private var retryAt: Instant?
  /// The thread that answers, once there was something to serve.
  package private(set) var threads: MultiThreadedEventLoopGroup?
  /// Why nothing is served although it should be.
  package private(set) var problem: String?
  /// The port that is served; nothing if none.
  private(set) var port: Int?

  /// Makes an endpoint; `snapshot` is called on the loop.
  package init(
    loop: any EventLoop, clock: HostClock, logger: Logger,
    snapshot: @escaping () -> MetricsSnapshot
  ) {
    self.loop = loop
    self.clock = clock
    startedAt = clock.wallNanoseconds()
    self.logger = logger
    source = SnapshotSource(loop: loop, make: snapshot)
  }

  /// Serves on this address from now on, or nowhere.
  package func configure(_ new: Endpoint?) {
    guard new != endpoint else { return }
    close()
    endpoint = new
    open()
  }

  /// Tries again what failed, if it is time; called on every tick.
  package func tick(at now: Instant) {
    guard let retryAt, retryAt <= now else { return }
    self.retryAt = nil
    open()
  }

  /// Stops serving.
  package func close() {
    endpoint = nil
    (problem, retryAt, port) = (nil, nil, nil)
    guard let server else { return }
    self.server = nil
    threads?.next().execute { server.value.close() }
  }

  private func open() {
    guard let endpoint, !isOpening, server == nil else { return }
    let threads = threads ?? MultiThreadedEventLoopGroup(numberOfThreads: 1)
    self.threads = threads
    isOpening = true
    let other = threads.next()
    other.flatSubmit { [source, startedAt] in
      let server = MetricsServer(source, startedAt: startedAt, loop: other)
      let bound = NIOLoopBound(server, eventLoop: other)
      return server.open(endpoint).map { (bound, bound.value.localPort) }
    }
    .hop(to: loop).assumeIsolated().whenComplete { [self] result in
      isOpening = false
      opened(endpoint, result)
    }
  }

  private func opened(
    _ tried: Endpoint, _ result: Result<(NIOLoopBound<MetricsServer>, Int?), any Error>
  ) {
    guard tried == endpoint else {
      // The configuration changed meanwhile.
      if case .success(let (server, _)) = result {
        threads?.next().execute { server.value.close() }
      }
      return open()
    }
    switch result {
    case .success(let (server, port)):
      self.server = server
      self.port = port
      if problem != nil { logger.notice("Metrics are served on \(tried)") }
      problem = nil
    case .failure(let error):
      retryAt = clock.now() + Self.retryAfter
      let text = "metrics can't be served on \(tried): \(Self.words(error))"
      if problem != text { logger.error("\(text); it is tried again") }
      problem = text
    }
  }

  private static func words(_ error: any Error) -> String {
    guard let error = error as? IOError else { return "\(error)" }
    return unsafe String(cString: strerror(error.errnoCode))
  }
}
