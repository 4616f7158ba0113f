import Addresses
import FailoverCore

/// The lines about planned moves.
extension TraceScript {
  /// Plays a line about a move; false if it is none.
  mutating func directMove(_ words: [String], _ line: Int) throws(TraceError) -> Bool {
    let rest = Array(words.dropFirst())
    switch words[0] {
    case "move": try move(rest, line)
    case "cancel": director.tell(.moveCancelled(moveID))
    case "target": try changeTarget(rest, line)
    case "offset": try changeOffset(rest, line)
    case "own-priority": try changeOwnPriority(rest, line)
    case "link-down":
      let endpoint = try node(rest.first ?? "", line)
      director.redis.nodes[endpoint]?.isLinkUp = false
    case "priority": try changeLocalPriority(rest, line)
    case "node-fence":
      let endpoint = try node(rest.first ?? "", line)
      director.redis.nodes[endpoint]?.fence = FenceSetting(
        minReplicas: rest.last == "closed" ? FenceSetting.closedCount : 1, maxLagSeconds: 1)
    case "offers": try offer(rest, line)
    case "offers-end": director.moves.nextOffer = nil
    case "ended":
      director.moves.nextOffer = nil
      director.tell(
        .noticeReceived(.moveEnded(from: try node(rest.first ?? "", line), id: moveID)))
    case "arrived":
      director.tell(
        .noticeReceived(.moveArrived(from: try node(rest.first ?? "", line), id: moveID)))
    case "killed": kill()
    default: return false
    }
    return true
  }

  private var moveID: MoveID { 7 }

  /// `move [to NODE] [within MS] [lossy] [dry-run]`.
  private mutating func move(_ words: [String], _ line: Int) throws(TraceError) {
    var request = MoveRequest(id: moveID, deadline: director.now + .seconds(60))
    var rest = words[...]
    while let word = rest.popFirst() {
      switch word {
      case "to": request.target = try node(rest.popFirst() ?? "", line)
      case "within":
        let length = rest.popFirst().flatMap(Int.init) ?? 0
        request.deadline = director.now + .milliseconds(length)
      case "lossy": request.acceptsLoss = true
      case "dry-run": request.isDryRun = true
      case "another": request.id = 8
      case "anywhere": request.acceptsAnyTarget = true
      default: throw error(line, "to, within, lossy, dry-run, anywhere or another was expected")
      }
    }
    director.tell(.moveRequested(request))
  }

  /// `target silent|ready|refuses WHY`: how the daemon there answers.
  private mutating func changeTarget(_ words: [String], _ line: Int) throws(TraceError) {
    switch words.first {
    case "silent": director.moves.target = nil
    case "ready": director.moves.target = .ready
    case "refuses":
      guard let why = words.last.flatMap(MoveRefusal.init) else {
        throw error(line, "target refuses WHY")
      }
      director.moves.target = .refusing(why)
    default: throw error(line, "silent, ready or refuses was expected")
    }
  }

  /// `offset me|NODE NUMBER`.
  private mutating func changeOffset(_ words: [String], _ line: Int) throws(TraceError) {
    guard words.count == 2, let offset = UInt64(words[1]) else {
      throw error(line, "offset me|NODE NUMBER")
    }
    if words[0] == "me" {
      director.redis.offset = offset
    } else {
      director.redis.nodes[try node(words[0], line)]?.offset = offset
    }
  }

  /// `own-priority NODE NUMBER`: what it says of itself.
  private mutating func changeOwnPriority(_ words: [String], _ line: Int) throws(TraceError) {
    guard words.count == 2, let priority = Int(words[1]) else {
      throw error(line, "own-priority NODE NUMBER")
    }
    director.redis.nodes[try node(words[0], line)]?.priority = priority
  }

  /// `priority has N|refuses|allows|expect N|expect file N`: that of the local Redis.
  private mutating func changeLocalPriority(
    _ words: [String], _ line: Int
  ) throws(TraceError) {
    switch words.first {
    case "has":
      director.moves.priority = words.last.flatMap(Int.init) ?? 100
      director.moves.filedPriority = director.moves.priority
    case "refuses": director.moves.refusesPriority = true
    case "allows": director.moves.refusesPriority = false
    case "rewritten": director.moves.filedPriority = director.moves.priority
    case "expect":
      let found = words.contains("file") ? director.moves.filedPriority : director.moves.priority
      guard words.last.flatMap(Int.init) == found else { throw error(line, "found \(found)") }
    default: throw error(line, "has, refuses, allows, rewritten or expect was expected")
    }
  }

