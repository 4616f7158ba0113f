import Addresses

/// One call of the machine: the instant at which it looks, and the effects that follow, in order.
struct Turn {
  /// When the event is handled.
  let now: Instant
  /// What was ordered so far; nothing that was ordered is taken back.
  private(set) var effects: [Effect] = []
  /// The alarms that stand.
  private(set) var alarms: StandingAlarms

  init(at now: Instant, alarms: StandingAlarms) {
    self.now = now
    self.alarms = alarms
  }

  /// Orders one effect.
  mutating func order(_ effect: Effect) { effects.append(effect) }

  /// Orders effects, to be carried out in their order.
  mutating func order(_ more: [Effect]) { effects += more }

  /// Orders that nodes are asked what they say of themselves, in the order of their endpoints.
  mutating func inspect(_ nodes: [Endpoint]) { order(nodes.sorted().map { .inspect($0) }) }

  /// Raises an alarm unless it stands already.
  mutating func raise(_ alarm: Alarm) {
    if alarms.add(alarm) { effects.append(.raise(alarm)) }
  }

  /// Lets alarms of a kind be raised again.
  mutating func settleAlarms(where isSettled: (Alarm) -> Bool) { alarms.remove(where: isSettled) }

  /// How long ago an instant was.
  func age(of instant: Instant) -> Duration { now - instant }
}

/// The alarms that were raised and are not over, so that each is raised once.
struct StandingAlarms: Equatable, Sendable {
  private var standing: [Alarm] = []
  /// Of more than this the oldest is forgotten, and may be raised again.
  private static let maxCount = 16

  /// Adds an alarm.
  ///
  /// - Returns: Whether it did not stand before.
  mutating func add(_ alarm: Alarm) -> Bool {
    guard !standing.contains(alarm) else { return false }
    standing.append(alarm)
    if standing.count > Self.maxCount { standing.removeFirst() }
    return true
  }

  /// Forgets alarms that are over.
  mutating func remove(where isOver: (Alarm) -> Bool) { standing.removeAll(where: isOver) }
}
