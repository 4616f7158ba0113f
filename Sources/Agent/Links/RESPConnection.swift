import Addresses
import FailoverCore
import NIOCore
import NIOPosix
import RESP

/// One connection to a Sentinel or a Redis: greeting, requests with answers in order, pushes.
///
/// It tells its owner everything through one closure, on the event loop, and never acts by
/// itself: reconnecting and time-outs are the owner's.
final class RESPConnection<Request> {
  /// Answers that are awaited at most; a peer that answers nothing is closed long before.
  static var pendingLimit: Int { 1_024 }

  let endpoint: Endpoint
  private let loop: any EventLoop
  private let clock: HostClock
  private let login: Login?
  private let report: (RESPConnectionEvent<Request>) -> Void
  private var parser = RESPParser()
  private var channel: (any Channel)?
  private var pending: CircularBuffer<Pending> = []
  private var phase = Phase.connecting
  private var earlyCommands: [(bytes: [UInt8], request: Request)] = []
  private var failure: (loss: ConnectionLoss, text: String)?
  /// What the server said to the greeting, until it says something else: why it is about to close.
  private var greetingWords: ServerWords?
  private var begun: Instant
  private var isFlushDue = false

  /// The version that the greeting settled on.
  private(set) var version = RESPVersion.two

  private enum Phase: Equatable {
    case connecting, greeting, ready, closed
  }

  private struct Pending {
    enum Answer {
      case hello
      case auth
      case subscription(remaining: Int)
      case request(Request)
    }
    var answer: Answer
    var sentAt: Instant
  }

  init(
    to endpoint: Endpoint, login: Login?, loop: any EventLoop, clock: HostClock,
    report: @escaping (RESPConnectionEvent<Request>) -> Void
  ) {
    self.endpoint = endpoint
    self.login = login
    self.loop = loop
    self.clock = clock
    self.report = report
    begun = clock.now()
  }

  /// Whether the greeting is over and the connection stands.
  var isReady: Bool { phase == .ready }

  /// Since when the oldest unanswered request, or the greeting, waits; nothing if none does.
  var waitingSince: Instant? {
    switch phase {
    case .connecting, .greeting: begun
    case .ready: pending.first?.sentAt
    case .closed: nil
    }
  }

