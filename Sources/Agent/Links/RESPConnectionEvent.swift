import FailoverCore
import RESP

/// What a connection tells its owner.
enum RESPConnectionEvent<Request> {
  /// The greeting is over; commands may be sent.
  case ready(RESPVersion)
  /// The answer to a request, which was handed to the socket at an instant.
  case replied(Request, RESPToken, sentAt: Instant)
  /// Something that was not asked for: a published message or the confirmation of a subscription.
  case pushed(RESPToken)
  /// The last subscription is refused, in the server's words; the connection stands.
  case subscriptionRefused(ServerWords)
  /// The connection is over, or was never made; the text says why. Nothing follows.
  case closed(ConnectionLoss, String)
}
