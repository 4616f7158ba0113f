import Addresses
import ChannelMessages
import Configuration
import ControlProtocol
import FailoverCore
import Kernel
import LinuxNetwork
import Logging
import Platform

/// Keeps the clients of a group's addresses: the holder reads them and tells of them, the others
/// take that in, and the next holder wakes those that hang.
final class SessionKeeper {
  /// How often the clients are read, at most; others know of a change within a second.
  static let readingPeriod = Duration.milliseconds(900)
  /// How often the holder says how far its table has come although nothing has changed.
  static let markPeriod = Duration.seconds(2)
  /// How often a whole table goes out at most, whoever asks.
  static let wholePeriod = Duration.seconds(2)
  /// Messages that go out on one tick, 130 KB.
  static let messagesInTick = 32
  /// Messages that are read in a second: a table of 100,000 clients of IPv6 takes 640.
  static let messagesInSecond = 1_000
  /// How long a release waits for Redis where the kernel can't end sessions itself.
  static let killLimit = Duration.milliseconds(3)

  /// When this node's next word on itself goes out: others believe only who says that it holds.
  enum StateLine {
    /// At once.
    case now
    /// Not before what the clients are has been told.
    case later
    /// On the next tick.
    case due
  }

  /// What it asks of others.
  struct Outputs {
    let speak: (StateLine, Instant) -> Void
    /// Has the local Redis end its clients; whether that could be ordered.
    let killClients: ([Endpoint]) -> Bool
    /// Told how many sessions the kernel has ended.
    let ended: (Int) -> Void
  }

  /// The clients here, while this node holds.
  private(set) var share: SessionShare?
  /// The clients of the node that holds.
  private(set) var inventory: SessionInventory
  /// Those that were left to the node that came next.
  private(set) var parted: PartedSessions?
  /// When the clients were read last.
  private(set) var readAt: Instant?
  /// Whose table is believed: the node that is named, unless it is this one.
  private(set) var source: Endpoint?

  private let section: GroupSection
  private let addresses: [IPAddress]
  private let services: GroupServices
  private let port: GroupPort
  private let outputs: Outputs
  private let tickles: TickleSender
  /// How this daemon's own messages about clients begin.
  private let ownPrefix: [UInt8]
  private var isReading = false
  /// Whether this node held when it was last told of a transition.
  private var wasHolder = false
  /// What the kernel had counted when they were read last.
  private var tally: ConnectionTally?
  /// When the last message of the table went out.
  private var toldAt: Instant?
  /// When the whole table went out, and whether somebody has asked for it since.
  private var wholeAt: Instant?
  private var isWholeWanted = false
  private var asking = SessionAsking()
  private var intake = MessageIntake(limit: SessionKeeper.messagesInSecond)
  private var counts = StatusDocument.Sessions()

  init(_ section: GroupSection, _ services: GroupServices, _ port: GroupPort, outputs: Outputs) {
    self.section = section
    self.services = services
    self.port = port
    self.outputs = outputs
    addresses = section.virtualAddresses.map(\.address)
    inventory = SessionInventory(addresses: addresses)
    tickles = TickleSender(services)
    let digits = String(port.sender, radix: 16)
    let padding = String(repeating: "0", count: 16 - digits.count)
    ownPrefix = Self.prefix + Array("id=\(padding)\(digits) ".utf8)
  }

  /// What is counted of sessions.
  var figures: StatusDocument.Sessions {
    var figures = counts
    (figures.tickles, figures.failed) = (tickles.sent, tickles.failed)
    figures.tickled = tickles.clients
    return figures
  }

  /// Whether clients are being woken.
  var isWaking: Bool { tickles.isBusy }

  /// Does what is due; `hasSpoken` says that this node's word on itself has just gone out.
  func tick(at now: Instant, hasSpoken: Bool) {
    let view = port.view()
    if view.isHolding {
      shareClients(at: now, view)
    } else {
      keepClients()
      wakeParted(at: now)
      askHolder(at: now, view, hasSpoken: hasSpoken)
    }
    counts.known = share?.count ?? inventory.count
    counts.excess = share?.excess ?? inventory.excess
  }

  /// Wakes clients when this node has taken the addresses, and stops when it lets go.
  func follow(_ transition: Transition) {
    let isHolder = transition.basis != .none
    guard isHolder != wasHolder else { return }
    wasHolder = isHolder
    guard isHolder else { return tickles.stop() }
    // Not within the call that takes: the address and its announcement have gone out, and
    // whatever the take still has to do comes before the clients.
    services.afterwards { [weak self] in self?.wakeKnown() }
  }

  /// Ends: nobody is woken any more.
  func end() { tickles.stop() }

  // MARK: - The holder: reads its clients and tells of them

