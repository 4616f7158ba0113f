package import FailoverCore
package import RESP

/// What a connection tells its owner, besides the outcomes of exchanges.
package enum RESPConnectionEvent {
  /// The greeting is over; commands may be sent.
  case ready(RESPVersion)
  /// Something that was not asked for: a published message or the confirmation of a subscription.
  case pushed(RESPToken)
  /// The last subscription is refused, in the server's words; the connection stands.
  case subscriptionRefused(ServerWords)
  /// The connection is over, or was never made; the text says why. The outcomes of what waited
  /// follow, and nothing else.
  case closed(ConnectionLoss, String)
}
