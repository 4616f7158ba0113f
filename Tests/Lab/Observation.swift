import Foundation
import Glibc

/// Everything that watches a lab while it runs.
///
/// Roles and Sentinels are watched by threads over sockets in the file system; addresses, frames
/// and the client by processes of `lab-client` inside of the namespaces, which write to files.
public final class Observation {
  private let lab: Laboratory
  private let watchers = Watchers()
  private let events = SharedList<SentinelEvent>()
  private let roles = SharedList<RoleChange>()
  private let stalls: StallWatch
  private var processes: [LabProcess] = []
  private var addressLogs: [(host: Int, path: String)] = []
  private var probeLogs: [String: String] = [:]

  /// Starts to watch.
  ///
  /// - Parameters:
  ///   - lab: the lab.
  ///   - client: the path of the program `lab-client`.
  ///   - probing: the VIPs to which the client shall write; by default the first of each group.
  ///   - watchesRoles: whether each Redis is asked for its role each millisecond, which costs.
  /// - Throws: ``LabError`` if a watcher doesn't start.
  public init(
    _ lab: Laboratory, client: String, probing: [(address: String, port: UInt16)]? = nil,
    watchesRoles: Bool = true
  ) throws(LabError) {
    self.lab = lab
    stalls = StallWatch(watchers)
    let targets = probing ?? lab.plan.groups.map { ($0.firstAddress, $0.port) }
    for host in lab.hosts {
      let path = "\(host.directory)/addresses.log"
      addressLogs.append((host.number, path))
      try start(client, ["watch-addresses"], in: host.namespace, log: path)
    }
    try start(
      client, ["watch-announcements"], in: lab.clientNamespace, log: announcementLog)
    for (address, port) in targets {
      let path = "\(lab.directory)/probe-\(address)-\(port).log"
      probeLogs["\(address) \(port)"] = path
      try start(client, ["probe", address, "\(port)"], in: lab.clientNamespace, log: path)
    }
    for number in lab.plan.sentinelHosts { try watchSentinel(on: lab.host(number)) }
    for group in lab.plan.groups where watchesRoles {
      for number in group.members { try watchRole(group.name, on: lab.host(number)) }
    }
    stalls.begin()
    for log in [announcementLog] + addressLogs.map(\.path) + probeLogs.values {
      try waitUntil("the watcher that writes \(log)", timeoutMilliseconds: 3000) {
        () throws(LabError) in !lines(log).isEmpty
      }
    }
  }

  private var announcementLog: String { "\(lab.directory)/announcements.log" }

  private func start(
    _ client: String, _ arguments: [String], in namespace: String, log: String
  ) throws(LabError) {
    unsafe unlink(log)
    let words = lab.words(in: namespace, [client] + arguments)
    let process = LabProcess(number: try Subprocess(words).start(log: log))
    processes.append(process)
    lab.state.observers.append(process)
    try lab.save()
  }

  /// What has been seen so far.
  public var recording: Recording {
    var recording = Recording()
    recording.events = events.all
    recording.roles = roles.all
    recording.stalls = stalls.stalls
    recording.addresses = addressLogs.flatMap { log in
      lines(log.path).compactMap { AddressChange(line: $0, host: log.host) }
    }.sorted { $0.stamp < $1.stamp }
    recording.announcements = lines(announcementLog).compactMap { Announcement(line: $0) }
    // Several probes make one history only for outages of the first; most runs have one.
    recording.attempts = probeLogs.values.sorted().flatMap { path in
      lines(path).compactMap { ProbeAttempt(line: $0) }
    }
    recording.overruns = probeLogs.values.sorted().flatMap { path in
      lines(path).compactMap { Stall(line: $0) }
    }
    return recording
  }

  /// When a host other than the given one was first seen as master after a moment.
  public func promotion(
    of group: String, after stamp: Stamp, exceptFor old: Int
  ) -> RoleChange? {
    var recording = Recording()
    recording.roles = roles.all
    return recording.promotion(of: group, after: stamp, exceptFor: old)
  }

  /// Waits until a host other than the old master has been promoted.
  @discardableResult
  public func awaitPromotion(
    of group: String, after fault: Stamp, exceptFor old: Int
  ) throws(LabError) -> RoleChange {
    var found: RoleChange?
    try waitUntil("a promotion", timeoutMilliseconds: 45_000) { () throws(LabError) in
      found = promotion(of: group, after: fault, exceptFor: old)
      return found != nil
    }
    guard let found else { throw .timedOut(waitingFor: "a promotion") }
    return found
  }

  /// Whether any Sentinel has published an event since a moment.
  public func hasSeen(_ event: String, after stamp: Stamp) -> Bool {
    events.all.contains { $0.name == event && $0.stamp > stamp }
  }

  /// Ends all watching and returns what was seen.
  public func end() -> Recording {
    watchers.end()
    for process in processes { try? process.end() }
    return recording
  }

  /// The whole lines of a log; the first one only says that the watcher is ready.
  private func lines(_ path: String) -> [Substring] {
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    guard let end = text.lastIndex(of: "\n") else { return [] }
    return text[..<end].split(separator: "\n")
  }

  private func watchSentinel(on host: LabHost) {
    let path = host.socketPath(.sentinel)
    watchers.start("sentinel \(host.name)") { [watchers, events] in
      while !watchers.shallEnd {
        follow(path, host.number, watchers, events)
        pause(milliseconds: 20)
      }
    }
  }

  private func watchRole(_ group: String, on host: LabHost) {
    let path = host.socketPath(.redis(group))
    watchers.start("role \(host.name)") { [watchers, roles] in
      var known = ""
      while !watchers.shallEnd {
        pollRole(path, while: { !watchers.shallEnd }) { role in
          guard let role, role != known else { return }
          known = role
          roles.append(
            RoleChange(stamp: .now(), host: host.number, group: group, role: role))
        }
        pause(milliseconds: 1)
      }
    }
  }
}

/// Follows one Sentinel's messages until the connection ends.
private func follow(
  _ path: String, _ host: Int, _ watchers: Watchers, _ events: SharedList<SentinelEvent>
) {
  guard let connection = try? RESPConnection(path: path),
    (try? connection.send(["PSUBSCRIBE", "*"])) != nil
  else { return }
  while !watchers.shallEnd {
    do {
      let parts = try connection.receive(timeoutMilliseconds: 100).parts.map { $0.text ?? "" }
      guard parts.count == 4, parts[0] == "pmessage" else { continue }
      events.append(
        SentinelEvent(stamp: .now(), host: host, name: parts[2], message: parts[3]))
    } catch .timedOut {
      continue
    } catch {
      return
    }
  }
}
