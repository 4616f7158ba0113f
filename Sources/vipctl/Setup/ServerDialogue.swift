import Addresses
import FoundationEssentials
import RESP

/// Asks one Sentinel or one Redis all that a plan needs of it.
enum ServerDialogue {
  // MARK: - Sentinel

  /// Asks a Sentinel; what it refuses stands in the answer.
  static func sentinel(
    at node: ServerNode, of master: String, login: SetupRequest.Login?,
    patience: Duration = ServerClient.patience
  ) -> SentinelFacts {
    var facts = SentinelFacts(asked: node)
    do throws(ServerProblem) {
      var client = try ServerClient(node, patience: patience)
      facts.needsLogin = try greet(&client, login, isWanted: false)
      facts.id = (try? client.ask("SENTINEL", "MYID").text) ?? "\(node)"
      facts.masters = ((try? entries(of: client.ask("SENTINEL", "MASTERS"))) ?? []).compactMap {
        $0["name"]
      }
      guard let fields = try monitored(&client, master) else { return facts }
      guard let server = Self.node(fields) else { throw .nonsense }
      var found = MasterFacts(node: server)
      found.runID = fields["runid"] ?? ""
      found.quorum = fields["quorum"].flatMap { Int($0) } ?? 0
      found.downAfterMilliseconds = fields["down-after-milliseconds"].flatMap { Int($0) } ?? 0
      facts.master = found
      facts.replicas = try entries(of: client.ask("SENTINEL", "REPLICAS", master)).compactMap {
        Self.node($0)
      }
      for fields in try entries(of: client.ask("SENTINEL", "SENTINELS", master)) {
        guard let id = fields["runid"], let other = Self.node(fields) else { continue }
        facts.others[id.isEmpty ? "\(other)" : id] = other
      }
      facts.announced = announced(&client, node, server)
    } catch {
      facts.problem = error
    }
    return facts
  }

  /// What it says of a master; nothing if it does not monitor it.
  private static func monitored(
    _ client: inout ServerClient, _ master: String
  ) throws(ServerProblem) -> [String: String]? {
    do throws(ServerProblem) {
      return try fields(of: client.ask("SENTINEL", "MASTER", master))
    } catch .refused(let words) where words.contains("No such master") {
      return nil
    }
  }

  /// Where a Sentinel says that it is: `announce-ip` and `announce-port`, or else the address from which
  /// it reaches the master (`sentinel.c sentinelSendHello`), which on this host is the same as ours.
  private static func announced(
    _ client: inout ServerClient, _ asked: ServerNode, _ master: ServerNode
  ) -> ServerNode? {
    let host = setting("announce-ip", &client)
    let said = setting("announce-port", &client).flatMap { UInt16($0) }
    let port = said == 0 ? nil : said
    if let host, !host.isEmpty { return ServerNode(host: host, port: port ?? asked.port) }
    guard asked.isLoopback else { return ServerNode(host: asked.host, port: port ?? asked.port) }
    return ServerClient.localAddress(toward: master).map {
      ServerNode($0, port: port ?? asked.port)
    }
  }

  static func setting(_ name: String, _ client: inout ServerClient) -> String? {
    guard let token = try? client.ask("SENTINEL", "CONFIG", "GET", name) else { return nil }
    return fields(of: token)[name]
  }

  // MARK: - Redis

  /// Asks a Redis of this host, under the name that Sentinel has for it.
  ///
  /// Where that fails loopback is tried, which tells what keeps it from answering; not for one of
  /// another host (`isLocal`), of which the file can't be read either.
  static func redis(
    named node: ServerNode, at reached: ServerNode, login: SetupRequest.Login?,
    isLocal: Bool = true, patience: Duration = ServerClient.patience
  ) -> RedisFacts {
    var facts = RedisFacts(node: node)
    do throws(ServerProblem) {
      var client = try ServerClient(reached, patience: patience)
      try describe(&client, login, &facts)
    } catch {
      facts.problem = error
      guard isLocal else { return facts }
      describe(at: ServerNode(host: "127.0.0.1", port: reached.port), login, &facts)
    }
    if isLocal, let path = facts.file, !path.isEmpty, let file = ServerFile(path: path) {
      for name in ["bind", "protected-mode"] { facts.lines[name] = file.last(name) }
    }
    return facts
  }

