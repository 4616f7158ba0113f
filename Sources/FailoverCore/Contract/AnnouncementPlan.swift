/// How a taken address is made known: gratuitous ARP pairs and neighbour advertisements.
public struct AnnouncementPlan: Equatable, Sendable {
  /// Rounds after a take, 1 to 100; the first goes out at once.
  public var rounds: Int
  /// The time between rounds.
  ///
  /// More than Linux's `locktime` of 1 s, within which an older kernel ignores a change
  /// (arp(7)), hence the default of 1.1 s.
  public var interval: Duration
  /// The time between further rounds while the address is held; nil for none.
  public var refresh: Duration?

  /// Makes a plan; without more it is that of a file that has no `announce` line.
  public init(
    rounds: Int = 5, interval: Duration = .milliseconds(1_100), refresh: Duration? = nil
  ) {
    self.rounds = rounds
    self.interval = interval
    self.refresh = refresh
  }
}
