import Addresses
import FailoverCore

/// Reads the lines of a script and plays them.
///
/// A script is made of lines `TIME VERB WORDS…`; lines that begin with four spaces are what the
/// machine ordered and are written anew; `#` begins a comment. The verbs stand in `play`.
struct TraceScript {
  var director: TraceDirector
  private let names: [String: Endpoint]
  private let virtualAddresses: [VirtualAddress]

  /// Plays a whole script; the result is the script with the orders below its lines.
  static func rendering(of text: String) throws(TraceError) -> String {
    let (header, director) = try playing(text)
    let lines = director.lines
    let end = lines.lastIndex { !$0.isEmpty }.map { $0 + 1 } ?? lines.count
    return header + lines[..<end].joined(separator: "\n") + "\n"
  }

  /// Plays a whole script; the result is its header and the director at its end.
  static func playing(_ text: String) throws(TraceError) -> (String, TraceDirector) {
    var script: TraceScript?
    var header: [String: String] = [:]
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for (number, line) in lines.enumerated() where !line.hasPrefix("    ") {
      let words = line.split(separator: " ").map(String.init)
      guard let time = words.first.flatMap(Int64.init) else {
        if script == nil {
          if let first = words.first { header[first] = words.dropFirst().joined(separator: " ") }
          header["text", default: ""] += line + "\n"
        } else {
          script?.director.lines.append(String(line))
        }
        continue
      }
      var playing: TraceScript
      if let script { playing = script } else { playing = try TraceScript(header: header) }
      playing.director.run(until: .milliseconds(time))
      playing.director.lines.append(String(line))
      try playing.play(Array(words.dropFirst()), line: number + 1)
      script = playing
    }
    guard let script else { throw TraceError(line: 0, message: "no timed line") }
    if let failure = script.director.failure { throw TraceError(line: 0, message: failure) }
    return (header["text", default: ""], script.director)
  }

  init(header: [String: String]) throws(TraceError) {
    let list = (header["nodes"] ?? "me=10.77.0.1 b=10.77.0.2 c=10.77.0.3").split(separator: " ")
    var names: [String: Endpoint] = [:]
    for pair in list.map({ $0.split(separator: "=") }) where pair.count == 2 {
      names[String(pair[0])] = IPAddress(pair[1]).map { Endpoint(address: $0, port: 6379) }
    }
    self.names = names
    let addresses = (header["vip"] ?? "10.77.0.100").split(separator: " ").compactMap {
      IPAddress($0)
    }
    virtualAddresses = addresses.map {
      VirtualAddress(address: $0, interface: "eth0", subnetPrefixLength: 24)
    }
    let count = Int(header["sentinels"] ?? "3") ?? 3
    var configuration = GroupConfiguration(
      masterName: "mymaster", virtualAddresses: virtualAddresses, configuredSentinels: count)
    configuration.blindPolicy =
      header["blind"].flatMap(GroupConfiguration.BlindPolicy.init) ?? .release
    director = TraceDirector(configuration: configuration)
    guard let master = names[header["master"] ?? "me"] else {
      throw TraceError(line: 0, message: "the header's master is not a node")
    }
    let downAfter = Duration.milliseconds(Int(header["down-after"] ?? "3000") ?? 3000)
    let quorum = Int(header["quorum"] ?? "") ?? count / 2 + 1
    for index in 1...count {
      var view = SentinelView(named: master, downAfter: downAfter, quorum: quorum)
      view.otherSentinels = count - 1
      view.replicas = names.values.filter { $0 != master }.sorted().map {
        ReplicaView(endpoint: $0)
      }
      let id = Endpoint(
        address: .v4(IPv4Address(10, 77, 0, UInt8(index))), port: 26379)
      director.sentinels.append(
        TraceDirector.Actor(id: id, name: "s\(index)", runID: "s\(index)", view: view))
    }
  }

  private func error(_ line: Int, _ message: String) -> TraceError {
    TraceError(line: line, message: message)
  }

  private func node(_ word: String, _ line: Int) throws(TraceError) -> Endpoint {
    guard let endpoint = names[word] else { throw error(line, "no node \(word)") }
    return endpoint
  }

