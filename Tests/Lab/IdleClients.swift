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
    func greeting(_ index: Int) -> String {
      switch self {
      case .subscribe: "SUBSCRIBE idle-\(index)\r\n"
      case .blpop: "PING\r\nBLPOP idle-\(index) 0\r\n"
      case .pool: "PING\r\n"
      }
    }
  }

  private struct Client {
    let wait: Wait
    let index: Int
    var phase = Phase.closed
    var since = Stamp.now()
  }

  private enum Phase { case closed, connecting, greeting, idle }

  /// How long a connection may take to be served before the client tries another.
  private static let patience = 500.0
  /// How many connect between two looks at the others.
  private static let connectsAtOnce = 100
  /// How long a client waits after a refusal.
  private static let pace = 10.0

  private let address: String
  private let port: UInt16
  private var clients: [Client]
  /// The clients without a connection, in the order in which they lost it.
  private var closed: [Int]
  private var lookedAt = Stamp.now()
  private var polled: [pollfd]
  private var output = ""

  /// Clients of an address and port, so many of a kind.
  public init(address: String, port: UInt16, wait: Wait, count: Int) {
    self.address = address
    self.port = port
    clients = (0..<count).map { Client(wait: wait, index: $0) }
    closed = Array(0..<count)
    polled = Array(repeating: pollfd(fd: -1, events: 0, revents: 0), count: count)
  }

  /// Waits for ever; each client that is served, or loses its server, becomes a line.
  public mutating func run() throws(LabError) {
    printLine("ready")
    while true {
      try connectWhoIsClosed()
      _ = unsafe poll(&polled, nfds_t(polled.count), closed.isEmpty ? 20 : 0)
      for index in polled.indices where polled[index].revents != 0 { look(at: index) }
      giveUpWhoWaitsTooLong()
      if !output.isEmpty {
        printLine(String(output.dropLast()))
        output = ""
      }
    }
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
        clients[index].since = now.advanced(milliseconds: Int(Self.pace))
        closed.append(index)
        continue
      }
      polled[index] = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
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
      unsafe getsockopt(polled[index].fd, SOL_SOCKET, SO_ERROR, &code, &length)
      guard code == 0, send(clients[index].wait.greeting(index), to: polled[index].fd) else {
        return lose(index)
      }
      polled[index].events = Int16(POLLIN)
      clients[index].phase = .greeting
      clients[index].since = .now()
    case .greeting:
      guard receives(polled[index].fd) else { return lose(index) }
      clients[index].phase = .idle
      note("served", index)
    case .idle:
      guard !receives(polled[index].fd) else { return }
      note("lost", index)
      lose(index)
    }
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
    close(polled[index].fd)
    polled[index] = pollfd(fd: -1, events: 0, revents: 0)
    clients[index].phase = .closed
    clients[index].since = .now()
    closed.append(index)
  }

  private mutating func note(_ word: String, _ index: Int) {
    output += "\(word) \(clients[index].wait.rawValue) \(index) \(Stamp.now().nanoseconds)\n"
  }

  private func send(_ text: String, to socket: Int32) -> Bool {
    let bytes = Array(text.utf8)
    return unsafe bytes.withUnsafeBytes { buffer in
      unsafe Glibc.send(socket, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
    } == bytes.count
  }

  /// Whether the connection stands; what came is thrown away.
  private func receives(_ socket: Int32) -> Bool {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = unsafe recv(socket, &bytes, bytes.count, Int32(MSG_DONTWAIT))
    return count > 0 || count < 0 && errno == EAGAIN
  }
}

/// What happened to an idle client.
public struct IdleClientEvent: Equatable, Sendable {
  /// Whether it was served, and not lost.
  public let isServed: Bool
  /// What it waits for.
  public let wait: IdleClients.Wait
  /// Its number among all of its kind.
  public let index: Int
  /// When.
  public let stamp: Stamp

  /// Reads a line of `lab-client idle`.
  init?(line: Substring, offset: Int) {
    let words = line.split(separator: " ")
    guard words.count == 4, let wait = IdleClients.Wait(rawValue: String(words[1])),
      let index = Int(words[2]), let nanoseconds = Int64(words[3])
    else { return nil }
    isServed = words[0] == "served"
    self.wait = wait
    self.index = offset + index
    stamp = Stamp(nanoseconds: nanoseconds)
  }
}

/// Idle clients at work in a lab, as programs in the client's namespace.
public final class IdleClientRun {
  /// How many clients one program has: poll(2) goes through all of them each time.
  private static let clientsInProgram = 500

  private var paths: [String] = []
  /// How many there are.
  public let count: Int

  /// Starts clients of a group's VIP, and waits until all are served.
  public init(
    _ lab: Laboratory, program: String, group: GroupPlan, wait: IdleClients.Wait, count: Int
  ) throws(LabError) {
    self.count = count
    for start in stride(from: 0, to: count, by: Self.clientsInProgram) {
      let path = "\(lab.directory)/idle-\(wait.rawValue)-\(start).log"
      let part = min(Self.clientsInProgram, count - start)
      let words = lab.words(
        in: lab.clientNamespace,
        [program, "idle", group.firstAddress, "\(group.port)", wait.rawValue, "\(part)"])
      let process = LabProcess(number: try Subprocess(words).start(log: path))
      paths.append(path)
      lab.state.observers.append(process)
    }
    try lab.save()
    try waitUntil(
      "\(count) idle clients to be served", timeoutMilliseconds: 60_000, paceMilliseconds: 200
    ) { () throws(LabError) in events.filter(\.isServed).count >= count }
  }

  /// What has happened so far, for each program in order.
  public var events: [IdleClientEvent] {
    paths.enumerated().flatMap { number, path in
      let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
      return text.split(separator: "\n").compactMap {
        IdleClientEvent(line: $0, offset: number * Self.clientsInProgram)
      }
    }
  }

  /// Waits until every client has been served anew since a moment.
  ///
  /// - Returns: for each client when it lost its server and when it was served again.
  public func awaitReturn(
    since stamp: Stamp, timeoutMilliseconds: Int
  ) throws(LabError) -> [(lost: Stamp, served: Stamp)] {
    var returns: [Int: (lost: Stamp, served: Stamp)] = [:]
    try waitUntil(
      "all idle clients to be back", timeoutMilliseconds: timeoutMilliseconds,
      paceMilliseconds: 500
    ) { () throws(LabError) in
      var lost: [Int: Stamp] = [:]
      for event in events where event.stamp > stamp {
        if !event.isServed {
          lost[event.index] = lost[event.index] ?? event.stamp
        } else if let start = lost[event.index] {
          returns[event.index] = (start, event.stamp)
        }
      }
      return returns.count == count
    }
    return Array(returns.values)
  }
}