  /// The same by another address; what goes wrong there is no news.
  private static func describe(
    at node: ServerNode, _ login: SetupRequest.Login?, _ facts: inout RedisFacts
  ) {
    do throws(ServerProblem) {
      var client = try ServerClient(node, patience: .seconds(1))
      try describe(&client, login, &facts)
    } catch {
      return
    }
  }

  private static func describe(
    _ client: inout ServerClient, _ login: SetupRequest.Login?, _ facts: inout RedisFacts
  ) throws(ServerProblem) {
    do throws(ServerProblem) {
      facts.needsLogin = try greet(&client, login, isWanted: true)
    } catch {
      guard error.asksForPassword || login != nil, !error.isProtectedMode,
        case .refused = error
      else { throw error }
      facts.needsLogin = true
      facts.loginProblem = error
      return
    }
    facts.role = allowed("ROLE", &facts) { () throws(ServerProblem) in
      var elements = try client.ask("ROLE").elements
      return elements?.next()?.text
    }
    let info = allowed("INFO", &facts) { () throws(ServerProblem) in
      try client.ask("INFO", "server").text
    }
    let lines = infoFields(info ?? "")
    facts.version = lines["valkey_version"] ?? lines["redis_version"]
    facts.runID = lines["run_id"]
    facts.file = lines["config_file"]
    facts.process = lines["process_id"].flatMap { Int32($0) }
    let bind = allowed("CONFIG GET", &facts) { () throws(ServerProblem) in
      try fields(of: client.ask("CONFIG", "GET", "bind"))["bind"]
    }
    facts.bind = bind.map { $0.split(separator: " ").map(String.init) }
  }

  /// A question to which a refusal is an answer as well.
  private static func allowed(
    _ command: String, _ facts: inout RedisFacts,
    _ question: () throws(ServerProblem) -> String?
  ) -> String? {
    do throws(ServerProblem) {
      return try question()
    } catch .refused {
      facts.refusedCommand = facts.refusedCommand ?? command
      return nil
    } catch {
      return nil
    }
  }

  /// The run id of what answers at an address; empty if it does not say.
  ///
  /// - Throws: why nobody answers.
  static func runID(
    at node: ServerNode, login: SetupRequest.Login?, patience: Duration
  ) throws(ServerProblem) -> String {
    var client = try ServerClient(node, patience: patience)
    guard (try? greet(&client, login, isWanted: true)) != nil,
      let info = try? client.ask("INFO", "server").text
    else { return "" }
    return infoFields(info)["run_id"] ?? ""
  }

  // MARK: - Both

  /// Logs in where that is needed, or wanted and possible; whether it was.
  static func greet(
    _ client: inout ServerClient, _ login: SetupRequest.Login?, isWanted: Bool
  ) throws(ServerProblem) -> Bool {
    if !isWanted || login == nil {
      do throws(ServerProblem) {
        _ = try client.ask("PING")
        return false
      } catch {
        guard error.asksForPassword || error.lacksRight, login != nil else { throw error }
      }
    }
    guard let login, let password = password(in: login.file) else {
      _ = try client.ask("PING")
      return false
    }
    do throws(ServerProblem) {
      if let user = login.user {
        _ = try client.ask("AUTH", user, password)
      } else {
        _ = try client.ask("AUTH", password)
      }
    } catch .refused(let words) where words.contains("without any password configured") {
      return false
    }
    return true
  }

  /// The password in a file, without the line feed behind it.
  private static func password(in path: String) -> String? {
    guard var text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
    while text.last?.isNewline == true { text.removeLast() }
    return text.isEmpty ? nil : text
  }

  /// Names and values in turn.
  static func fields(of token: RESPToken) -> [String: String] {
    var fields: [String: String] = [:]
    guard var elements = token.elements else { return fields }
    while let name = elements.next()?.text, let value = elements.next() {
      fields[name] = value.text ?? ""
    }
    return fields
  }

  static func entries(of token: RESPToken) -> [[String: String]] {
    (token.elements.map { Array($0) } ?? []).map(fields)
  }

  static func node(_ fields: [String: String]) -> ServerNode? {
    guard let host = fields["ip"], !host.isEmpty,
      let port = fields["port"].flatMap({ UInt16($0) }), port > 0
    else { return nil }
    return ServerNode(host: host, port: port)
  }

  static func infoFields(_ text: String) -> [String: String] {
    var fields: [String: String] = [:]
    for line in text.split(whereSeparator: \.isNewline) {
      guard let colon = line.firstIndex(of: ":") else { continue }
      fields[String(line[..<colon])] = String(line[line.index(after: colon)...])
    }
    return fields
  }
}