  /// `offers NODE [prefers] [through SENTINEL]`: its daemon drives a move to this node.
  private mutating func offer(_ words: [String], _ line: Int) throws(TraceError) {
    guard let me = names["me"] else { throw error(line, "there is no me") }
    let id: MoveID = words.contains("another") ? 8 : moveID
    let offer = MoveOffer(
      from: try node(words.first ?? "", line), target: me, id: id, round: 1,
      through: words.contains("through") ? words.last ?? "" : "s1",
      prefers: words.contains("prefers"),
      armed: FenceSetting(minReplicas: words.contains("unfenced") ? 0 : 1, maxLagSeconds: 1))
    guard !words.contains("another") else {
      director.tell(.noticeReceived(.moveOffered(offer)))
      return
    }
    director.moves.offered = offer
    director.moves.nextOffer = director.now
  }

  /// The daemon dies; what it ordered is carried out, and nobody hears the answers.
  private mutating func kill() {
    for order in director.redis.pending { _ = director.carryOut(order) }
    director.redis.pending = []
    director.moves.pending = []
    director.moves.due = []
    director.machine = FailoverMachine(configuration: director.machine.configuration)
    director.wake = nil
    director.probe = nil
    director.didStart = false
    director.pendingInstalls = []
    director.pendingRemovals = []
  }

  /// The lines about what a Sentinel says of itself and of priorities, and how it takes an order.
  mutating func directForMove(
    _ place: Int, _ verb: String, _ words: [String], _ line: Int
  ) throws(TraceError) {
    let id = director.sentinels[place].id
    switch verb {
    case "tilt": director.moves.inTilt.insert(id)
    case "untilt": director.moves.inTilt.remove(id)
    case "quorum": director.moves.quorumProblems[id] = words.joined(separator: " ")
    case "forbids-orders": director.moves.orderProblems[id] = words.joined(separator: " ")
    case "allows-orders": director.moves.orderProblems[id] = nil
    case "refuses-failover":
      director.moves.answers[id] = .refused(words.joined(separator: " "))
    case "loses-answer": director.moves.answers[id] = .lost
    case "answers-orders":
      director.moves.answers[id] = nil
      director.moves.slow.remove(id)
    case "slow": director.moves.slow.insert(id)
    case "pending":
      director.sentinels[place].view.flags.formUnion([.failoverInProgress, .forceFailover])
      director.sentinels[place].view.failoverState = .waitStart
    case "sees":
      guard words.count == 2, let priority = Int(words[1]) else {
        throw error(line, "sees NODE PRIORITY was expected")
      }
      try changeReplica(words[0], at: place, line) { $0.priority = priority }
    case "has":
      // has NODE OFFSET: by its last INFO.
      guard words.count == 2, let offset = UInt64(words[1]) else {
        throw error(line, "has NODE OFFSET was expected")
      }
      try changeReplica(words[0], at: place, line) { $0.offset = offset }
    case "replica-up":
      for index in director.sentinels[place].view.replicas.indices {
        director.sentinels[place].view.replicas[index].flags.subtract(.down)
      }
    case "unlists":
      let endpoint = try node(words.first ?? "", line)
      director.sentinels[place].view.replicas.removeAll { $0.endpoint == endpoint }
    default: throw error(line, "unknown verb \(verb)")
    }
  }

  /// Changes what the Sentinel at a place says of a replica.
  mutating func changeReplica(
    _ name: String, at place: Int, _ line: Int, _ change: (inout ReplicaView) -> Void
  ) throws(TraceError) {
    let endpoint = try node(name, line)
    for index in director.sentinels[place].view.replicas.indices
    where director.sentinels[place].view.replicas[index].endpoint == endpoint {
      change(&director.sentinels[place].view.replicas[index])
    }
  }
}
