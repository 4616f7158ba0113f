import Addresses
import FailoverCore

/// Redis: commands, channels, replication.
extension World {
  /// Starts the process with the role that its file has.
  func start(_ server: RedisServer) {
    server.replicaOf = server.savedReplicaOf
    server.fence = server.savedFence
    server.priority = server.savedPriority
    server.goodReplicas = 0
    server.runID += 1
    server.link = nil
    server.isLinkUp = false
    server.linkDownSince = nil
    server.clients = []
    server.helloSubscribers = []
    server.noticeSubscribers = []
    server.followers = []
    note(.role(server.node, replicaOf: server.replicaOf))
    if server.isMaster { server.promotedAt = nil }
    server.unwrittenSince = nil
    server.hasStarted = true
    if configuration.deaths?.losesData == true, !isFirstStart(server) { forgetData(server) }
    if server.isMaster { beginTerm(server) }
    refreshWrites(server)
    schedule(.redisCron, for: server.process, after: random.number(0...1_000) * millisecond)
    connectToMaster(server)
  }

  /// A client's connection was accepted.
  func accepted(_ connection: Connection) {
    guard connection.acceptor < redis.count, connection.purpose != .replication else { return }
    redis[connection.acceptor].clients.append(connection)
  }

  func received(
    _ message: Message, on connection: Connection, by server: RedisServer, atAcceptor: Bool
  ) {
    if connection.purpose == .replication {
      if atAcceptor {
        serveReplica(message, on: connection, by: server)
      } else {
        receivedFromMaster(message, on: connection, by: server)
      }
      return
    }
    func reply(_ message: Message) { send(message, on: connection, fromAcceptor: true) }
    switch message {
    case .ping: reply(.pong)
    case .info: reply(.infoReply(info(of: server)))
    case .subscribeHello: subscribe(connection, \.helloSubscribers, server)
    case .subscribeNotices: subscribe(connection, \.noticeSubscribers, server)
    case .hello, .publish:
      distribute(message, from: server)
      if case .hello = message { reply(.helloReply) }
    case .replicaOf(let node): follow(node, server, sparing: connection)
    case .role(let sentAt): reply(.roleReply(role(of: server), sentAt: sentAt))
    case .replicas(let sentAt):
      reply(.replicasReply(acknowledging(server), sentAt: sentAt))
    case .fenceReading, .replication, .order, .inspect:
      serveFence(message, on: connection, by: server)
    case .readIdentity(let sentAt): serveIdentity(server, sentAt: sentAt, on: connection)
    case .readPriority, .setPriority, .relieve:
      servePriority(message, on: connection, by: server)
    case .closed:
      server.clients.removeAll { $0 === connection }
      server.helloSubscribers.removeAll { $0 === connection }
      server.noticeSubscribers.removeAll { $0 === connection }
    default: break
    }
  }

  private func subscribe(
    _ connection: Connection, _ list: ReferenceWritableKeyPath<RedisServer, [Connection]>,
    _ server: RedisServer
  ) {
    server.clients.removeAll { $0 === connection }
    server[keyPath: list].append(connection)
  }

  func role(of server: RedisServer) -> LocalRole {
    server.replicaOf.map { .replica(of: nodeEndpoints[$0]) } ?? .master
  }

  private func acknowledging(_ server: RedisServer) -> [Endpoint] {
    let second = wallSecond(of: server)
    return server.followers.filter { $0.isOnline && second - $0.acknowledged <= 1 }
      .map { nodeEndpoints[$0.node] }
  }

  private func info(of server: RedisServer) -> RedisInfo {
    RedisInfo(
      runID: server.runID, replicaOf: server.replicaOf, isLinkUp: server.isLinkUp,
      linkDownTime: server.isMaster || server.isLinkUp
        ? 0
        : server.linkDownSince.map {
          (hosts[server.host].bootClock(at: now) - $0) / second * 1_000
        } ?? -1_000,
      replicas: server.followers.map(\.node), offset: offset(of: server),
      priority: server.priority)
  }

  private func offset(of server: RedisServer) -> Int64 {
    if server.isMaster { return now / millisecond }
    // Without a fence the world is what it was before it knew of writes.
    return configuration.fence == nil ? server.offset : fineOffset(of: server) / millisecond
  }

  /// PUBLISH: to the subscribers here, and along the replication stream.
  private func distribute(_ message: Message, from server: RedisServer) {
    server.lastActivity = now
    switch message {
    case .hello:
      for subscriber in server.helloSubscribers {
        send(message, on: subscriber, fromAcceptor: true)
      }
    case .publish(let notice):
      for subscriber in server.noticeSubscribers {
        send(.notice(notice), on: subscriber, fromAcceptor: true)
      }
    default: break
    }
    for follower in server.followers where follower.isOnline {
      send(message, on: follower.connection, fromAcceptor: true)
    }
  }

