package import Addresses
package import FailoverCore
import RESP
import Wording

/// What the local Redis is told or asked once: its commands, and what their answers mean.
package enum RedisRequest: Equatable {
  /// An order about the fence.
  case fence(FenceOrder)
  /// INFO replication, at once.
  case readReplication
  /// Which process it is, who runs it, and how much it has.
  case readIdentity
  /// CONFIG GET replica-priority.
  case readPriority
  /// CONFIG SET replica-priority, and CONFIG REWRITE if it is to last.
  case setPriority(Int, isLasting: Bool)
  /// A message on the group's channel, which replicas get through replication.
  case publish([UInt8], channel: String)
  /// Ends the connections of clients to some addresses and ports of the instance, and no replica's.
  ///
  /// `LADDR` is the end that the server sees as its own, so clients of the node's own address stay;
  /// the types leave replicas and masters alone, whatever address they use. The filter came with
  /// Redis 6.2; an older server answers with an error, and its clients are woken by the next
  /// holder.
  case killClients(of: [Endpoint])

  /// The commands, in their order.
  var commands: RESPCommands {
    switch self {
    case .fence(let order): RESPCommands(order.commands)
    case .readReplication: RESPCommands([["INFO", "replication"]])
    case .readIdentity: Self.identityQuestion
    case .readPriority: RESPCommands([["CONFIG", "GET", "replica-priority"]])
    case .setPriority(let priority, let isLasting):
      RESPCommands(
        [["CONFIG", "SET", "replica-priority", "\(priority)"]]
          + (isLasting ? [["CONFIG", "REWRITE"]] : []))
    case .publish(let message, let channel): RESPCommands(publishing: message, on: channel)
    case .killClients(let ends):
      RESPCommands(
        ends.flatMap { end in
          ["normal", "pubsub"].map { type in
            ["CLIENT", "KILL", "LADDR", end.description, "TYPE", type, "SKIPME", "yes"]
          }
        })
    }
  }

  /// What is reported once it is answered, or can't be any more; empty if that says nothing.
  package func reports(
    _ outcome: RESPOutcome, askedAt: Instant, _ decoder: RedisReplyDecoder
  ) -> [RedisLinkReport] {
    let replies = outcome.replies
    switch self {
    case .fence(let order):
      return [.fenceAnswered(order, replies.map { order.problem(in: $0) } ?? .unreachable)]
    case .readReplication:
      let info = replies?.first.flatMap(decoder.replication)
      return info.map { [.replication($0.local, sentAt: askedAt)] } ?? []
    case .readIdentity:
      let texts = Self.texts(outcome)
      return LocalIdentity(info: texts).map {
        [.identity($0, isRunBySystemd: texts.isRunBySystemd, sentAt: askedAt)]
      } ?? []
    case .readPriority:
      return [.priority(replies?.first.flatMap(Self.priority), sentAt: askedAt)]
    case .setPriority(let priority, _):
      return [.priorityAnswered(priority, replies.map(Self.problem) ?? .unreachable)]
    case .publish: return Self.complaints(of: "PUBLISH", replies)
    case .killClients: return Self.complaints(of: "CLIENT KILL", replies)
    }
  }

  /// Asks a Redis which process it is, and how much it has.
  package static let identityQuestion = RESPCommands(
    ["server", "persistence", "replication", "keyspace"].map { ["INFO", $0] })

  /// The run id in the answer; nil without one.
  package static func process(in outcome: RESPOutcome) -> String? {
    LocalIdentity(info: texts(outcome))?.process
  }

  private static func texts(_ outcome: RESPOutcome) -> String {
    (outcome.replies ?? []).compactMap(\.text).joined(separator: "\n")
  }

  /// The answer of CONFIG GET replica-priority.
  private static func priority(_ token: RESPToken) -> Int? {
    guard let value = token.setting("replica-priority")?.integer,
      (0...Int64(Int32.max)).contains(value)
    else { return nil }
    return Int(value)
  }

  /// What speaks against a priority that was to be set, and written to the file.
  private static func problem(in replies: [RESPToken]) -> FenceProblem? {
    if let error = replies.first?.errorText { return .refused(error.shortened) }
    return replies.last?.errorText.map { .notPersisted($0.shortened) }
  }

  private static func complaints(of command: String, _ replies: [RESPToken]?) -> [RedisLinkReport] {
    (replies ?? []).compactMap(\.errorText).map { .sentNonsense("\(command): \($0)") }
  }
}
