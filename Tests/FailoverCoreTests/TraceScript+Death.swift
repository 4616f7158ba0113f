import Addresses
import FailoverCore

/// The lines about a local Redis that dies, or is restarted.
extension TraceScript {
  /// Plays a line about a death; false if it is none.
  mutating func directDeath(_ words: [String], _ line: Int) throws(TraceError) -> Bool {
    let rest = Array(words.dropFirst())
    switch words[0] {
    case "dies": die()
    case "returns": try comeBack(rest, line)
    case "synchronized": director.local.identity.isLinkUp = true
    case "loaded":
      director.local.identity.isLoading = false
    case "linked":
      let endpoint = try node(rest.first ?? "", line)
      director.redis.nodes[endpoint]?.isLinkUp = true
    case "keys":
      guard rest.count == 2, let keys = UInt64(rest[1]) else { throw error(line, "keys me|NODE N") }
      if rest[0] == "me" {
        director.local.identity.keys = keys
      } else {
        director.redis.nodes[try node(rest[0], line)]?.keys = keys
      }
    case "stream":
      guard rest.count == 2 else { throw error(line, "stream NODE NAME") }
      director.redis.nodes[try node(rest[0], line)]?.stream = rest[1]
    case "no-daemon": director.moves.withoutDaemon.insert(try node(rest.first ?? "", line))
    default: return false
    }
    return true
  }

  /// The process ends, and the kernel closes what it had; its replicas notice at once.
  private mutating func die() {
    director.local.role = nil
    for endpoint in director.redis.nodes.keys { director.redis.nodes[endpoint]?.isLinkUp = false }
    director.redis.replicas = []
    director.loseRedis(.closed)
    director.tell(.localRedisLost(.refused))
    director.isDead = true
    director.tell(.localRedisDied(peers: director.peers))
  }

  /// `returns [offset N] [keys N] [after STREAM N] [loading] [replica NODE]`: another process, a master
  /// unless it is a replica, which is not synchronized; its file ends in that stream.
  private mutating func comeBack(_ words: [String], _ line: Int) throws(TraceError) {
    var identity = LocalIdentity(
      process: director.local.identity.process + "+", offset: 0, keys: 0)
    var master: Endpoint?
    var rest = words[...]
    while let word = rest.popFirst() {
      switch word {
      case "offset": identity.offset = rest.popFirst().flatMap { UInt64($0) } ?? 0
      case "keys": identity.keys = rest.popFirst().flatMap { UInt64($0) } ?? 0
      case "after":
        guard let stream = rest.popFirst(), let offset = rest.popFirst().flatMap({ UInt64($0) })
        else { throw error(line, "after STREAM N") }
        identity.base = ReplicationPoint(stream: stream, offset: offset)
      case "loading": identity.isLoading = true
      case "replica":
        master = try node(rest.popFirst() ?? "", line)
        identity.isLinkUp = false
      default: throw error(line, "offset, keys, after, loading or replica was expected")
      }
    }
    director.isDead = false
    director.local.identity = identity
    director.redis.offset = identity.offset
    director.redis.inForce = director.redis.file ?? .serverDefault
    director.local.role = master.map { .replica(of: $0) } ?? .master
    director.answerRole()
    director.readFence()
  }
}