  /// Begins to connect.
  ///
  /// Commands given here follow the greeting in the same segment, so that the first answer is
  /// there after one round trip.
  func open(early commands: [(bytes: [UInt8], request: Request)] = []) {
    earlyCommands = commands
    begun = clock.now()
    let address: SocketAddress
    do {
      address = try SocketAddress(
        ipAddress: endpoint.address.description, port: Int(endpoint.port))
    } catch {
      return end(.unreachable, "\(error)")
    }
    ClientBootstrap(group: loop)
      .connectTimeout(.seconds(1))
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 8_192))
      .channelOption(.tcpUserTimeout, value: TCPUserTimeout.milliseconds)
      .connect(to: address)
      .assumeIsolated().whenComplete { [self] result in
        switch result {
        case .success(let channel): connected(channel)
        case .failure(let error): end(ConnectionLoss(error), SocketErrorText.text(error))
        }
      }
  }

  /// Sends one command, or several at once, whose answers come in the order of the requests.
  func send(_ bytes: [UInt8], expecting requests: some Sequence<Request>) {
    let now = clock.now()
    for request in requests { expect(.request(request), sentAt: now) }
    write(bytes)
  }

  /// Subscribes to channels; the confirmations arrive as pushes.
  func subscribe(to channels: [String]) {
    expect(.subscription(remaining: channels.count), sentAt: clock.now())
    write(RESPWriter.command(["SUBSCRIBE"] + channels))
  }

  /// Closes the connection; `closed` is reported with this loss.
  func close(_ loss: ConnectionLoss, _ text: String) {
    guard phase != .closed else { return }
    failure = failure ?? (loss, text)
    guard let channel else { return end(loss, text) }
    flush()
    channel.close(promise: nil)
  }

  /// Closes the connection and reports nothing more.
  func abandon() {
    flush()
    phase = .closed
    channel?.close(promise: nil)
    channel = nil
  }

  // MARK: - Greeting

  private func connected(_ channel: any Channel) {
    guard phase == .connecting else { return channel.close(promise: nil) }
    let handler = RESPConnectionHandler(
      received: { self.received($0) }, failed: { self.failed($0) },
      disconnected: { self.disconnected() })
    do {
      try channel.pipeline.syncOperations.addHandler(handler)
    } catch {
      channel.close(promise: nil)
      return end(.closed, "\(error)")
    }
    self.channel = channel
    phase = .greeting
    var bytes = RESPWriter.command(["HELLO", "3"] + (login?.helloWords ?? []))
    let now = clock.now()
    expect(.hello, sentAt: now)
    for command in earlyCommands {
      bytes += command.bytes
      expect(.request(command.request), sentAt: now)
    }
    write(bytes)
  }

  private func greeted(_ token: RESPToken) {
    guard let error = token.errorText else {
      version = .three
      return becomeReady()
    }
    let words = ServerWords(error)
    if words.refusesLogin || words.refusesEntry { return close(.closed, words.text) }
    greetingWords = words
    version = .two
    guard let login else { return becomeReady() }
    expect(.auth, sentAt: clock.now())
    write(RESPWriter.command(login.authCommand))
  }

  private func becomeReady() {
    phase = .ready
    earlyCommands = []
    report(.ready(version))
  }

  // MARK: - Reading

  /// Takes in what arrived.
  private func received(_ buffer: ByteBuffer) {
    unsafe buffer.withUnsafeReadableBytes { unsafe parser.append($0) }
    do throws(RESPError) {
      while phase != .closed, failure == nil, let token = try parser.next() {
        if !token.isError { greetingWords = nil }
        dispatch(token)
      }
    } catch {
      close(.closed, "it does not speak RESP: \(error)")
    }
  }

  private func dispatch(_ token: RESPToken) {
    if token.kind == .push || isSubscriptionMessage(token) {
      confirmSubscription(token)
      return report(.pushed(token))
    }
    guard let head = pending.popFirst() else {
      let words = token.errorText.map(ServerWords.init)
      return close(.closed, words?.text ?? "it answered what was not asked")
    }
    switch head.answer {
    case .hello: greeted(token)
    case .auth:
      if let error = token.errorText {
        close(.closed, ServerWords(error).text)
      } else {
        becomeReady()
      }
    case .subscription:
      // A confirmation is a push, so this is the refusal of the subscription.
      guard let error = token.errorText else {
        return close(.closed, "it answered a subscription with what is none")
      }
      report(.subscriptionRefused(ServerWords(error)))
    case .request(let request): report(.replied(request, token, sentAt: head.sentAt))
    }
  }

  /// Whether this is what RESP2 sends in the place of a push on a connection that subscribed.
  private func isSubscriptionMessage(_ token: RESPToken) -> Bool {
    guard version == .two, token.kind == .array, var elements = token.elements,
      let first = elements.next()
    else { return false }
    return first.reads("message") || first.reads("subscribe")
  }

  private func confirmSubscription(_ token: RESPToken) {
    guard let head = pending.first, case .subscription(let remaining) = head.answer,
      var elements = token.elements, elements.next()?.reads("subscribe") == true
    else { return }
    if remaining > 1 {
      pending[pending.startIndex].answer = .subscription(remaining: remaining - 1)
    } else {
      pending.removeFirst()
    }
  }

  /// Notes why the connection is about to end.
  private func failed(_ error: any Error) {
    let text = greetingWords?.text ?? SocketErrorText.text(error)
    failure = failure ?? (ConnectionLoss(error), text)
    channel?.close(promise: nil)
  }

  /// Takes in that the connection has ended.
  private func disconnected() {
    let reason = failure ?? (.closed, greetingWords?.text ?? "closed by the peer")
    end(reason.loss, reason.text)
  }

  private func end(_ loss: ConnectionLoss, _ text: String) {
    guard phase != .closed else { return }
    phase = .closed
    channel = nil
    report(.closed(loss, text))
  }

  // MARK: - Writing

  private func expect(_ answer: Pending.Answer, sentAt: Instant) {
    pending.append(Pending(answer: answer, sentAt: sentAt))
    if pending.count > Self.pendingLimit { close(.unreachable, "it answers nothing") }
  }

  /// Writes once the event at hand is dealt with.
  ///
  /// A system call over TCP takes some 20 µs, and an event brings several. An address that is to be
  /// taken or dropped does not wait for them.
  private func write(_ bytes: [UInt8]) {
    guard let channel, phase != .closed else { return }
    channel.write(channel.allocator.buffer(bytes: bytes), promise: nil)
    guard !isFlushDue else { return }
    isFlushDue = true
    loop.assumeIsolated().execute { [weak self] in self?.flush() }
  }

  /// Sends at once what was written, for whoever is about to hold up the loop.
  func flush() {
    guard isFlushDue else { return }
    isFlushDue = false
    channel?.flush()
  }
}
