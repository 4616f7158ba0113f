import Addresses
import Configuration
import ControlProtocol
import FoundationEssentials

/// Finds out all that is judged: from the daemons, and from the servers themselves.
struct DoctorSurvey {
  /// The most Sentinels, and the most Redis servers, that are asked.
  static let limit = 32

  /// How long a server may take.
  var patience = Duration.seconds(1)

  /// What is so in one group.
  func facts(of group: FactsDocument.Group) -> DoctorFacts {
    var facts = DoctorFacts(master: group.master)
    facts.hosts = group.hosts.map(Self.host)
    for host in facts.hosts {
      facts.unseen += (host.facts?.unseen ?? []).map { unseen in
        HostFactsDocument.Unseen {
          ($0.what, $0.why) = ("\(host.name): \(unseen.what)", unseen.why)
        }
      }
    }
    guard let configuration = configuration(&facts),
      let section = configuration.groups.first(where: { $0.masterName == group.master })
    else {
      facts.areServersAsked = false
      return facts
    }
    facts.addresses = section.addresses
    facts.wantsFence = section.hasFence
    facts.redisUser = section.redisCredentials?.user
    facts.sentinelUser = configuration.sentinelCredentials?.user
    guard section.tls == nil, configuration.sentinelTLS == nil else {
      facts.areServersAsked = false
      facts.note(
        "Redis and Sentinel themselves",
        "this group speaks TLS, which doctor does not; vipd does, and its problems are told here")
      return facts
    }
    askSentinels(configuration, &facts)
    askServers(section, &facts)
    return facts
  }

  /// A host, as its daemon wrote it.
  private static func host(_ told: FactsDocument.Host) -> DoctorHost {
    let facts = told.facts.flatMap {
      try? JSONDecoder().decode(HostFactsDocument.self, from: Data($0.utf8))
    }
    return DoctorHost(
      name: told.node ?? facts?.host ?? "this host", version: told.version, facts: facts)
  }

  /// The configuration of the daemon of this host; says why it can't be read.
  private func configuration(_ facts: inout DoctorFacts) -> Configuration? {
    let path = facts.hosts.first?.facts?.configurationPath ?? ""
    guard !path.isEmpty else {
      facts.note("Redis and Sentinel themselves", "vipd follows no file, so it is not known which")
      return nil
    }
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      facts.note("Redis and Sentinel themselves", "\(path) can't be read: run this as root")
      return nil
    }
    guard let configuration = try? Configuration(parsing: text, file: path) else {
      facts.note(
        "Redis and Sentinel themselves", "\(path) has errors: vipd --check --config \(path)")
      return nil
    }
    return configuration
  }

  /// How to be let in; says where the password can't be read.
  private func login(
    _ credentials: Credentials?, _ whom: String, _ facts: inout DoctorFacts
  ) -> SetupRequest.Login? {
    guard let credentials else { return nil }
    if (try? String(contentsOfFile: credentials.passwordFile, encoding: .utf8)) == nil {
      facts.note(whom, "\(credentials.passwordFile) can't be read: run this as root")
    }
    return SetupRequest.Login(user: credentials.user, file: credentials.passwordFile)
  }

  private func askSentinels(_ configuration: Configuration, _ facts: inout DoctorFacts) {
    let login = login(configuration.sentinelCredentials, "what Sentinel says", &facts)
    var waiting = configuration.sentinels(of: facts.master).map { line in
      switch line.host {
      case .address(let address): ServerNode(address, port: line.port)
      case .name(let name): ServerNode(host: name, port: line.port)
      }
    }
    var asked: Set<ServerNode> = []
    var known: Set<String> = []
    while let node = waiting.first, asked.count < Self.limit {
      waiting.removeFirst()
      guard asked.insert(node).inserted else { continue }
      let answer = ServerDialogue.checkup(
        sentinel: node, of: facts.master, login: login, patience: patience)
      // One under two addresses, as on loopback, is one.
      if answer.base.problem == nil, !known.insert(answer.base.id).inserted { continue }
      facts.sentinels.append(answer)
      waiting += answer.base.others.filter { !known.contains($0.key) }.values.sorted()
    }
  }

  private static func aliases(of node: ServerNode) -> Set<String> {
    Set(SocketAddress.addresses(of: node.host).map { "\(ServerNode($0, port: node.port))" })
  }

  private func askServers(_ section: GroupSection, _ facts: inout DoctorFacts) {
    guard let source = facts.monitoring.first, let master = source.base.master else { return }
    let login = login(section.redisCredentials, "what Redis says", &facts)
    let rights = AccessRights.redisCommands(
      channel: "__vipd__:\(facts.master)", hasFence: facts.wantsFence)
    let down = Set(facts.monitoring.flatMap(\.downReplicas))
    let nodes = [master.node] + source.base.replicas.sorted().filter { !down.contains($0) }
    facts.servers = nodes.prefix(Self.limit).map { node in
      let isOwn = section.redis.map { ServerNode($0.address, port: $0.port) } == node
      let local = isOwn ? section.redisLocal.map { ServerNode($0.address, port: $0.port) } : nil
      var server = ServerDialogue.checkup(
        redis: node, reached: local ?? node, login: login, rights: rights, patience: patience)
      server.aliases = Self.aliases(of: node)
      // It may know its master by name where Sentinel has an address, or the reverse.
      if let own = server.master,
        !Self.aliases(of: own).isDisjoint(with: Self.aliases(of: master.node))
      {
        server.master = master.node
      }
      return server
    }
  }
}

extension DoctorFacts {
  /// Notes what was not seen.
  mutating func note(_ what: String, _ why: String) {
    unseen.append(HostFactsDocument.Unseen { ($0.what, $0.why) = (what, why) })
  }
}
