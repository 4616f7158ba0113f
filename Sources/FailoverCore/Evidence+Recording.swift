import Addresses

// MARK: - Sentinels

extension Evidence {
  /// The place of a Sentinel's record, which is made if there is none.
  ///
  /// Nothing if there are as many as the machine follows.
  mutating func place(of id: SentinelID) -> Int? {
    if let place = sentinels.firstIndex(where: { $0.id == id }) { return place }
    guard sentinels.count < Timing.mostSentinels else { return nil }
    let place = sentinels.firstIndex { $0.id > id } ?? sentinels.count
    sentinels.insert(SentinelRecord(id: id), at: place)
    return place
  }

  /// Records that a connection stands.
  ///
  /// What was asked before counts no more, and whom it named must be asked anew. What it confirmed
  /// stays confirmed: even a process that was started anew waits for `down-after` first.
  mutating func recordConnection(_ id: SentinelID, runID: String, at now: Instant) {
    guard let place = place(of: id) else { return }
    sentinels[place].runID = runID
    sentinels[place].isConnected = true
    sentinels[place].loss = nil
    sentinels[place].connectedAt = now
    sentinels[place].provenAt = nil
    sentinels[place].list = nil
    sentinels[place].lacksMaster = false
    roster.met(sentinels[place])
    endSelections(by: id)
  }

  /// Records that a connection was lost or refused.
  ///
  /// What the Sentinel confirmed stays confirmed until its time: a proof does not age faster
  /// because its witness left.
  mutating func recordLoss(_ id: SentinelID, _ loss: ConnectionLoss, at now: Instant) {
    guard let place = place(of: id) else { return }
    if sentinels[place].isConnected { roster.unsettle() }
    sentinels[place].isConnected = false
    sentinels[place].loss = loss
    if loss == .refused { sentinels[place].refusedAt = now }
    endSelections(by: id)
  }

  /// Records an answer, unless it is older than what is known or its question is void.
  ///
  /// - Returns: Whether it was taken.
  mutating func recordView(
    _ view: SentinelView, from id: SentinelID, sentAt: Instant, at now: Instant
  ) -> Bool {
    guard let place = place(of: id), sentinels[place].isConnected, sentAt >= barrier,
      sentAt <= now, sentinels[place].connectedAt.map({ $0 <= sentAt }) ?? false,
      sentinels[place].provenAt.map({ $0 <= sentAt }) ?? true
    else { return false }
    sentinels[place].view = view
    sentinels[place].provenAt = sentAt
    sentinels[place].lacksMaster = false
    sentinels[place].downAfter = view.downAfter ?? sentinels[place].downAfter
    let before = sentinels[place].pongAt
    if let pong = confirmedPong(of: view, sentAt: sentAt) {
      // The answer proves the pong to be at least so young; an earlier answer may have shown more.
      sentinels[place].pongAt = max(pong, before ?? pong)
    } else if !leavesOpen(view) {
      sentinels[place].pongAt = nil
    }
    roster.heard(view, by: sentinels[place], at: now)
    forgetVotes(for: sentinels[place], sentAt: sentAt)
    recordSelection(of: view, leader: id, at: now)
    return true
  }

  /// Records which other Sentinels one knows.
  mutating func recordList(
    _ entries: [ListedSentinel], from id: SentinelID, sentAt: Instant, at now: Instant
  ) {
    guard let place = place(of: id), sentinels[place].isConnected,
      sentinels[place].connectedAt.map({ $0 <= sentAt }) ?? false
    else { return }
    let count = entries.count
    let runID = sentinels[place].runID
    let entries = Array(entries.filter { $0.runID != runID }.prefix(Timing.mostSentinels))
    if sentinels[place].list?.entries.map(\.runID) != entries.map(\.runID) { roster.unsettle() }
    sentinels[place].list = SentinelRecord.List(
      entries: entries, count: count, provenAt: sentAt)
    // A Sentinel that starts takes everyone that it knew for just heard (`sentinel.c
    // createSentinelRedisInstance`): only a hello since then shows that somebody lives.
    let heardSince = entries.map { entry in
      var entry = entry
      if let age = entry.helloAge, let connectedAt = sentinels[place].connectedAt,
        sentAt - age <= connectedAt
      {
        entry.helloAge = nil
      }
      return entry
    }
    roster.heard(heardSince)
    // What it reported with the last poll may not have been counted for want of this list.
    if let view = sentinels[place].view { roster.heard(view, by: sentinels[place], at: now) }
  }

  /// Records that a Sentinel does not know the master name.
  ///
  /// - Returns: Whether that is news.
  mutating func recordLackOfMaster(_ id: SentinelID) -> Bool {
    guard let place = place(of: id), sentinels[place].isConnected else { return false }
    let isNews = !sentinels[place].lacksMaster
    sentinels[place].lacksMaster = true
    sentinels[place].view = nil
    sentinels[place].pongAt = nil
    endSelections(by: id)
    return isNews
  }

  /// Voids every question that was asked before now.
  ///
  /// If time passed that the boot clock did not count, as in a virtual machine that was stopped
  /// and then told the time, what was proven is older by as much.
  mutating func recordDisturbance(_ disturbance: Disturbance, at now: Instant) {
    barrier = now
    unsettle()
    guard case .clockJump(let jump) = disturbance, jump > .zero else { return }
    for place in sentinels.indices {
      sentinels[place].pongAt = sentinels[place].pongAt.map { $0 - jump }
    }
    proof = proof.map { LeaseProof(provenAt: $0.provenAt - jump, configEpoch: $0.configEpoch) }
  }
}

// MARK: - The local instance

extension Evidence {
  /// Records the local role.
  ///
  /// - Returns: Whether a replica was just seen to have become master.
  mutating func recordRole(_ role: LocalRole, sentAt: Instant, at now: Instant) -> Bool {
    guard sentAt >= barrier, localProvenAt.map({ $0 <= sentAt }) ?? true else { return false }
    var isFlip = false
    if case .replica = localRole, role == .master {
      flip = Flip(at: now)
      isFlip = true
    }
    localRole = role
    localProvenAt = sentAt
    localIsLost = false
    return isFlip
  }
}
