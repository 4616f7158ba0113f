import Glibc

/// An instant on the clock that every process of the machine shares.
///
/// `CLOCK_MONOTONIC` (clock_gettime(2)) is system wide, so stamps that different programs took in
/// different network namespaces can be subtracted from one another.
public struct Stamp: Comparable, Hashable, Codable, Sendable {
  /// Nanoseconds since an arbitrary moment, the machine's start as a rule.
  public let nanoseconds: Int64

  /// A stamp with the given reading of the clock, in nanoseconds.
  public init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  /// The stamp of this moment.
  public static func now() -> Stamp {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Stamp(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  /// The milliseconds that passed from another stamp to this one; negative if this one is earlier.
  public func milliseconds(since other: Stamp) -> Double {
    Double(nanoseconds - other.nanoseconds) / 1_000_000
  }

  /// The stamp that lies the given number of milliseconds later.
  public func advanced(milliseconds: Int) -> Stamp {
    Stamp(nanoseconds: nanoseconds + Int64(milliseconds) * 1_000_000)
  }

  /// The earlier of two stamps comes first.
  public static func < (left: Stamp, right: Stamp) -> Bool {
    left.nanoseconds < right.nanoseconds
  }
}

/// Sleeps for about the given time; nanosleep(2).
public func pause(milliseconds: Int) {
  usleep(UInt32(milliseconds) * 1000)
}

/// Asks a question again and again until the answer is yes or the time is over.
///
/// - Parameters:
///   - what: what is awaited, for the error's text.
///   - timeoutMilliseconds: how long to ask at most.
///   - paceMilliseconds: the time between two questions.
///   - condition: the question.
/// - Throws: ``LabError/timedOut(waitingFor:)``, or what the question throws.
public func waitUntil(
  _ what: String, timeoutMilliseconds: Int, paceMilliseconds: Int = 10,
  _ condition: () throws(LabError) -> Bool
) throws(LabError) {
  let deadline = Stamp.now().advanced(milliseconds: timeoutMilliseconds)
  while true {
    if try condition() { return }
    if Stamp.now() >= deadline { throw .timedOut(waitingFor: what) }
    pause(milliseconds: paceMilliseconds)
  }
}
