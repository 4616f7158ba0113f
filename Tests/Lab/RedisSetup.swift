/// What the Redis servers of a lab allow an agent to do with their settings.
public enum RedisSetup: String, Codable, CaseIterable, Sendable {
  /// A redis.conf that the server may rewrite.
  case usual
  /// All settings on the command line; there is no file to rewrite.
  case withoutFile = "without-file"
  /// A redis.conf that the server's user can't replace.
  case readOnlyFile = "read-only-file"
  /// `CONFIG` has another name, which only Sentinel knows.
  case renamedConfig = "renamed-config"
  /// The agent logs in as a user that may do no more than ``LabPlan/agentRights``.
  case smallestRights = "smallest-rights"
}

extension Laboratory {
  /// The name by which `CONFIG` goes where it is renamed.
  private var hiddenName: String { "CONFIG-FOR-SENTINEL" }

  /// The lines of redis.conf by which the setups differ.
  func setupLines(_ group: GroupPlan) -> [String] {
    switch plan.redisSetup {
    case .usual, .withoutFile, .readOnlyFile: []
    case .renamedConfig: ["rename-command CONFIG \(hiddenName)"]
    case .smallestRights:
      [
        "user vipd on >lab resetkeys resetchannels &__vipd__:\(group.name) -@all "
          + plan.agentRights
      ]
    }
  }

  /// The lines of sentinel.conf by which the setups differ.
  func sentinelSetupLines(_ group: GroupPlan) -> [String] {
    plan.redisSetup == .renamedConfig
      ? ["sentinel rename-command \(group.name) CONFIG \(hiddenName)"] : []
  }

  /// The lines of vipd.conf by which the setups differ, and the fence.
  func agentSetupLines(_ group: GroupPlan, on host: LabHost) throws(LabError) -> [String] {
    var lines = plan.fence.map { ["fence \(group.name) \($0)"] } ?? []
    if plan.redisSetup == .smallestRights {
      let path = "\(host.directory)/password"
      try writeFile(path, "lab\n")
      lines += [
        "auth-user redis \(group.name) vipd", "auth-pass-file redis \(group.name) \(path)",
      ]
    }
    return lines
  }

  /// The words that start a Redis.
  func redisWords(_ group: String, on host: LabHost) throws(LabError) -> [String] {
    let path = host.configurationPath(.redis(group))
    switch plan.redisSetup {
    case .usual, .renamedConfig, .smallestRights: return [serverProgram, path]
    case .withoutFile:
      let text = try readFile(path)
      return [serverProgram]
        + text.split(separator: "\n").flatMap { line in
          let words = line.split(separator: " ").map { $0 == "\"\"" ? "" : String($0) }
          return ["--\(words[0])"] + words.dropFirst()
        }
    case .readOnlyFile:
      // The server runs as somebody who may write its directory, but not the file in another.
      let directory = "\(host.directory)/etc"
      try makeDirectory(directory)
      let fixed = "\(directory)/redis-\(group).conf"
      try writeFile(fixed, try readFile(path))
      try giveAway(host.directory)
      return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", serverProgram, fixed]
    }
  }

  /// Every file from which a Redis of this host may read its settings.
  func redisFiles(_ group: String, on host: LabHost) -> [String] {
    [host.configurationPath(.redis(group)), "\(host.directory)/etc/redis-\(group).conf"]
  }
}
