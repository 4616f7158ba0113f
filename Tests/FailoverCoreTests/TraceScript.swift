import Addresses
import FailoverCore

/// Reads the lines of a script and plays them.
///
/// A script is made of lines `TIME VERB WORDS…`; lines that begin with four spaces are what the
/// machine ordered and are written anew; `#` begins a comment. The verbs stand in `play`.
struct TraceScript {
  var director: TraceDirector
  let names: [String: Endpoint]
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
    configuration.waitsForLeases = header["leases"] != "no"
    configuration.probesForDuplicates = header["probe"] != "off"
    configuration.fence = try Self.fencePolicy(header["fence"])
    configuration.deathPolicy = header["death"].flatMap(DeathPolicy.init) ?? .wait
    director = TraceDirector(configuration: configuration)
    guard let master = names[header["master"] ?? "me"] else {
      throw TraceError(line: 0, message: "the header's master is not a node")
    }
    director.moves.isChecked = header["check"] == "moves"
    let downAfter = Duration.milliseconds(Int(header["down-after"] ?? "3000") ?? 3000)
    let quorum = Int(header["quorum"] ?? "") ?? count / 2 + 1
    for index in 1...count {
      var view = SentinelView(named: master, downAfter: downAfter, quorum: quorum)
      view.otherSentinels = count - 1
      if let timeout = header["failover-timeout"].flatMap(Int.init) {
        view.failoverTimeout = .milliseconds(timeout)
      }
      view.replicas = names.values.filter { $0 != master }.sorted().map {
        ReplicaView(endpoint: $0)
      }
      let id = Endpoint(
        address: .v4(IPv4Address(10, 77, 0, UInt8(index))), port: 26379)
      director.sentinels.append(
        TraceDirector.Actor(id: id, name: "s\(index)", runID: "s\(index)", view: view))
    }
  }

  func error(_ line: Int, _ message: String) -> TraceError {
    TraceError(line: line, message: message)
  }

  func node(_ word: String, _ line: Int) throws(TraceError) -> Endpoint {
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
      director.loseRedis(.closed)
      director.local.role = .master
      // Sentinel's transaction writes the file.
      director.redis.file = director.redis.inForce
      director.answerRole()
      director.readFence()
    case "notice": try notice(Array(words.dropFirst()), line)
    case "claim": director.tell(.claimSeen(virtualAddresses[0].address, by: stranger))
    case "here":
      director.tell(.localInstancesChanged(words.dropFirst().compactMap { names[$0] }))
    case "flush":
      for address in virtualAddresses where director.kernelEnds[address] != nil {
        director.kernelEnds[address] = nil
        director.tell(.addressVanished(address))
      }
    case "refuse":
      for address in virtualAddresses {
        director.kernelEnds[address] = nil
        director.tell(.addressFailed(address, .kernel("no buffer space")))
      }
    case "link":
      let isLost = words.last == "lost"
      director.tell(isLost ? .linkLost(virtualAddresses) : .linkRestored(virtualAddresses))
    case "stranger": director.probeAnswer = words.last == "on" ? stranger : nil
    case "stall": director.isStalled = true
    case "resume-loop":
      director.isStalled = false
      let length = words.dropFirst().first.flatMap(Int.init) ?? 0
      director.tell(.clockDisturbed(.stall(.milliseconds(length))))
    case "jump":
      let length = words.dropFirst().first.flatMap(Int.init) ?? 0
      director.tell(.clockDisturbed(.clockJump(.milliseconds(length))))
    case "forget":
      // The operator says that a Sentinel is gone, by its run id.
      director.tell(.forgetRequested(words.last ?? ""))
    case "configured":
      director.tell(.sentinelsConfigured(words.dropFirst().first.flatMap(Int.init) ?? 0))
    case "pause": director.tell(.pauseRequested(until: duration(words).map { director.now + $0 }))
    case "resume": director.tell(.resumeRequested)
    case "release": director.tell(.releaseRequested(until: nil))
    case "stop": director.tell(.stopRequested(words.last == "keep" ? .keep : .release))
    case "replicas":
      let acknowledging = words.dropFirst().compactMap { names[$0] }
      director.tell(.localReplicasObserved(acknowledging: acknowledging, sentAt: director.now))
    default:
      if try !directRedis(words, line), try !directMove(words, line),
        try !directDeath(words, line)
      {
        try directSentinels(words, line)
      }
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
      case "armed":
        let armed = FenceSetting(minReplicas: Int(number), maxLagSeconds: 1)
        facts.fence = FenceMemory(
          operatorSetting: .serverDefault, armed: number > 0 ? armed : nil)
      case "armed-lag": facts.fence?.armed?.maxLagSeconds = Int(number)
      case "lowered": facts.priority = PriorityMemory(original: Int(number), lowered: 1)
      case "paused": facts.pause = Pause(until: director.now + .milliseconds(Int(number)))
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
    director.readFence()
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
}

/// What is wrong with a script.
struct TraceError: Error, CustomStringConvertible {
  let line: Int
  let message: String
  var description: String { "line \(line): \(message)" }
}
