package import Addresses
package import FailoverCore
package import NIOCore
package import Platform
import RESP
import Wording

/// The link to the local Redis: its role, its fence, and the group's channel.
///
/// A promotion kills every client of the promoted node within the same transaction
/// (`sentinel.c sentinelSendSlaveOf`), so the end of this connection is the earliest sign of it:
/// the link reconnects at once and asks for the role in the first segment.
package final class RedisLink {
  /// How long an answer may take before the connection is given up.
  static let answerLimit = Duration.seconds(1)
  /// ROLE goes out so long after the last, on a tick of 96 ms: each 192 ms.
  ///
  /// With the polls of the Sentinels; a promotion is seen by the end of the connection, long before.
  static let rolePeriod = Duration.milliseconds(170)
  /// INFO goes out so long after the last, while it is wanted: on each tick.
  static let infoPeriod = Duration.milliseconds(80)
  /// CONFIG GET goes out so long after the last, while the fence is watched.
  static let fencePeriod = Duration.seconds(1)
  /// How long to wait after a failed attempt; a local one costs nothing.
  static let retryDelay = Duration.milliseconds(90)
  /// How long to wait after a handshake of TLS that failed: the server writes a line into its log.
  static let handshakeDelay = Duration.seconds(1)
  /// The least time between two requests over new connections, so that a server that closes
  /// every one of them is not asked in a circle.
  static let reconnectGap = Duration.milliseconds(5)

  package let endpoint: Endpoint
  /// Whether INFO replication is asked for all the time.
  package var watchesReplicas = false
  /// Whether the fence, and the replicas of a master, are asked for all the time.
  package var watchesFence = false {
    didSet { if watchesFence, !oldValue, isConnected { askFence() } }
  }

  private let loop: any EventLoop
  private let clock: HostClock
  private let access: Access
  /// The address under which Sentinel knows it, where it is reached by another.
  private let meaning: IPAddress?
  private let channelName: String
  private let decoder: RedisReplyDecoder
  private let report: (RedisLinkReport) -> Void
  private var commands: RESPConnection?
  private var subscriber: Subscriber?
  /// Orders about the fence that have no outcome yet.
  private var openOrders = 0
  private var retryAt: Instant?
  private var lastConnectAt: Instant?
  private var roleQuestion = Question(every: RedisLink.rolePeriod)
  private var infoQuestion = Question(every: RedisLink.infoPeriod)
  private var fenceQuestion = Question(every: RedisLink.fencePeriod)
  private var healthQuestion = Question(every: RedisHealthInquiry.period)
  private var inquiry = RedisHealthInquiry()
  private var hidesHealth = false
  private var isChannelRefused = false
  /// Whether the last answer of ROLE was *master*.
  private var isMaster = false
  private var hasEnded = false

  private static let roleCommand = RESPCommands([["ROLE"]])
  private static let infoCommand = RESPCommands([["INFO", "replication"]])
  private static let fenceCommand = RESPCommands([["CONFIG", "GET", "min-replicas-*"]])

  package init(
    to endpoint: Endpoint, meaning: IPAddress? = nil, access: Access, channelName: String,
    loop: any EventLoop, clock: HostClock, decoder: RedisReplyDecoder,
    report: @escaping (RedisLinkReport) -> Void
  ) {
    self.endpoint = endpoint
    self.meaning = meaning
    self.access = access
    self.channelName = channelName
    self.loop = loop
    self.clock = clock
    self.decoder = decoder
    self.report = report
  }

  /// Whether commands can be sent.
  package var isConnected: Bool { commands?.isReady == true }

  /// Whether orders about the fence wait for their answer.
  package var hasOrders: Bool { openOrders > 0 }

  /// Does what is due; called on every tick.
  package func tick(at now: Instant) {
    guard let commands else {
      if retryAt.map({ $0 <= now }) ?? true { connect() }
      return
    }
    guard !commands.closeIfSilent(for: Self.answerLimit, at: now), commands.isReady else { return }
    if roleQuestion.isDue(at: now) { askRole() }
    if watchesReplicas || (watchesFence && isMaster), infoQuestion.isDue(at: now) { askInfo() }
    if watchesFence, fenceQuestion.isDue(at: now) { askFence() }
    if isMaster, !hidesHealth, healthQuestion.isDue(at: now) {
      healthQuestion.asked(at: now)
      askHealth(RedisHealthInquiry.commands, RedisHealthInquiry.parts)
    }
    subscriber?.tick(at: now)
  }

  /// Asks for the role at once, over a new connection if there is none.
  package func readRole() {
    guard let commands else {
      if mayConnect { connect() }
      return
    }
    if commands.isReady, roleQuestion.want() { askRole() }
  }

  /// Tells or asks something at once; its reports come once, be it answered or not.
  package func run(_ request: RedisRequest) {
    let now = clock.now()
    guard isConnected, let commands else {
      return ended(request, .lost(.closed, "there is no connection"), askedAt: now)
    }
    if case .fence = request { openOrders += 1 }
    commands.send(request.commands) { [weak self] outcome in
      guard let self, !hasEnded else { return }
      if case .fence = request { openOrders -= 1 }
      ended(request, outcome, askedAt: now)
    }
  }

  private func ended(_ request: RedisRequest, _ outcome: RESPOutcome, askedAt: Instant) {
    for answer in request.reports(outcome, askedAt: askedAt, decoder) { report(answer) }
  }

  /// Ends the connections of clients to addresses of this instance, and no replica's.
  ///
  /// - Returns: whether it could be asked; it has been, when this returns.
  package func killClients(of ends: [Endpoint]) -> Bool {
    guard isConnected else { return false }
    run(.killClients(of: ends))
    commands?.flush()
    return true
  }

  /// Ends the link; nothing is reported any more.
  package func end() {
    hasEnded = true
    openOrders = 0
    commands?.abandon()
    subscriber?.end()
    commands = nil
    subscriber = nil
  }

  // MARK: - Connection

  /// Whether the last connection was begun long enough ago.
  private var mayConnect: Bool {
    lastConnectAt.map { clock.now() - $0 >= Self.reconnectGap } ?? true
  }

  private func connect() {
    retryAt = nil
    isMaster = false
    let now = clock.now()
    lastConnectAt = now
    roleQuestion.asked(at: now)
    infoQuestion = Question(every: Self.infoPeriod)
    fenceQuestion.asked(at: now)
    if !watchesFence { fenceQuestion.close() }
    healthQuestion.close()
    hidesHealth = false
    let connection = RESPConnection(
      to: endpoint, meaning: meaning, access: access, loop: loop, clock: clock
    ) { [weak self] in self?.commandsReported($0) }
    commands = connection
    // The role decides, so what the decision rests on is answered before.
    connection.open(early: (watchesFence ? [fenceExchange] : []) + [roleExchange])
  }

  private func commandsReported(_ event: RESPConnectionEvent) {
    switch event {
    case .ready(let version): subscribe(version)
    case .pushed(let token): subscriber?.took(token)
    case .subscriptionRefused(let words): subscriber?.refused(words)
    case .closed(let loss, let text): lost(loss, text)
    }
  }

  private func subscribe(_ version: RESPVersion) {
    let subscriber = Subscriber(
      to: endpoint, meaning: meaning, access: access, channels: [channelName], loop: loop,
      clock: clock,
      sharing: version == .three ? commands : nil
    ) { [weak self] in self?.heard($0) }
    self.subscriber = subscriber
    subscriber.open()
  }

  /// Goes on without the channel if it is refused: what decides is the role.
  private func heard(_ event: Subscriber.Report) {
    switch event {
    case .subscribed:
      guard isChannelRefused else { return }
      isChannelRefused = false
      report(.channelRefused(nil))
    case .refused(let words):
      isChannelRefused = true
      report(.channelRefused(words))
    case .published(let token):
      guard var elements = token.elements, elements.next()?.reads("message") == true,
        elements.next() != nil, let payload = elements.next()?.payload
      else { return }
      report(.message(Array(payload)))
    }
  }

  private func lost(_ loss: ConnectionLoss, _ text: String) {
    subscriber?.end()
    subscriber = nil
    commands = nil
    roleQuestion.close()
    infoQuestion.close()
    fenceQuestion.close()
    report(.lost(loss, text))
    guard commands == nil, !hasEnded else { return }
    let words = ServerWords(text)
    let isLogged = words.concernsTLS && !words.tellsOfSilence
    retryAt = clock.now() + (isLogged ? Self.handshakeDelay : Self.retryDelay)
    guard loss == .closed else { return }
    if mayConnect { connect() } else { reconnectSoon() }
  }

  /// Connects again after the gap: a promotion may close two connections, one after the other.
  private func reconnectSoon() {
    let delay = TimeAmount.nanoseconds(Self.reconnectGap.wholeNanoseconds)
    loop.assumeIsolated().scheduleTask(in: delay) { [weak self] in
      guard let self, commands == nil, !hasEnded else { return }
      connect()
    }
  }

  // MARK: - Requests

  private var roleExchange: RESPExchange {
    RESPExchange(Self.roleCommand, of: self) { $0.roleAnswered($1, sentAt: $2) }
  }

  private var fenceExchange: RESPExchange {
    RESPExchange(Self.fenceCommand, of: self) { $0.fenceAnswered($1, sentAt: $2) }
  }

  private func askRole() {
    roleQuestion.asked(at: clock.now())
    commands?.send(roleExchange)
  }

  private func askInfo() {
    infoQuestion.asked(at: clock.now())
    commands?.send(
      RESPExchange(Self.infoCommand, of: self) { $0.infoAnswered($1, sentAt: $2) })
  }

  private func askFence() {
    fenceQuestion.asked(at: clock.now())
    commands?.send(fenceExchange)
  }

  private func roleAnswered(_ token: RESPToken, sentAt: Instant) {
    roleQuestion.close()
    if let role = decoder.role(token) {
      isMaster = role == .master
      // A new master's replicas decide soon; the next tick may be far.
      if isMaster, watchesFence, infoQuestion.askedAt == nil { askInfo() }
      report(.role(role, sentAt: sentAt))
    } else {
      let words = token.errorText.map(ServerWords.init)
      report(words.map(RedisLinkReport.roleRefused) ?? .sentNonsense("ROLE: not a role"))
    }
    if roleQuestion.isWantedAgain { askRole() }
  }

  private func infoAnswered(_ token: RESPToken, sentAt: Instant) {
    infoQuestion.close()
    guard let info = decoder.replication(token) else {
      return report(.sentNonsense("INFO: \(token.errorText ?? "not text")"))
    }
    if watchesFence, isMaster { report(.replication(info.local, sentAt: sentAt)) }
    if watchesReplicas { report(.replicas(acknowledging: info.acknowledging, sentAt: sentAt)) }
  }

  private func fenceAnswered(_ token: RESPToken, sentAt: Instant) {
    fenceQuestion.close()
    if let setting = decoder.fence(token) {
      report(.fence(setting, sentAt: sentAt))
    } else {
      let text = token.errorText ?? "CONFIG GET min-replicas-* does not tell its values"
      report(.fenceUnreadable(.refused(text.shortened)))
    }
  }

  private func askHealth(_ questions: RESPCommands, _ parts: [RedisHealthInquiry.Part]) {
    commands?.send(questions) { [weak self] outcome in
      for (part, token) in zip(parts, outcome.replies ?? []) { self?.healthAnswered(part, token) }
    }
  }

  private func healthAnswered(_ part: RedisHealthInquiry.Part, _ token: RESPToken) {
    switch inquiry.take(part, token) {
    case .wait: break
    case .askSettings:
      askHealth(RedisHealthInquiry.settingCommands, RedisHealthInquiry.settingParts)
    case .done(let health):
      healthQuestion.close()
      if isMaster { report(.health(health)) }
    case .refused:
      healthQuestion.close()
      hidesHealth = true
    }
  }
}
