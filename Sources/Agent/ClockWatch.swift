import FailoverCore
import Platform

/// Notices that the event loop stalled, or that the wall clock moved.
struct ClockWatch {
  /// The period of the tick that drives everything that is due by itself.
  ///
  /// Two of them are a poll of a Sentinel, which is due each 200 ms; each costs a wake-up.
  static let tick = Duration.milliseconds(96)
  /// A loop that is later than this was not running.
  ///
  /// Nothing here takes 10 ms, and Sentinel's own timer runs each 50 to 100 ms; with the tick it
  /// is well below the 400 ms that the lease keeps in reserve.
  static let stallLimit = Duration.milliseconds(120)
  /// The wall clock may differ so much from one tick to the next; adjustment by NTP is at most
  /// 0.5 ms each second (adjtimex(2)).
  static let jumpLimit = Duration.milliseconds(250)

  private var lastTick: Instant
  private var offset: Int64
  /// The longest stall so far.
  private(set) var maxStall = Duration.zero

  init(clock: HostClock) {
    lastTick = clock.now()
    offset = clock.wallNanoseconds() - lastTick.nanoseconds
  }

  /// Looks at the clock before a fact is handled.
  mutating func beforeEvent(at now: Instant) -> Disturbance? {
    let pause = now - lastTick - Self.tick
    guard pause > Self.stallLimit else { return nil }
    lastTick = now
    maxStall = max(maxStall, pause)
    return .stall(pause)
  }

  /// Looks at both clocks on a tick.
  mutating func onTick(at now: Instant, wallNanoseconds: Int64) -> [Disturbance] {
    var disturbances = beforeEvent(at: now).map { [$0] } ?? []
    lastTick = now
    let jump = Duration.nanoseconds(wallNanoseconds - now.nanoseconds - offset)
    offset = wallNanoseconds - now.nanoseconds
    if jump > Self.jumpLimit || jump < .zero - Self.jumpLimit {
      disturbances.append(.clockJump(jump))
    }
    return disturbances
  }
}
