import Addresses
import ChannelMessages
import FailoverCore
import Links
import Metrics
import Platform

/// What the daemons of a group say to one another on the channel of their Redis servers.
final class GroupChannel {
  /// The channel.
  let name: String
  /// This daemon's number, drawn at its start.
  let sender = UInt64.random(in: 1...UInt64.max)
  /// What the others said of themselves.
  private(set) var peers = PeerTable()

  private let masterName: String
  private let key: ChannelKey?
  private let clock: HostClock
  private let journal: Journal
  private let connections: ShortConnections
  private var sequence: UInt64 = 0
  private var filter = ReplayFilter()
  private var hasNewcomer = false

  init(
    _ masterName: String, access: Access, key: ChannelKey?, services: GroupServices,
    journal: Journal
  ) {
    self.masterName = masterName
    self.key = key
    self.journal = journal
    name = ChannelMessage.channel(masterName: masterName)
    clock = services.clock
    connections = ShortConnections(
      .messages, access: access, loop: services.loop, clock: services.clock)
  }

  /// Does what is due; called on every tick.
  func tick(at now: Instant) { connections.tick(at: now) }

  /// Closes every connection.
  func end() { connections.end() }

  /// Reads a message; nil unless it is another daemon's, is believed, and is new.
  func read(_ bytes: [UInt8]) -> ChannelMessage? {
    do throws(ChannelMessageError) {
      let message = try ChannelMessage(decoding: bytes, masterName: masterName, key: key)
      guard message.sender != sender, filter.admit(message) else { return nil }
      switch message.body {
      case .state(let state):
        if peers.learn(state, from: message.sender, at: clock.now()) { hasNewcomer = true }
      // Who has taken the addresses lets others look whether they answer.
      case .check(let check): peers.heardTake(by: check.node, at: clock.now())
      default: break
      }
      return message
    } catch {
      journal.count(\.refusedMessages)
      if case .unknownKind(let kind) = error {
        journal.met(kind: kind)
      } else {
        journal.complain("A message on \(name) is not believed: \(error.sentence)")
      }
      return nil
    }
  }

  /// Whether a daemon was heard for the first time since this was last asked: it waits for the others'
  /// words, without which it leaves a death to the Sentinels.
  func takeNewcomer() -> Bool {
    defer { hasNewcomer = false }
    return hasNewcomer
  }

  /// Says something at some nodes, and on the local Redis if `publish` is there.
  func send(
    _ body: ChannelMessage.Body, to nodes: [Endpoint], here publish: (([UInt8]) -> Void)?
  ) {
    sequence += 1
    let message = ChannelMessage(sender: sender, sequence: sequence, body: body)
    let bytes = Array(message.encoded(masterName: masterName, key: key).utf8)
    publish?(bytes)
    // What is published on a master reaches every replica by replication.
    let command = RESPCommands(publishing: bytes, on: name)
    for node in nodes { connections.send(command, to: node) { _ in } }
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
