package import Addresses
package import FailoverCore
package import NIOCore
package import Platform

/// Connections to servers that are made when there is something to say, and closed when nothing was
/// said for a while.
///
/// Each exchange has one outcome, unless all is ended before. Nothing here is logged.
package final class ShortConnections {
  /// How many, and for how long.
  package struct Limits {
    /// Servers at most; the one that was needed longest ago gives way to another.
    var servers = 8
    /// Exchanges that wait for one connection at most; more are lost at once.
    var waiting = 8
    /// How long an exchange may take from when it was asked for; its connection ends with it.
    var answer: Duration
    /// How long a connection without an exchange stays open; zero closes it with the outcome.
    var idle = Duration.seconds(30)
    /// How long after an attempt the next comes.
    var retry = Duration.zero

    /// For questions to other nodes: there may be thousands in a second, and a node that refuses
    /// connections is not asked in a circle.
    package static let questions = Limits(answer: .milliseconds(500), retry: .milliseconds(80))
    /// For messages: every one is repeated or hurries, so what can't be delivered at once is dropped.
    package static let messages = Limits(answer: .seconds(1))
    /// To see whether a server lets a new connection in.
    static let trials = Limits(servers: .max, answer: .seconds(1), idle: .zero)
  }

  private let limits: Limits
  private let access: Access
  private let loop: any EventLoop
  private let clock: HostClock
  private var routes: [Route] = []
  private var hasEnded = false

  private final class Exchange {
    let commands: RESPCommands
    let isOrder: Bool
    let askedAt: Instant
    let done: (RESPOutcome) -> Void
    var isSent = false

    init(
      _ commands: RESPCommands, isOrder: Bool, askedAt: Instant,
      done: @escaping (RESPOutcome) -> Void
    ) {
      self.commands = commands
      self.isOrder = isOrder
      self.askedAt = askedAt
      self.done = done
    }
  }

  private final class Route {
    let endpoint: Endpoint
    /// The address under which the server is known, where it is reached by another.
    var meaning: IPAddress?
    var connection: RESPConnection?
    /// What has no outcome yet, in the order in which it is sent.
    var exchanges: [Exchange] = []
    var usedAt: Instant
    var retryAt: Instant?

    init(to endpoint: Endpoint, at now: Instant) {
      self.endpoint = endpoint
      usedAt = now
    }
  }

  package init(_ limits: Limits, access: Access, loop: any EventLoop, clock: HostClock) {
    self.limits = limits
    self.access = access
    self.loop = loop
    self.clock = clock
  }

  /// Sends commands to a server; without any, the outcome is that of the greeting.
  ///
  /// - Parameters:
  ///   - commands: what to send.
  ///   - endpoint: where the server is reached.
  ///   - meaning: the address under which it is known, where that is another.
  ///   - done: called once with what came of it.
  package func send(
    _ commands: RESPCommands, to endpoint: Endpoint, meaning: IPAddress? = nil,
    _ done: @escaping (RESPOutcome) -> Void
  ) {
    add(commands, to: endpoint, meaning: meaning, isOrder: false, done)
  }

  /// Sends commands ahead of what waits; what came of them has to be asked.
  ///
  /// If the connection is lost before, they wait for the next, until the time of an answer is over.
  func order(_ commands: RESPCommands, at endpoint: Endpoint) {
    add(commands, to: endpoint, isOrder: true) { _ in }
  }

  /// Gives up what does not answer, and closes what is idle; called on every tick.
  package func tick(at now: Instant) {
    for route in routes {
      let isLate = { (exchange: Exchange) in now - exchange.askedAt > self.limits.answer }
      route.exchanges.removeAll { $0.isOrder && isLate($0) }
      if route.exchanges.contains(where: isLate) {
        route.connection?.abandon()
        lost(route, .unreachable, "no answer within \(limits.answer)")
      }
      if !route.exchanges.isEmpty { connect(route, at: now) }
    }
    for route in routes where route.exchanges.isEmpty && now - route.usedAt > limits.idle {
      close(route.endpoint)
    }
  }

  /// Closes the connection to a server; what it was asked has no outcome any more.
  func close(_ endpoint: Endpoint) {
    guard let index = routes.firstIndex(where: { $0.endpoint == endpoint }) else { return }
    let route = routes.remove(at: index)
    route.exchanges = []
    route.connection?.abandon()
  }

  /// Closes everything for good, and gives no outcome any more.
  package func end() {
    hasEnded = true
    for route in routes { close(route.endpoint) }
  }

  // MARK: - Connections

  private func add(
    _ commands: RESPCommands, to endpoint: Endpoint, meaning: IPAddress? = nil, isOrder: Bool,
    _ done: @escaping (RESPOutcome) -> Void
  ) {
    guard !hasEnded else { return }
    let now = clock.now()
    let route = route(to: endpoint, at: now)
    route.usedAt = now
    route.meaning = meaning
    guard route.exchanges.count(where: { !$0.isSent }) < limits.waiting else {
      return done(.lost(.unreachable, "too much waits for it"))
    }
    let exchange = Exchange(commands, isOrder: isOrder, askedAt: now, done: done)
    let index = isOrder ? route.exchanges.firstIndex { !$0.isSent } : nil
    route.exchanges.insert(exchange, at: index ?? route.exchanges.endIndex)
    if route.connection?.isReady == true { send(route) } else { connect(route, at: now) }
  }

  private func route(to endpoint: Endpoint, at now: Instant) -> Route {
    if let route = routes.first(where: { $0.endpoint == endpoint }) { return route }
    while routes.count >= limits.servers, let oldest = routes.min(by: { $0.usedAt < $1.usedAt }) {
      let waiting = oldest.exchanges
      close(oldest.endpoint)
      for exchange in waiting { exchange.done(.lost(.closed, "another server was needed more")) }
    }
    let route = Route(to: endpoint, at: now)
    routes.append(route)
    return route
  }

  /// Connects, unless there is a connection or the last attempt was just now.
  private func connect(_ route: Route, at now: Instant) {
    guard route.connection == nil, route.retryAt.map({ $0 <= now }) ?? true else { return }
    route.retryAt = now + limits.retry
    let connection = RESPConnection(
      to: route.endpoint, meaning: route.meaning, access: access, loop: loop, clock: clock
    ) { [weak self, weak route] event in
      guard let self, let route else { return }
      switch event {
      case .ready: send(route)
      case .closed(let loss, let text): lost(route, loss, text)
      case .pushed, .subscriptionRefused: break
      }
    }
    route.connection = connection
    connection.open()
  }

  private func send(_ route: Route) {
    for exchange in route.exchanges where !exchange.isSent {
      exchange.isSent = true
      route.connection?.send(exchange.commands) { [weak self, weak route] outcome in
        guard let self, let route else { return }
        finish(exchange, of: route, outcome)
      }
    }
  }

  private func finish(_ exchange: Exchange, of route: Route, _ outcome: RESPOutcome) {
    guard let index = route.exchanges.firstIndex(where: { $0 === exchange }) else { return }
    route.exchanges.remove(at: index)
    if route.exchanges.isEmpty, limits.idle == .zero { close(route.endpoint) }
    exchange.done(outcome)
  }

  /// Takes in that a connection is over; an order that was not sent waits for the next.
  private func lost(_ route: Route, _ loss: ConnectionLoss, _ text: String) {
    route.connection = nil
    route.retryAt = clock.now() + limits.retry
    for exchange in route.exchanges where exchange.isSent || !exchange.isOrder {
      finish(exchange, of: route, .lost(loss, text))
    }
  }
}
