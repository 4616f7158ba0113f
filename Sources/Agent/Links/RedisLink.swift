import Addresses
import FailoverCore
import NIOCore
import RESP

/// The link to the local Redis: its role, its fence, and the group's channel.
///
/// A promotion kills every client of the promoted node within the same transaction
/// (`sentinel.c sentinelSendSlaveOf`), so the end of this connection is the earliest sign of it:
/// the link reconnects at once and asks for the role in the first segment.
final class RedisLink {
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
  /// The least time between two requests over new connections, so that a server that closes
  /// every one of them is not asked in a circle.
  static let reconnectGap = Duration.milliseconds(5)

  let endpoint: Endpoint
  /// Whether INFO replication is asked for all the time.
  var watchesReplicas = false
  /// Whether the fence, and the replicas of a master, are asked for all the time.
  var watchesFence = false {
    didSet { if watchesFence, !oldValue, isConnected { askFence() } }
  }

  private let loop: any EventLoop
  let clock: HostClock
  private let login: Login?
  let channelName: String
  private let decoder: RedisReplyDecoder
  let report: (RedisLinkReport) -> Void
  var commands: RESPConnection<Request>?
  var orders = FenceConversation()
  var errands = RedisErrands()
  /// The second connection of RESP2, for the channel.
  private var subscriber: Subscriber?
  private var retryAt: Instant?
  private var lastConnectAt: Instant?
  private var roleQuestion = Question(every: RedisLink.rolePeriod)
  private var infoQuestion = Question(every: RedisLink.infoPeriod)
  private var fenceQuestion = Question(every: RedisLink.fencePeriod)
  private var healthQuestion = Question(every: RedisHealthInquiry.period)
  private var inquiry = RedisHealthInquiry()
  private var hidesHealth = false
  private var isChannelRefused = false
  /// When to try the subscription of RESP3 again, after a refusal.
  private var subscribeAt: Instant?
  /// Whether the last answer of ROLE was *master*.
  private var isMaster = false
  private var hasEnded = false

  enum Request {
    case role
    case info
    case fence
    case order
    case errand
    case publish
    case kill
    case health(RedisHealthInquiry.Part)
  }

  private static let roleCommand = RESPWriter.command(["ROLE"])
  private static let infoCommand = RESPWriter.command(["INFO", "replication"])
  private static let fenceCommand = RESPWriter.command(["CONFIG", "GET", "min-replicas-*"])

  init(
    to endpoint: Endpoint, login: Login?, channelName: String, loop: any EventLoop,
    clock: HostClock, decoder: RedisReplyDecoder, report: @escaping (RedisLinkReport) -> Void
  ) {
    self.endpoint = endpoint
    self.login = login
    self.channelName = channelName
    self.loop = loop
    self.clock = clock
    self.decoder = decoder
    self.report = report
  }

  /// Whether commands can be sent.
  var isConnected: Bool { commands?.isReady == true }

  /// Does what is due; called on every tick.
  func tick(at now: Instant) {
    guard let commands else {
      if retryAt.map({ $0 <= now }) ?? true { connect() }
      return
    }
    if let waiting = commands.waitingSince, now - waiting > Self.answerLimit {
      return commands.close(.unreachable, "no answer within \(Self.answerLimit)")
    }
    guard commands.isReady else { return }
    if roleQuestion.isDue(at: now) { askRole() }
    if watchesReplicas || (watchesFence && isMaster), infoQuestion.isDue(at: now) { askInfo() }
    if watchesFence, fenceQuestion.isDue(at: now) { askFence() }
    if isMaster, !hidesHealth, healthQuestion.isDue(at: now) {
      healthQuestion.asked(at: now)
      askHealth(RedisHealthInquiry.commands, RedisHealthInquiry.parts)
    }
    if let subscribeAt, subscribeAt <= now { subscribe() }
    subscriber?.tick(at: now)
  }

  /// Asks for the role at once, over a new connection if there is none.
  func readRole() {
    guard let commands else {
      if mayConnect { connect() }
      return
    }
    if commands.isReady, roleQuestion.want() { askRole() }
  }

  /// Ends the link; nothing is reported any more.
  func end() {
    hasEnded = true
    _ = orders.abandon()
    _ = errands.abandon()
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
    subscribeAt = nil
    let connection = RESPConnection<Request>(
      to: endpoint, login: login, loop: loop, clock: clock
    ) { [weak self] in self?.commandsReported($0) }
    commands = connection
    // The role decides, so what the decision rests on is answered before.
    let early = watchesFence ? [(bytes: Self.fenceCommand, request: Request.fence)] : []
    connection.open(early: early + [(Self.roleCommand, .role)])
  }

