/// Lets each message through once, whatever order the messages come in.
///
/// A message is published on the master and, if it must hurry, at one node besides, so most
/// arrive twice and some overtake others. A window of 64 numbers a sender is kept, as IPsec does
/// (RFC 4303 §3.4.3).
///
/// A message recorded before this daemon started can still be played to it once, with or without
/// a key. That is why a yield notice counts only for the selection whose epoch it names, and why
/// an answer repeats the nonce of its question.
public struct ReplayFilter: Equatable, Sendable {
  /// The greatest number of senders remembered; the one heard longest ago is forgotten first.
  ///
  /// A group has a handful of nodes, each with a new number at each start of its daemon.
  public static let maxSenders = 64

  private struct Window: Equatable {
    var sender: UInt64
    var newest: UInt64
    /// Bit n stands for the message `newest - n`.
    var seen: UInt64
  }

  /// The senders, the one heard last at the end.
  private var windows: [Window] = []

  /// Makes a filter that has seen nothing.
  public init() {}

  /// Whether a message is new; it is remembered as seen.
  public mutating func admit(_ message: ChannelMessage) -> Bool {
    guard let index = windows.firstIndex(where: { $0.sender == message.sender }) else {
      if windows.count == Self.maxSenders { windows.removeFirst() }
      windows.append(Window(sender: message.sender, newest: message.sequence, seen: 1))
      return true
    }
    var window = windows[index]
    if message.sequence > window.newest {
      // A shift of 64 or more gives 0 here, as it should.
      window.seen = window.seen << (message.sequence - window.newest) | 1
      window.newest = message.sequence
    } else {
      let age = window.newest - message.sequence
      guard age < 64, window.seen & 1 << age == 0 else { return false }
      window.seen |= 1 << age
    }
    windows.remove(at: index)
    windows.append(window)
    return true
  }
}
