public import Addresses

/// A Sentinel as another one lists it (`SENTINEL SENTINELS`).
public struct ListedSentinel: Equatable, Sendable {
  /// Its run id; empty if the entry has none.
  public var runID: String
  /// Where it is reached; nil where the entry has no usable address: Sentinel itself sets the port
  /// to 0 when another id says hello from there (`sentinel.c sentinelProcessHelloMessage`).
  public var endpoint: Endpoint?
  /// `last-hello-message`: how long ago it said hello to the one that lists it.
  public var helloAge: Duration?

  /// Makes an entry.
  public init(runID: String, endpoint: Endpoint?, helloAge: Duration? = nil) {
    self.runID = runID
    self.endpoint = endpoint
    self.helloAge = helloAge
  }
}

/// A Sentinel that was ever met or listed, and whether it counts.
public struct KnownSentinel: Equatable, Sendable {
  /// Its run id.
  public var runID: String
  /// Where it was last met or listed; nil if never at a usable address.
  public var endpoint: Endpoint?
  /// Whether it counts.
  public var fate: Fate

  /// Makes a record.
  public init(runID: String, endpoint: Endpoint?, fate: Fate = .counted) {
    self.runID = runID
    self.endpoint = endpoint
    self.fate = fate
  }

  /// What became of a Sentinel.
  public enum Fate: String, Equatable, Sendable, CaseIterable {
    /// It counts: it is, or may be, one of those that elect.
    case counted
    /// None lists it any more, and too few of its kind are left to elect anybody by themselves.
    case retired
    /// The operator said that it is gone.
    case forgotten
  }
}

/// Which Sentinels count, beyond those in contact: the high-water mark, and what lowers it.
///
/// N must not fall because one forgot: a Sentinel after RESET reports itself alone. It falls on
/// two grounds only.
///
/// *Agreement.* Every Sentinel that any of them lists is in contact, all list the same run ids, for
/// 60 s, and there are as many as the configuration names. Those that are then listed by none may
/// still live, cut off from all of these. Alone they can elect a leader only if they are as many as
/// the quorum asks (`sentinel.c sentinelGetLeader`: a leader needs the majority of those that it
/// knows, and the quorum); with a vote of one that counts they can't without our hearing it, and a
/// vote for an unknown leader ends a lease. So fewer than the quorum may be dropped in all, besides
/// those that are surely gone: another id answers at the address, or the host refuses.
///
/// *The operator's word,* unless a hello shows that the Sentinel lives.
///
/// A Sentinel that is met, or says hello, counts again at once.
struct SentinelRoster: Equatable, Sendable {
  /// The greatest number that counts by what was reported or remembered.
  private(set) var highWater = 0
  /// Everybody that was met or listed.
  private(set) var known: [KnownSentinel] = []
  private var agreement: Agreement?
  private var lookedAt: Instant?
  private var unexplained: [Unexplained] = []

  /// A number of other Sentinels that differs from the list of the one that reports it.
  private struct Unexplained: Equatable {
    var id: SentinelID
    var others: Int
    var since: Instant
  }

  /// What all Sentinels in contact list alike, themselves included.
  private struct Agreement: Equatable {
    var runIDs: [String]
    var since: Instant
  }

  /// How often the agreement is looked at.
  private static let lookInterval = Duration.seconds(1)
}

// MARK: - Learning

extension SentinelRoster {
  /// Takes in what an earlier daemon kept.
  mutating func restore(count: Int, known kept: [KnownSentinel]) {
    if count <= Timing.maxSentinels { highWater = max(highWater, count) }
    for sentinel in kept.prefix(Timing.maxSentinels) where index(of: sentinel.runID) == nil {
      known.append(sentinel)
    }
  }

  /// Takes in that a Sentinel is in contact: it counts, whatever was thought of it.
  mutating func met(_ record: SentinelRecord) {
    guard let runID = record.runID else { return }
    learn(runID, at: record.id, isAlive: true)
  }

