/// The writes on a replication connection.
///
/// They are not sent one by one: what a replica has follows from what its master had a moment
/// ago, or had when the stream stalled.
extension World {
  /// How long a write is under way at least.
  private static let streamDelay = 300_000 as Int64
  /// How often a lossy path may lose a segment.
  private static let lossPeriod = 10 * millisecond
  private static let maxTimeout = 120 * second

  /// Which writes a node has at a time that is not long past.
  func history(of node: Int, at time: Int64, depth: Int = 0) -> History {
    let server = redis[node]
    if let term = server.term { return server.history.extended(by: term, until: time) }
    guard let stream = server.stream, stream.flow != .stalled, depth < redis.count else {
      return server.history
    }
    return history(of: stream.source, at: sent(by: time, to: server, stream), depth: depth + 1)
  }

  /// Until when a node has its master's writes.
  func position(of node: Int, at time: Int64, depth: Int = 0) -> Int64 {
    let server = redis[node]
    if server.term != nil { return time }
    guard let stream = server.stream, stream.flow != .stalled, depth < redis.count else {
      return server.history.segments.last?.until ?? 0
    }
    return position(of: stream.source, at: sent(by: time, to: server, stream), depth: depth + 1)
  }

  /// Until when what was sent has arrived by a time.
  private func sent(by time: Int64, to server: RedisServer, _ stream: ReplicationStream) -> Int64 {
    max(time - streamDelay(to: server, stream), min(time - World.streamDelay, stream.arrived))
  }

  /// Notes what has arrived, before the delay changes: more delay takes nothing back.
  func settleStreams() {
    for server in redis {
      guard let stream = server.stream, stream.flow != .stalled else { continue }
      server.stream?.arrived = sent(by: now, to: server, stream)
    }
  }

  private func streamDelay(to server: RedisServer, _ stream: ReplicationStream) -> Int64 {
    World.streamDelay + extraDelay[redis[stream.source].host] + extraDelay[server.host]
  }

  func beginStream(_ server: RedisServer, on connection: Connection) {
    server.streamGeneration += 1
    server.stream = ReplicationStream(
      connection: connection, source: connection.acceptor, generation: server.streamGeneration)
    refreshStream(server)
  }

  /// The network may have changed.
  func refreshStreams() {
    for server in redis where server.stream != nil { refreshStream(server) }
  }

  private func refreshStream(_ server: RedisServer) {
    guard let stream = server.stream else { return }
    let from = redis[stream.source].host
    switch stream.flow {
    case .flowing, .unacknowledged:
      if !passes(from, server.host) {
        stall(server)
      } else if stream.flow == .flowing, !passes(server.host, from) {
        server.stream?.flow = .unacknowledged
        arm(server, after: Connection.Channel.firstTimeout)
      } else if stream.flow == .flowing, loss(from, server.host) > 0 {
        arm(server, after: World.lossPeriod)
      }
    case .stalled: break
    }
  }

  private func loss(_ from: Int, _ to: Int) -> Int {
    from == to ? 0 : lossPerMille[from] + lossPerMille[to]
  }

  private func stall(_ server: RedisServer) {
    server.history = history(of: server.node, at: now)
    server.stream?.flow = .stalled
    server.stream?.timeout = Connection.Channel.firstTimeout
    arm(server, after: Connection.Channel.firstTimeout)
  }

  private func arm(_ server: RedisServer, after delay: Int64) {
    server.streamGeneration += 1
    server.stream?.generation = server.streamGeneration
    queue.push(.stream(node: server.node, generation: server.streamGeneration), at: now + delay)
  }

  /// The timer of a stream: a retransmission, or the next segment that may be lost.
  func streamTimer(_ node: Int, generation: Int) {
    let server = redis[node]
    guard let stream = server.stream, stream.generation == generation else { return }
    let from = redis[stream.source].host
    let isLost = writeRandom.chance(perMille: min(loss(from, server.host), 999))
    let passesBothWays = passes(from, server.host) && passes(server.host, from) && !isLost
    switch stream.flow {
    case .stalled where passesBothWays:
      if let closing = stream.closing {
        server.history = closing
        return
      }
      // What died with its power answers with a reset.
      guard stream.connection.isAcceptorOpen else { return }
      server.stream?.flow = .flowing
      refreshStream(server)
    case .stalled:
      let timeout = min(stream.timeout * 2, World.maxTimeout)
      server.stream?.timeout = timeout
      arm(server, after: timeout)
    case .flowing, .unacknowledged:
      if passesBothWays {
        server.stream?.flow = .flowing
        refreshStream(server)
      } else {
        stall(server)
      }
    }
  }

  /// A server closes the connections of its replicas, or dies.
  ///
  /// What it accepted reaches them before the end, unless power went out or the stream stalled.
  func endStreams(from server: RedisServer, isPowerLost: Bool = false) {
    for replica in redis where replica.stream?.source == server.node && replica !== server {
      if replica.stream?.flow == .stalled {
        if !isPowerLost { replica.stream?.closing = history(of: server.node, at: now) }
        continue
      }
      replica.history = history(of: isPowerLost ? replica.node : server.node, at: now)
      replica.stream = nil
    }
  }

  /// A replica's link to its master is closed.
  func endStream(_ server: RedisServer) {
    guard let stream = server.stream else { return }
    server.history = stream.closing ?? history(of: server.node, at: now)
    server.stream = nil
  }

  /// A Redis died: what it has stays on its disk.
  func died(_ server: RedisServer, isPowerLost: Bool) {
    endStreams(from: server, isPowerLost: isPowerLost)
    settleHistory(server)
    server.hasStarted = false
  }
}
