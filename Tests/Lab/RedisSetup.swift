/// What the Redis servers of a lab allow an agent to do with their settings.
public enum RedisSetup: String, Codable, CaseIterable, Sendable {
  /// A redis.conf that the server may rewrite.
  case usual
  /// All settings on the command line; there is no file to rewrite.
  case withoutFile = "without-file"
  /// A redis.conf that the server's user can't replace.
  case readOnlyFile = "read-only-file"
  /// redis.conf lies on a disk of its own, which ``Laboratory/fillDisk(on:)`` fills.
  case smallDisk = "small-disk"
  /// `CONFIG` has another name, which only Sentinel knows.
  case renamedConfig = "renamed-config"
  /// The agent logs in as a user that may do no more than ``LabPlan/agentRights``.
  case smallestRights = "smallest-rights"
}

extension Laboratory {
  /// The name by which `CONFIG` goes where it is renamed.
  private var hiddenName: String { "CONFIG-FOR-SENTINEL" }

  /// The size of a disk for one redis.conf.
  private var diskKilobytes: Int { 64 }

  /// A file system in memory; tmpfs(5).
  private func mountSmallDisk(_ path: String) throws(LabError) {
    try makeDirectory(path)
    try Subprocess(["mount", "-t", "tmpfs", "-o", "size=\(diskKilobytes)k", "lab", path]).run()
  }

  /// The lines of redis.conf by which the setups differ.
  func setupLines(_ group: GroupPlan) -> [String] {
    switch plan.redisSetup {
    case .usual, .withoutFile, .readOnlyFile, .smallDisk: []
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
    case .smallDisk:
      let fixed = "\(host.directory)/etc/redis-\(group).conf"
      // After a restart it finds what it wrote.
      if (try? readFile(fixed)) == nil {
        try mountSmallDisk("\(host.directory)/etc")
        try writeFile(fixed, try readFile(path))
      }
      return [serverProgram, fixed]
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

  /// Fills the disk of ``RedisSetup/smallDisk``: what is there can be read, and nothing written.
  public func fillDisk(on number: Int) throws(LabError) {
    let path = "\(try host(number).directory)/etc/filler"
    // dd(1) ends with an error once nothing fits any more, which is what is wanted.
    let words = ["dd", "if=/dev/zero", "of=\(path)", "bs=1k", "count=\(diskKilobytes + 1)"]
    guard (try? Subprocess(words).run()) == nil else { throw .refused("the disk is not full") }
  }

  /// Every file from which a Redis of this host may read its settings.
  func redisFiles(_ group: String, on host: LabHost) -> [String] {
    [host.configurationPath(.redis(group)), "\(host.directory)/etc/redis-\(group).conf"]
  }
}
