/// What a group counts of sessions.
struct SessionFigures: Equatable {
  /// Clients of the addresses that this node knows of: its own, or the holder's.
  var known = 0
  /// Clients beyond what is kept of one address.
  var excess = 0
  /// Messages about clients that were sent.
  var toldMessages = 0
  /// Messages about clients that were taken in.
  var takenMessages = 0
  /// Messages about clients that were dropped: not from the holder, senseless, or too many.
  var droppedMessages = 0
  /// Tickles sent.
  var tickles = 0
  /// Tickles that could not be sent.
  var failedTickles = 0
  /// Clients that got tickles.
  var tickledClients = 0
}
