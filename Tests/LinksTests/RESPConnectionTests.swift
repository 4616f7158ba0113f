import Addresses
import FailoverCore
import Glibc
import NIOCore
import PeerKit
import Platform
import RESP
import Testing

@testable import Links

@Suite(.timeLimit(.minutes(10))) struct RESPConnectionTests {
  private static let ping = RESPCommands([["PING"]])

  /// Connects to a server that answers each command with OK, and calls back when it is ready.
  private func connect(
    _ loop: any EventLoop,
    _ body: @escaping (RESPConnection, FakeServer) -> Void
  ) {
    let server = FakeServer(loop: loop) { words, writer in
      if words[0] == "HELLO" {
        writer.version = .three
        writer.map(count: 0)
      } else {
        writer.simpleString("OK")
      }
    }
    let bound = NIOLoopBound((server, body), eventLoop: loop)
    server.open { port in
      var connection: RESPConnection?
      connection = RESPConnection(
        to: Endpoint(address: .v4(IPv4Address(127, 0, 0, 1)), port: port), access: Access(),
        loop: loop,
        clock: HostClock()
      ) { event in
        switch event {
        case .ready:
          if let connection { bound.value.1(connection, bound.value.0) }
        case .pushed, .closed, .subscriptionRefused: break
        }
      }
      connection?.open()
    }
  }

  /// Calls back once a condition holds; looked at every few milliseconds.
  private func until(
    _ loop: any EventLoop, _ condition: @escaping () -> Bool, then use: @escaping () -> Void
  ) {
    if condition() { return use() }
    loop.assumeIsolated().scheduleTask(in: .milliseconds(3)) { until(loop, condition, then: use) }
  }

  @Test func `What is sent while one event is handled leaves together, after it`() async {
    await onLoop { loop, finish in
      connect(loop) { connection, server in
        let reads = server.reads
        var replies: [Int] = []
        connection.send(Self.ping) { _ in replies.append(1) }
        connection.send(Self.ping) { _ in replies.append(2) }
        until(loop, { replies.count == 2 }) {
          #expect(replies == [1, 2])
          #expect(server.reads == reads + 1)
          connection.abandon()
          server.close()
          finish()
        }
      }
    }
  }

  @Test func `An exchange of several commands has one outcome, in the order of the commands`() async
  {
    await onLoop { loop, finish in
      connect(loop) { connection, server in
        var counts: [Int] = []
        let three = RESPCommands([["ONE"], ["TWO"], ["THREE"]])
        connection.send(three) { counts.append($0.replies?.count ?? -1) }
        connection.send(RESPCommands([])) { counts.append($0.replies?.count ?? -1) }
        connection.send(Self.ping) { counts.append($0.replies?.count ?? -1) }
        until(loop, { counts.count == 3 }) {
          #expect(counts == [0, 3, 1])
          #expect(server.commands.suffix(4).map { $0[0] } == ["ONE", "TWO", "THREE", "PING"])
          connection.abandon()
          server.close()
          finish()
        }
      }
    }
  }

  @Test func `A connection that ends within an exchange tells the loss first, then each outcome`()
    async
  {
    await onLoop { loop, finish in
      let server = FakeServer(loop: loop) { words, writer in
        if words[0] == "HELLO" {
          writer.version = .three
          writer.map(count: 0)
        } else if words[0] != "SILENT" {
          writer.simpleString("OK")
        }
      }
      let bound = NIOLoopBound(server, eventLoop: loop)
      server.open { port in
        var told: [String] = []
        var connection: RESPConnection?
        let early = RESPExchange(commands: Self.ping) { told.append("\($0.replies?.count ?? -1)") }
        let made = RESPConnection(
          to: loopback(port), access: Access(), loop: loop, clock: HostClock()
        ) {
          event in
          switch event {
          case .ready:
            let commands = RESPCommands([["PING"], ["SILENT"]])
            connection?.send(commands) { told.append("first \($0.replies?.count ?? -1)") }
            let silent = RESPCommands([["SILENT"]])
            connection?.send(silent) { told.append("second \($0.replies?.count ?? -1)") }
            until(loop, { bound.value.commands.count == 5 && told == ["1"] }) {
              connection?.close(.unreachable, "no answer")
            }
          case .closed(let loss, _): told.append(loss.rawValue)
          case .pushed, .subscriptionRefused: break
          }
        }
        connection = made
        made.open(early: [early])
        until(loop, { told.count == 4 }) {
          #expect(told == ["1", "unreachable", "first -1", "second -1"])
          connection = nil
          bound.value.close()
          finish()
        }
      }
    }
  }

  @Test func `What is refused before AUTH is sent again after it, and answered once`() async {
    await onLoop { loop, finish in
      let isIn = NIOLoopBoundBox(false, eventLoop: loop)
      let server = FakeServer(loop: loop) { words, writer in
        switch words[0] {
        case "HELLO": writer.error("ERR unknown command `HELLO`")
        case "AUTH":
          isIn.value = true
          writer.simpleString("OK")
        default: isIn.value ? writer.simpleString("OK") : writer.error("NOAUTH no")
        }
      }
      let bound = NIOLoopBound(server, eventLoop: loop)
      server.open { port in
        var told: [String] = []
        let early = ["ONE", "TWO"].map { word in
          RESPExchange(commands: RESPCommands([[word]])) {
            told.append($0.replies?.first?.errorText ?? word)
          }
        }
        let connection = RESPConnection(
          to: loopback(port), access: Access(login: Login(password: "p")), loop: loop,
          clock: HostClock()
        ) { if case .ready = $0 { told.append("ready") } }
        connection.open(early: early)
        until(loop, { told.count == 3 }) {
          #expect(told == ["ready", "ONE", "TWO"])
          #expect(
            bound.value.commands.map { $0[0] } == ["HELLO", "ONE", "TWO", "AUTH", "ONE", "TWO"])
          connection.abandon()
          bound.value.close()
          finish()
        }
      }
    }
  }

  @Test func `What is sent right before the end still leaves`() async {
    await onLoop { loop, finish in
      connect(loop) { connection, server in
        connection.send(RESPCommands([["PUBLISH", "a", "b"]])) { _ in }
        connection.abandon()
        until(loop, { server.commands.last == ["PUBLISH", "a", "b"] }) {
          server.close()
          finish()
        }
      }
    }
  }

  @Test func `Nothing leaves within the event that sends it, unless somebody insists`() async {
    await onLoop { loop, finish in
      guard let peer = PlainPeer() else {
        Issue.record("no socket")
        return finish()
      }
      let connection = RESPConnection(
        to: peer.endpoint, access: Access(), loop: loop, clock: HostClock()
      ) { _ in }
      connection.open()
      // The greeting is there; nobody answers it.
      until(loop, { peer.received().contains("HELLO") }) {
        connection.send(Self.ping) { _ in }
        #expect(peer.received() == "")
        connection.flush()
        #expect(peer.received() == "*1\r\n$4\r\nPING\r\n")
        connection.abandon()
        finish()
      }
    }
  }

  /// How a connection ends, and by which words, at a server of one's choice.
  private func loss(
    login: Login? = nil, prepare: @escaping @Sendable (FakeServer) -> Void = { _ in },
    answer: @escaping FakeServer.Answer
  ) async -> [String] {
    await withCheckedContinuation { continuation in
      Task {
        await onLoop { loop, finish in
          let server = FakeServer(loop: loop, answer: answer)
          prepare(server)
          server.open { port in
            var events: [String] = []
            var connection: RESPConnection?
            connection = RESPConnection(
              to: Endpoint(address: .v4(IPv4Address(127, 0, 0, 1)), port: port),
              access: Access(login: login),
              loop: loop, clock: HostClock()
            ) { event in
              switch event {
              case .ready(let version):
                events.append("ready \(version.rawValue)")
                connection?.send(RESPCommands([["DROP"]])) { outcome in
                  guard let token = outcome.replies?.first else { return }
                  events.append(token.errorText ?? "reply")
                }
              case .pushed: events.append("push")
              case .subscriptionRefused(let words): events.append("refused \(words.text)")
              case .closed(let loss, let text):
                events.append("\(loss.rawValue): \(text)")
                server.close()
                connection = nil
                continuation.resume(returning: events)
                finish()
              }
            }
            connection?.open()
          }
        }
      }
    }
  }

  @Test(arguments: [
    "DENIED Redis is running in protected mode because protected mode is enabled",
    "ERR max number of clients reached",
  ])
  func `What a server says before it closes is the reason of the loss`(words: String) async {
    let events = await loss(prepare: { $0.doorWords = words }) { _, _ in }
    #expect(events == ["closed: \(words)"])
  }

  @Test(arguments: [
    "NOAUTH HELLO must be called with the client already authenticated",
    "WRONGPASS invalid username-password pair or user is disabled.",
  ])
  func `A refused login is told in the server's words`(words: String) async {
    let events = await loss { command, writer in
      if command[0] == "HELLO" { writer.error(words) }
    }
    #expect(events == ["closed: \(words)"])
  }

  @Test func `A server without HELLO that refuses the password is quoted as well`() async {
    let events = await loss(login: Login(user: nil, password: "old")) { command, writer in
      writer.error(command[0] == "AUTH" ? "ERR invalid password" : "ERR unknown command `HELLO`")
    }
    #expect(events == ["closed: ERR invalid password"])
  }

  @Test func `An unknown word to the greeting explains a connection that is dropped after it`()
    async
  {
    await onLoop { loop, finish in
      let server = FakeServer(loop: loop) { _, writer in writer.error("ODD not today") }
      let bound = NIOLoopBound(server, eventLoop: loop)
      server.open { port in
        var connection: RESPConnection?
        connection = RESPConnection(
          to: Endpoint(address: .v4(IPv4Address(127, 0, 0, 1)), port: port), access: Access(),
          loop: loop,
          clock: HostClock()
        ) { event in
          switch event {
          case .ready: bound.value.dropClients()
          case .closed(_, let text):
            #expect(text == "ODD not today")
            connection = nil
            bound.value.close()
            finish()
          case .pushed, .subscriptionRefused: Issue.record("an answer")
          }
        }
        connection?.open()
      }
    }
  }

  @Test func `An error that nobody asked for is quoted`() async {
    let events = await loss { command, writer in
      if command[0] == "HELLO" {
        writer.version = .three
        writer.map(count: 0)
      } else {
        writer.simpleString("OK")
        writer.error("ERR the server goes down")
      }
    }
    #expect(events == ["ready 3", "reply", "closed: ERR the server goes down"])
  }

  @Test func `Words of a server are one short line without control characters`() {
    #expect(ServerWords("ERR a\u{1b}[2Jb\u{202e}c\td").text == "ERR a [2Jb c d")
    let long = ServerWords("ERR " + String(repeating: "é", count: 200)).text
    #expect(long.utf8.count <= ServerWords.limit)
    #expect(long.hasSuffix("é…"))
    #expect(ServerWords("ERR x").code == "ERR")
    #expect(ServerWords("Connection refused").code == nil)
    #expect(ServerWords("").code == nil)
  }
}

/// The other end of a connection, without an event loop: it sees what the kernel has by now.
private final class PlainPeer {
  private let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
  private var client: Int32 = -1
  private(set) var endpoint = Endpoint(address: .v4(IPv4Address(127, 0, 0, 1)), port: 1)

  /// Listens on a free port of the loopback.
  init?() {
    var place = sockaddr_in()
    place.sin_family = UInt16(AF_INET)
    place.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let named = unsafe withUnsafeMutablePointer(to: &place) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(listener, $0, length) == 0 && listen(listener, 1) == 0
          && getsockname(listener, $0, &length) == 0
      }
    }
    guard named else { return nil }
    endpoint.port = UInt16(bigEndian: place.sin_port)
  }

  deinit {
    close(client)
    close(listener)
  }

  /// What has arrived since the last time.
  func received() -> String {
    if client < 0 { client = accept(listener, nil, nil) }
    var bytes = [UInt8](repeating: 0, count: 4_096)
    let count = unsafe recv(client, &bytes, bytes.count, Int32(MSG_DONTWAIT))
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }
}