  private func commandsReported(_ event: RESPConnectionEvent<Request>) {
    switch event {
    case .ready(.three): subscribe()
    case .ready(.two):
      subscribe()
      // An early command fails before AUTH, so it is repeated.
      guard login != nil else { return }
      if watchesFence { askFence() }
      askRole()
    case .replied(let request, let token, let sentAt): answered(request, token, sentAt: sentAt)
    case .pushed(let token): published(token)
    case .subscriptionRefused(let words): channelRefused(words)
    case .closed(let loss, let text): lost(loss, text)
    }
  }

  private func subscribe() {
    subscribeAt = nil
    if commands?.version == .three {
      commands?.subscribe(to: [channelName])
    } else {
      openSubscriber()
    }
  }

  private func openSubscriber() {
    let subscriber = Subscriber(
      to: endpoint, login: login, channels: [channelName], loop: loop, clock: clock
    ) { [weak self] report in
      switch report {
      case .subscribed: self?.channelOpened()
      case .published(let token): self?.published(token)
      case .refused(let words): self?.channelRefused(words)
      }
    }
    self.subscriber = subscriber
    subscriber.open()
  }

  /// Goes on without the channel: what decides is the role.
  private func channelRefused(_ words: ServerWords) {
    if commands?.version == .three { subscribeAt = clock.now() + Subscriber.subscribePeriod }
    isChannelRefused = true
    report(.channelRefused(words))
  }

  private func channelOpened() {
    guard isChannelRefused else { return }
    isChannelRefused = false
    report(.channelRefused(nil))
  }

  private func lost(_ loss: ConnectionLoss, _ text: String) {
    subscriber?.end()
    subscriber = nil
    commands = nil
    roleQuestion.close()
    infoQuestion.close()
    fenceQuestion.close()
    report(.lost(loss, text))
    for order in orders.abandon() { report(.fenceAnswered(order, .unreachable)) }
    for answer in errands.abandon() { report(answer) }
    guard commands == nil else { return }
    retryAt = clock.now() + Self.retryDelay
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

  private func askRole() {
    roleQuestion.asked(at: clock.now())
    commands?.send(Self.roleCommand, expecting: [.role])
  }

  private func askInfo() {
    infoQuestion.asked(at: clock.now())
    commands?.send(Self.infoCommand, expecting: [.info])
  }

  private func askFence() {
    fenceQuestion.asked(at: clock.now())
    commands?.send(Self.fenceCommand, expecting: [.fence])
  }

  private func answered(_ request: Request, _ token: RESPToken, sentAt: Instant) {
    switch request {
    case .role: roleAnswered(token, sentAt: sentAt)
    case .info: infoAnswered(token, sentAt: sentAt)
    case .fence: fenceAnswered(token, sentAt: sentAt)
    case .order:
      if let (order, problem) = orders.answered(token) { report(.fenceAnswered(order, problem)) }
    case .errand: errands.answered(token, decoder).map(report)
    case .publish:
      if let error = token.errorText { report(.sentNonsense("PUBLISH: \(error)")) }
    case .kill:
      if let error = token.errorText { report(.sentNonsense("CLIENT KILL: \(error)")) }
    case .health(let part): healthAnswered(part, token)
    }
  }

  private func roleAnswered(_ token: RESPToken, sentAt: Instant) {
    roleQuestion.close()
    if let role = decoder.role(token) {
      isMaster = role == .master
      // A new master's replicas decide soon; the next tick may be far.
      if isMaster, watchesFence, infoQuestion.askedAt == nil { askInfo() }
      report(.role(role, sentAt: sentAt))
    } else if isConnected {
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
    } else if isConnected {
      let text = token.errorText ?? "CONFIG GET min-replicas-* does not tell its values"
      report(.fenceUnreadable(.refused(text.shortened)))
    }
  }

  private func askHealth(_ bytes: [UInt8], _ parts: [RedisHealthInquiry.Part]) {
    commands?.send(bytes, expecting: parts.map(Request.health))
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

  private func published(_ token: RESPToken) {
    guard var elements = token.elements, let kind = elements.next() else { return }
    if kind.reads("subscribe") { return channelOpened() }
    guard kind.reads("message"),
      elements.next() != nil, let payload = elements.next()?.payload
    else { return }
    report(.message(Array(payload)))
  }
}
