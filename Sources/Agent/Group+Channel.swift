import Addresses
import ChannelMessages
import FailoverCore
import Logging

/// What the other daemons of the group said of themselves, and what this one tells them.
struct PeerTable {
  /// How long a peer's word counts; it speaks each second.
  static let keepFor = Duration.seconds(5)

  /// This daemon's number, drawn at its start.
  let sender = UInt64.random(in: 1...UInt64.max)
  private var sequence: UInt64 = 0
  private var filter = ReplayFilter()
  /// What each sender said last, when, and since when it has spoken for that node.
  private var states: [UInt64: (state: NodeState, at: Instant, since: Instant)] = [:]

  /// The next message of this daemon.
  mutating func message(_ body: ChannelMessage.Body) -> ChannelMessage {
    sequence += 1
    return ChannelMessage(sender: sender, sequence: sequence, body: body)
  }

  /// Takes in a message of another daemon; true if it is new.
  mutating func admit(_ message: ChannelMessage, at now: Instant) -> Bool {
    guard message.sender != sender, filter.admit(message) else { return false }
    if case .state(let state) = message.body {
      if states.count >= ReplayFilter.mostSenders { states.removeAll() }
      let last = states[message.sender]
      let goesOn = last?.state.node == state.node && last.map { now - $0.at < Self.keepFor } == true
      states[message.sender] = (state, now, goesOn ? last?.since ?? now : now)
    }
    return true
  }

  /// The daemon beside the node that holds the addresses, by its own word.
  func holdingPeer(at now: Instant) -> MoveDesk.Driver? {
    peer(at: now) { $0.isHolding }
  }

  /// The daemon beside a node.
  func peer(beside node: Endpoint, at now: Instant) -> MoveDesk.Driver? {
    peer(at: now) { $0.node == node }
  }

  /// The nodes whose daemons said lately that an address could be served there.
  func servingNodes(at now: Instant) -> Set<Endpoint> {
    Set(
      states.values.filter {
        now - $0.at < Self.keepFor && $0.state.areLinksUp == true && !$0.state.isPaused
      }.compactMap(\.state.node))
  }

  private func peer(at now: Instant, _ isRight: (NodeState) -> Bool) -> MoveDesk.Driver? {
    // Of two daemons that say so the newer word counts: one may have been restarted.
    let newest = states.filter { now - $0.value.at < Self.keepFor && isRight($0.value.state) }
      .max { $0.value.at < $1.value.at }
    guard let newest, let node = newest.value.state.node else { return nil }
    return .elsewhere(sender: newest.key, node: node)
  }

  /// What the other daemons said lately that their configuration says, by node, the newest of each.
  func rules(at now: Instant) -> [(node: Endpoint, rules: String)] {
    var newest: [Endpoint: (rules: String, at: Instant)] = [:]
    for (state, at, _) in states.values where now - at < Self.keepFor {
      guard let node = state.node, let rules = state.rules else { continue }
      if newest[node].map({ $0.at < at }) ?? true { newest[node] = (rules, at) }
    }
    return newest.map { ($0.key, $0.value.rules) }.sorted { $0.node < $1.node }
  }

  /// How long another daemon speaks for a node before that is told: a daemon that was restarted may
  /// still hear the last word of the one before.
  static let secondAfter = Duration.seconds(2)

  /// Whether a daemon besides this one speaks for a node, and goes on doing so.
  func hasSecondDaemon(of node: Endpoint, at now: Instant) -> Bool {
    states.values.contains {
      $0.state.node == node && now - $0.at < Self.keepFor && $0.at - $0.since >= Self.secondAfter
    }
  }

  /// Whether a daemon said lately that it is this node's and holds the addresses.
  func isHolder(_ node: Endpoint, by sender: UInt64, at now: Instant) -> Bool {
    guard let entry = states[sender], now - entry.at < Self.keepFor else { return false }
    return entry.state.isHolding && entry.state.node == node
  }

  /// The node that says it holds the addresses; nothing if none, or none lately.
  func holder(at now: Instant) -> Endpoint? {
    states.values.filter { $0.state.isHolding && now - $0.at < Self.keepFor }
      .compactMap(\.state.node).min()
  }
}

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
    guard let node = instances.followed, lastRole != nil else { return }
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
          configEpoch: status.named?.configEpoch ?? 0, areLinksUp: carrier.areLinksUp,
          rules: sharedRules.text)),
      also: nil)
  }

  /// The node that holds the addresses, by its own word; nothing if nobody says so.
  func holder(at now: Instant) -> Endpoint? {
    if status.presence.contains(true) { return instances.followed }
    return peers.holder(at: now)
  }

  /// Takes in a message of the channel.
  func received(_ bytes: [UInt8]) {
    guard isWorthReading(bytes), isWorthChecking(bytes) else { return }
    do throws(ChannelMessageError) {
      let message = try ChannelMessage(decoding: bytes, masterName: masterName, key: channelKey)
      guard peers.admit(message, at: services.clock.now()) else { return }
      switch message.body {
      case .notice(let notice): handle(.noticeReceived(notice))
      case .move, .moveLine: heardOfMove(message)
      case .state: break
      case .sessions(let news): received(news, from: message.sender)
      case .sessionsWanted(let node): sessionsWanted(of: node)
      case .check(let check): heard(check, from: message.sender)
      case .checked(let answer): heard(answer)
      case .sentinelForgotten(let runID):
        let which = runID.isEmpty ? "whoever is only remembered" : "Sentinel \(runID)"
        journal.logger.notice("Another host's operator says that \(which) is gone for good")
        handle(.forgetRequested(runID))
      }
    } catch {
      journal.count(\.refusedMessages)
      if case .unknownKind(let kind) = error { return journal.met(kind: kind) }
      journal.complain("A message on \(channelName) is not believed: \(error.sentence)")
    }
  }

  /// Sends a message where every replica gets it, and to one node directly, for a yield notice
  /// must not wait for a master that may be gone.
  func send(_ body: ChannelMessage.Body, also: Endpoint?) {
    let text = peers.message(body).encoded(masterName: masterName, key: channelKey)
    let message = Array(text.utf8)
    let master: Endpoint? =
      switch lastRole {
      case .master: nil
      case .replica(let master): master
      case nil: machine.status(at: services.clock.now()).named?.endpoint
      }
    if case .master = lastRole {
      redis?.publish(message)
    } else if let master, !instances.own.contains(master), !instances.isNobody(master) {
      courier.publish(message, channel: channelName, at: master)
    }
    if let also, also != master, !instances.own.contains(also) {
      courier.publish(message, channel: channelName, at: also)
    }
  }
}

extension ChannelMessageError {
  /// A clause for a log line.
  fileprivate var sentence: String {
    switch self {
    case .tooLong(let count): "it has \(count) bytes"
    case .notAMessage: "it is not a message of vipd"
    case .unsupportedVersion: "it is of another version"
    case .unknownKind: "it is of a kind that this version does not know"
    case .missing(let field): "it lacks \(field)"
    case .repeated(let field): "\(field) stands twice"
    case .malformed(let field): "\(field) is malformed"
    case .unauthenticated: "a key is set here, and it has no code"
    case .forged: "its code is wrong: another key, another group, or a forgery"
    }
  }
}
