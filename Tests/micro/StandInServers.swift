import CLinux
import Glibc
import RESP

/// Three Sentinels and a Redis for each of many groups, in one process.
///
/// They say all the time that the Redis on 10.77.0.1 is the master of each group; or they play one
/// failover to it after the other. Two hundred real servers would take more memory than there is,
/// and their own time would cover what is measured.
final class StandInServers {
  /// Where a Sentinel listens; the port is Sentinel's own.
  static let sentinels = ["127.0.0.1", "127.0.0.2", "127.0.0.3"]
  /// Where every Redis listens, on a port of its own from this one on.
  static let host = "10.77.0.1"
  static let firstPort = 7_000

  private enum Kind {
    case sentinel(Int)
    case redis
  }

  private final class Client {
    let kind: Kind
    var parser = RESPCommandParser()
    var version = RESPVersion.two

    init(kind: Kind) { self.kind = kind }
  }

  private let groups: Int
  private let play: FailoverPlay?
  private var scene = FailoverPlay.Scene.promoted
  private var epoch = 1
  private var sceneEnds = ContinuousClock.now
  private var listeners: [Int32: Kind] = [:]
  private var clients: [Int32: Client] = [:]
  private let epoll = epoll_create1(0)
  private var buffer = [UInt8](repeating: 0, count: 65_536)

  /// Listens; nothing if an address is taken.
  ///
  /// - Parameters:
  ///   - groups: how many groups there are.
  ///   - play: the failovers to play; nothing for a master that stays.
  init?(groups: Int, play: FailoverPlay? = nil) {
    self.groups = groups
    self.play = play
    for (index, address) in Self.sentinels.enumerated() {
      guard listen(address, 26_379, .sentinel(index)) else { return nil }
    }
    for group in 0..<groups {
      guard listen(Self.host, UInt16(Self.firstPort + group), .redis) else { return nil }
    }
  }

  /// Serves for ever.
  func run() -> Never {
    say("ready")
    var events = unsafe [epoll_event](repeating: epoll_event(), count: 64)
    while true {
      let wait = turnScene()
      let count = unsafe epoll_wait(epoll, &events, Int32(events.count), wait)
      for index in 0..<Int(max(0, count)) { unsafe serve(events[index].data.fd) }
    }
  }

  /// Begins the next scene if it is time; the milliseconds until then, or -1 for never.
  private func turnScene() -> Int32 {
    guard let play else { return -1 }
    let now = ContinuousClock.now
    if now >= sceneEnds {
      scene = scene.next
      sceneEnds = now + play.length(of: scene)
      switch scene {
      case .elsewhere: epoch += 1
      case .selected: publish("+vote-for-leader", "\(runID(0)) \(epoch + 1)")
      case .promoted: dropRedisClients()
      }
    }
    return Int32((sceneEnds - now) / .milliseconds(1)) + 1
  }

  private func publish(_ channel: String, _ text: String) {
    var writer = RESPWriter(version: .three)
    writer.push(count: 3)
    for word in ["message", channel, text] { writer.bulkString(word) }
    for (descriptor, client) in clients {
      guard case .sentinel = client.kind else { continue }
      _ = unsafe write(descriptor, writer.bytes, writer.bytes.count)
    }
  }

  /// What Redis does when it is promoted.
  private func dropRedisClients() {
    for (descriptor, client) in clients {
      guard case .redis = client.kind else { continue }
      close(descriptor)
      clients[descriptor] = nil
    }
  }

