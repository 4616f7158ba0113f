import Addresses
import FailoverCore
import NIOCore
import Platform
import RESP

/// Subscriptions to the channels of a server, until `end` is called.
///
/// In RESP3 they share the connection of the commands. A server of RESP2 sends what is published on
/// a connection of its own. That one ends while the first stands: each demotion and promotion kills
/// the subscribers of a Redis (`CLIENT KILL TYPE pubsub`), and so do operators. It is made again at
/// once where it had worked for a while, and otherwise after a wait that grows to a second.
final class Subscriber {
  /// How long a greeting or a confirmation may take before the connection is given up.
  static let answerLimit = Duration.seconds(1)
  /// How long after the refusal of a subscription the next one is tried.
  static let subscribePeriod = Duration.seconds(60)
  /// How long after a connection was refused again, in the server's words, the next one is tried.
  static let refusedPeriod = Duration.seconds(4)
  /// A connection that lasted so long is made again without a wait.
  static let stableAfter = Duration.seconds(1)
  /// Attempts in a row that may fail before the owner is told: one is a restart or a lost packet.
  static let silentFailures = 1

  /// What it tells its owner.
  enum Report {
    /// Every channel is subscribed to, for the first time or again.
    case subscribed
    /// Something was published.
    case published(RESPToken)
    /// There are no events for now: the server refuses them, or the connection fails again and again.
    case refused(ServerWords)
  }

  /// Whether it is known by now if there are events.
  private(set) var isSettled = false

  private let endpoint: Endpoint
  private let meaning: IPAddress?
  private let access: Access
  private let channels: [String]
  private let loop: any EventLoop
  private let clock: HostClock
  private let report: (Report) -> Void
  /// The connection of the commands, if the subscriptions share it.
  private let shared: RESPConnection?
  private var connection: RESPConnection?
  private var openedAt: Instant?
  private var retryAt: Instant?
  private var remaining = 0
  private var failures = 0
  private var backoff = Backoff()

  init(
    to endpoint: Endpoint, meaning: IPAddress? = nil, access: Access, channels: [String],
    loop: any EventLoop, clock: HostClock, sharing shared: RESPConnection? = nil,
    report: @escaping (Report) -> Void
  ) {
    self.endpoint = endpoint
    self.meaning = meaning
    self.access = access
    self.channels = channels
    self.loop = loop
    self.clock = clock
    self.shared = shared
    self.report = report
  }

  /// Begins to subscribe, over the shared connection or a new one.
  func open() {
    retryAt = nil
    remaining = channels.count
    if let shared { return shared.subscribe(to: channels) }
    openedAt = clock.now()
    let connection = RESPConnection(
      to: endpoint, meaning: meaning, access: access, loop: loop, clock: clock
    ) { [weak self] in self?.reported($0) }
    self.connection = connection
    connection.open()
  }

  /// Does what is due; called on every tick.
  func tick(at now: Instant) {
    if let connection {
      _ = connection.closeIfSilent(for: Self.answerLimit, at: now)
    } else if let retryAt, retryAt <= now {
      open()
    }
  }

  /// Ends it; nothing is reported any more.
  func end() {
    connection?.abandon()
    connection = nil
    retryAt = nil
  }

  private func reported(_ event: RESPConnectionEvent) {
    switch event {
    case .ready: connection?.subscribe(to: channels)
    case .pushed(let token): took(token)
    case .subscriptionRefused(let words): refused(words)
    case .closed(let loss, let text): lost(loss, ServerWords(text))
    }
  }

  /// Takes in what was pushed: a confirmation, or something that was published.
  func took(_ token: RESPToken) {
    guard var elements = token.elements, elements.next()?.reads("subscribe") == true else {
      return report(.published(token))
    }
    remaining -= 1
    guard remaining == 0 else { return }
    failures = 0
    backoff.reset()
    isSettled = true
    report(.subscribed)
  }

  /// Takes in that the server lets nobody subscribe.
  func refused(_ words: ServerWords) {
    end()
    retryAt = clock.now() + Self.subscribePeriod
    isSettled = true
    report(.refused(words))
  }

  private func lost(_ loss: ConnectionLoss, _ words: ServerWords) {
    connection = nil
    let now = clock.now()
    let isStable = openedAt.map { now - $0 >= Self.stableAfter } ?? false
    if remaining == 0, isStable { return open() }
    if remaining > 0 { failures += 1 }
    let isRefused = failures > Self.silentFailures
    let hasWords = words.code != nil
    retryAt = now + (isRefused && hasWords ? Self.refusedPeriod : backoff.delay(after: loss))
    guard isRefused else { return }
    isSettled = true
    report(.refused(words))
  }
}
