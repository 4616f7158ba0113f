package import Addresses
package import NIOCore
import NIOPosix
package import NIOSSL
package import RESP

/// A port of the loopback, where tests have their servers.
package func loopback(_ port: UInt16) -> Endpoint {
  Endpoint(address: .v4(IPv4Address(127, 0, 0, 1)), port: port)
}

/// A server on 127.0.0.1 that answers commands as a test wants.
///
/// It lives on the loop of the test, so that nothing needs a lock.
package final class FakeServer {
  /// Answers a command; may write several values, or none.
  package typealias Answer = @Sendable (_ words: [String], _ writer: inout RESPWriter) -> Void

  private let loop: any EventLoop
  private var listener: (any Channel)?
  private var clients: [Client] = []
  package let answer: Answer
  /// Every command of every client, in the order of their arrival.
  package private(set) var commands: [[String]] = []
  /// What each client is told before it says anything, and then dropped; nothing as a rule.
  package var doorWords: String?
  /// Connections that are let in at most, since the start; the others are refused as by maxclients.
  package var admissionLimit = Int.max
  /// What encrypts the connections; nil where nothing does.
  package var encryption: NIOSSLContext?
  /// How many connections came.
  package fileprivate(set) var accepted = 0
  /// How often something arrived.
  package private(set) var reads = 0

  fileprivate final class Client {
    let channel: any Channel
    var parser = RESPCommandParser()
    var version = RESPVersion.two
    var hasSubscribed = false

    init(channel: any Channel) {
      self.channel = channel
    }
  }

  package init(loop: any EventLoop, answer: @escaping Answer) {
    self.loop = loop
    self.answer = answer
  }

  /// Listens on a free port, or on one that was given up before.
  package func open(port: Int = 0, then use: @escaping (UInt16) -> Void) {
    let server = NIOLoopBound(self, eventLoop: loop)
    ServerBootstrap(group: loop)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let client = Client(channel: channel)
          server.value.clients.append(client)
          server.value.accepted += 1
          if let context = server.value.encryption {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
          }
          try channel.pipeline.syncOperations.addHandler(
            FakeServerHandler(server: server.value, client: client))
        }
      }
      .bind(host: "127.0.0.1", port: port)
      .assumeIsolated().whenSuccess { channel in
        self.listener = channel
        use(UInt16(channel.localAddress?.port ?? 0))
      }
  }

  /// Sends bytes to every client, unasked.
  package func push(_ write: (inout RESPWriter) -> Void) {
    for client in clients {
      var writer = RESPWriter(version: client.version)
      write(&writer)
      client.channel.writeAndFlush(
        client.channel.allocator.buffer(bytes: writer.bytes), promise: nil)
    }
  }

  /// Sends a message to those that subscribed.
  package func publish(_ message: String, on channel: String) {
    for client in clients where client.hasSubscribed {
      var writer = RESPWriter(version: client.version)
      writer.push(count: 3)
      for word in ["message", channel, message] { writer.bulkString(word) }
      client.channel.writeAndFlush(
        client.channel.allocator.buffer(bytes: writer.bytes), promise: nil)
    }
  }

  /// Drops those that subscribed, as CLIENT KILL TYPE pubsub does.
  package func dropSubscribers() {
    for client in clients where client.hasSubscribed { client.channel.close(promise: nil) }
    clients.removeAll(where: \.hasSubscribed)
  }

  /// Drops every client, and goes on listening.
  package func dropClients() {
    for client in clients { client.channel.close(promise: nil) }
    clients = []
  }

  /// Drops every client and stops listening.
  package func close() {
    listener?.close(promise: nil)
    dropClients()
  }

  fileprivate func read(_ buffer: ByteBuffer, from client: Client) {
    reads += 1
    client.parser.append(buffer.readableBytesView)
    while let words = try? client.parser.next() {
      commands.append(words)
      if words.first == "SUBSCRIBE" { client.hasSubscribed = true }
      var writer = RESPWriter(version: client.version)
      if words == ["HELLO", "3"] { client.version = .three }
      answer(words, &writer)
      client.channel.writeAndFlush(
        client.channel.allocator.buffer(bytes: writer.bytes), promise: nil)
    }
  }
}

