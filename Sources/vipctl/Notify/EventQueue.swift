import ControlProtocol

/// The events that wait for the program of their master, in the order in which they came.
struct EventQueue: Equatable {
  /// Events of one master that may wait; then the oldest is dropped.
  static let maxWaiting = 64
  /// Masters that are known; no host follows so many.
  static let maxMasters = 256
  /// How old an event may be when its program is run: later it is no news.
  static let maxAgeSeconds: Int64 = 600

  private var waiting: [String: [NotificationDocument]] = [:]

  /// Takes an event in.
  ///
  /// - Returns: the one that is dropped for it; nil if there was room.
  mutating func add(_ event: NotificationDocument) -> NotificationDocument? {
    guard waiting[event.master] != nil || waiting.count < Self.maxMasters else { return event }
    waiting[event.master, default: []].append(event)
    guard waiting[event.master, default: []].count > Self.maxWaiting else { return nil }
    return waiting[event.master]?.removeFirst()
  }

  /// The next event of each master for which nothing runs.
  mutating func next(besides running: Set<String>) -> [NotificationDocument] {
    waiting.keys.sorted().filter { !running.contains($0) }.compactMap { master in
      let event = waiting[master]?.removeFirst()
      if waiting[master]?.isEmpty == true { waiting[master] = nil }
      return event
    }
  }

  /// Whether nothing waits.
  var isEmpty: Bool { waiting.isEmpty }

  /// Whether an event is too old at a time in seconds since 1970.
  static func isStale(_ event: NotificationDocument, at seconds: Int64) -> Bool {
    seconds - event.seconds > maxAgeSeconds
  }
}

extension NotificationDocument {
  /// The whole environment of the program, in this order.
  var environment: [String] {
    [
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "VIPD_EVENT=\(event)",
      "VIPD_MASTER=\(master)", "VIPD_ADDRESSES=\(addresses)", "VIPD_NODE=\(node)",
      "VIPD_HOST=\(host)", "VIPD_REASON=\(reason)", "VIPD_TEXT=\(text)", "VIPD_TIME=\(at)",
      "VIPD_SEQUENCE=\(sequence)",
    ].map { $0.filter { $0 != "\0" } }
  }

  /// `mymaster taken #3`.
  var title: String { "\(master) \(event) #\(sequence)" }
}
