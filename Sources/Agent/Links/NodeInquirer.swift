import Addresses
import FailoverCore
import NIOCore
import RESP

/// Asks other nodes' Redis servers directly: for their role, replication and fence.
///
/// Each question is answered by a report that was asked for after it: with what the node said, or
/// with nothing when it did not answer in time. A connection stays open for a while, for there
/// may be thousands of questions in a second. Nothing here is logged.
final class NodeInquirer {
  /// Servers that are asked at most; a group has some few nodes.
  static let limit = 8
  /// How long an answer may take.
  static let answerLimit = Duration.milliseconds(500)
  /// How long a connection without questions stays open.
  static let idleLimit = Duration.seconds(30)
  /// After an attempt that failed, the next comes so much later: a node that refuses
  /// connections is not asked in a circle.
  static let retryDelay = Duration.milliseconds(80)

  private let loop: any EventLoop
  private let clock: HostClock
  private let login: Login?
  private let decoder: RedisReplyDecoder
  private let report: (Endpoint, NodeObservation?, _ sentAt: Instant) -> Void
  private var routes: [Route] = []

  private enum Request {
    case role
    case info
    case fence
    case relief
  }

  private final class Route {
    let endpoint: Endpoint
    var connection: RESPConnection<Request>?
    /// What it is asked, whenever somebody wants to know.
    var question = Question(every: .zero)
    /// A setting of its fence that waits for a connection, and since when.
    var relief: (setting: FenceSetting, at: Instant)?
    var usedAt: Instant
    var retryAt: Instant?
    /// Since when an answer is waited for; nil if none is.
    var openSince: Instant? { question.isOpen ? question.askedAt : nil }
    // The answers so far.
    var role: LocalRole?
    var info: ReplicationInfo?

    init(endpoint: Endpoint, usedAt: Instant) {
      self.endpoint = endpoint
      self.usedAt = usedAt
    }
  }

  private static let questions: [UInt8] =
    RESPWriter.command(["ROLE"]) + RESPWriter.command(["INFO", "replication"])
    + RESPWriter.command(["CONFIG", "GET", "min-replicas-*"])

  init(
    login: Login?, loop: any EventLoop, clock: HostClock, decoder: RedisReplyDecoder,
    report: @escaping (Endpoint, NodeObservation?, _ sentAt: Instant) -> Void
  ) {
    self.login = login
    self.loop = loop
    self.clock = clock
    self.decoder = decoder
    self.report = report
  }

  /// Asks a node.
  func ask(_ endpoint: Endpoint) {
    let route = route(to: endpoint)
    route.usedAt = clock.now()
    if route.question.want() { begin(route) }
  }

  /// Sets the fence of a node whose daemon is silent; what it has then is to be asked.
  ///
  /// What can't be delivered within the time of an answer is dropped: who orders this repeats it
  /// while it is still right.
  func relieve(_ endpoint: Endpoint, _ setting: FenceSetting) {
    let now = clock.now()
    let route = route(to: endpoint)
    route.usedAt = now
    route.relief = (setting, now)
    if route.connection?.isReady == true {
      sendRelief(route)
    } else if route.connection == nil, route.retryAt.map({ $0 <= now }) ?? true {
      connect(route)
    }
  }

  /// Gives up what does not answer, and closes what is idle; called on every tick.
  func tick(at now: Instant) {
    for route in routes {
      if let askedAt = route.openSince, now - askedAt > Self.answerLimit {
        route.connection?.abandon()
        lost(route, at: now)
      }
      if let relief = route.relief, now - relief.at > Self.answerLimit { route.relief = nil }
      let isWanted = route.question.isOpen || route.relief != nil
      if route.connection == nil, isWanted, route.retryAt.map({ $0 <= now }) ?? true {
        connect(route)
      }
    }
    routes.removeAll { route in
      guard !route.question.isOpen, now - route.usedAt > Self.idleLimit else { return false }
      route.connection?.abandon()
      return true
    }
  }

  /// Closes everything; nothing is reported any more.
  func end() {
    for route in routes { route.connection?.abandon() }
    routes = []
  }

  // MARK: - Connections

  private func route(to endpoint: Endpoint) -> Route {
    if let route = routes.first(where: { $0.endpoint == endpoint }) { return route }
    if routes.count >= Self.limit, let oldest = routes.min(by: { $0.usedAt < $1.usedAt }) {
      oldest.connection?.abandon()
      routes.removeAll { $0 === oldest }
      if let askedAt = oldest.openSince { report(oldest.endpoint, nil, askedAt) }
    }
    let route = Route(endpoint: endpoint, usedAt: clock.now())
    routes.append(route)
    return route
  }

  private func begin(_ route: Route) {
    route.question.asked(at: clock.now())
    route.role = nil
    route.info = nil
    if let connection = route.connection {
      if connection.isReady { send(route) }
    } else if route.retryAt.map({ $0 <= clock.now() }) ?? true {
      connect(route)
    }
  }

  private func connect(_ route: Route) {
    route.retryAt = clock.now() + Self.retryDelay
    let connection = RESPConnection<Request>(
      to: route.endpoint, login: login, loop: loop, clock: clock
    ) { [weak self, weak route] event in
      guard let self, let route else { return }
      switch event {
      case .ready:
        sendRelief(route)
        if route.question.isOpen { send(route) }
      case .replied(let request, let token, let sentAt):
        answered(route, request, token, sentAt: sentAt)
      case .closed: lost(route, at: clock.now())
      case .pushed, .subscriptionRefused: break
      }
    }
    route.connection = connection
    connection.open()
  }

  /// Takes in that a connection is over: the question, if there is one, has no answer.
  private func lost(_ route: Route, at now: Instant) {
    route.connection = nil
    route.retryAt = now + Self.retryDelay
    guard let askedAt = route.openSince else { return }
    finish(route, nil, askedAt)
  }

  // MARK: - Questions

  private func send(_ route: Route) {
    route.connection?.send(Self.questions, expecting: [.role, .info, .fence])
  }

  private func sendRelief(_ route: Route) {
    guard let relief = route.relief else { return }
    route.relief = nil
    guard clock.now() - relief.at <= Self.answerLimit else { return }
    let commands = relief.setting.commands
    route.connection?.send(
      commands.flatMap(RESPWriter.command),
      expecting: repeatElement(.relief, count: commands.count))
  }

  private func answered(
    _ route: Route, _ request: Request, _ token: RESPToken, sentAt: Instant
  ) {
    switch request {
    case .role: route.role = decoder.role(token)
    case .info: route.info = decoder.replication(token)
    case .fence:
      // A node that keeps its setting to itself is an answer all the same.
      let fence = decoder.fence(token)
      let observation = route.role.flatMap { role in
        route.info.map { $0.observation(of: role, fence: fence) }
      }
      finish(route, observation, sentAt)
    case .relief: break  // What the node has then is asked for.
    }
  }

  private func finish(_ route: Route, _ observation: NodeObservation?, _ askedAt: Instant) {
    route.question.close()
    let isWantedAgain = route.question.isWantedAgain
    // The report may bring the next question.
    report(route.endpoint, observation, askedAt)
    guard isWantedAgain, !route.question.isOpen, routes.contains(where: { $0 === route }) else {
      return
    }
    begin(route)
  }
}