private final class FakeServerHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let server: FakeServer
  private let client: FakeServer.Client

  init(server: FakeServer, client: FakeServer.Client) {
    self.server = server
    self.client = client
  }

  func channelActive(context: ChannelHandlerContext) {
    let isFull = server.accepted > server.admissionLimit
    guard let words = isFull ? "ERR max number of clients reached" : server.doorWords else {
      return
    }
    context.channel.writeAndFlush(
      context.channel.allocator.buffer(string: "-\(words)\r\n"), promise: nil)
    context.close(promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    server.read(unwrapInboundIn(data), from: client)
  }
}

/// What a Sentinel of one healthy master answers.
package enum FakeSentinel {
  static let runID = "f00d"

  package static func answer(_ words: [String], _ writer: inout RESPWriter) {
    switch words.first {
    case "HELLO":
      writer.version = .three
      writer.map(count: 1)
      writer.bulkString("proto")
      writer.integer(3)
    case "SUBSCRIBE":
      for (index, channel) in words.dropFirst().enumerated() {
        writer.push(count: 3)
        writer.bulkString("subscribe")
        writer.bulkString(channel)
        writer.integer(Int64(index + 1))
      }
    case "SENTINEL": writer.bytes += reply(to: words)
    default: writer.error("ERR unknown command")
    }
  }

  private static func reply(to words: [String]) -> [UInt8] {
    guard words.count < 3 || words[2] == "mymaster" else {
      return Array("-ERR No such master with that name\r\n".utf8)
    }
    switch words[1] {
    case "MYID": return Array("$4\r\n\(runID)\r\n".utf8)
    case "GET-MASTER-ADDR-BY-NAME": return Captured.bytes(Captured.namedInRESP3)
    case "MASTER": return Captured.bytes(Captured.masterInRESP3)
    case "REPLICAS": return Captured.bytes(Captured.replicasInRESP3)
    case "SENTINELS": return Array("*0\r\n".utf8)
    default: return Array("-ERR unknown\r\n".utf8)
    }
  }
}

/// Runs a test on an event loop of its own, until it says that it is done.
package func onLoop(
  _ body: @escaping @Sendable (any EventLoop, @escaping @Sendable () -> Void) -> Void
) async {
  let threads = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  let loop = threads.next()
  await withCheckedContinuation { continuation in
    loop.execute { body(loop) { continuation.resume() } }
  }
  try? await threads.shutdownGracefully()
}

/// What a test does with one server, and how it ends.
package protocol ServerBench: AnyObject, SendableMetatype {
  var server: FakeServer { get }
  /// Where the server is, once it is open.
  var endpoint: Endpoint { get set }
  /// Ends what uses the server.
  func end()
}

extension ServerBench {
  /// Opens the server of a bench that is made on a loop, and ends both when a test is done.
  package static func run(
    _ make: @escaping @Sendable (any EventLoop) -> Self,
    _ body: @escaping @Sendable (Self, _ done: @escaping () -> Void) -> Void
  ) async {
    await onLoop { loop, finish in
      let bench = make(loop)
      bench.server.open { port in
        bench.endpoint = loopback(port)
        body(bench) {
          bench.end()
          bench.server.close()
          finish()
        }
      }
    }
  }
}

/// Calls back once a condition holds; looked at every few milliseconds.
package func until(
  _ loop: any EventLoop, _ condition: @escaping () -> Bool, then use: @escaping () -> Void
) {
  if condition() { return use() }
  loop.assumeIsolated().scheduleTask(in: .milliseconds(2)) { until(loop, condition, then: use) }
}
