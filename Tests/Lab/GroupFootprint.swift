/// All that a move may change in a group: a refused one has left it as it was.
public struct GroupFootprint: Equatable, Sendable {
  /// A member: its own settings, and those in its file.
  public struct Member: Equatable, Sendable {
    /// The host.
    public var host: Int
    /// `master` or `slave`; nothing for a server that does not run.
    public var role: String?
    /// `min-replicas-to-write` in force.
    public var minReplicas: String?
    /// `replica-priority` in force.
    public var priority: String?
    /// The lines of the files from which it reads its settings; each CONFIG REWRITE adds an empty
    /// one, which is left out.
    public var lines: [String]
  }

  /// The hosts that have the first VIP.
  public var holders: [Int]
  /// The members, in order.
  public var members: [Member]
}

extension Laboratory {
  /// What a move may change, as it is now.
  public func footprint(of group: GroupPlan) throws(LabError) -> GroupFootprint {
    let members = try group.members.map { number throws(LabError) in
      GroupFootprint.Member(
        host: number, role: role(group, on: number),
        minReplicas: setting("min-replicas-to-write", of: group, on: number),
        priority: setting("replica-priority", of: group, on: number),
        lines: redisFiles(group.name, on: try host(number)).flatMap { path in
          ((try? readFile(path)) ?? "").split(separator: "\n").map(String.init)
        })
    }
    return GroupFootprint(holders: try holders(of: group.firstAddress), members: members)
  }

  /// A setting in a running server's memory; nothing from one that doesn't answer.
  public func setting(_ name: String, of group: GroupPlan, on number: Int) -> String? {
    let reply = try? connection(to: .redis(group.name), on: number)
      .command("CONFIG", "GET", name, timeoutMilliseconds: 200)
    return reply?.parts.last?.text
  }

  private func role(_ group: GroupPlan, on number: Int) -> String? {
    let reply = try? connection(to: .redis(group.name), on: number)
      .command("ROLE", timeoutMilliseconds: 200)
    return reply?.parts.first?.text
  }

  /// How many bytes of a master's stream a replica lacks, by the word of both.
  ///
  /// What the master knows of it is up to a second old.
  public func backlog(
    of group: GroupPlan, from master: Int, to replica: Int
  ) throws(LabError) -> Int {
    let redis = Part.redis(group.name)
    let had = try connection(to: redis, on: replica).command("ROLE").parts.last?.text
    let parts = try connection(to: redis, on: master).command("ROLE").parts
    guard let had = had.flatMap(Int.init), parts.count > 1,
      let sent = parts[1].text.flatMap(Int.init)
    else { throw .unexpectedReply("\(parts)") }
    return sent - had
  }
}
