import Addresses
import FailoverCore

/// The lines about the local Redis, its fence and its replicas.
extension TraceScript {
  /// `all` or a number, with a lag of one second.
  static func fencePolicy(_ word: String?) throws(TraceError) -> FencePolicy {
    guard let word else { return .off }
    if word == "all" { return .minReplicas(.all, maxLagSeconds: 1) }
    guard let count = Int(word) else { throw TraceError(line: 0, message: "fence all|N") }
    return .minReplicas(.exactly(count), maxLagSeconds: 1)
  }

  /// Plays a line about the local Redis; false if it is none.
  mutating func directRedis(_ words: [String], _ line: Int) throws(TraceError) -> Bool {
    let rest = Array(words.dropFirst())
    switch words[0] {
    case "replica": try changeReplica(rest, line)
    case "stops":
      director.tell(.noticeReceived(.replicaStops(try node(rest.first ?? "", line))))
    case "node": try changeNode(rest, line)
    case "redis": try changeRedis(rest, line)
    case "by-hand":
      guard let count = rest.first.flatMap(Int.init) else { throw error(line, "by-hand COUNT LAG") }
      director.redis.inForce.minReplicas = count
      if let lag = rest.dropFirst().first.flatMap(Int.init) {
        director.redis.inForce.maxLagSeconds = lag
      }
    case "expect": try expect(rest, line)
    default: return false
    }
    return true
  }

  /// `replica NODE good|twice|syncing|gone|lag SECONDS`; twice beside a half-open connection.
  private mutating func changeReplica(_ words: [String], _ line: Int) throws(TraceError) {
    guard words.count >= 2 else { throw error(line, "replica NODE good|twice|syncing|gone|lag N") }
    let endpoint = try node(words[0], line)
    director.redis.replicas.removeAll { $0.endpoint == endpoint }
    switch words[1] {
    case "good": director.redis.replicas.append(AttachedReplica(endpoint: endpoint))
    case "twice":
      director.redis.replicas += Array(repeating: AttachedReplica(endpoint: endpoint), count: 2)
    case "syncing":
      director.redis.replicas.append(AttachedReplica(endpoint: endpoint, isOnline: false))
    case "lag":
      let lag = words.dropFirst(2).first.flatMap(Int.init) ?? 0
      director.redis.replicas.append(AttachedReplica(endpoint: endpoint, lagSeconds: lag))
    case "gone": break
    default: throw error(line, "good, twice, syncing, gone or lag was expected")
    }
    if director.didStart { director.readReplication() }
  }

  /// `node NODE master|silent|replica-of NODE`: what it says when it is asked directly.
  private mutating func changeNode(_ words: [String], _ line: Int) throws(TraceError) {
    guard words.count >= 2 else { throw error(line, "node NODE master|silent|replica-of NODE") }
    let endpoint = try node(words[0], line)
    switch words[1] {
    case "master": director.redis.nodes[endpoint] = NodeObservation(role: .master)
    case "silent": director.redis.nodes[endpoint] = nil
    case "replica-of":
      let master = try node(words.last ?? "", line)
      director.redis.nodes[endpoint] = NodeObservation(role: .replica(of: master))
    default: throw error(line, "master, silent or replica-of was expected")
    }
  }

  private mutating func changeRedis(_ words: [String], _ line: Int) throws(TraceError) {
    switch words.first {
    case "has":
      // What it was started with.
      guard let word = words.dropFirst().first,
        let count = word == "closed" ? FenceSetting.closedCount : Int(word)
      else { throw error(line, "redis has COUNT|closed [LAG]") }
      let lag =
        words.dropFirst(2).first.flatMap(Int.init)
        ?? (count == 0 ? FenceSetting.serverDefault.maxLagSeconds : 1)
      director.redis.inForce = FenceSetting(minReplicas: count, maxLagSeconds: lag)
      director.redis.file = director.redis.inForce
    case "counts": director.redis.goodReplicas = words.dropFirst().first.flatMap(Int.init)
    case "no-file": director.redis.file = nil
    case "refuses": director.redis.refusal = "NOPERM"
    case "allows": director.redis.refusal = nil
    case "refuses-demotion":
      director.redis.demotion = words.last == "at-once" ? .refusedAtOnce : .refusedWithin
    case "allows-demotion": director.redis.demotion = .allowed
    case "hangs": director.redis.answers = false
    case "answers": director.redis.answers = true
    case "lost": director.loseRedis(.closed)
    case "restarts":
      director.loseRedis(.closed)
      director.redis.inForce = director.redis.file ?? .serverDefault
      director.redis.replicas = []
      if director.local.role != nil { director.answerRole() }
      director.readFence()
    default: throw error(line, "unknown word \(words.first ?? "")")
    }
  }

  /// `expect fence STATE`, `expect file COUNT|closed`, `expect problem KIND|none`: what must be so
  /// by now.
  private func expect(_ words: [String], _ line: Int) throws(TraceError) {
    let found: String
    switch words.first {
    case "fence": found = director.machine.status(at: director.now).fence.state.rawValue
    case "problem":
      let problem = director.machine.status(at: director.now).fence.problem
      found = problem.map { String("\($0)".prefix { $0 != "(" }) } ?? "none"
    case "redis": found = director.redis.inForce.isClosed ? "closed" : "not closed"
    case "file":
      let count = director.redis.file?.minReplicas
      found = count == FenceSetting.closedCount ? "closed" : count.map(String.init) ?? "none"
    default: throw error(line, "fence, redis, file or problem was expected")
    }
    guard found == words.last else { throw error(line, "found \(found)") }
  }
}
