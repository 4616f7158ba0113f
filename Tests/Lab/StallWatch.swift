/// Watches for times during which the machine lets nobody run.
public final class StallWatch: Sendable {
  private let found = SharedList<Stall>()
  private let watchers: Watchers

  /// A watch of its own.
  public convenience init() { self.init(Watchers()) }

  /// A watch that ends with others.
  init(_ watchers: Watchers) { self.watchers = watchers }

  /// Starts to watch, until ``end()``.
  public func begin() {
    watchers.start("stalls") { [watchers, found] in
      var last = Stamp.now()
      while !watchers.shallEnd {
        pause(milliseconds: 5)
        let now = Stamp.now()
        let gap = now.milliseconds(since: last) - 5
        if gap > 25 { found.append(Stall(stamp: now, milliseconds: gap)) }
        last = now
      }
    }
  }

  /// The stalls until now of more than 25 ms.
  public var stalls: [Stall] { found.all }

  /// Ends the watching.
  public func end() { watchers.end() }
}
