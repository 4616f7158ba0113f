import Addresses
import Configuration
import Control
import FailoverCore
import Foundation
import Logging
import NIOCore
import NIOPosix
import PeerKit
import Platform
import RESP
import Testing

@testable import Agent

/// A daemon with a fake network and no Sentinel that answers, behind real sockets.
final class ControlBench {
  let daemon: Daemon
  let network = FakeNetwork()
  let directory: String
  private let loop: any EventLoop
  let pool = NIOThreadPool(numberOfThreads: 1)
  private var servers: [ControlServer] = []
  private let log: LogLines

  static let text = """
    sentinel 127.0.0.1 1
    vip mymaster 10.77.0.100/24 dev eth0
    vip cache 10.77.0.101/24 dev eth0
    """

  init(
    loop: any EventLoop, text: String = ControlBench.text,
    log: LogLines = LogLines(),
    lookUp: @escaping HostResolver.Lookup = HostLookup.addresses
  ) throws {
    self.loop = loop
    self.log = log
    directory = NSTemporaryDirectory() + "vipd-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    pool.start()
    let loaded = try Self.loaded(text, directory: directory)
    daemon = Daemon(
      loaded, network: network.seams, pool: pool, loop: loop,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, lookUp: lookUp)
    network.report = { [weak daemon] in daemon?.networkReported($0) }
  }

  /// Another configuration with the sockets of this bench.
  func loaded(_ text: String) throws -> LoadedConfiguration {
    try Self.loaded(text, directory: directory)
  }

  static func loaded(_ text: String, directory: String) throws -> LoadedConfiguration {
    try LoadedConfiguration(
      readingSecretsOf: Configuration(
        parsing: text + """

          control \(directory)/c.sock
          hook \(directory)/h.sock
          state-dir \(directory)
          """, file: "test.conf"))
  }

  /// Begins, and calls back once both groups and both sockets are ready.
  func start(then use: @escaping () -> Void) {
    let commands = ControlCommands(
      daemon: daemon, node: "h1", logger: Logger(label: "t") { [log] _ in log.handler })
    let access = ControlAccess()
    daemon.start()
    for (door, name) in [(ControlDoor.operators, "c.sock"), (.hook, "h.sock")] {
      let server = ControlServer(
        door, at: "\(directory)/\(name)", commands: commands, access: access, loop: loop,
        logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() })
      servers.append(server)
      server.open { _ in }
    }
    let ready = daemon.ticked
    daemon.ticked = { [unowned self] now in
      ready(now)
      guard daemon.isReady else { return }
      daemon.ticked = { _ in }
      use()
    }
  }

  func end(_ done: @escaping () -> Void) {
    for server in servers { server.close() }
    daemon.stop { [self] in
      pool.shutdownGracefully { _ in }
      try? FileManager.default.removeItem(atPath: directory)
      done()
    }
  }

  /// Sends bytes to a socket, and gives what comes back once that is so many values, or closed.
  func ask(
    _ socket: String, _ bytes: [UInt8], values: Int, then use: @escaping ([RESPToken]) -> Void
  ) {
    let bound = NIOLoopBound(use, eventLoop: loop)
    ClientBootstrap(group: loop)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            Collector(values: values) { bound.value($0) })
        }
      }
      .connect(unixDomainSocketPath: "\(directory)/\(socket)")
      .whenSuccess { channel in
        channel.writeAndFlush(channel.allocator.buffer(bytes: bytes), promise: nil)
      }
  }
}

/// Collects values until there are enough, or the other end closes.
private final class Collector: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private var parser = RESPParser()
  private var tokens: [RESPToken] = []
  private let values: Int
  private let use: ([RESPToken]) -> Void
  private var isOver = false

  init(values: Int, use: @escaping ([RESPToken]) -> Void) {
    self.values = values
    self.use = use
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    parser.append(unwrapInboundIn(data).readableBytesView)
    while let token = try? parser.next() { tokens.append(token) }
    if tokens.count >= values { finish(context) }
  }

  func channelInactive(context: ChannelHandlerContext) { finish(context) }

  private func finish(_ context: ChannelHandlerContext) {
    guard !isOver else { return }
    isOver = true
    use(tokens)
    context.close(promise: nil)
  }
}

