import FailoverCore
package import Logging

/// Logs failures that may repeat without end, so that they do not fill the log.
///
/// The same text comes again after 30 s at the soonest, then after twice as long each time, up to
/// an hour; one that was away for two hours is news again. Another text is told at once.
package final class RateLimitedLog {
  private static let firstPause = Duration.seconds(30)
  private static let maxPause = Duration.seconds(3_600)
  /// Texts that are remembered; a stranger may make any number of them.
  private static let maxTexts = 64

  private struct Entry {
    var loggedAt: Instant
    var pause: Duration
  }

  private let logger: Logger
  private let clock: HostClock
  private var entries: [String: Entry] = [:]

  package init(_ logger: Logger, clock: HostClock) {
    self.logger = logger
    self.clock = clock
  }

  /// Logs a warning, unless it was logged lately.
  ///
  /// Where its text may differ each time, `subject` says what it is about: one stands for all.
  package func warning(_ text: String, about subject: String? = nil) {
    if admit(subject ?? text, at: clock.now()) { logger.warning("\(text)") }
  }

  /// Whether a text is logged now; it then is not for a while.
  func admit(_ text: String, at now: Instant) -> Bool {
    var entry = Entry(loggedAt: now, pause: Self.firstPause)
    if let last = entries[text] {
      let elapsed = now - last.loggedAt
      if elapsed < last.pause { return false }
      if elapsed < Self.maxPause * 2 { entry.pause = min(last.pause * 2, Self.maxPause) }
    }
    if entries[text] == nil, entries.count >= Self.maxTexts,
      let oldest = entries.min(by: { $0.value.loggedAt < $1.value.loggedAt })
    {
      entries[oldest.key] = nil
    }
    entries[text] = entry
    return true
  }
}
