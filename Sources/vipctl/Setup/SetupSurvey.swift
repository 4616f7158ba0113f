import Addresses
import Glibc

/// Finds out all that a plan needs; it asks and reads, and changes nothing.
struct SetupSurvey {
  /// What is asked for; with the logins of a file that is there, where the command line names none.
  let request: SetupRequest
  /// The Sentinels that the operator named; those of this host if none.
  let named: [ServerNode]
  /// How long one server may take.
  var patience = ServerClient.patience

  /// Sentinels that are asked at most; a group has three to seven.
  static let maxSentinels = 32

  /// Takes the logins that a file has for what the command line leaves out; what is said for Redis is
  /// tried at Sentinel, too, where nothing else is known.
  static func complete(_ request: SetupRequest, by existing: String?) -> SetupRequest {
    var request = request
    let file = ExistingFile(existing ?? "")
    request.sentinelLogin =
      request.sentinelLogin ?? file.login(of: ["sentinel"]) ?? request.redisLogin
    request.redisLogin = request.redisLogin ?? file.login(of: ["redis", request.master])
    return request
  }

  /// Asks everybody.
  func facts(existing: String?, problem: String?) -> SetupFacts {
    var facts = SetupFacts()
    facts.existing = existing
    facts.existingProblem = problem
    facts.interfaces = HostNetwork.interfaces()
    facts.bindsNonlocal = HostNetwork.bindsNonlocal(request.address)
    facts.unit = DaemonUnit.facts()
    let files = [request.redisLogin, request.sentinelLogin].compactMap { $0?.file }
    facts.secrets = Set(files).sorted().map(SecretFile.facts)
    facts.asked = askSentinels(facts.interfaces)
    facts.listed = askListed(by: facts.asked)
    if let source = facts.asked.first(where: { $0.problem == nil && $0.master != nil }) {
      askServers(of: source, &facts)
      facts.claim = claim(of: source, facts.interfaces)
    }
    return facts
  }

  // MARK: - Sentinels

  private func askSentinels(_ interfaces: [InterfaceFacts]) -> [SentinelFacts] {
    if !named.isEmpty { return named.map(sentinel) }
    var answers: [SentinelFacts] = []
    for port in ServerFile.sentinelPorts() {
      let loopback = sentinel(ServerNode(host: "127.0.0.1", port: port))
      if case .unreachable = loopback.problem {
        let own = interfaces.map(\.prefix.address).filter { $0 != request.address }
        let others = Set(own).sorted().prefix(Self.maxSentinels).lazy.map {
          sentinel(ServerNode($0, port: port))
        }
        answers.append(others.first { $0.problem == nil } ?? loopback)
      } else {
        answers.append(loopback)
      }
    }
    return answers
  }

  private func sentinel(_ node: ServerNode) -> SentinelFacts {
    ServerDialogue.sentinel(
      at: node, of: request.master, login: request.sentinelLogin, patience: patience)
  }

  /// Asks those that are listed, and those that these list, each under the listed address.
  private func askListed(by asked: [SentinelFacts]) -> [SentinelFacts] {
    var waiting = Set(asked.flatMap { Array($0.others.values) + [$0.announced].compactMap { $0 } })
    var answers: [SentinelFacts] = []
    while let node = waiting.min(), answers.count < Self.maxSentinels {
      waiting.remove(node)
      let answer = sentinel(node)
      answers.append(answer)
      waiting.formUnion(answer.others.values)
      for answer in answers { waiting.remove(answer.asked) }
    }
    return answers
  }

  // MARK: - Redis

  private func askServers(of source: SentinelFacts, _ facts: inout SetupFacts) {
    guard let master = source.master else { return }
    let own = Set(facts.interfaces.map(\.prefix.address)).subtracting([request.address])
    let line = ExistingFile(facts.existing ?? "").redis(of: request.master)
    for node in [master.node] + source.replicas.sorted() {
      let isOwn = SocketAddress.addresses(of: node.host).contains(where: own.contains)
      guard isOwn || line?.named == node else { continue }
      let reached = line?.named == node ? line?.reached : node
      var redis = ServerDialogue.redis(
        named: node, at: reached ?? node, login: request.redisLogin, patience: patience)
      redis.unguardedUnit = redis.process.flatMap(ServerUnit.unguarded)
      facts.redis.append(redis)
    }
    guard facts.redis.isEmpty else { return }
    let ports = Set(([master.node] + source.replicas).map(\.port) + [6_379]).sorted()
    facts.strangers = ports.prefix(4).map { ServerNode(host: "127.0.0.1", port: $0) }.filter {
      ServerClient.localAddress(toward: $0) != nil
    }
  }

  // MARK: - The address

  /// Looks who has the address: whoever is there is found by the kernel's own question to the link.
  private func claim(of source: SentinelFacts, _ interfaces: [InterfaceFacts]) -> ClaimFacts {
    guard let master = source.master else { return .nobody }
    if interfaces.contains(where: { $0.prefix.address == request.address }) { return .here }
    guard interfaces.contains(where: { $0.prefix.contains(request.address) }) else {
      return .nobody
    }
    let wasKnown = HostNetwork.neighbour(request.address) != nil
    let node = ServerNode(request.address, port: master.node.port)
    var runID: String?
    do throws(ServerProblem) {
      // Without a password: it may be anybody's machine.
      runID = try ServerDialogue.runID(at: node, login: nil, patience: .seconds(1))
    } catch {
      let words = "\(error.text)"
      let isSomebody =
        error == .silent || error == .nonsense || words == ServerClient.text(of: ECONNREFUSED)
      if isSomebody { runID = "" }
    }
    // What the kernel knew before may be of somebody who is gone.
    let mac =
      runID == nil && wasKnown
      ? HostNetwork.confirmedNeighbour(request.address) : HostNetwork.neighbour(request.address)
    guard runID != nil || mac != nil else { return .nobody }
    let masterMAC = SocketAddress.addresses(of: master.node.host).lazy.compactMap {
      HostNetwork.neighbour($0)
    }.first
    if runID == "", let login = request.redisLogin, let mac, mac == masterMAC {
      runID = try? ServerDialogue.runID(at: node, login: login, patience: .seconds(1))
    }
    return .elsewhere(
      mac: mac, masterMAC: masterMAC, runID: runID.flatMap { $0.isEmpty ? nil : $0 })
  }
}
