import Addresses
import ChannelMessages
import FailoverCore
import Logging

extension Group {
  /// How often each daemon says how it is.
  static let stateLinePeriod = Duration.seconds(1)

  /// Publishes a notice on the master that replicas follow, and at one node besides.
  func publish(_ notice: Notice, also: Endpoint?) {
    send(.notice(notice), also: also)
  }

  /// Says each second who this node is and whether it holds the address.
  func publishStateLine(at now: Instant) {
    if let last = stateLineAt, now - last < Self.stateLinePeriod { return }
    guard let node = instances.followed, redis.role != nil else { return }
    stateLineAt = now
    let status = machine.status(at: now)
    journal.note(fenceDoubt: status.fenceDoubt(machine.configuration.fence))
    journal.noteObstacles(status)
    send(
      .state(
        NodeState(
          node: node, isHolding: status.presence.contains(true),
          leaseRemaining: status.leaseEnds.map { max(.zero, $0 - now) },
          fence: status.fence.state, version: Version.text, isPaused: status.pause != nil,
          configEpoch: status.named?.configEpoch ?? 0, areLinksUp: moves.areLinksUp,
          rules: sharedRules.text)),
      also: nil)
  }

  /// Sets when the next word on this node goes out, as its clients want it.
  func speak(_ line: SessionKeeper.StateLine, at now: Instant) {
    stateLineAt = line == .later ? now : nil
    if line == .now { publishStateLine(at: now) }
  }

  /// The node that holds the addresses, by its own word; nothing if nobody says so.
  func holder(at now: Instant) -> Endpoint? {
    if status.presence.contains(true) { return instances.followed }
    return channel.peers.holder(at: now)
  }

  /// Takes in a message of the channel.
  func received(_ bytes: [UInt8]) {
    guard sessions.admit(bytes), selfChecks.admit(bytes) else { return }
    guard let message = channel.read(bytes) else { return }
    switch message.body {
    case .notice(let notice): handle(.noticeReceived(notice))
    case .move, .moveLine: moves.heard(message)
    case .state: break
    case .sessions(let news): sessions.received(news, from: message.sender)
    case .sessionsWanted(let node): sessions.wanted(of: node)
    case .check(let check): selfChecks.heard(check, from: message.sender)
    case .checked(let answer): selfChecks.heard(answer)
    case .sentinelForgotten(let runID):
      let which = runID.isEmpty ? "whoever is only remembered" : "Sentinel \(runID)"
      journal.logger.notice("Another host's operator says that \(which) is gone for good")
      handle(.forgetRequested(runID))
    }
  }

  /// Sends a message where every replica gets it, and to one node directly, for a yield notice
  /// must not wait for a master that may be gone.
  func send(_ body: ChannelMessage.Body, also: Endpoint?) {
    let master: Endpoint? =
      switch redis.role {
      case .master: nil
      case .replica(let master): master
      case nil: machine.status(at: services.clock.now()).named?.endpoint
      }
    var nodes: [Endpoint] = []
    if let master, !instances.own.contains(master), !instances.isNobody(master) {
      nodes.append(master)
    }
    if let also, also != master, !instances.own.contains(also) { nodes.append(also) }
    channel.send(body, to: nodes, local: publishing)
  }

  /// Publishes on the local Redis; nil unless it is a master.
  var publishing: (([UInt8]) -> Void)? {
    redis.role == .master ? { [redis] in redis.publish($0) } : nil
  }
}
