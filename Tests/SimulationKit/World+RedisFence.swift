import Addresses
import FailoverCore

/// Redis: `min-replicas-to-write`, and what agents ask and order about it.
extension World {
  /// An error of Redis in its own words.
  private static let noPermission = "NOPERM this user has no permissions to run 'config'"
  private static let noFile = "ERR The server is running without a config file"

  func serveFence(_ message: Message, on connection: Connection, by server: RedisServer) {
    func reply(_ message: Message) { send(message, on: connection, fromAcceptor: true) }
    let isRefused = configuration.fence?.refusesConfiguration ?? false
    switch message {
    case .fenceReading(let sentAt):
      reply(.fenceReply(isRefused ? nil : server.fence, sentAt: sentAt))
    case .replication(let sentAt):
      guard server.isMaster else { return }
      reply(.replicationReply(replication(of: server), sentAt: sentAt))
    case .order(let order):
      let problem = isRefused ? .refused(World.noPermission) : obey(order, server, connection)
      reply(.orderReply(order, problem))
    case .inspect(let sentAt):
      reply(.inspectReply(observation(of: server, hidesFence: isRefused), sentAt: sentAt))
    default: break
    }
  }

  private func obey(
    _ order: FenceOrder, _ server: RedisServer, _ caller: Connection
  ) -> FenceProblem? {
    switch order {
    case .set(let setting):
      set(setting, server)
      return nil
    case .persist:
      return rewriteFile(server) ? nil : .notPersisted(World.noFile)
    case .demote(let successor, let setting):
      set(setting, server)
      guard let node = node(of: successor) else {
        return .notDemoted("ERR Invalid master", isSet: true)
      }
      follow(node, server, sparing: caller)
      return configuration.hasFile ? nil : .notPersisted(World.noFile)
    }
  }

  /// `CONFIG SET`: in force at once, and the replicas counted anew.
  func set(_ setting: FenceSetting, _ server: RedisServer) {
    guard setting != server.fence else { return }
    server.fence = setting
    note(.setting(server.node, setting, isSaved: false))
    recountReplicas(server)
  }

  /// `CONFIG REWRITE`: whatever is in force, by whoever set it, is in the file; unless there is
  /// none.
  @discardableResult
  func rewriteFile(_ server: RedisServer) -> Bool {
    guard configuration.hasFile else { return false }
    server.savedReplicaOf = server.replicaOf
    server.savedPriority = server.priority
    if server.savedFence != server.fence {
      note(.setting(server.node, server.fence, isSaved: true))
      server.savedFence = server.fence
    }
    return true
  }

  /// The offset in nanoseconds of writing.
  ///
  /// A master's stands still while nothing is written; a replica has come as far as its stream.
  func fineOffset(of server: RedisServer) -> Int64 {
    let activity = server.acceptance.isOwn ? now : max(server.lastActivity, server.acceptanceBegan)
    guard server.term == nil else { return max(0, activity - server.offsetBase) }
    let position = max(0, position(of: server.node, at: now) - server.offsetBase)
    guard let stream = server.stream, stream.flow != .stalled else { return position }
    return min(position, fineOffset(of: redis[stream.source]))
  }

  private func replication(of server: RedisServer) -> LocalReplication {
    let second = wallSecond(of: server)
    return LocalReplication(
      replicas: server.followers.map {
        AttachedReplica(
          endpoint: nodeEndpoints[$0.node], isOnline: $0.isOnline,
          lagSeconds: $0.isOnline ? Int(second - $0.acknowledged) : 0, offset: UInt64($0.offset))
      }, offset: UInt64(fineOffset(of: server)),
      // `min_slaves_good_slaves` is shown while both settings are above 0.
      goodReplicas: server.fence.minReplicas > 0 && server.fence.maxLagSeconds > 0
        ? server.goodReplicas : nil)
  }

  private func observation(of server: RedisServer, hidesFence: Bool) -> NodeObservation {
    NodeObservation(
      role: role(of: server), offset: UInt64(fineOffset(of: server)),
      isLinkUp: server.isMaster || server.isLinkUp,
      priority: server.isMaster ? nil : server.priority,
      fence: hidesFence ? nil : server.fence, keys: keys(of: server))
  }
}

extension WorldConfiguration {
  /// Whether Redis can rewrite its configuration.
  var hasFile: Bool { fence?.hasFile ?? true }
}
