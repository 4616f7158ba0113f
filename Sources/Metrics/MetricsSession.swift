import NIOCore
import NIOHTTP1

/// One connection to the address for metrics: one request, one answer, and the end.
final class MetricsSession: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  /// Parts of requests that may follow the first one's head; they are not looked at.
  static let maxParts = 64

  /// The place in the order of connections.
  let number: Int
  private let channel: any Channel
  /// It may end before its last connection has.
  private weak var server: MetricsServer?
  private let longest: TimeAmount
  private var deadline: Scheduled<Void>?
  private var hasRequest = false
  private var hasAnswered = false
  private var parts = 0

  init(channel: any Channel, server: MetricsServer) {
    self.channel = channel
    self.server = server
    number = server.nextNumber()
    longest = server.bounds.maxConnection
  }

  /// Ends the connection at once.
  func drop() {
    server?.ended(self)
    channel.close(promise: nil)
  }

  func handlerAdded(context: ChannelHandlerContext) {
    // Not by idleness: a byte now and then would keep a connection for ever.
    deadline = channel.eventLoop.assumeIsolated().scheduleTask(
      in: longest
    ) { [weak self] in self?.drop() }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    parts += 1
    guard parts <= Self.maxParts else { return drop() }
    guard !hasRequest, case .head(let head) = unwrapInboundIn(data) else { return }
    hasRequest = true
    server?.answer(head) { [weak self] in self?.send($0, withBody: head.method != .HEAD) }
  }

  func channelInactive(context: ChannelHandlerContext) {
    deadline?.cancel()
    server?.ended(self)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    // The client is done: with its request, or with the answer.
    guard case .some(ChannelEvent.inputClosed) = event as? ChannelEvent else { return }
    if hasAnswered || !hasRequest { drop() }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard !hasRequest, let error = error as? HTTPParserError else { return drop() }
    hasRequest = true
    send(error == .headerOverflow ? .tooLarge : .badRequest, withBody: true)
  }

  private func send(_ answer: HTTPAnswer, withBody: Bool) {
    guard !hasAnswered, channel.isActive else { return }
    hasAnswered = true
    var headers = HTTPHeaders([
      ("Content-Type", answer.mediaType), ("Content-Length", "\(answer.body.utf8.count)"),
      ("Cache-Control", "no-store"), ("Connection", "close"),
    ])
    if let allow = answer.allow { headers.add(name: "Allow", value: allow) }
    let head = HTTPResponseHead(version: .http1_1, status: answer.status, headers: headers)
    let channel = channel
    channel.write(HTTPServerResponsePart.head(head), promise: nil)
    if withBody {
      let body = channel.allocator.buffer(string: answer.body)
      channel.write(HTTPServerResponsePart.body(.byteBuffer(body)), promise: nil)
    }
    channel.writeAndFlush(HTTPServerResponsePart.end(nil)).whenComplete { _ in
      // What the client sends meanwhile is read, so that no reset overtakes the answer.
      channel.close(mode: .output, promise: nil)
    }
  }
}
