import FailoverCore
import NIOCore
import Platform
import RESP

/// One client of a control socket.
///
/// It is answered command by command; what it sends before it is let in waits. One that sends
/// what is no command, or does not read its answers, is dropped.
final class ControlSession {
  /// How long a client of the hook's socket may stay: it says one thing and goes.
  static let hookLimit = Duration.seconds(5)
  /// What a client may send before it is known who it is.
  static let waitingLimit = 1 << 16

  let door: ControlDoor
  private let channel: any Channel
  private let commands: ControlCommands
  private let access: ControlAccess
  private let ended: (ControlSession) -> Void
  private var parser = RESPCommandParser()
  private var isAllowed = false
  private var isEnding = false
  /// Whether an answer is being prepared off the loop: the commands behind it wait.
  private var isSuspended = false
  let begunAt = HostClock().now()
  /// The error that the command at hand was answered with; nil if it was not.
  private(set) var refusal: String?
  /// The version that the client asked for with HELLO.
  var version = RESPVersion.two
  /// Called when the client goes: it followed events.
  var whenEnded: () -> Void = {}
  /// Calls off the move that the client waits for; nothing if it waits for none.
  var callOff: (() -> Void)?

  init(
    channel: any Channel, door: ControlDoor, commands: ControlCommands, access: ControlAccess,
    ended: @escaping (ControlSession) -> Void
  ) {
    self.channel = channel
    self.door = door
    self.commands = commands
    self.access = access
    self.ended = ended
  }

  /// Decides whether the client is let in.
  fileprivate func begin() {
    guard door == .operators else {
      isAllowed = true
      return
    }
    guard access.admits(channel) else {
      commands.countRefusal(of: peer)
      reply { $0.error("NOPERM only root and the group \(OperatorGroup.name) may ask") }
      return close()
    }
    isAllowed = true
  }

  /// Who is at the other end; nil if the kernel does not say.
  var peer: PeerCredentials? { PeerCredentials(of: channel) }

  /// Begins to note whether the next command is refused.
  func forgetRefusal() { refusal = nil }

  /// Ends a client of the hook's socket that stays too long.
  func tick(at now: Instant) {
    if door == .hook, now - begunAt > Self.hookLimit { close() }
  }

  /// Takes in what the client sent.
  func received(_ buffer: ByteBuffer) {
    guard !isEnding else { return }
    unsafe buffer.withUnsafeReadableBytes { unsafe parser.append($0) }
    answerAll()
  }

  /// Sends a reply, or a message that follows from an earlier command.
  func reply(_ write: (inout RESPWriter) -> Void) {
    guard !isEnding else { return }
    // A client that lets so much pile up does not read; nothing is kept for it.
    guard channel.isWritable else { return close() }
    var writer = RESPWriter(version: version)
    write(&writer)
    if writer.bytes.first == UInt8(ascii: "-") {
      refusal = String(decoding: writer.bytes.dropFirst().prefix { $0 != 13 }, as: UTF8.self)
    }
    channel.writeAndFlush(channel.allocator.buffer(bytes: writer.bytes), promise: nil)
  }

  /// Lets the commands that follow wait, because the answer to this one comes later.
  func suspend() {
    isSuspended = true
  }

  /// Sends the answer that was waited for, and goes on with the commands behind it.
  func resume(_ write: (inout RESPWriter) -> Void) {
    guard isSuspended else { return }
    isSuspended = false
    reply(write)
    answerAll()
  }

  /// Ends the client once what was written has left.
  func close() {
    guard !isEnding else { return }
    isEnding = true
    let channel = channel
    channel.writeAndFlush(channel.allocator.buffer(capacity: 0)).whenComplete { _ in
      channel.close(promise: nil)
    }
  }

  /// Ends the client at once.
  func drop() {
    isEnding = true
    ended(self)
    channel.close(promise: nil)
  }

  /// Takes in that the client is gone.
  fileprivate func disconnected() {
    isEnding = true
    whenEnded()
    whenEnded = {}
    callOff?()
    callOff = nil
    ended(self)
  }

  /// Ends the connection after an error of the socket.
  fileprivate func failed() {
    isEnding = true
    channel.close(promise: nil)
  }

  private func answerAll() {
    guard isAllowed, !isSuspended else {
      // Nothing is parsed before the client is let in or while it waits: bounded here.
      if parser.pendingBytes > Self.waitingLimit { close() }
      return
    }
    do throws(RESPError) {
      while !isEnding, !isSuspended, let words = try parser.next() {
        commands.answer(words, to: self)
      }
    } catch {
      reply { $0.error("ERR Protocol error: \(error)") }
      close()
    }
  }
}

/// Hands what NIO reads to the session.
final class ControlSessionHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let session: ControlSession

  init(session: ControlSession) {
    self.session = session
  }

  func channelActive(context: ChannelHandlerContext) {
    session.begin()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    session.received(unwrapInboundIn(data))
  }

  func channelInactive(context: ChannelHandlerContext) {
    session.disconnected()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    session.failed()
  }
}
