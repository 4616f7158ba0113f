// MARK: - When a move must be looked at again

extension FailoverMachine {
  /// The instants at which something about a move changes by itself.
  var moveDeadlines: [Instant] {
    var deadlines = [priority.retryAt].compactMap { $0 }
    if let driver = move {
      if driver.phase < .yielding { deadlines.append(driver.request.deadline) }
      if driver.phase == .yielding { deadlines.append(driver.phaseSince + Timing.handOverDelay) }
      deadlines.append(driver.phaseSince + limit(of: driver))
      if let offered = driver.offeredAt { deadlines.append(offered + Timing.moveOfferInterval) }
      if let since = driver.reopeningSince { deadlines.append(since + Timing.reopeningLimit) }
    }
    if let watch, !watch.isOver {
      let silentSince = watch.heardAt + Timing.moveSilence
      deadlines += [silentSince, silentSince + Timing.relieveLimit]
      if let asked = watch.inspectedAt { deadlines.append(asked + Timing.pollInterval) }
    }
    return deadlines
  }

  /// How long a phase may last.
  private func limit(of driver: MoveDriver) -> Duration {
    switch driver.phase {
    case .preflight: Timing.preflightLimit
    case .preparing: driver.answer == nil ? Timing.moveAnswerLimit : Timing.preferenceLimit
    case .closing: Timing.closingLimit
    case .draining: Timing.drainLimit
    case .commanding: driver.commandedAt == nil ? Timing.commandLimit : Timing.selectionLimit
    case .yielding, .promoting: Timing.promotionLimit
    case .demoting: Timing.demotionLimit
    }
  }
}