  /// Plays one line: a verb about the daemon or its host, or Sentinels and what becomes of them.
  private mutating func play(_ words: [String], line: Int) throws(TraceError) {
    guard let verb = words.first else { throw error(line, "a verb was expected") }
    switch verb {
    case "start": try start(Array(words.dropFirst()), line)
    case "end": return
    case "role": try changeRole(Array(words.dropFirst()), line)
    case "flip":
      director.tell(.localRedisLost(.closed))
      director.local.role = .master
      director.answerRole()
    case "notice": try notice(Array(words.dropFirst()), line)
    case "claim": director.tell(.claimSeen(virtualAddresses[0].address, by: stranger))
    case "flush":
      for address in virtualAddresses where director.kernelEnds[address] != nil {
        director.kernelEnds[address] = nil
        director.tell(.addressVanished(address))
      }
    case "link": director.tell(.linkRestored(interface: "eth0"))
    case "stranger": director.probeAnswer = words.last == "on" ? stranger : nil
    case "stall": director.isStalled = true
    case "resume-loop":
      director.isStalled = false
      let length = words.dropFirst().first.flatMap(Int.init) ?? 0
      director.tell(.clockDisturbed(.stall(.milliseconds(length))))
    case "jump":
      let length = words.dropFirst().first.flatMap(Int.init) ?? 0
      director.tell(.clockDisturbed(.clockJump(.milliseconds(length))))
    case "pause": director.tell(.pauseRequested(until: duration(words).map { director.now + $0 }))
    case "resume": director.tell(.resumeRequested)
    case "release": director.tell(.releaseRequested(until: nil))
    case "stop": director.tell(.stopRequested(words.last == "keep" ? .keep : .release))
    case "replicas":
      let acknowledging = words.dropFirst().compactMap { names[$0] }
      director.tell(.localReplicasObserved(acknowledging: acknowledging, sentAt: director.now))
    default: try directSentinels(words, line)
    }
    director.deliverKernelNews()
  }

  private func duration(_ words: [String]) -> Duration? {
    words.dropFirst().first.flatMap(Int.init).map { .milliseconds($0) }
  }

  private var stranger: MACAddress { MACAddress(rawValue: 0x0200_0000_0099) }

  private mutating func start(_ words: [String], _ line: Int) throws(TraceError) {
    var facts = StartupFacts()
    for pair in words.map({ $0.split(separator: "=") }) where pair.count == 2 {
      guard let number = Int64(pair[1]) else { throw error(line, "a number was expected") }
      switch pair[0] {
      case "proof":
        facts.proof = LeaseProof(
          provenAt: director.now - .milliseconds(Int(number)), configEpoch: 0)
      case "remembered": facts.rememberedSentinels = Int(number)
      case "present":
        let left: Duration? = number < 0 ? nil : .milliseconds(Int(number))
        facts.present = virtualAddresses.map { .init(virtualAddress: $0, remaining: left) }
        for address in virtualAddresses {
          director.kernelEnds[address] = .some(left.map { director.now + $0 })
        }
      default: throw error(line, "unknown word \(pair[0])")
      }
    }
    director.didStart = true
    director.tell(.started(facts))
    if let me = names["me"] { director.tell(.localInstancesChanged([me])) }
    for place in director.sentinels.indices where director.sentinels[place].isConnected {
      director.sentinels[place].lastPong = director.now
      let actor = director.sentinels[place]
      director.tell(.sentinelConnected(actor.id, runID: actor.runID))
    }
    director.answerRole()
    director.answerPolls()
  }

  private mutating func changeRole(_ words: [String], _ line: Int) throws(TraceError) {
    switch words.first {
    case "master": director.local.role = .master
    case "dead": director.local.role = nil
    case "replica":
      director.local.role = .replica(
        of: try words.dropFirst().first.map { word throws(TraceError) in
          try node(word, line)
        })
    default: throw error(line, "master, replica or dead was expected")
    }
    if director.didStart { director.answerRole() }
  }

  private mutating func notice(_ words: [String], _ line: Int) throws(TraceError) {
    guard words.count >= 3, let epoch = UInt64(words[2]), let me = names["me"] else {
      throw error(line, "notice yielded|selected NODE EPOCH was expected")
    }
    let from = try node(words[1], line)
    switch words[0] {
    case "yielded":
      director.tell(.noticeReceived(.yielded(from: from, target: me, epoch: epoch, nonce: 0)))
    case "selected":
      director.tell(.noticeReceived(.selected(from: from, epoch: epoch, nonce: 7)))
    default: throw error(line, "yielded or selected was expected")
    }
  }

  /// `s1 s2 VERB …`, or `all VERB …`.
  private mutating func directSentinels(_ words: [String], _ line: Int) throws(TraceError) {
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
      for index in director.sentinels[place].view.replicas.indices {
        director.sentinels[place].view.replicas[index].flags.remove(.promoted)
      }
      changed(&director)
    case "votes":
      guard words.count == 2, let epoch = UInt64(words[1]) else {
        throw error(line, "votes LEADER EPOCH was expected")
      }
      director.tell(.sentinelHinted(id, .voted(leader: words[0], epoch: epoch)))
    case "knows":
      director.sentinels[place].view.otherSentinels = (words.first.flatMap(Int.init) ?? 1) - 1
    case "down-after":
      director.sentinels[place].view.downAfter =
        .milliseconds(words.first.flatMap(Int.init) ?? 3000)
    case "forgets": director.tell(.sentinelLacksMaster(id, sentAt: director.now))
    case "lost", "refused", "mute", "back": try changeLink(place, verb, line)
    default: throw error(line, "unknown verb \(verb)")
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

/// What is wrong with a script.
struct TraceError: Error, CustomStringConvertible {
  let line: Int
  let message: String
  var description: String { "line \(line): \(message)" }
}
