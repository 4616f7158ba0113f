import Glibc
import Logging

/// Writes log lines to standard error, the way the journal likes them.
///
/// Under systemd a line begins with its priority (`<4>`, sd-daemon(3)) and the journal adds the
/// time; elsewhere it begins with the time.
struct StandardErrorLog: LogHandler {
  var logLevel = Logger.Level.info
  var metadata: Logger.Metadata = [:]
  private let isJournal: Bool

  init(isJournal: Bool) {
    self.isJournal = isJournal
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let group = metadata["master"].map { "\($0): " } ?? ""
    let text = "\(group)\(event.message)".split(separator: "\n").joined(separator: " ")
    let start = isJournal ? "<\(event.level.priority)>" : "\(Self.time()) \(event.level.word) "
    Terminal.complain(start + text)
  }

  /// The time in UTC, as in `2026-11-21T06:25:07.123Z`.
  private static func time() -> String {
    var now = timespec()
    _ = unsafe clock_gettime(CLOCK_REALTIME, &now)
    var parts = unsafe tm()
    _ = unsafe gmtime_r(&now.tv_sec, &parts)
    func padded(_ number: Int32, _ width: Int = 2) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let date = unsafe "\(parts.tm_year + 1900)-\(padded(parts.tm_mon + 1))-\(padded(parts.tm_mday))"
    let time = unsafe "\(padded(parts.tm_hour)):\(padded(parts.tm_min)):\(padded(parts.tm_sec))"
    return "\(date)T\(time).\(padded(Int32(now.tv_nsec / 1_000_000), 3))Z"
  }
}

extension Logger.Level {
  /// The priority of syslog(3).
  fileprivate var priority: Int {
    switch self {
    case .trace, .debug: 7
    case .info: 6
    case .notice: 5
    case .warning: 4
    case .error: 3
    case .critical: 2
    }
  }

  /// The level as a word of fixed width.
  fileprivate var word: String {
    switch self {
    case .trace, .debug: "debug  "
    case .info: "info   "
    case .notice: "notice "
    case .warning: "warning"
    case .error: "error  "
    case .critical: "fatal  "
    }
  }
}
