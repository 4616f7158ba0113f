package import FailoverCore
package import RESP

/// What came of an exchange.
package enum RESPOutcome {
  /// Every command was answered, some perhaps by an error; they went to the socket at an instant.
  case answered([RESPToken], sentAt: Instant)
  /// The connection ended first, or there was none: whether a command was carried out is unknown.
  case lost(ConnectionLoss, String)

  /// The answers, in the order of the commands; nil without them.
  package var replies: [RESPToken]? {
    if case .answered(let replies, _) = self { replies } else { nil }
  }
}
