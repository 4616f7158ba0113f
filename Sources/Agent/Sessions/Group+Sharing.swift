import Addresses
import ChannelMessages
import Configuration
import FailoverCore
import Logging

// MARK: - The holder: reads its clients and tells of them

extension Group {
  /// How often the clients are read, at most; others know of a change within a second.
  static let readingPeriod = Duration.milliseconds(900)
  /// How often the holder says how far its table has come although nothing has changed.
  static let markPeriod = Duration.seconds(2)
  /// How often a whole table goes out at most, whoever asks.
  static let wholePeriod = Duration.seconds(2)
  /// Messages that go out on one tick, 130 KB.
  static let messagesInTick = 32

  /// Does what is due about clients; called on every tick.
  func tickSessions(at now: Instant) {
    if isHolding {
      shareSessions(at: now)
    } else {
      keepSessions()
      wakeParted(at: now)
      askForSessions(at: now)
    }
    sessions.figures.known = sessions.share?.count ?? sessions.inventory.count
    sessions.figures.excess = sessions.share?.excess ?? sessions.inventory.excess
  }

  /// Whether this node holds an address by its own decision and by the kernel's word.
  var isHolding: Bool {
    guard currentState == .holding || currentState == .blind else { return false }
    return section.virtualAddresses.contains(where: services.network.isPresent)
  }

  private func shareSessions(at now: Instant) {
    guard let node = instances.followed else { return }
    if sessions.share?.node != node {
      sessions.share = SessionShare(
        node: node, addresses: section.virtualAddresses.map(\.address), table: Self.newTable())
      sessions.readAt = nil
      sessions.tally = nil
      sessions.source = nil
      // Whoever does not know yet that this node holds believes none of what follows.
      stateLineAt = nil
      publishStateLine(at: now)
    }
    readSessionsIfDue(at: now)
    tellSessions(at: now)
  }

  private func readSessionsIfDue(at now: Instant) {
    if let last = sessions.readAt, now - last < Self.readingPeriod { return }
    guard !sessions.isReading, let share = sessions.share, !share.hasNews else { return }
    sessions.readAt = now
    // Counted before they are read: whoever comes meanwhile is seen the next time.
    let tally = services.network.connectionTally()
    if let tally, tally == sessions.tally { return }
    sessions.tally = nil
    sessions.isReading = true
    let port = clientPort(of: share.node)
    let endpoints = share.addresses.map { Endpoint(address: $0, port: port) }
    services.census.read(endpoints, limit: SessionShare.limit) { [weak self] reading in
      self?.sessions.isReading = false
      guard let reading, self?.sessions.share?.node == share.node else { return }
      self?.sessions.tally = tally
      self?.sessions.share?.update(reading.clients, excess: reading.excess)
    }
  }

  private func tellSessions(at now: Instant) {
    guard redis.role != nil, let share = sessions.share, share.hasBegun else { return }
    if sessions.isWholeWanted, !share.hasNews,
      sessions.wholeAt.map({ now - $0 >= Self.wholePeriod }) ?? true
    {
      sessions.isWholeWanted = false
      sessions.wholeAt = now
      sessions.share?.beginAnew(Self.newTable())
    }
    for _ in 0..<Self.messagesInTick {
      guard let news = sessions.share?.next() else { break }
      tell(news, at: now)
    }
    if let last = sessions.toldAt, now - last >= Self.markPeriod { tell(share.mark, at: now) }
  }

  private func tell(_ news: SessionNews, at now: Instant) {
    sessions.toldAt = now
    sessions.figures.toldMessages += 1
    send(.sessions(news), also: nil)
  }

  /// Keeps what this node knew of its clients when it ceases to hold: should it hold next as well,
  /// those that no reset reached still wait.
  private func keepSessions() {
    guard let share = sessions.share else { return }
    sessions.inventory.keep(share.content)
    sessions.share = nil
    sessions.toldAt = nil
    sessions.isWholeWanted = false
  }

  /// Somebody wants the whole table.
  func sessionsWanted(of node: Endpoint) {
    guard sessions.share?.node == node else { return }
    sessions.isWholeWanted = true
  }

  static func newTable() -> UInt64 { UInt64.random(in: 1...UInt64.max) }
}

// MARK: - The others: take in what the holder tells

extension Group {
  /// Looks, without decoding it, whether a message is one of many that need no reading.
  ///
  /// A table comes in hundreds of messages, and so could what an intruder sends: this node's own,
  /// and those beyond what anybody has to tell, are not worth a code's computation.
  func isWorthReading(_ bytes: [UInt8]) -> Bool {
    guard bytes.starts(with: Self.sessionsPrefix) else { return true }
    if sessions.share != nil, bytes.starts(with: ownSessionsPrefix) { return false }
    guard sessions.intake.admits(at: services.clock.now()) else {
      sessions.figures.droppedMessages += 1
      return false
    }
    return true
  }

  private static let sessionsPrefix = Array("vipd1 sessions ".utf8)

  /// How this daemon's own messages about clients begin.
  private var ownSessionsPrefix: [UInt8] {
    let digits = String(channel.sender, radix: 16)
    let padding = String(repeating: "0", count: 16 - digits.count)
    return Self.sessionsPrefix + Array("id=\(padding)\(digits) ".utf8)
  }

  /// Takes in news of the holder's clients.
  ///
  /// Only the node that is named, and says that it holds, knows who is connected to it; and only
  /// clients of our port can be woken.
  func received(_ news: SessionNews, from sender: UInt64) {
    let now = services.clock.now()
    guard sessions.share == nil, let own = instances.followed,
      clientPort(of: news.node) == clientPort(of: own),
      !instances.own.contains(news.node), sessions.source == news.node,
      channel.peers.isHolder(news.node, by: sender, at: now)
    else {
      sessions.figures.droppedMessages += 1
      return
    }
    switch sessions.inventory.apply(news) {
    case .current: sessions.figures.takenMessages += 1
    case .gap: break
    case .refused:
      sessions.figures.droppedMessages += 1
      journal.complain("\(news.node) names clients that can't be; they are dropped")
    }
  }

  /// Asks the holder for its whole table when something of it is missing.
  private func askForSessions(at now: Instant) {
    guard redis.role != nil, stateLineAt == now || sessions.source == nil else { return }
    let named = machine.status(at: now).named?.endpoint
    let source = named.flatMap { instances.own.contains($0) ? nil : $0 }
    if source != sessions.source {
      sessions.source = source
      sessions.asking.settle()
    }
    guard let source, channel.peers.holder(at: now) == source else { return }
    let inventory = sessions.inventory
    if inventory.isComplete(of: source) {
      sessions.asking.settle()
    } else if sessions.asking.isDue(at: now) {
      send(.sessionsWanted(from: source), also: nil)
    }
  }
}
