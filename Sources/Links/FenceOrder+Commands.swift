import Addresses
import FailoverCore
import RESP
import Wording

extension FenceOrder {
  /// The commands in their order.
  ///
  /// Redis 6.2 takes one parameter a CONFIG SET. The lag goes first: with a lag of 0 the count
  /// has no effect (`replication.c refreshGoodSlavesCount`).
  var commands: [[String]] {
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

  /// What the answers to the commands say against it; nil if it was carried out.
  func problem(in replies: [RESPToken]) -> FenceProblem? {
    switch self {
    case .set: return replies.lazy.compactMap(\.errorText).first.map { .refused($0.shortened) }
    case .persist: return replies.last?.errorText.map(FenceProblem.init(rewriteError:))
    case .demote:
      // Refused while it is queued, so EXEC will refuse the whole: nothing is done.
      for (step, token) in replies.dropLast().enumerated() {
        guard let error = token.errorText?.shortened else { continue }
        return step == Self.demotionStep ? .notDemoted(error, isSet: false) : .refused(error)
      }
      return replies.last.flatMap(Self.problem(inTransaction:))
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