  private func listen(_ address: String, _ port: UInt16, _ kind: Kind) -> Bool {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var place = sockaddr_in()
    place.sin_family = UInt16(AF_INET)
    place.sin_port = port.bigEndian
    unsafe inet_pton(AF_INET, address, &place.sin_addr)
    var one: Int32 = 1
    unsafe setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &one, 4)
    let bound = unsafe withUnsafePointer(to: place) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard bound == 0, Glibc.listen(socket, 64) == 0 else { return false }
    listeners[socket] = kind
    return watch(socket)
  }

  private func watch(_ descriptor: Int32) -> Bool {
    var event = unsafe epoll_event()
    unsafe event.events = EPOLLIN.rawValue
    unsafe event.data.fd = descriptor
    return unsafe epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0
  }

  private func serve(_ descriptor: Int32) {
    if let kind = listeners[descriptor] {
      let connection = accept(descriptor, nil, nil)
      guard connection >= 0, watch(connection) else { return }
      clients[connection] = Client(kind: kind)
      return
    }
    guard let client = clients[descriptor] else { return }
    let count = unsafe read(descriptor, &buffer, buffer.count)
    guard count > 0 else {
      close(descriptor)
      clients[descriptor] = nil
      return
    }
    client.parser.append(buffer[..<count])
    var answers: [UInt8] = []
    while let words = try? client.parser.next() { answers += answer(words, to: client) }
    _ = unsafe write(descriptor, answers, answers.count)
  }

  // MARK: - Answers

  private func answer(_ words: [String], to client: Client) -> [UInt8] {
    var writer = RESPWriter(version: client.version)
    switch words[0] {
    case "HELLO":
      client.version = .three
      writer.version = .three
      writer.map(count: 1)
      writer.bulkString("proto")
      writer.integer(3)
    case "SUBSCRIBE": confirm(words.dropFirst(), &writer)
    case "SENTINEL":
      if case .sentinel(let index) = client.kind { answer(words, of: index, &writer) }
    case "ROLE": tellRole(&writer)
    case "INFO": writer.bulkString("role:master\r\nconnected_slaves:0\r\n")
    case "PUBLISH": writer.integer(0)
    default: writer.error("ERR unknown command")
    }
    return writer.bytes
  }

  private func confirm(_ channels: ArraySlice<String>, _ writer: inout RESPWriter) {
    for (index, channel) in channels.enumerated() {
      writer.push(count: 3)
      writer.bulkString("subscribe")
      writer.bulkString(channel)
      writer.integer(Int64(index + 1))
    }
  }

  private func tellRole(_ writer: inout RESPWriter) {
    if scene == .promoted {
      writer.array(count: 3)
      writer.bulkString("master")
      writer.integer(2_454)
      writer.array(count: 0)
    } else {
      writer.array(count: 5)
      writer.bulkString("slave")
      writer.bulkString(FailoverPlay.oldMaster)
      writer.integer(Int64(Self.firstPort))
      writer.bulkString("connected")
      writer.integer(2_454)
    }
  }

  private func answer(_ words: [String], of sentinel: Int, _ writer: inout RESPWriter) {
    if words[1] == "MYID" { return writer.bulkString(runID(sentinel)) }
    guard words.count > 2, let group = Int(words[2].dropFirst()), group < groups else {
      return writer.error("ERR No such master with that name")
    }
    let port = Self.firstPort + group
    let master = play == nil ? Self.host : FailoverPlay.oldMaster
    switch words[1] {
    case "GET-MASTER-ADDR-BY-NAME":
      writer.array(count: 2)
      writer.bulkString(master)
      writer.bulkString("\(port)")
    case "MASTER":
      Replies.master(
        name: words[2], address: master, port: port, replicas: 2, change: change(of: sentinel),
        &writer)
    case "REPLICAS":
      Replies.replicas(
        of: master, port: port,
        addresses: ["10.77.0.1", "10.77.0.2", "10.77.0.3"].filter { $0 != master },
        promoted: hasSelected(sentinel) ? Self.host : nil, &writer)
    default: writer.array(count: 0)
    }
  }

  /// Whether a Sentinel has selected this host's Redis: the first one leads every failover.
  private func hasSelected(_ sentinel: Int) -> Bool {
    play != nil && scene != .elsewhere && sentinel == 0
  }

  /// What a Sentinel says of the old master in this scene.
  private func change(of sentinel: Int) -> Replies.Change {
    guard play != nil, scene != .elsewhere else { return Replies.Change(epoch: epoch) }
    guard hasSelected(sentinel) else {
      return Replies.Change(flags: "s_down,o_down,master", epoch: epoch)
    }
    return Replies.Change(
      flags: "s_down,o_down,master,failover_in_progress", failoverState: "wait_promotion",
      epoch: epoch)
  }

  private func runID(_ sentinel: Int) -> String { String(repeating: "\(sentinel)", count: 40) }
}
