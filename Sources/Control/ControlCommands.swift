import Addresses
import ControlProtocol
import FailoverCore
package import Logging
import Platform
import RESP
import Store
import Wording

/// The commands of the control sockets.
///
/// Replies are those of a Redis where a command is Redis's own, so that `redis-cli -s` works.
package final class ControlCommands {
  unowned let daemon: any ControlledDaemon
  private let node: String
  private let logger: Logger
  private let audit: AuditLog

  package init(daemon: any ControlledDaemon, node: String, logger: Logger) {
    self.daemon = daemon
    self.node = node
    self.logger = logger
    audit = AuditLog(logger, clock: daemon.clock)
  }

  static let help = [
    "STATUS [master]: every group, or one, as JSON",
    "WHY [master]: each Sentinel's words, and what is missing to hold or to take",
    "SENTINELS [master]: what each Sentinel says of the others, as JSON; SENTINELS FORGET "
      + "run-id|address|unknown [master]: one that is gone for good counts no more, on every host",
    "PAUSE master|* [milliseconds]: never take here; without a time until RESUME",
    "RESUME master|*: end a pause",
    "RELEASE master: let go of the address here, and pause",
    "MOVE master [TO host[:port]] [TIMEOUT milliseconds] [DRYRUN] [ACCEPTLOSS]: a planned move, "
      + "with progress (HELLO 3) until its result; CANCEL or the end of the connection undoes it",
    "GUARD port|master: whether a Redis of this host may start now, as JSON",
    "HANDOVER port|master [TIMEOUT milliseconds]: before a Redis of this host stops, a move to "
      + "whichever replica Sentinel chooses; told as MOVE is",
    "NODES [master]: the other nodes whose vipd could serve the address, a line each",
    "FACTS [master]: how each host is, by its own daemon, as JSON; within 3 s",
    "EVENTS: follow decisions as they are made",
    "HISTORY [master]: past transitions with their phases, as JSON",
    "RELOAD: read the configuration file again; an error says why it is not in force",
    "RETIRE: before a removal: put back what the fence changed in Redis, and release at the next stop",
    "VERSION, PING [text], HELLO [2|3], QUIT, HELP",
  ]

  /// Counts a client that was not let in, and writes down who it was.
  func countRefusal(of peer: PeerCredentials?) {
    daemon.countRefusedClient()
    audit.turnedAway(peer)
  }

  /// Answers one command, and writes down who gave it if it was an order.
  func answer(_ words: [String], to session: ControlSession) {
    session.forgetRefusal()
    carryOut(words, session)
    audit.answered(words, from: session.peer, refusal: session.refusal)
  }

  private func carryOut(_ words: [String], _ session: ControlSession) {
    let name = words[0].uppercased()
    let arguments = Array(words.dropFirst())
    if session.door == .hook, name != "RECONFIG", name != "PING" {
      return session.reply { $0.error("NOPERM this socket takes RECONFIG and PING only") }
    }
    switch name {
    case "PING": ping(arguments, session)
    case "RECONFIG": reconfigure(arguments, session)
    case "HELLO": hello(arguments, session)
    case "COMMAND": session.reply { $0.array(count: 0) }
    case "CLIENT": session.reply { $0.simpleString("OK") }
    case "QUIT":
      session.reply { $0.simpleString("OK") }
      session.close()
    case "VERSION": session.reply { $0.bulkString("vipd \(Version.full)") }
    case "HELP": session.reply { $0.bulkString(Self.help.joined(separator: "\n")) }
    case "STATUS": onGroups(arguments, session) { status($0, session) }
    case "SENTINELS": sentinels(arguments, session)
    case "NODES": onGroups(arguments, session) { nodes($0, session) }
    case "WHY": onGroups(arguments, session) { why($0, session) }
    case "FACTS": onGroups(arguments, session) { facts($0, session) }
    case "HISTORY": onGroups(arguments, session) { history($0, session) }
    case "PAUSE": pause(arguments, session)
    case "RESUME": onOne(arguments, session) { $0.resume() }
    case "RELEASE": onOne(arguments, session) { $0.release() }
    case "RELOAD": reload(session)
    case "RETIRE": retire(session)
    case "MOVE": move(arguments, session)
    case "GUARD": guardStart(arguments, session)
    case "HANDOVER": handOver(arguments, session)
    case "CANCEL": cancel(session)
    case "EVENTS": follow(session)
    default: session.reply { $0.error("ERR unknown command '\(name.prefix(64))'; try HELP") }
    }
  }

  // MARK: - Greetings

  private func ping(_ arguments: [String], _ session: ControlSession) {
    session.reply { writer in
      if let text = arguments.first { writer.bulkString(text) } else { writer.simpleString("PONG") }
    }
  }

  private func hello(_ arguments: [String], _ session: ControlSession) {
    if let wanted = arguments.first {
      guard let version = Int(wanted).flatMap(RESPVersion.init(rawValue:)) else {
        return session.reply { $0.error("NOPROTO unsupported protocol version") }
      }
      session.version = version
    }
    let version = session.version
    session.reply { writer in
      writer.map(count: 4)
      writer.bulkString("server")
      writer.bulkString("vipd")
      writer.bulkString("version")
      writer.bulkString(Version.text)
      writer.bulkString("proto")
      writer.integer(Int64(version.rawValue))
      writer.bulkString("node")
      writer.bulkString(node)
    }
  }

  // MARK: - The hook

  /// `RECONFIG reconfig <master> <role> <state> <from> <port> <to> <port>`, or
  /// `RECONFIG notify <event> <message>`: a hint to look again, never more.
  private func reconfigure(_ arguments: [String], _ session: ControlSession) {
    guard arguments.count >= 2 else {
      return session.reply { $0.error("ERR RECONFIG needs a kind and its arguments") }
    }
    switch arguments[0] {
    case "reconfig":
      guard daemon.hookCalled(arguments[1]) else {
        logger.info("The hook was called for the unknown master '\(arguments[1].prefix(64))'")
        return session.reply { $0.error("ERR no such master '\(arguments[1].prefix(64))'") }
      }
      session.reply { $0.simpleString("OK") }
    case "notify":
      // The message names a group, or none; a poll of each costs less than finding out.
      for group in daemon.controlledGroups { _ = daemon.hookCalled(group.masterName) }
      session.reply { $0.simpleString("OK") }
    default:
      session.reply { $0.error("ERR '\(arguments[0].prefix(64))' is neither reconfig nor notify") }
    }
  }

  // MARK: - Reading

  private func status(_ groups: [any ControlledGroup], _ session: ControlSession) {
    let now = daemon.clock.now()
    let report = StatusReport(
      clock: daemon.clock, node: node, problems: daemon.problems.map(\.sentence))
    let entries = groups.map { group in
      let status = group.status
      return StatusReport.Entry(
        status: status, holder: group.holder(at: now),
        fenceDoubt: status.fenceDoubt(group.configuration.fence),
        sessions: group.sessionFigures, selfCheck: group.lastSelfCheck,
        problems: group.problems, sentinelLosses: daemon.sentinelLosses,
        interfaceName: daemon.interfaceName)
    }
    session.reply { $0.bulkString(report.json(entries)) }
  }

  private func why(_ groups: [any ControlledGroup], _ session: ControlSession) {
    let now = daemon.clock.now()
    let own = daemon.problems.map { "problem: \($0.sentence)" }
    let texts = groups.map {
      WhyReport(clock: daemon.clock, losses: daemon.sentinelLosses)
        .text($0.status, problems: $0.problems, at: now)
    }
    session.reply { $0.bulkString((own + texts).joined(separator: "\n")) }
  }

  private func nodes(_ groups: [any ControlledGroup], _ session: ControlSession) {
    let now = daemon.clock.now()
    let nodes = Set(groups.flatMap { $0.otherServingNodes(at: now) }).sorted()
    session.reply { $0.bulkString(nodes.map(\.description).joined(separator: "\n")) }
  }

  private func history(_ groups: [any ControlledGroup], _ session: ControlSession) {
    let report = HistoryReport(
      node: node, wallNanoseconds: daemon.clock.wallNanoseconds(),
      problem: daemon.history.problem)
    let isAccepted = daemon.history.read(
      groups.map(\.masterName), write: report.json
    ) { [weak session] text in
      session?.resume { $0.bulkString(text) }
    }
    guard isAccepted else {
      return session.reply { $0.error("BUSY the history is being read by others; try again") }
    }
    session.suspend()
  }

  private func follow(_ session: ControlSession) {
    let key = ObjectIdentifier(session)
    let clock = daemon.clock
    session.reply { $0.simpleString("OK") }
    daemon.tellReports(
      to: { [weak session] report in
        let json = report.document(clock: clock).json
        session?.reply { writer in
          writer.push(count: 2)
          writer.bulkString("event")
          writer.bulkString(json)
        }
      }, as: key)
    session.whenEnded = { [weak daemon] in daemon?.tellReports(to: nil, as: key) }
  }

  // MARK: - Orders

  private func pause(_ arguments: [String], _ session: ControlSession) {
    var until: Instant?
    if arguments.count > 1 {
      guard let milliseconds = Int64(arguments[1]), (1...31_536_000_000).contains(milliseconds)
      else {
        return session.reply { $0.error("ERR a pause lasts 1 to 31536000000 milliseconds") }
      }
      until = daemon.clock.now() + .milliseconds(milliseconds)
    }
    onOne(arguments, session) { $0.pause(until: until) }
  }

  /// Reads the configuration again, and answers once it is in force, or is not going to be.
  private func reload(_ session: ControlSession) {
    guard daemon.followsFile else {
      return session.reply { $0.error("ERR this vipd follows no file") }
    }
    answer(session) { done in
      daemon.readFileAgain { done($0.map { "the configuration is unchanged: \($0)" }) }
    }
  }

  /// Prepares for a removal, and answers once that is done, or why it is not.
  private func retire(_ session: ControlSession) { answer(session) { daemon.retire($0) } }

  /// Answers once something is done, or with why it is not.
  private func answer(
    _ session: ControlSession, once begin: (_ done: @escaping (_ problem: String?) -> Void) -> Void
  ) {
    session.suspend()
    begin { [weak session] problem in
      session?.resume { writer in
        guard let problem else { return writer.simpleString("OK") }
        writer.error("ERR \(problem)")
      }
    }
  }

  /// Runs on the groups that the first argument names; all if there is none.
  func onGroups(
    _ arguments: [String], _ session: ControlSession, _ run: ([any ControlledGroup]) -> Void
  ) {
    guard let name = arguments.first, name != "*" else { return run(daemon.controlledGroups) }
    guard let group = daemon.group(name) else { return refuse(name, session) }
    run([group])
  }

  /// Gives an order to the group that the first argument names, or to all for `*`.
  private func onOne(
    _ arguments: [String], _ session: ControlSession, _ run: (any ControlledGroup) -> Void
  ) {
    guard let name = arguments.first else {
      return session.reply { $0.error("ERR a master name is expected, or *") }
    }
    if name != "*", daemon.group(name) == nil { return refuse(name, session) }
    for group in daemon.controlledGroups where name == "*" || group.masterName == name {
      run(group)
    }
    session.reply { $0.simpleString("OK") }
  }

  func refuse(_ name: String, _ session: ControlSession) {
    let known = daemon.controlledGroups.map(\.masterName).joined(separator: ", ")
    session.reply { $0.error("ERR no such master '\(name.prefix(64))'; there is: \(known)") }
  }
}
