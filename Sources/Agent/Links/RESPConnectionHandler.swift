import NIOCore

/// Hands what NIO reads to a connection.
///
/// It knows nothing of the requests: of a generic handler the compiler makes one version for all,
/// and with it of everything that it calls, which cost a tenth of an idle daemon's time.
final class RESPConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let received: (ByteBuffer) -> Void
  private let failed: (any Error) -> Void
  private let disconnected: () -> Void

  init(
    received: @escaping (ByteBuffer) -> Void, failed: @escaping (any Error) -> Void,
    disconnected: @escaping () -> Void
  ) {
    self.received = received
    self.failed = failed
    self.disconnected = disconnected
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    received(unwrapInboundIn(data))
  }

  func channelInactive(context: ChannelHandlerContext) {
    disconnected()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    failed(error)
  }
}
