import FailoverCore
import NIOCore
import Platform

/// Calls the machine when it wants to be called.
final class WakeTimer {
  private let services: GroupServices
  private let wake: () -> Void
  private var wakeAt: Instant?
  private var timer: (scheduled: Scheduled<Void>, at: Instant)?

  init(_ services: GroupServices, wake: @escaping () -> Void) {
    self.services = services
    self.wake = wake
  }

  /// Sets when the machine wants to be called.
  ///
  /// A later instant leaves the timer alone, which then finds that it came too early; most
  /// orders move the instant a little further, several times a second.
  func set(to instant: Instant?, at now: Instant) {
    wakeAt = instant
    guard let instant else { return }
    if let timer, timer.at <= instant { return }
    timer?.scheduled.cancel()
    // An instant that has passed already must not make the loop spin.
    let delay = TimeAmount.nanoseconds(max(1_000_000, (instant - now).wholeNanoseconds))
    let scheduled = services.schedule(in: delay) { [weak self] in
      guard let self else { return }
      rang()
    }
    timer = (scheduled, instant)
  }

  /// Calls nobody any more.
  func end() { timer?.scheduled.cancel() }

  private func rang() {
    services.noticeStall()
    timer = nil
    guard let wakeAt else { return }
    let now = services.clock.now()
    guard wakeAt <= now else { return set(to: wakeAt, at: now) }
    self.wakeAt = nil
    wake()
  }
}
