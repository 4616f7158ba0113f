/// Two holders at once.
public struct Overlap: Equatable, Sendable {
  /// Under which circumstances two nodes held the address.
  public enum Cause: String, CaseIterable, Sendable {
    /// No operator, no paused machine: Sentinel and faults alone.
    case organic
    /// A failover was forced by an operator within the last 12 s.
    case forced
    /// A failover was forced in a minority or across a cut.
    case forcedInMinority = "forced-minority"
    /// A machine was paused, or woke within the last 10 s.
    case machinePause = "vm-pause"

    /// How much a cause explains: the least first.
    var gravity: Int {
      switch self {
      case .organic: 0
      case .forced: 1
      case .machinePause: 2
      case .forcedInMinority: 3
      }
    }
  }

  /// When it began, in nanoseconds of the world.
  public var began: Int64
  /// How long it lasted, in nanoseconds.
  public var duration: Int64 = 0
  /// The node that held before.
  public var oldNode: Int
  /// The node that came to hold.
  public var newNode: Int
  /// On what the old holder rested.
  public var oldBasis: String
  /// On what the new holder rested.
  public var newBasis: String
  /// Under which circumstances.
  public var cause: Cause

  /// Whether one of the two did not run, and only its kernel kept the address, no longer than it
  /// may be late.
  ///
  /// At `down-after` 2 s the kernel's least lifetime of 2 s and its lateness of up to a second
  /// outlast what Sentinel waits, which is why the guarantee there is `bounded`.
  var isOfTheKernelAlone: Bool {
    let isDead = [oldBasis, newBasis].contains { $0 == "agent-dead" || $0 == "agent-frozen" }
    return isDead && duration < 1_000_000_000
  }

  var description: String {
    "old=\(oldBasis) new=\(newBasis) | \(cause.rawValue) (old node\(oldNode), new node\(newNode))"
  }
}

/// What became of one world.
public struct Outcome: Equatable, Sendable {
  /// The times in which two nodes held.
  public internal(set) var overlaps: [Overlap] = []
  /// From the flip to the address, for each take, in nanoseconds.
  public internal(set) var takes: [Int64] = []
  /// How long the world was watched.
  public internal(set) var watched: Int64 = 0
  /// How long nobody held although the master was alive, named and reachable.
  public internal(set) var unheld: Int64 = 0
  /// The longest such time at a stretch.
  public internal(set) var maxUnheld: Int64 = 0
  /// The same by the last reason that the master's agent gave.
  public internal(set) var unheldByReason: [(reason: String, duration: Int64)] = []
  /// The longest time that an address was held while a majority named another node, by basis.
  public internal(set) var heldUnnamed: [(basis: String, duration: Int64)] = []
  /// What must not happen, in words.
  public internal(set) var violations: [String] = []
  /// Whether the world became healthy in the end.
  public internal(set) var hasConverged = false
  /// Whether, being healthy, it had exactly one holder: the named master.
  public internal(set) var hasProgressed = true
  /// What became of the planned move; nothing if there was none.
  var move: MoveCount?
  /// How long nobody could write in it, by its own word.
  var moveGap: Int64?
  /// What became of the writes.
  public internal(set) var writes = WriteOutcome()
  /// How many facts the machines were told.
  public internal(set) var events = 0

  /// Compares all but the derived tables.
  public static func == (left: Outcome, right: Outcome) -> Bool {
    left.overlaps == right.overlaps && left.takes == right.takes
      && left.watched == right.watched && left.unheld == right.unheld
      && left.violations == right.violations && left.hasConverged == right.hasConverged
      && left.writes == right.writes && left.hasProgressed == right.hasProgressed
      && left.events == right.events
  }
}
