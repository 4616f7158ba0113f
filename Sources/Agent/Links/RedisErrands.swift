import FailoverCore
import NIOCore
import RESP

/// What a planned move asks of the local Redis.
enum RedisErrand: Equatable {
  /// INFO replication, at once.
  case readReplication
  /// CONFIG GET replica-priority.
  case readPriority
  /// CONFIG SET replica-priority, and CONFIG REWRITE if it is to last.
  case setPriority(Int, isLasting: Bool)

  /// The commands in their order; each is answered.
  fileprivate var commands: [[String]] {
    switch self {
    case .readReplication: [["INFO", "replication"]]
    case .readPriority: [["CONFIG", "GET", "replica-priority"]]
    case .setPriority(let priority, let isLasting):
      [["CONFIG", "SET", "replica-priority", "\(priority)"]]
        + (isLasting ? [["CONFIG", "REWRITE"]] : [])
    }
  }
}

/// The errands that were sent and not answered to the end, oldest first.
///
/// Answers come in the order of the commands (RESP), so the oldest is always the one answered.
struct RedisErrands {
  private var waiting: CircularBuffer<Exchange> = []

  private struct Exchange {
    let errand: RedisErrand
    let sentAt: Instant
    var answers = 0
    var problem: FenceProblem?
  }

  /// Begins an errand; the commands to send.
  mutating func begin(_ errand: RedisErrand, at now: Instant) -> [[String]] {
    waiting.append(Exchange(errand: errand, sentAt: now))
    return errand.commands
  }

  /// Takes in the answer to the oldest command; a report if it was the last of its errand.
  mutating func answered(_ token: RESPToken, _ decoder: RedisReplyDecoder) -> RedisLinkReport? {
    guard var exchange = waiting.popFirst() else { return nil }
    switch exchange.errand {
    case .readReplication:
      return decoder.replication(token).map { .replication($0.local, sentAt: exchange.sentAt) }
    case .readPriority:
      return .priority(Self.priority(token), sentAt: exchange.sentAt)
    case .setPriority(let priority, _):
      if let error = token.errorText?.shortened {
        let problem = exchange.answers == 0 ? FenceProblem.refused(error) : .notPersisted(error)
        exchange.problem = exchange.problem ?? problem
      }
      exchange.answers += 1
      guard exchange.answers == exchange.errand.commands.count else {
        waiting.prepend(exchange)
        return nil
      }
      return .priorityAnswered(priority, exchange.problem)
    }
  }

  /// Gives up every errand, for there is no connection.
  mutating func abandon() -> [RedisLinkReport] {
    defer { waiting = [] }
    return waiting.compactMap { Self.unanswered($0.errand, sentAt: $0.sentAt) }
  }

  /// What is reported of an errand that has no answer.
  static func unanswered(_ errand: RedisErrand, sentAt: Instant) -> RedisLinkReport? {
    switch errand {
    case .readReplication: nil
    case .readPriority: .priority(nil, sentAt: sentAt)
    case .setPriority(let priority, _): .priorityAnswered(priority, .unreachable)
    }
  }

  /// The value in the answer of CONFIG GET, a map or a flat array of one pair.
  private static func priority(_ token: RESPToken) -> Int? {
    guard token.errorText == nil, var elements = token.elements,
      elements.next()?.reads("replica-priority") == true,
      let value = elements.next()?.integer, (0...Int64(Int32.max)).contains(value)
    else { return nil }
    return Int(value)
  }
}
