import Addresses
import ControlProtocol
import FailoverCore
import Platform
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
  /// told that it stops, and one that may be promoted waits until that is decided.
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
    handOver(group, by: daemon.clock.now() + limit, session)
  }

  private func handOver(
    _ group: any ControlledGroup, by end: Instant, _ session: ControlSession
  ) {
    let rest = max(end - daemon.clock.now(), .seconds(1))
    guard !group.isServing else { return follow(session, group) { $0.handOver(within: rest, $1) } }
    let stream = MoveStream(session)
    let note = MoveLine(
      .note, "a failover is under way that may promote this replica: its end is waited for")
    // The answer may come before the number is known.
    session.callOff = {}
    let id = group.plannedMoves.announceReplicaStop(
      within: rest, delayed: { stream.show($0 ? note : .pulse) },
      { [weak self, weak session] answer in
        guard let self, let session else { return }
        session.callOff = nil
        switch answer {
        case .serves: handOver(group, by: end, session)
        case .mayStop(let sentence):
          let text = sentence ?? Self.nothingToHandOver(group)
          session.reply { $0.simpleString("\(group.masterName): \(text)") }
        }
      })
    guard session.callOff != nil else { return }
    session.callOff = { [weak group, weak session] in
      group?.plannedMoves.forgetReplicaStop(id)
      session?.callOff = nil
      session?.reply { $0.simpleString("cancelled: nothing is waited for any more") }
    }
  }

  private static func nothingToHandOver(_ group: any ControlledGroup) -> String {
    let named = group.status.named.map { ", and \($0.endpoint) is named" } ?? ""
    return "nothing to hand over: this host does not hold the address" + named
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