  /// `MULTI`, `SLAVEOF`, `CONFIG REWRITE`, `CLIENT KILL TYPE normal` and `pubsub`, `EXEC`
  /// (`sentinelSendSlaveOf`); the caller's own connection is spared.
  func follow(_ node: Int?, _ server: RedisServer, sparing caller: Connection) {
    let isChange = server.replicaOf != node
    if isChange {
      endStreams(from: server)
      settleHistory(server)
      server.replicaOf = node
      note(.role(server.node, replicaOf: node))
      dropLink(server)
      disconnectFollowers(server)
      server.promotedAt = node == nil ? now : nil
      server.unwrittenSince = server.promotedAt
      if node == nil {
        server.offset = now / millisecond
        beginTerm(server)
      }
      recountReplicas(server)
    }
    rewriteFile(server)
    let killed =
      server.clients.filter { $0 !== caller } + server.helloSubscribers
      + server.noticeSubscribers
    server.clients = server.clients.filter { $0 === caller }
    server.helloSubscribers = []
    server.noticeSubscribers = []
    for connection in killed { close(connection, byAcceptor: true) }
    if isChange { connectToMaster(server) }
  }

  // MARK: Replication

  func cron(_ server: RedisServer) {
    schedule(.redisCron, for: server.process, after: cronPeriod())
    recountReplicas(server)
    guard server.replicaOf != nil else { return }
    if let link = server.link {
      if server.isLinkUp { send(.acknowledge, on: link) }
    } else {
      connectToMaster(server)
    }
  }

  /// Every tenth tick of `serverCron`, each a little late: now and then an acknowledgement misses
  /// a whole second of its master's clock.
  private func cronPeriod() -> Int64 {
    configuration.fence == nil ? second : second + writeRandom.number(0...8) * millisecond
  }

  private func connectToMaster(_ server: RedisServer) {
    guard let master = server.replicaOf, master != server.node, server.link == nil else { return }
    server.link = connect(
      server.process, to: redis[master].process, .replication, tag: server.node)
  }

  private func dropLink(_ server: RedisServer) {
    if server.isLinkUp { server.linkDownSince = hosts[server.host].bootClock(at: now) }
    endStream(server)
    server.isLinkUp = false
    if let link = server.link { close(link, byAcceptor: false) }
    server.link = nil
  }

  private func disconnectFollowers(_ server: RedisServer) {
    endStreams(from: server)
    let followers = server.followers
    server.followers = []
    for follower in followers { close(follower.connection, byAcceptor: true) }
  }

  private func receivedFromMaster(
    _ message: Message, on connection: Connection, by server: RedisServer
  ) {
    guard connection === server.link else { return }
    switch message {
    case .established: send(.synchronize, on: connection)
    case .synchronized:
      server.isLinkUp = true
      server.offsetBase = redis[connection.acceptor].offsetBase
      beginStream(server, on: connection)
      server.linkDownSince = nil
      send(.acknowledge, on: connection)
    case .closed, .refused:
      if server.isLinkUp { server.linkDownSince = hosts[server.host].bootClock(at: now) }
      endStream(server)
      server.isLinkUp = false
      server.link = nil
      disconnectFollowers(server)
    case .hello, .publish:
      server.offset = now / millisecond
      distribute(message, from: server)
    default: break
    }
  }

  private func serveReplica(
    _ message: Message, on connection: Connection, by server: RedisServer
  ) {
    switch message {
    case .synchronize:
      guard server.isMaster || server.isLinkUp else {
        close(connection, byAcceptor: true)
        return
      }
      server.followers.append(
        RedisServer.Follower(
          connection: connection, node: connection.tag, isOnline: false, acknowledged: 0))
      schedule(
        .synchronized(connection), for: server.process,
        after: random.number(5...250) * millisecond + (server.isEmptied ? World.syncDelay : 0))
    case .acknowledge:
      let second = wallSecond(of: server)
      for index in server.followers.indices
      where server.followers[index].connection === connection {
        server.followers[index].acknowledged = second
        server.followers[index].offset = fineOffset(of: redis[connection.tag])
      }
    case .closed:
      server.followers.removeAll { $0.connection === connection }
      recountReplicas(server)
    default: break
    }
  }

  func finishSynchronization(_ connection: Connection, _ server: RedisServer) {
    for index in server.followers.indices
    where server.followers[index].connection === connection {
      server.followers[index].isOnline = true
      server.isEmptied = false
      server.followers[index].acknowledged = wallSecond(of: server)
      recountReplicas(server)
      send(.synchronized, on: connection, fromAcceptor: true)
    }
  }
}
