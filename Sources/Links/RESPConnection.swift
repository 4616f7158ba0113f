package import Addresses
import FailoverCore
package import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
package import Platform
import RESP

/// One connection to a Sentinel or a Redis: greeting, exchanges in their order, pushes.
///
/// An exchange is some commands that leave together, and one outcome. Everything else goes to the
/// owner through one closure, on the event loop. It never acts by itself: reconnecting, and when to
/// give up, are the owner's.
package final class RESPConnection: ChannelInboundHandler {
  package typealias InboundIn = ByteBuffer

  /// Exchanges that are awaited at most; a peer that answers nothing is closed long before.
  private static let pendingLimit = 1_024

  let endpoint: Endpoint
  private let loop: any EventLoop
  private let clock: HostClock
  /// The address under which the server is known, where it is reached by another.
  private let meaning: IPAddress?
  private let access: Access
  private let report: (RESPConnectionEvent) -> Void
  private var parser = RESPParser()
  private var channel: (any Channel)?
  private var pending: CircularBuffer<Pending> = []
  /// The answers so far to the exchange that is answered now.
  private var replies: [RESPToken] = []
  private var phase = Phase.connecting
  /// What follows the greeting: at once, or again after AUTH if it was refused before.
  private var early: [RESPExchange] = []
  private var failure: (loss: ConnectionLoss, text: String)?
  /// What the server said to the greeting, until it says something else: why it is about to close.
  private var greetingWords: ServerWords?
  private var begun: Instant
  private var isFlushDue = false
  /// What encrypts the connection; nil where nothing does.
  private var encryption: NIOSSLClientHandler?

  /// The version that the greeting settled on.
  private(set) var version = RESPVersion.two

  private enum Phase: Equatable {
    case connecting, securing, greeting, ready, closed
  }

  private struct Pending {
    enum Answer {
      case hello
      case auth
      case subscription(remaining: Int)
      case exchange(RESPExchange)
    }
    var answer: Answer
    let sentAt: Instant

    var exchange: RESPExchange? {
      if case .exchange(let exchange) = answer { exchange } else { nil }
    }
  }

  /// Prepares a connection; `meaning` is the address under which the server is known, where it is reached
  /// by another.
  package init(
    to endpoint: Endpoint, meaning: IPAddress? = nil, access: Access, loop: any EventLoop,
    clock: HostClock, report: @escaping (RESPConnectionEvent) -> Void
  ) {
    self.endpoint = endpoint
    self.meaning = meaning
    self.access = access
    self.loop = loop
    self.clock = clock
    self.report = report
    begun = clock.now()
  }

  /// Whether the greeting is over and the connection stands.
  var isReady: Bool { phase == .ready }

  /// Since when the oldest unanswered exchange, or the greeting, waits; nil if none does.
  private var waitingSince: Instant? {
    switch phase {
    case .connecting, .securing, .greeting: begun
    case .ready: pending.first?.sentAt
    case .closed: nil
    }
  }

  /// Begins to connect.
  ///
  /// Commands given here follow the greeting in the same segment, so that the first answer is
  /// there after one round trip. A server of RESP2 with a password refuses them; then they are sent
  /// again once it has let the connection in.
  package func open(early: [RESPExchange] = []) {
    self.early = early
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

  /// Sends commands; the outcome comes with the last answer, or with the end of the connection.
  func send(_ exchange: RESPExchange) {
    let now = clock.now()
    guard exchange.commands.count > 0 else { return exchange.done(.answered([], sentAt: now)) }
    expect(.exchange(exchange), sentAt: now)
    write(exchange.commands.bytes)
  }

  /// Sends commands, and hands their outcome to a closure.
  package func send(_ commands: RESPCommands, _ done: @escaping (RESPOutcome) -> Void) {
    send(RESPExchange(commands: commands, done: done))
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

  /// Closes the connection if an answer, or the greeting, takes longer than a limit; whether it does.
  func closeIfSilent(for limit: Duration, at now: Instant) -> Bool {
    guard let waitingSince, now - waitingSince > limit else { return false }
    let text =
      phase == .securing ? TLSFailure.silent(for: limit).text : "no answer within \(limit)"
    close(.unreachable, text)
    return true
  }

  /// Closes the connection and reports nothing more, not even outcomes.
  package func abandon() {
    flush()
    phase = .closed
    pending = []
    early = []
    channel?.close(promise: nil)
    channel = nil
  }

  // MARK: - Greeting

  private func connected(_ channel: any Channel) {
    guard phase == .connecting else { return channel.close(promise: nil) }
    self.channel = channel
    do {
      if let tls = access.tls { encryption = try tls.makeHandler() }
      phase = encryption == nil ? .greeting : .securing
      // The handshake begins with the first of them.
      if let encryption { try channel.pipeline.syncOperations.addHandler(encryption) }
      try channel.pipeline.syncOperations.addHandler(self)
    } catch {
      channel.close(promise: nil)
      return end(.closed, "\(error)")
    }
    if phase == .greeting { greet() }
  }

  private func greet() {
    phase = .greeting
    expect(.hello, sentAt: clock.now())
    write(RESPWriter.command(["HELLO", "3"] + (access.login?.helloWords ?? [])))
    sendEarly()
  }

  /// Takes in that the connection is encrypted: a password is said to nobody before that.
  package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case .handshakeCompleted? = event as? TLSUserEvent, phase == .securing,
      let tls = access.tls
    else { return context.fireUserInboundEventTriggered(event) }
    let known = [meaning, endpoint.address].compactMap(\.self)
    if let failure = tls.objection(to: encryption?.peerCertificate, from: known) {
      return close(failure.loss, failure.text)
    }
    greet()
  }

  private func sendEarly() {
    let exchanges = early
    early = []
    for exchange in exchanges { send(exchange) }
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
    guard let login = access.login else { return becomeReady() }
    expect(.auth, sentAt: clock.now())
    write(RESPWriter.command(login.authCommand))
  }

  private func becomeReady() {
    phase = .ready
    report(.ready(version))
    if phase == .ready { sendEarly() }
  }

  // MARK: - Reading

  /// How the reason of an end begins where the other side speaks something else.
  package static let isForeign = "it does not speak RESP"
  /// How a server of TLS answers what is none: with an alert (RFC 8446 §5.1).
  private static let alertRecord: UInt8 = 0x15

  package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    unsafe unwrapInboundIn(data).withUnsafeReadableBytes { unsafe parser.append($0) }
    do throws(RESPError) {
      while phase != .closed, failure == nil, let token = try parser.next() {
        if !token.isError { greetingWords = nil }
        dispatch(token)
      }
    } catch {
      guard error != .unknownType(Self.alertRecord) || encryption != nil else {
        return close(TLSFailure.unexpected.loss, TLSFailure.unexpected.text)
      }
      close(.closed, "\(Self.isForeign): \(error)")
    }
  }

  private func dispatch(_ token: RESPToken) {
    if token.kind == .push || isSubscriptionMessage(token) {
      confirmSubscription(token)
      return report(.pushed(token))
    }
    guard let head = pending.first else {
      let words = token.errorText.map(ServerWords.init)
      return close(.closed, words?.text ?? "it answered what was not asked")
    }
    if let exchange = head.exchange { return answered(token, exchange, sentAt: head.sentAt) }
    pending.removeFirst()
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
    case .exchange: break
    }
  }

  private func answered(_ token: RESPToken, _ exchange: RESPExchange, sentAt: Instant) {
    replies.append(token)
    guard replies.count == exchange.commands.count else { return }
    let all = replies
    replies = []
    pending.removeFirst()
    if phase == .greeting, all.contains(where: \.isError) {
      early.append(exchange)
    } else {
      exchange.done(.answered(all, sentAt: sentAt))
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

  // MARK: - The end

  /// Notes why the connection is about to end.
  package func errorCaught(context: ChannelHandlerContext, error: any Error) {
    failure = failure ?? reason(of: error)
    channel?.close(promise: nil)
  }

  private func reason(of error: any Error) -> (loss: ConnectionLoss, text: String)? {
    if let words = greetingWords { return (ConnectionLoss(error), words.text) }
    guard let tls = access.tls, !(error is IOError) else {
      let loss = ConnectionLoss(error)
      return (loss, SocketErrorText.text(error) + (loss == .closed ? suspicion : ""))
    }
    // What is left is a connection that ended without a farewell.
    return tls.failure(
      of: error, showing: encryption?.peerCertificate, wallNanoseconds: clock.wallNanoseconds()
    ).map { ($0.loss, $0.text) }
  }

  /// What an end in the greeting may mean: OpenSSL says nothing to who does not speak TLS.
  private var suspicion: String {
    phase == .greeting && access.tls == nil ? " in the greeting, as by a port that speaks TLS" : ""
  }

  /// Takes in that the connection has ended.
  package func channelInactive(context: ChannelHandlerContext) {
    let reason = failure ?? (.closed, greetingWords?.text ?? "closed by the peer" + suspicion)
    end(reason.loss, reason.text)
  }

  private func end(_ loss: ConnectionLoss, _ text: String) {
    guard phase != .closed else { return }
    phase = .closed
    channel = nil
    let lost = early + pending.compactMap(\.exchange)
    pending = []
    early = []
    report(.closed(loss, text))
    for exchange in lost { exchange.done(.lost(loss, text)) }
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