  private func shareClients(at now: Instant, _ view: GroupView) {
    guard let node = view.instances.followed else { return }
    if share?.node != node {
      share = SessionShare(node: node, addresses: addresses, table: Self.newTable())
      readAt = nil
      tally = nil
      source = nil
      // Whoever does not know yet that this node holds believes none of what follows.
      outputs.speak(.now, now)
    }
    readIfDue(at: now)
    tell(at: now, view)
  }

  private func readIfDue(at now: Instant) {
    if let readAt, now - readAt < Self.readingPeriod { return }
    guard !isReading, let share, !share.hasNews else { return }
    readAt = now
    // Counted before they are read: whoever comes meanwhile is seen the next time.
    let counted = services.sessions.connectionTally()
    if let counted, counted == tally { return }
    tally = nil
    isReading = true
    services.census.read(ends(of: share), limit: SessionShare.limit) { [weak self] reading in
      self?.isReading = false
      guard let self, let reading, self.share?.node == share.node else { return }
      tally = counted
      self.share?.update(reading.clients, excess: reading.excess)
    }
  }

  private func tell(at now: Instant, _ view: GroupView) {
    guard view.role != nil, let share, share.hasBegun else { return }
    if isWholeWanted, !share.hasNews, wholeAt.map({ now - $0 >= Self.wholePeriod }) ?? true {
      isWholeWanted = false
      wholeAt = now
      self.share?.beginAnew(Self.newTable())
    }
    for _ in 0..<Self.messagesInTick {
      guard let news = self.share?.next() else { break }
      tell(news, at: now)
    }
    if let toldAt, now - toldAt >= Self.markPeriod { tell(share.mark, at: now) }
  }

  private func tell(_ news: SessionNews, at now: Instant) {
    toldAt = now
    counts.told += 1
    port.send(.sessions(news), nil)
  }

  /// Keeps what this node knew of its clients when it ceases to hold: should it hold next as well,
  /// those that no reset reached still wait.
  private func keepClients() {
    guard let share else { return }
    inventory.keep(share.content)
    self.share = nil
    toldAt = nil
    isWholeWanted = false
  }

  /// Somebody wants the whole table.
  func wanted(of node: Endpoint) {
    if share?.node == node { isWholeWanted = true }
  }

  private func ends(of share: SessionShare) -> [Endpoint] {
    share.addresses.map { Endpoint(address: $0, port: section.clientPort(of: share.node)) }
  }

  private static func newTable() -> UInt64 { UInt64.random(in: 1...UInt64.max) }

  // MARK: - The others: take in what the holder tells

  /// Looks, without decoding it, whether a message is one of many that need no reading.
  ///
  /// A table comes in hundreds of messages, and so could what an intruder sends: this node's own,
  /// and those beyond what anybody has to tell, are not worth a code's computation.
  func admit(_ bytes: [UInt8]) -> Bool {
    guard bytes.starts(with: Self.prefix) else { return true }
    if share != nil, bytes.starts(with: ownPrefix) { return false }
    if intake.admits(at: services.clock.now()) { return true }
    counts.dropped += 1
    return false
  }

  private static let prefix = Array("vipd1 sessions ".utf8)

  /// Takes in news of the holder's clients.
  ///
  /// Only the node that is named, and says that it holds, knows who is connected to it; and only
  /// clients of our port can be woken.
  func received(_ news: SessionNews, from sender: UInt64) {
    let view = port.view()
    guard share == nil, let own = view.instances.followed,
      section.clientPort(of: news.node) == section.clientPort(of: own),
      !view.instances.own.contains(news.node), source == news.node,
      view.peers.isHolder(news.node, by: sender, at: services.clock.now())
    else {
      counts.dropped += 1
      return
    }
    switch inventory.apply(news) {
    case .current: counts.taken += 1
    case .gap: break
    case .refused:
      counts.dropped += 1
      port.journal.complain("\(news.node) names clients that can't be; they are dropped")
    }
  }

  /// Believes the table of one node from now on.
  func believe(_ node: Endpoint?) {
    guard node != source else { return }
    source = node
    asking.settle()
  }

  /// Asks the holder for its whole table when something of it is missing.
  private func askHolder(at now: Instant, _ view: GroupView, hasSpoken: Bool) {
    guard view.role != nil, hasSpoken || source == nil else { return }
    let named = port.status(now)?.named?.endpoint
    believe(named.flatMap { view.instances.own.contains($0) ? nil : $0 })
    guard let source, view.peers.holder(at: now) == source else { return }
    if inventory.isComplete(of: source) {
      asking.settle()
    } else if asking.ask(at: now) {
      port.send(.sessionsWanted(from: source), nil)
    }
  }

  // MARK: - The next holder: wakes the clients of the one that is gone

  private func wakeKnown() {
    let view = port.view()
    guard view.isHolding, let own = view.instances.followed else { return }
    parted = nil
    let targets = targets(inventory.take(), of: own)
    guard !targets.isEmpty else { return }
    port.journal.logger.info("Waking \(targets.count) clients of the last holder")
    tickles.wake(targets, rounds: TickleRun.rounds)
  }