@Suite(.timeLimit(.minutes(10))) struct ControlServerTests {
  /// Asks a fresh daemon and returns the answers.
  private func answers(
    _ text: String, on socket: String = "c.sock", values: Int
  ) async -> [RESPToken] {
    await answers(Array(text.utf8), on: socket, values: values)
  }

  private func answers(
    _ bytes: [UInt8], on socket: String = "c.sock", values: Int
  ) async -> [RESPToken] {
    await withCheckedContinuation { continuation in
      Task {
        await onLoop { loop, finish in
          guard let bench = try? ControlBench(loop: loop) else {
            continuation.resume(returning: [])
            return finish()
          }
          bench.start {
            bench.ask(socket, bytes, values: values) { tokens in
              bench.end(finish)
              continuation.resume(returning: tokens)
            }
          }
        }
      }
    }
  }

  @Test("Lines of words and arrays are answered, as redis-cli and nc send them")
  func greetings() async {
    let text = "PING\r\n*2\r\n$4\r\nping\r\n$2\r\nhi\r\nCOMMAND DOCS\nCLIENT SETINFO a b\nVERSION\n"
    let tokens = await answers(text, values: 5)
    #expect(tokens.map(\.text) == ["PONG", "hi", nil, "OK", "vipd \(Version.text)"])
  }

  @Test("RETIRE is done at once without a fence, and NODES are those that were heard")
  func retire() async {
    let tokens = await answers("NODES\nNODES cache\nNODES nope\nRETIRE\n", values: 4)
    #expect(tokens.prefix(2).map(\.text) == ["", ""])
    #expect(tokens.dropFirst(2).first?.isError == true)
    #expect(tokens.last?.text == "OK")
  }

  @Test("HELLO changes the version of the replies")
  func hello() async {
    let tokens = await answers("HELLO\nHELLO 3\nHELLO 4\n", values: 3)
    #expect(tokens.map(\.kind) == [.array, .map, .simpleError])
  }

  @Test("STATUS is JSON with every group, and can be asked for one")
  func status() async throws {
    let tokens = await answers("STATUS\nSTATUS cache\nSTATUS nope\n", values: 3)
    try #require(tokens.count == 3)
    let all = try #require(tokens[0].text)
    let object = try JSONSerialization.jsonObject(with: Data(all.utf8)) as? [String: Any]
    let groups = try #require(object?["groups"] as? [[String: Any]])
    #expect(object?["schema"] as? Int == 1 && object?["node"] as? String == "h1")
    #expect(Set(groups.compactMap { $0["master"] as? String }) == ["mymaster", "cache"])
    let keys: Set = [
      "master", "state", "reason", "vips", "local", "named", "lease", "fence", "guarantee",
      "toleratedSentinelLosses", "since", "pausedUntil", "kernelRemainingMs", "blindPolicy",
      "holder", "sentinels", "sessions", "selfCheck", "problems",
    ]
    #expect(keys.isSubset(of: Set(groups[0].keys)))
    #expect(tokens[1].text?.contains("mymaster") == false)
    #expect(tokens[2].errorText?.hasPrefix("ERR no such master 'nope'; there is: ") == true)
  }

  @Test("A pause shows in the status, and ends with RESUME")
  func pause() async throws {
    let tokens = await answers(
      "PAUSE mymaster 60000\nSTATUS mymaster\nRESUME *\nSTATUS mymaster\nPAUSE mymaster soon\n",
      values: 5)
    try #require(tokens.count == 5)
    #expect(tokens[1].text?.contains(#""state":"paused""#) == true)
    #expect(tokens[3].text?.contains(#""state":"standby""#) == true)
    #expect(tokens[4].errorText?.hasPrefix("ERR a pause lasts") == true)
  }

  @Test("Events are followed as they happen")
  func events() async throws {
    let tokens = await answers("HELLO 3\nEVENTS\nPAUSE mymaster\n", values: 4)
    try #require(tokens.count == 4)
    let event = try #require(tokens.first { $0.kind == .push }?.elements.map(Array.init))
    #expect(event.first?.text == "event")
    #expect(event.last?.text?.contains(#""to":"paused""#) == true)
  }

  @Test("HISTORY is JSON, and what is asked behind it is answered behind it")
  func history() async throws {
    let tokens = await answers(
      "PAUSE mymaster\nHISTORY mymaster\nPING\nHISTORY\nHISTORY nope\n", values: 5)
    try #require(tokens.count == 5)
    #expect(tokens[2].text == "PONG" && tokens[4].isError)
    let text = try #require(tokens[1].text)
    let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    let entries = try #require(object?["entries"] as? [[String: Any]])
    #expect(object?["schema"] as? Int == 1 && object?["unsaved"] as? Int == 0)
    #expect(entries.map { $0["kind"] as? String } == ["started", "transition"])
    #expect(entries.last?["to"] as? String == "paused")
    #expect(entries.last?["reason"] as? String == "paused")
    #expect(entries.allSatisfy { $0["master"] as? String == "mymaster" })
    #expect(tokens[3].text?.contains(#""master":"cache""#) == true)
  }

  @Test("The hook's socket takes RECONFIG and PING, and nothing else")
  func hook() async {
    let text = """
      PING
      RECONFIG reconfig mymaster leader start 10.77.0.1 6379 10.77.0.2 6379
      RECONFIG reconfig nope leader start a 1 b 2
      RECONFIG notify +odown master
      RECONFIG other x
      STATUS

      """
    let tokens = await answers(text, on: "h.sock", values: 6)
    #expect(tokens.map { $0.text ?? "" } == ["PONG", "OK", "", "OK", "", ""])
    #expect(tokens.count == 6 && tokens[2].errorText == "ERR no such master 'nope'")
    #expect(tokens.last?.errorText?.hasPrefix("NOPERM") == true)
  }

  @Test("Garbage is answered with an error, and the connection ends")
  func garbage() async {
    let tokens = await answers("*1\r\n:5\r\nPING\r\n", values: 2)
    #expect(tokens.count == 1 && tokens.first?.errorText?.hasPrefix("ERR Protocol error") == true)
    let long = await answers(Array(repeating: UInt8(ascii: "x"), count: 70_000), values: 2)
    #expect(long.allSatisfy(\.isError) && long.count <= 1)
  }
}

@Suite(.timeLimit(.minutes(10))) struct ReloadTests {
  @Test("A reload keeps the groups that did not change, and lets go of those that left")
  func reload() async {
    let outcome: (isKept: Bool, names: [String], watched: Int) = await withCheckedContinuation {
      continuation in
      Task {
        await onLoop { loop, finish in
          guard let bench = try? ControlBench(loop: loop),
            let smaller = try? ControlBench.loaded(
              "sentinel 127.0.0.1 1\nvip mymaster 10.77.0.100/24 dev eth0\n",
              directory: bench.directory)
          else {
            continuation.resume(returning: (false, [], 0))
            return finish()
          }
          bench.start {
            let before = bench.daemon.group("mymaster")
            bench.daemon.reload(smaller)
            let result = (
              bench.daemon.group("mymaster") === before,
              bench.daemon.groups.map(\.masterName), bench.network.addresses.watched.count
            )
            bench.end(finish)
            continuation.resume(returning: result)
          }
        }
      }
    }
    #expect(outcome.isKept && outcome.names == ["mymaster"] && outcome.watched == 1)
  }
}
