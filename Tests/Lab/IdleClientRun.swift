import Foundation

/// What happened to an idle client.
public struct IdleClientEvent: Equatable, Sendable {
  /// Whether it was served, and not lost.
  public let isServed: Bool
  /// What it waits for.
  public let wait: IdleClients.Wait
  /// Its number among all of its kind.
  public let index: Int
  /// When.
  public let stamp: Stamp

  /// Whether it was served by a master; a replica serves as well, but not what is waited for.
  public let isAtMaster: Bool

  /// Reads a line of `lab-client idle`: `served|lost <wait> <index> <ns> master|other|-`.
  init?(line: Substring, offset: Int) {
    let words = line.split(separator: " ")
    guard words.count == 5, let wait = IdleClients.Wait(rawValue: String(words[1])),
      let index = Int(words[2]), let nanoseconds = Int64(words[3])
    else { return nil }
    isServed = words[0] == "served"
    isAtMaster = words[4] == "master"
    self.wait = wait
    self.index = offset + index
    stamp = Stamp(nanoseconds: nanoseconds)
  }
}

/// Idle clients at work in a lab, as programs in the client's namespace.
public final class IdleClientRun {
  /// How many clients one program has: it may open 1,024 files (RLIMIT_NOFILE of getrlimit(2)).
  private static let clientsInProgram = 500

  private var paths: [String] = []
  /// How many there are.
  public let count: Int

  /// Starts clients of a group, and waits until all are served.
  public init(
    _ lab: Laboratory, program: String, group: GroupPlan, wait: IdleClients.Wait, count: Int
  ) throws(LabError) {
    self.count = count
    let reach = lab.reach(group, client: program)
    for start in stride(from: 0, to: count, by: Self.clientsInProgram) {
      let path = "\(lab.directory)/idle-\(wait.rawValue)-\(start).log"
      let part = min(Self.clientsInProgram, count - start)
      let words = lab.words(
        in: lab.clientNamespace, reach.words("idle", [wait.rawValue, "\(part)"]))
      let process = LabProcess(number: try Subprocess(words).start(log: path))
      paths.append(path)
      lab.state.observers.append(process)
    }
    try lab.save()
    try waitUntil(
      "\(count) idle clients to be served", timeoutMilliseconds: 60_000, paceMilliseconds: 200
    ) { () throws(LabError) in events.filter(\.isServed).count >= count }
  }

  /// What has happened so far, for each program in order.
  public var events: [IdleClientEvent] {
    paths.enumerated().flatMap { number, path in
      let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
      return text.split(separator: "\n").compactMap {
        IdleClientEvent(line: $0, offset: number * Self.clientsInProgram)
      }
    }
  }

  /// When each client that lost its server after a moment was back at a master, for good.
  public func returns(since stamp: Stamp) -> [Stamp] {
    Self.returns(events, since: stamp)
  }

  /// The same out of what happened, in order for each client.
  static func returns(_ events: [IdleClientEvent], since stamp: Stamp) -> [Stamp] {
    var back: [Int: Stamp] = [:]
    for event in events where event.stamp > stamp {
      back[event.index] = event.isServed && event.isAtMaster ? event.stamp : nil
    }
    return back.values.sorted()
  }

  /// When each client first learnt after a moment that its server is gone.
  func firstLosses(since stamp: Stamp) -> [Stamp] {
    var lost: [Int: Stamp] = [:]
    for event in events where event.stamp > stamp && !event.isServed && lost[event.index] == nil {
      lost[event.index] = event.stamp
    }
    return lost.values.sorted()
  }

  /// Waits until every client is back at a master since a moment.
  ///
  /// - Returns: when each was.
  public func awaitReturn(
    since stamp: Stamp, timeoutMilliseconds: Int
  ) throws(LabError) -> [Stamp] {
    var found: [Stamp] = []
    try waitUntil(
      "all idle clients to be back", timeoutMilliseconds: timeoutMilliseconds,
      paceMilliseconds: 500
    ) { () throws(LabError) in
      found = returns(since: stamp)
      return found.count == count
    }
    return found
  }
}
