import Addresses
import FailoverCore

/// The lines about Sentinels.
extension TraceScript {
  /// `s1 s2 VERB …`, or `all VERB …`.
  mutating func directSentinels(_ words: [String], _ line: Int) throws(TraceError) {
    let chosen = words.prefix { $0 == "all" || director.sentinels.map(\.name).contains($0) }
    guard !chosen.isEmpty, let verb = words.dropFirst(chosen.count).first else {
      throw error(line, "unknown verb \(words[0])")
    }
    let rest = Array(words.dropFirst(chosen.count + 1))
    for place in director.sentinels.indices
    where chosen.contains("all") || chosen.contains(director.sentinels[place].name) {
      try direct(place, verb, rest, line)
    }
  }

  private mutating func direct(
    _ place: Int, _ verb: String, _ words: [String], _ line: Int
  ) throws(TraceError) {
    let id = director.sentinels[place].id
    func changed(_ director: inout TraceDirector) {
      director.tell(.sentinelHinted(id, .changed))
    }
    switch verb {
    case "names":
      guard let word = words.first else { throw error(line, "a node was expected") }
      try rename(place, try node(word, line), words, line)
      changed(&director)
    case "promoted":
      // The leader past +promoted-slave: GET-MASTER-ADDR flips, MASTER's address does not.
      guard let word = words.first, let epoch = words.dropFirst().first.flatMap(UInt64.init)
      else { throw error(line, "promoted NODE EPOCH was expected") }
      director.sentinels[place].view.named = try node(word, line)
      director.sentinels[place].view.configEpoch = epoch
      director.sentinels[place].view.failoverState = .reconfSlaves
      changed(&director)
    case "down":
      director.sentinels[place].view.flags.insert(.subjectivelyDown)
      director.sentinels[place].pongs = false
      changed(&director)
    case "up":
      director.sentinels[place].view.flags.subtract(.down)
      director.sentinels[place].pongs = true
      director.sentinels[place].lastPong = director.now
      changed(&director)
    case "silent": director.sentinels[place].pongs = false
    case "pongs": director.sentinels[place].pongs = true
    case "answers-late":
      let view = director.sentinels[place].view
      let age = Duration.milliseconds(words.first.flatMap(Int.init) ?? 0)
      director.tell(.sentinelReplied(id, view, sentAt: director.now - age))
    case "replica-down": try markReplica(place, words, .subjectivelyDown, line)
    case "replica-cut": try markReplica(place, words, .disconnected, line)
    case "reaches":
      // It has a connection to a replica again.
      let endpoint = try node(words.first ?? "", line)
      for index in director.sentinels[place].view.replicas.indices
      where director.sentinels[place].view.replicas[index].endpoint == endpoint {
        director.sentinels[place].view.replicas[index].flags.remove(.disconnected)
      }
    case "selects":
      guard let word = words.first else { throw error(line, "a node was expected") }
      try markReplica(place, [word], .promoted, line)
      director.sentinels[place].view.failoverState = .sendSlaveofNoOne
      changed(&director)
    case "begins": director.sentinels[place].view.failoverState = .waitStart
    case "starts":
      director.sentinels[place].view.failoverState = .waitStart
      changed(&director)
    case "aborts":
      director.sentinels[place].view.failoverState = nil
      director.sentinels[place].view.flags.subtract([.failoverInProgress, .forceFailover])
      for index in director.sentinels[place].view.replicas.indices {
        director.sentinels[place].view.replicas[index].flags.remove(.promoted)
      }
      changed(&director)
    case "votes":
      guard words.count == 2, let epoch = UInt64(words[1]) else {
        throw error(line, "votes LEADER EPOCH was expected")
      }
      director.tell(.sentinelHinted(id, .voted(leader: words[0], epoch: epoch)))
    case "forgets-replica":
      let endpoint = try node(words.first ?? "", line)
      director.sentinels[place].view.replicas.removeAll { $0.endpoint == endpoint }
    case "reports":
      // reports NODE master|slave: its role by the last INFO.
      try changeReplica(words.first ?? "", at: place, line) {
        $0.isReportedReplica = words.last != "master"
      }
    case "knows":
      director.sentinels[place].view.otherSentinels = (words.first.flatMap(Int.init) ?? 1) - 1
    case "lists":
      // lists NAME[:AGE]…: the other Sentinels by name; an age of the last hello in milliseconds.
      let entries = words.map { word in
        let parts = word.split(separator: ":")
        let known = director.sentinels.first { $0.name == parts[0] }
        return ListedSentinel(
          runID: String(parts[0]), endpoint: known?.id,
          helloAge: parts.count > 1 ? Int(parts[1]).map { .milliseconds($0) } : nil)
      }
      director.sentinels[place].list = entries
      director.sentinels[place].view.otherSentinels = entries.count
      guard director.didStart, director.sentinels[place].isConnected else { return }
      director.tellList(place)
      changed(&director)
    case "spoils":
      director.sentinels[place].isSpoiled = true
    case "mends":
      director.sentinels[place].isSpoiled = false
    case "clock-back":
      // Its wall clock is set back by so many milliseconds; its pings are forgotten, not its pongs.
      director.sentinels[place].clockSetBack = .milliseconds(words.first.flatMap(Int.init) ?? 0)
      director.sentinels[place].pongs = false
    case "down-after":
      director.sentinels[place].view.downAfter =
        .milliseconds(words.first.flatMap(Int.init) ?? 3000)
    case "forgets": director.tell(.sentinelLacksMaster(id, sentAt: director.now))
    case "reconnects":
      director.tell(.sentinelDisconnected(id, .closed))
      director.tell(.sentinelConnected(id, runID: director.sentinels[place].runID))
    case "lost", "refused", "mute", "back": try changeLink(place, verb, line)
    default: try directForMove(place, verb, words, line)
    }
  }

