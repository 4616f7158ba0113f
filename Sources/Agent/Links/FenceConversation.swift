import Addresses
import FailoverCore
import NIOCore
import RESP

/// The orders about a fence that were sent and not answered to the end, oldest first.
///
/// It turns an order into commands, and their answers into what became of the order. Commands of
/// one order leave in one segment; answers come in the order of the commands (RESP), so that the
/// oldest order is always the one that is answered.
struct FenceConversation {
  private var waiting: CircularBuffer<Exchange> = []

  /// An order and what was answered so far.
  private struct Exchange {
    let order: FenceOrder
    var answers = 0
    var problem: FenceProblem?
  }

  /// Whether nothing waits for an answer.
  var isEmpty: Bool { waiting.isEmpty }

  /// Begins an order; the commands to send, of which each is answered.
  mutating func begin(_ order: FenceOrder) -> [[String]] {
    waiting.append(Exchange(order: order))
    return order.commands
  }

  /// Takes in the answer to the oldest command; what became of its order if it was the last.
  mutating func answered(_ token: RESPToken) -> (order: FenceOrder, problem: FenceProblem?)? {
    guard var exchange = waiting.popFirst() else { return nil }
    let step = exchange.answers
    exchange.answers += 1
    exchange.problem = exchange.order.problem(
      in: token, toStep: step, after: exchange.problem)
    guard exchange.answers == exchange.order.commands.count else {
      waiting.prepend(exchange)
      return nil
    }
    return (exchange.order, exchange.problem)
  }

  /// Gives up every order, for the connection is gone: whether they were carried out is unknown.
  mutating func abandon() -> [FenceOrder] {
    defer { waiting = [] }
    return waiting.map(\.order)
  }
}

extension FenceOrder {
  /// The commands in their order.
  ///
  /// Redis 6.2 takes one parameter a CONFIG SET. The lag goes first: with a lag of 0 the count
  /// has no effect (`replication.c refreshGoodSlavesCount`).
  fileprivate var commands: [[String]] {
    switch self {
    case .set(let setting): setting.commands
    case .persist: [["CONFIG", "REWRITE"]]
    case .demote(let master, let setting):
      [["MULTI"]] + setting.commands + [
        ["REPLICAOF", master.address.description, "\(master.port)"],
        ["CONFIG", "REWRITE"],
        ["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"],
        ["CLIENT", "KILL", "TYPE", "pubsub", "SKIPME", "yes"],
        ["EXEC"],
      ]
    }
  }

  /// What the answer to one of the commands says against the order, after what was said before.
  fileprivate func problem(
    in token: RESPToken, toStep step: Int, after earlier: FenceProblem?
  ) -> FenceProblem? {
    switch self {
    case .set: return earlier ?? token.errorText.map { .refused($0.shortened) }
    case .persist: return token.errorText.map(FenceProblem.init(rewriteError:))
    case .demote:
      guard step == commands.count - 1 else {
        // Refused while it is queued, so EXEC will refuse the whole: nothing is done.
        guard earlier == nil, let error = token.errorText?.shortened else { return earlier }
        return step == Self.demotionStep ? .notDemoted(error, isSet: false) : .refused(error)
      }
      return earlier ?? Self.problem(inTransaction: token)
    }
  }

  /// Where `REPLICAOF` stands among the commands of a demotion, and `CONFIG REWRITE` after it.
  private static let demotionStep = 3

  /// What the answer of EXEC says: an array with the answer of each command in it.
  private static func problem(inTransaction token: RESPToken) -> FenceProblem? {
    guard let elements = token.elements else {
      return .refused(token.errorText?.shortened ?? "EXEC did nothing")
    }
    let errors = elements.map { $0.errorText?.shortened }
    guard errors.count > demotionStep else { return .refused("EXEC did not answer in full") }
    // EXEC leaves out the answer to MULTI, which is the first of the commands.
    if let error = errors[demotionStep - 1] { return .notDemoted(error, isSet: true) }
    if let error = errors[..<(demotionStep - 1)].compactMap(\.self).first { return .refused(error) }
    return errors[demotionStep].map(FenceProblem.notPersisted)
  }
}

extension FenceSetting {
  /// The commands that bring it into force.
  var commands: [[String]] {
    [
      ["CONFIG", "SET", "min-replicas-max-lag", "\(maxLagSeconds)"],
      ["CONFIG", "SET", "min-replicas-to-write", "\(minReplicas)"],
    ]
  }
}

extension FenceProblem {
  /// What an error of `CONFIG REWRITE` means: no right to it, or no file to write.
  fileprivate init(rewriteError text: String) {
    let isRefusal = ["NOPERM", "NOAUTH", "ERR unknown", "ERR Unknown"].contains {
      text.hasPrefix($0)
    }
    self = isRefusal ? .refused(text.shortened) : .notPersisted(text.shortened)
  }
}
