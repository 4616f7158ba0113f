import Addresses
import ControlProtocol
import FailoverCore
import RESP
import Wording

/// What the units of Redis ask before it starts and before it stops.
extension ControlCommands {
  /// `GUARD port|master`: whether the instance may start now.
  func guardStart(_ arguments: [String], _ session: ControlSession) {
    guard let word = arguments.first else {
      return session.reply {
        $0.error("ERR the port of the instance is expected, or a master name")
      }
    }
    var document = GuardDocument()
    if let group = instanceGroup(word) {
      group.localRedis.guardCalled()
      let verdict = group.status.guardVerdict(isDeathVisible: group.localRedis.isDeathVisible)
      document.master = group.masterName
      document.verdict = verdict.mayStart ? "start" : "wait"
      document.text = verdict.sentence
    } else {
      document.text = Self.unknown(word)
    }
    session.reply { $0.bulkString(document.json) }
  }

  /// `HANDOVER port|master [TIMEOUT milliseconds]`: a move to whichever replica Sentinel chooses, if the
  /// instance is the master that is held for here, told as a move is; of a replica the master's daemon is
  /// told that it stops.
  func handOver(_ arguments: [String], _ session: ControlSession) {
    guard session.callOff == nil else {
      return session.reply { $0.error("ERR a move is under way on this connection") }
    }
    guard let word = arguments.first, let limit = Self.limit(arguments.dropFirst()) else {
      return session.reply {
        $0.error(
          "ERR the port of the instance is expected, or a master name; then TIMEOUT and 1000 "
            + "to 60000 milliseconds")
      }
    }
    guard let group = instanceGroup(word) else {
      return session.reply { $0.simpleString(Self.unknown(word)) }
    }
    guard group.isServing else { return dismissReplica(of: group, session) }
    follow(session, group) { $0.handOver(within: limit, $1) }
  }

  /// Where the address is not held here: with a fence the master must not wait for a replica that stops.
  private func dismissReplica(of group: any ControlledGroup, _ session: ControlSession) {
    let named = group.status.named
    session.suspend()
    group.plannedMoves.announceReplicaStop { [weak session] sentence in
      let text =
        sentence ?? "nothing to hand over: this host does not hold the address"
        + (named.map { ", and \($0.endpoint) is named" } ?? "")
      session?.resume { $0.simpleString("\(group.masterName): \(text)") }
    }
  }

  /// The group of an instance of this host, by its port or its master name.
  private func instanceGroup(_ word: String) -> (any ControlledGroup)? {
    guard let port = UInt16(word) else { return daemon.group(word) }
    return daemon.controlledGroups.first { $0.localRedis.endpoint?.port == port }
  }

  private static func unknown(_ word: String) -> String {
    "no group of this vipd has an instance '\(word.prefix(64))' on this host"
  }

  private static func limit(_ words: ArraySlice<String>) -> Duration? {
    guard let first = words.first else { return MoveOrder.handoverLimit }
    guard first.uppercased() == "TIMEOUT", words.count == 2,
      let milliseconds = words.last.flatMap({ Int64($0) }), (1_000...60_000).contains(milliseconds)
    else { return nil }
    return .milliseconds(milliseconds)
  }
}
