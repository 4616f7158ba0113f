import Addresses
import FailoverCore
import NIOCore
import RESP

/// Publishes messages on Redis servers of other nodes.
///
/// What is published on a master reaches every replica by replication. A connection is opened
/// when there is something to say, and closed when nothing was said for a while. Nothing waits
/// for it: what can't be delivered at once is dropped, for every message is repeated or hurries.
final class ChannelCourier {
  /// Servers that are spoken to at most; a group has one master, and one node is selected.
  static let limit = 8
  /// Messages that may wait for a connection.
  static let queueLimit = 8
  /// How long a connection without work stays open, and how long an answer may take.
  static let idleLimit = Duration.seconds(30)
  static let answerLimit = Duration.seconds(1)

  private let loop: any EventLoop
  private let clock: HostClock
  private let login: Login?
  private var routes: [Route] = []
  /// Messages that could not be published, since the start.
  private(set) var lostMessages = 0

  private final class Route {
    let endpoint: Endpoint
    var connection: RESPConnection<Void>?
    var waiting: [[UInt8]] = []
    var usedAt: Instant

    init(endpoint: Endpoint, usedAt: Instant) {
      self.endpoint = endpoint
      self.usedAt = usedAt
    }
  }

  init(login: Login?, loop: any EventLoop, clock: HostClock) {
    self.login = login
    self.loop = loop
    self.clock = clock
  }

  /// Publishes a message on a channel of a server.
  func publish(_ message: [UInt8], channel: String, at endpoint: Endpoint) {
    var writer = RESPWriter()
    writer.array(count: 3)
    writer.bulkString("PUBLISH")
    writer.bulkString(channel)
    writer.bulkString(message)
    let route = route(to: endpoint)
    route.usedAt = clock.now()
    if let connection = route.connection, connection.isReady {
      connection.send(writer.bytes, expecting: CollectionOfOne(()))
      return
    }
    if route.waiting.count < Self.queueLimit {
      route.waiting.append(writer.bytes)
    } else {
      lostMessages += 1
    }
    if route.connection == nil { connect(route) }
  }

  /// Closes what is idle or does not answer; called on every tick.
  func tick(at now: Instant) {
    for route in routes {
      if let since = route.connection?.waitingSince, now - since > Self.answerLimit {
        route.connection?.close(.unreachable, "no answer")
      }
    }
    routes.removeAll { route in
      guard now - route.usedAt > Self.idleLimit else { return false }
      route.connection?.abandon()
      return true
    }
  }

  /// Closes everything.
  func end() {
    for route in routes { route.connection?.abandon() }
    routes = []
  }

  private func route(to endpoint: Endpoint) -> Route {
    if let route = routes.first(where: { $0.endpoint == endpoint }) { return route }
    if routes.count >= Self.limit, let oldest = routes.min(by: { $0.usedAt < $1.usedAt }) {
      oldest.connection?.abandon()
      routes.removeAll { $0 === oldest }
    }
    let route = Route(endpoint: endpoint, usedAt: clock.now())
    routes.append(route)
    return route
  }

  private func connect(_ route: Route) {
    let connection = RESPConnection<Void>(
      to: route.endpoint, login: login, loop: loop, clock: clock
    ) { [weak self, weak route] event in
      guard let self, let route else { return }
      switch event {
      case .ready: self.flush(route)
      case .closed:
        self.lostMessages += route.waiting.count
        route.waiting = []
        route.connection = nil
      case .replied, .pushed, .subscriptionRefused: break
      }
    }
    route.connection = connection
    connection.open()
  }

  private func flush(_ route: Route) {
    for bytes in route.waiting {
      route.connection?.send(bytes, expecting: CollectionOfOne(()))
    }
    route.waiting = []
  }
}