  /// Takes in the number that a Sentinel reports.
  ///
  /// Those that the operator forgot are in it; how many tells the list, if it is of the same time.
  mutating func heard(_ view: SentinelView, by record: SentinelRecord, at now: Instant) {
    guard let others = view.otherSentinels, (0..<Timing.maxSentinels).contains(others) else {
      return
    }
    var count = others + 1
    if let list = record.list {
      count -= list.count - list.entries.count
      count -= list.entries.count { fate(of: $0.runID) == .forgotten }
      if list.count != others, isExplainedSoon(record.id, others, at: now) { return }
    } else if hasForgotten {
      return
    }
    highWater = max(highWater, count)
  }

  /// Whether the list may yet explain a number: it is asked for when Sentinel publishes that it changed.
  private mutating func isExplainedSoon(_ id: SentinelID, _ others: Int, at now: Instant) -> Bool {
    if let index = unexplained.firstIndex(where: { $0.id == id && $0.others == others }) {
      return now - unexplained[index].since < Timing.listDelay
    }
    unexplained.removeAll { $0.id == id }
    unexplained.append(Unexplained(id: id, others: others, since: now))
    return true
  }

  /// Takes in whom a Sentinel lists.
  mutating func heard(_ entries: [ListedSentinel]) {
    for entry in entries where !entry.runID.isEmpty {
      let isAlive = entry.helloAge.map { $0 < Timing.freshHello } ?? false
      learn(entry.runID, at: entry.endpoint, isAlive: isAlive)
    }
  }

  /// Takes in that the connection to a Sentinel changed, or its list: an agreement begins anew.
  mutating func unsettle() { agreement = nil }

  private mutating func learn(_ runID: String, at endpoint: Endpoint?, isAlive: Bool) {
    // What stands in for the id of a Sentinel that hides it is no id.
    guard !runID.contains(",") else { return }
    guard let index = index(of: runID) else {
      guard known.count < Timing.maxSentinels else { return }
      known.append(KnownSentinel(runID: runID, endpoint: endpoint))
      return
    }
    known[index].endpoint = endpoint ?? known[index].endpoint
    // One that is listed again is known to another again; the operator's word stands until it lives.
    if isAlive || known[index].fate == .retired { known[index].fate = .counted }
  }

  private func index(of runID: String) -> Int? { known.firstIndex { $0.runID == runID } }

  private func fate(of runID: String) -> KnownSentinel.Fate? {
    known.first { $0.runID == runID }?.fate
  }

  /// How many the operator forgot that are not surely gone: as many as the quorum asks could elect.
  func forgottenAlive(among records: [SentinelRecord], at now: Instant) -> Int {
    known.count { $0.fate == .forgotten && !Self.isGone($0, records, at: now) }
  }

  private var hasForgotten: Bool { known.contains { $0.fate == .forgotten } }
}

// MARK: - Leaving out

extension SentinelRoster {
  /// Whether a Sentinel counts by its own record.
  ///
  /// One that was never reached does not: its endpoint may be another name of one that was. If it is
  /// of the configuration it counts there, and if others list it, by what they report.
  func counts(_ record: SentinelRecord) -> Bool { record.runID != nil && !isLeftOut(record) }

  /// Whether a Sentinel out of contact does not count any more.
  func isLeftOut(_ record: SentinelRecord) -> Bool {
    guard !record.isConnected else { return false }
    return known.contains { sentinel in
      guard sentinel.fate != .counted else { return false }
      return record.runID.map { $0 == sentinel.runID } ?? (sentinel.endpoint == record.id)
    }
  }

  /// Leaves out a Sentinel on the operator's word; without a run id, all of which only the number is
  /// remembered.
  ///
  /// - Returns: Whether it was one that counted.
  mutating func forget(_ runID: String, among records: [SentinelRecord]) -> Bool {
    if runID.isEmpty {
      let counted = known.count { $0.fate == .counted }
      guard counted > 0, counted < highWater else { return false }
      highWater = counted
      return true
    }
    guard let index = index(of: runID), known[index].fate != .forgotten,
      !records.contains(where: { $0.isConnected && $0.runID == runID })
    else { return false }
    known[index].fate = .forgotten
    highWater = min(highWater, known.count { $0.fate == .counted })
    return true
  }