  /// The clients of addresses, each with what a tickle to it takes.
  private func targets(
    _ content: [(address: IPAddress, clients: [PackedEndpoint])], of node: Endpoint
  ) -> [TickleRun.Target] {
    content.flatMap { address, clients -> [TickleRun.Target] in
      guard let virtual = section.virtualAddresses.first(where: { $0.address == address }) else {
        return []
      }
      let source = PackedEndpoint(Endpoint(address: address, port: section.clientPort(of: node)))
      return clients.map { TickleRun.Target(virtualAddress: virtual, source: source, client: $0) }
    }
  }

  // MARK: - Letting go

  /// Ends the sessions of addresses, by the kernel or, where it can't, by Redis.
  func end(_ addresses: [VirtualAddress]) {
    if let count = services.sessions.endSessions(of: addresses) { return outputs.ended(count) }
    guard let own = port.view().instances.followed else { return }
    let port = section.clientPort(of: own)
    let present = addresses.filter(services.addresses.isPresent)
    let ends = (present.isEmpty ? addresses : present).map {
      Endpoint(address: $0.address, port: port)
    }
    guard outputs.killClients(ends), !present.isEmpty else { return }
    services.sessions.waitForSessionsToEnd(of: present, port: port, for: Self.killLimit)
  }

  /// Leaves the clients of addresses, which are about to be removed, to a selected node.
  ///
  /// It is told once more who is connected, for a client of this very second would otherwise hang;
  /// the sessions end after that. A daemon that was not heard lately can't wake anybody: then the
  /// clients are reset, while the addresses can still speak.
  func handOver(_ addresses: [VirtualAddress], to successor: Endpoint) {
    let now = services.clock.now()
    // A take that comes in between begins with clients of its own.
    let share = share
    self.share = nil
    guard let share, share.hasBegun, port.view().peers.peer(beside: successor, at: now) != nil
    else {
      end(addresses)
      return services.afterwards { [weak self] in
        if let self, !port.view().isHolding { end(addresses) }
      }
    }
    // What this node was connected to is told before its next word on itself.
    outputs.speak(.later, now)
    services.afterwards { [weak self] in
      self?.tellParted(share, of: addresses, to: successor, at: now)
    }
  }

  private func tellParted(
    _ share: SessionShare, of addresses: [VirtualAddress], to successor: Endpoint, at start: Instant
  ) {
    let ends = ends(of: share)
    services.census.read(ends, limit: SessionShare.limit, isUrgent: true) { [weak self] reading in
      // Held again by now, the addresses keep their sessions.
      guard let self, !port.view().isHolding else { return }
      var share = share
      if let reading { share.update(reading.clients, excess: reading.excess) }
      // All of it, where that is no flood: the node may have missed what was told before, and there
      // is no time for it to ask.
      if share.count <= PartedSessions.maxTold { share.beginAnew(Self.newTable()) }
      for _ in 0..<Self.messagesInTick {
        guard let news = share.next() else { break }
        counts.told += 1
        port.send(.sessions(news), successor)
      }
      outputs.speak(.due, services.clock.now())
      inventory.keep(share.content)
      parted = PartedSessions(targets: targets(share.content, of: share.node), since: start)
      end(addresses)
    }
  }

  /// Takes in that the next holder has the addresses, by its announcement or by its word.
  func sawSuccessor(at now: Instant) {
    guard parted != nil, parted?.wakeAt == nil else { return }
    parted?.wakeAt = now + PartedSessions.grace
  }

  /// Wakes, once, the clients that were left to the next holder: it may not have known them all.
  func wakeParted(at now: Instant) {
    guard let parted else { return }
    if now - parted.since >= PartedSessions.lifetime { return self.parted = nil }
    let view = port.view()
    if let holder = view.peers.holder(at: now), !view.instances.own.contains(holder) {
      sawSuccessor(at: now)
    }
    guard let wakeAt = self.parted?.wakeAt, wakeAt <= now else { return }
    self.parted = nil
    tickles.wake(parted.targets, rounds: 1)
  }
}

/// The clients of a node that let go for one that was selected.
struct PartedSessions {
  /// How long they are kept for a holder that nobody has seen yet.
  static let lifetime = Duration.seconds(300)
  /// How long after the next holder was seen they are woken from here as well: it does so itself at
  /// once, and who is back by then no longer has the connection that a tickle is for.
  static let grace = Duration.seconds(1)
  /// So many are told of all at once, some 100 KB; of more only what has changed.
  static let maxTold = 4_000

  /// Who they are, and on which address.
  let targets: [TickleRun.Target]
  /// When the address went.
  let since: Instant
  /// When they are woken from here; nil until the next holder is seen.
  var wakeAt: Instant?
}