  private mutating func changeLink(
    _ place: Int, _ verb: String, _ line: Int
  ) throws(TraceError) {
    let id = director.sentinels[place].id
    switch verb {
    case "mute":
      director.sentinels[place].answers = false
    case "back":
      director.sentinels[place].answers = true
      director.sentinels[place].isRefusing = false
      director.sentinels[place].isConnected = true
      director.tell(.sentinelConnected(id, runID: director.sentinels[place].runID))
      director.answerPolls()
    default:
      director.sentinels[place].isConnected = false
      director.sentinels[place].isRefusing = verb == "refused"
      director.tell(
        .sentinelDisconnected(id, verb == "refused" ? .refused : .unreachable))
    }
  }

  private mutating func markReplica(
    _ place: Int, _ words: [String], _ flag: InstanceFlags, _ line: Int
  ) throws(TraceError) {
    guard let word = words.first else { throw error(line, "a node was expected") }
    let endpoint = try node(word, line)
    for index in director.sentinels[place].view.replicas.indices {
      if director.sentinels[place].view.replicas[index].endpoint == endpoint {
        director.sentinels[place].view.replicas[index].flags.insert(flag)
      } else {
        director.sentinels[place].view.replicas[index].flags.remove(.promoted)
      }
    }
  }

  /// What `+switch-master` leaves behind: a fresh master, the others its replicas.
  private mutating func rename(
    _ place: Int, _ endpoint: Endpoint, _ words: [String], _ line: Int
  ) throws(TraceError) {
    let old = director.sentinels[place].view
    var view = SentinelView(
      named: endpoint, downAfter: old.downAfter, configEpoch: old.configEpoch,
      quorum: old.quorum, otherSentinels: old.otherSentinels)
    if words.count > 2, words[1] == "epoch", let epoch = UInt64(words[2]) {
      view.configEpoch = epoch
    }
    view.replicas = names.values.filter { $0 != endpoint }.sorted().map {
      ReplicaView(endpoint: $0)
    }
    director.sentinels[place].view = view
    director.sentinels[place].pongs = true
    director.sentinels[place].lastPong = director.now
  }
}
