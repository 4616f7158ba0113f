import FailoverCore
import RESP

/// Commands that leave together, and who takes their outcome, once.
package struct RESPExchange {
  let commands: RESPCommands
  let done: (RESPOutcome) -> Void
}

extension RESPExchange {
  /// One command, and what an owner makes of its answer; of a lost connection it hears otherwise.
  init<Owner: AnyObject>(
    _ command: RESPCommands, of owner: Owner,
    _ take: @escaping (Owner, RESPToken, _ sentAt: Instant) -> Void
  ) {
    self.init(commands: command) { [weak owner] outcome in
      guard let owner, case .answered(let replies, let sentAt) = outcome,
        let reply = replies.first
      else { return }
      take(owner, reply, sentAt)
    }
  }
}
