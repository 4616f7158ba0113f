import Foundation

/// What a `vipd` says of one group, as far as the lab asks: `STATUS` on its control socket.
public struct AgentStatus: Decodable, Equatable, Sendable {
  /// What Redis refuses.
  public struct Fence: Decodable, Equatable, Sendable {
    /// `off`, `armed`, `open`, `closed` or `half`.
    public var state: String
    /// The replicas that are asked for.
    public var minReplicas: Int?
    /// What is wrong with it, as a sentence.
    public var problem: String?
  }

  /// Something that is wrong as long as it is so.
  public struct Problem: Decodable, Equatable, Sendable {
    /// The label of the metric.
    public var id: String
    /// The cause, and what to do.
    public var text: String
  }

  /// The master name.
  public var master: String
  /// `standby`, `prepared`, `holding`, `blind`, `yielding` or `paused`.
  public var state: String
  /// Why.
  public var reason: String
  /// The fence; nothing if this `vipd` knows none.
  public var fence: Fence?
  /// What is amiss, as sentences.
  public var obstacles: [String]?
  /// What an operator should look at now.
  public var problems: [Problem]?
  /// How many Sentinels may fail before the address goes.
  public var toleratedSentinelLosses: Int?
}

extension Laboratory {
  /// The value of `min-replicas-to-write` that only `vipd` sets, to refuse every write.
  static let closedValue = "1000000"

  /// What the `vipd` of a host says of a group.
  public func status(of group: GroupPlan, on number: Int) throws(LabError) -> AgentStatus {
    struct Answer: Decodable {
      var groups: [AgentStatus]
    }
    let text = try connection(to: .agent, on: number).command("STATUS", group.name).text ?? ""
    guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(text.utf8)),
      let status = answer.groups.first
    else { throw .unexpectedReply(text) }
    return status
  }

  /// Waits until the `vipd` of a host reports a state of the fence.
  public func awaitFence(
    _ state: String, of group: GroupPlan, on number: Int, timeoutMilliseconds: Int = 20_000
  ) throws(LabError) {
    try waitUntil(
      "the fence on h\(number) to be \(state)", timeoutMilliseconds: timeoutMilliseconds
    ) { () throws(LabError) in try status(of: group, on: number).fence?.state == state }
  }

  /// Where the value that refuses every write stands: in a running server's memory or in a file.
  public func closedValues(_ group: GroupPlan) -> [String] {
    var places: [String] = []
    for number in group.members {
      guard let host = try? host(number) else { continue }
      if setting("min-replicas-to-write", of: group, on: number) == Laboratory.closedValue {
        places.append("memory on \(host.name)")
      }
      for path in redisFiles(group.name, on: host) {
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        // Older servers spell it min-slaves-to-write; the value tells.
        let lines = text.split(separator: "\n")
        if lines.contains(where: { $0.hasSuffix("-to-write \(Laboratory.closedValue)") }) {
          places.append(path)
        }
      }
    }
    return places
  }

  /// Waits until a group has one master, whom every running member follows and every Sentinel
  /// names.
  ///
  /// - Returns: the master's host.
  /// - Throws: ``LabError/timedOut(waitingFor:)``.
  @discardableResult
  public func awaitOrder(
    _ group: GroupPlan, timeoutMilliseconds: Int = 90_000
  ) throws(LabError) -> Int {
    var found: Int?
    try waitUntil(
      "one master of \(group.name), followed and named by all",
      timeoutMilliseconds: timeoutMilliseconds, paceMilliseconds: 50
    ) { () throws(LabError) in
      found = try orderlyMaster(group)
      return found != nil
    }
    guard let found else { throw .timedOut(waitingFor: "one master of \(group.name)") }
    return found
  }

  private func orderlyMaster(_ group: GroupPlan) throws(LabError) -> Int? {
    guard let number = try master(of: group) else { return nil }
    let address = try host(number).address(plan.family)
    for member in group.members where member != number {
      guard let process = try host(member).processes[.redis(group.name)], process.isRunning else {
        continue
      }
      let reply = try? connection(to: .redis(group.name), on: member)
        .command("ROLE", timeoutMilliseconds: 200)
      guard let role = reply?.parts, role.count > 3, role[0].text == "slave",
        role[1].text == address, role[3].text == "connected"
      else { return nil }
    }
    for sentinel in plan.sentinelHosts {
      guard try process(.sentinel, on: sentinel).isRunning else { continue }
      let fields = try connection(to: .sentinel, on: sentinel)
        .command("SENTINEL", "MASTER", group.name).fields
      guard fields["ip"] == address, fields["flags"] == "master" else { return nil }
    }
    return number
  }
}
