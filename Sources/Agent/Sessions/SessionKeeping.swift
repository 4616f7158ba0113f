import Addresses
import ChannelMessages
import FailoverCore
import LinuxNetwork
import NIOCore

/// What one group keeps of its addresses' clients.
struct SessionKeeping {
  /// The clients here, while this node holds.
  var share: SessionShare?
  /// The clients of whoever holds.
  var inventory = SessionInventory(addresses: [])
  /// Those that were left to the node that came next.
  var parted: PartedSessions?
  /// The tickles of the last take.
  var run: TickleRun?
  var tickleTimer: Scheduled<Void>?
  /// When the clients were read last, and whether they are being read.
  var readAt: Instant?
  var isReading = false
  /// What the kernel had counted when they were read last.
  var tally: ConnectionTally?
  /// When the last message of the table went out.
  var toldAt: Instant?
  /// When the whole table went out, and whether somebody has asked for it since.
  var wholeAt: Instant?
  var isWholeWanted = false
  /// Whose table is believed: the node that is named, unless it is this one.
  var source: Endpoint?
  var asking = SessionAsking()
  /// A table of 100,000 clients of IPv6 takes 640 messages.
  var intake = MessageIntake(limit: 1_000)
  var figures = SessionFigures()
}

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

/// When a whole table is asked for: soon, then ever more rarely, for some holders never answer.
struct SessionAsking {
  /// The first question comes so long after its cause: the holder may be at it.
  static let least = Duration.milliseconds(500)
  static let greatest = Duration.seconds(30)

  private var dueAt: Instant?
  private var wait = Self.least

  /// Whether to ask now.
  mutating func isDue(at now: Instant) -> Bool {
    guard let dueAt else {
      dueAt = now + wait
      return false
    }
    guard dueAt <= now else { return false }
    wait = min(wait + wait, Self.greatest)
    self.dueAt = now + wait
    return true
  }

  /// Nothing is missing any more, or somebody else holds.
  mutating func settle() { self = SessionAsking() }
}