  /// Leaves out those that none lists any more, once all Sentinels have agreed for long enough.
  ///
  /// - Returns: Whether the number fell.
  mutating func settle(
    _ records: [SentinelRecord], configured: Int, at now: Instant
  ) -> Bool {
    // As a rule there is nobody to leave out, and this is asked at each event.
    let connected = records.count { $0.isConnected }
    let counted = known.count { $0.fate == .counted }
    let exceeds = max(highWater, counted, records.count { counts($0) }) > connected
    guard exceeds || hasForgotten else {
      agreement = nil
      return false
    }
    if let lookedAt, now - lookedAt < Self.lookInterval { return false }
    lookedAt = now
    guard let runIDs = Self.agreed(records, at: now), runIDs.count >= configured else {
      agreement = nil
      return false
    }
    guard let present = agreement, present.runIDs == runIDs else {
      agreement = Agreement(runIDs: runIDs, since: now)
      return false
    }
    guard now - present.since >= Timing.agreementTime else { return false }
    // The operator's word, and no Sentinel knows them: nothing is left to be remembered.
    known.removeAll { $0.fate == .forgotten && !runIDs.contains($0.runID) }
    guard exceeds, unaccounted(beside: runIDs, records, at: now) < minQuorum(records) else {
      return false
    }
    retire(beside: runIDs, records, at: now)
    return true
  }

  /// The run ids that all Sentinels in contact list alike; nil if they differ, or one that is listed
  /// is not in contact.
  private static func agreed(_ records: [SentinelRecord], at now: Instant) -> [String]? {
    var agreed: [String]?
    var answering: [String] = []
    for record in records where record.isConnected && !record.lacksMaster {
      guard let view = record.view(within: Timing.viewLifetime, at: now), let runID = record.runID,
        let list = record.list, now - list.provenAt <= Timing.listLifetime,
        view.otherSentinels == list.count
      else { return nil }
      let runIDs = (list.entries.map(\.runID) + [runID]).sorted()
      guard agreed.map({ $0 == runIDs }) ?? true else { return nil }
      agreed = runIDs
      answering.append(runID)
    }
    return agreed == answering.sorted() ? agreed : nil
  }

  /// How many beside some run ids may still live and elect: U of the rule.
  private func unaccounted(
    beside runIDs: [String], _ records: [SentinelRecord], at now: Instant
  ) -> Int {
    let dropped = known.filter { $0.fate == .counted && !runIDs.contains($0.runID) }
    let unnamed = max(0, highWater - runIDs.count - dropped.count)
    let retired = known.count { $0.fate == .retired && !Self.isGone($0, records, at: now) }
    return unnamed + retired + dropped.count { !Self.isGone($0, records, at: now) }
  }

  /// Whether a Sentinel's process is surely gone: another answers at its address, or none.
  private static func isGone(
    _ sentinel: KnownSentinel, _ records: [SentinelRecord], at now: Instant
  ) -> Bool {
    guard let record = records.first(where: { $0.id == sentinel.endpoint }) else { return false }
    if record.isConnected { return record.runID != sentinel.runID }
    return record.refuses(at: now)
  }

  private func minQuorum(_ records: [SentinelRecord]) -> Int {
    records.compactMap { $0.view?.quorum }.min() ?? 0
  }

  private mutating func retire(
    beside runIDs: [String], _ records: [SentinelRecord], at now: Instant
  ) {
    known.removeAll { sentinel in
      sentinel.fate == .counted && !runIDs.contains(sentinel.runID)
        && Self.isGone(sentinel, records, at: now)
    }
    for index in known.indices
    where known[index].fate == .counted && !runIDs.contains(known[index].runID) {
      known[index].fate = .retired
    }
    // An endpoint that nobody ever reached has no run id, and is listed by none.
    highWater = runIDs.count
  }
}
