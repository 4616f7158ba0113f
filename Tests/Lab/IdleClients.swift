import CLinux
import Foundation
import Glibc

/// Clients that wait for a server to speak, and connect again when they learn that it is gone.
///
/// They set no time-out on waiting, as subscribers and `BLPOP 0` do: a server that vanishes without
/// a word leaves them waiting for ever.
public struct IdleClients {
  /// What a client waits for.
  public enum Wait: String, CaseIterable, Codable, Sendable {
    /// A message on a channel.
    case subscribe
    /// An element of a list.
    case blpop
    /// Nothing; a connection of a pool.
    case pool

    /// What it says when it is connected.
    ///
    /// The answer to `ROLE` tells whether it found a master.
    func greeting(_ index: Int) -> String {
      switch self {
      case .subscribe: "ROLE\r\nSUBSCRIBE idle-\(index)\r\n"
      case .blpop: "ROLE\r\nBLPOP idle-\(index) 0\r\n"
      case .pool: "ROLE\r\n"
      }
    }

    /// How long a client rests after it was refused, in milliseconds.
    ///
    /// A thousand connections that knock a hundred times a second would only take the processor
    /// from those whom they wait for.
    var pace: Int { self == .pool ? 100 : 10 }
  }

  private struct Client {
    let wait: Wait
    let index: Int
    var phase = Phase.closed
    var since = Stamp.now()
    var socket: Int32 = -1
  }

  private enum Phase { case closed, connecting, greeting, idle }

  /// How long a connection may take to be served before the client tries another.
  private static let patience = 500.0
  /// How many connect between two looks at the others.
  private static let connectsAtOnce = 100

  private let address: String
  private let port: UInt16
  private var clients: [Client]
  /// The clients without a connection, in the order in which they lost it.
  private var closed: [Int]
  private var lookedAt = Stamp.now()
  /// epoll(7), and not poll(2): a thousand who wait would take the processor from those whom they
  /// wait for.
  private let epoll = epoll_create1(0)
  private var output = ""

  /// Clients of an address and port, so many of a kind.
  public init(address: String, port: UInt16, wait: Wait, count: Int) {
    self.address = address
    self.port = port
    clients = (0..<count).map { Client(wait: wait, index: $0) }
    closed = Array(0..<count)
  }

  /// Waits for ever; each client that is served, or loses its server, becomes a line.
  public mutating func run() throws(LabError) {
    printLine("ready")
    var events = unsafe [epoll_event](repeating: epoll_event(), count: 128)
    while true {
      try connectWhoIsClosed()
      let wait: Int32 = isInHaste ? 0 : closed.isEmpty ? 20 : 1
      let count = unsafe epoll_wait(epoll, &events, Int32(events.count), wait)
      for place in 0..<Int(max(0, count)) {
        unsafe look(at: Int(events[place].data.u32))
      }
      giveUpWhoWaitsTooLong()
      if !output.isEmpty {
        printLine(String(output.dropLast()))
        output = ""
      }
    }
  }

  /// Whether somebody without a connection may try again by now.
  private var isInHaste: Bool {
    guard let first = closed.first else { return false }
    return clients[first].since <= .now()
  }

  private mutating func connectWhoIsClosed() throws(LabError) {
    let now = Stamp.now()
    let first = closed.prefix(Self.connectsAtOnce)
    closed.removeFirst(first.count)
    for index in first {
      guard now.milliseconds(since: clients[index].since) >= 0 else {
        closed.append(index)
        continue
      }
      let isVersion6 = address.contains(":")
      let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
      let socket = Glibc.socket(isVersion6 ? AF_INET6 : AF_INET, type, 0)
      guard socket >= 0 else { throw systemCallError("socket", address) }
      let result =
        isVersion6
        ? try connectVersion6(socket, address, port)
        : try connectVersion4(socket, address, port)
      if result != 0, errno != EINPROGRESS {
        close(socket)
        clients[index].since = now.advanced(milliseconds: clients[index].wait.pace)
        closed.append(index)
        continue
      }
      clients[index].socket = socket
      expect(EPOLLOUT, of: index, EPOLL_CTL_ADD)
      clients[index].phase = .connecting
      clients[index].since = now
    }
  }

  private mutating func look(at index: Int) {
    switch clients[index].phase {
    case .closed: break
    case .connecting:
      var code: Int32 = 0
      var length = socklen_t(MemoryLayout<Int32>.size)
      unsafe getsockopt(clients[index].socket, SOL_SOCKET, SO_ERROR, &code, &length)
      guard code == 0, send(clients[index].wait.greeting(index), to: clients[index].socket)
      else { return lose(index) }
      expect(EPOLLIN, of: index, EPOLL_CTL_MOD)
      clients[index].phase = .greeting
      clients[index].since = .now()
    case .greeting:
      guard let answer = receive(clients[index].socket), !isRefusal(answer)
      else { return lose(index) }
      clients[index].phase = .idle
      note("served", index, answer.contains("master") ? "master" : "other")
    case .idle:
      if let answer = receive(clients[index].socket), !isRefusal(answer) { return }
      note("lost", index, "-")
      lose(index)
    }
  }

  /// Whether an error is among the answers, as a replica gives one to BLPOP: like any client, these
  /// believe it and look elsewhere.
  private func isRefusal(_ answer: String) -> Bool {
    answer.hasPrefix("-") || answer.contains("\r\n-")
  }

  private mutating func giveUpWhoWaitsTooLong() {
    let now = Stamp.now()
    guard now.milliseconds(since: lookedAt) > Self.patience / 5 else { return }
    lookedAt = now
    for index in clients.indices {
      guard clients[index].phase == .connecting || clients[index].phase == .greeting,
        now.milliseconds(since: clients[index].since) > Self.patience
      else { continue }
      lose(index)
    }
  }

  private mutating func lose(_ index: Int) {
    close(clients[index].socket)
    clients[index].socket = -1
    // Who had a connection looks for another at once; who was refused waits.
    let rest = clients[index].phase == .idle ? 0 : clients[index].wait.pace
    clients[index].phase = .closed
    clients[index].since = Stamp.now().advanced(milliseconds: rest)
    closed.append(index)
  }

  /// Says what is waited for; a socket that is closed is waited for no more.
  private func expect(_ events: EPOLL_EVENTS, of index: Int, _ operation: Int32) {
    var event = unsafe epoll_event()
    unsafe event.events = events.rawValue
    unsafe event.data.u32 = UInt32(index)
    unsafe epoll_ctl(epoll, operation, clients[index].socket, &event)
  }

  private mutating func note(_ word: String, _ index: Int, _ role: String) {
    let wait = clients[index].wait.rawValue
    output += "\(word) \(wait) \(index) \(Stamp.now().nanoseconds) \(role)\n"
  }

  private func send(_ text: String, to socket: Int32) -> Bool {
    let bytes = Array(text.utf8)
    return unsafe bytes.withUnsafeBytes { buffer in
      unsafe Glibc.send(socket, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
    } == bytes.count
  }

  /// What came; nothing if the connection has ended.
  private func receive(_ socket: Int32) -> String? {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = unsafe recv(socket, &bytes, bytes.count, Int32(MSG_DONTWAIT))
    guard count > 0 || count < 0 && errno == EAGAIN else { return nil }
    return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
  }
}
