import Addresses
import RESP

/// What `doctor` asks besides what `setup` asks.
extension ServerDialogue {
  // MARK: - Sentinel

  /// Asks a Sentinel.
  static func checkup(
    sentinel node: ServerNode, of master: String, login: SetupRequest.Login?, patience: Duration
  ) -> DoctorSentinel {
    var found = DoctorSentinel(
      base: sentinel(at: node, of: master, login: login, patience: patience))
    guard found.base.problem == nil, found.base.master != nil,
      var client = try? ServerClient(node, patience: patience),
      (try? greet(&client, login, isWanted: false)) != nil
    else { return found }
    if let fields = try? fields(of: client.ask("SENTINEL", "MASTER", master)) {
      found.failoverTimeout = fields["failover-timeout"].flatMap { Int($0) }
      found.hook = fields["client-reconfig-script"] ?? ""
    }
    found.downSentinels = downNodes(&client, "SENTINELS", master)
    found.downReplicas = downNodes(&client, "REPLICAS", master)
    do throws(ServerProblem) {
      _ = try client.ask("SENTINEL", "CKQUORUM", master)
    } catch {
      if error.lacksRight {
        found.refusedCommand = "SENTINEL CKQUORUM"
      } else if case .refused(let words) = error {
        found.quorumProblem = words
      }
    }
    let info = try? client.ask("INFO", "sentinel").text
    found.isTilted = infoFields(info ?? "")["sentinel_tilt"] == "1"
    return found
  }

  /// Those of a list that it marks as down or disconnected.
  private static func downNodes(
    _ client: inout ServerClient, _ list: String, _ master: String
  ) -> [ServerNode] {
    guard let token = try? client.ask("SENTINEL", list, master) else { return [] }
    return entries(of: token).filter { fields in
      (fields["flags"] ?? "").split(separator: ",").contains {
        ["s_down", "o_down", "disconnected"].contains($0)
      }
    }.compactMap(Self.node)
  }

  // MARK: - Redis

  /// The settings that are asked for; of the last two only whether they are set.
  private static let settings = [
    "protected-mode", "appendonly", "save", "replica-priority", "replica-read-only",
    "min-replicas-to-write", "requirepass", "masterauth",
  ]
  private static let secrets: Set = ["requirepass", "masterauth"]

  /// Asks a Redis; `rights` are the commands that vipd uses there, each with arguments.
  static func checkup(
    redis node: ServerNode, reached: ServerNode, login: SetupRequest.Login?, rights: [[String]],
    patience: Duration
  ) -> DoctorServer {
    var found = DoctorServer(
      base: redis(
        named: node, at: reached, login: login, isLocal: false, patience: patience))
    found.isAskedOverLoopback = reached.isLoopback
    guard found.base.problem == nil, found.base.loginProblem == nil,
      var client = try? ServerClient(reached, patience: patience),
      (try? greet(&client, login, isWanted: true)) != nil
    else { return found }
    readReplication(&client, &found)
    for name in settings {
      guard let token = try? client.ask("CONFIG", "GET", name),
        let value = fields(of: token)[name]
      else { continue }
      found.settings[name] = secrets.contains(name) && !value.isEmpty ? "yes" : value
    }
    readRights(&client, rights, &found)
    return found
  }

  private static func readReplication(_ client: inout ServerClient, _ found: inout DoctorServer) {
    let lines = infoFields((try? client.ask("INFO", "replication").text) ?? "")
    if let host = lines["master_host"], let port = lines["master_port"].flatMap({ UInt16($0) }) {
      found.master = ServerNode(host: host, port: port)
      found.isLinkUp = lines["master_link_status"] == "up"
    }
    for index in 0..<32 {
      guard let line = lines["slave\(index)"] else { break }
      var words: [Substring: Substring] = [:]
      for pair in line.split(separator: ",") {
        let parts = pair.split(separator: "=", maxSplits: 1)
        if parts.count == 2 { words[parts[0]] = parts[1] }
      }
      guard words["state"] == "online", let host = words["ip"],
        let port = words["port"].flatMap({ UInt16($0) }),
        let lag = words["lag"].flatMap({ Int($0) })
      else { continue }
      found.lags[ServerNode(host: String(host), port: port)] = lag
    }
  }

  /// Tries each command without doing it (ACL DRYRUN, 7.0 and later), where that is allowed.
  private static func readRights(
    _ client: inout ServerClient, _ rights: [[String]], _ found: inout DoctorServer
  ) {
    if let command = found.base.refusedCommand { found.refusedCommands = [command] }
    guard let user = try? client.ask("ACL", "WHOAMI").text, user != "default" else { return }
    if let token = try? client.ask("ACL", "GETUSER", user) {
      let commands = fields(of: token)["commands"] ?? ""
      found.isUserWide = commands.split(separator: " ").contains("+@all")
    }
    for words in rights {
      guard let answer = try? client.ask(["ACL", "DRYRUN", user] + words).text else { return }
      if answer != "OK" {
        found.refusedCommands.append(words.prefix(2).joined(separator: " "))
      }
    }
  }
}
