import Addresses
import ChannelMessages
import FailoverCore
import NIOCore

// MARK: - Clients that are left to the next holder

/// The clients of a node that let go for one that was selected.
struct PartedSessions {
  /// How long they are kept for a holder that nobody has seen yet.
  static let lifetime = Duration.seconds(300)
  /// How long after the next holder was seen they are woken from here as well: it does so itself at
  /// once, and who is back by then no longer has the connection that a tickle is for.
  static let grace = Duration.seconds(1)

  /// So many are told of all at once, some 100 KB; of more only what has changed.
  static let mostTold = 4_000

  /// Who they are, and on which address.
  let targets: [TickleRun.Target]
  /// When the address went.
  let since: Instant
  /// When they are woken from here; nothing until the next holder is seen.
  var wakeAt: Instant?
}

extension Group {
  /// Leaves the clients of addresses, which are about to be removed, to a selected node.
  ///
  /// It is told once more who is connected, for a client of this very second would otherwise hang;
  /// the sessions end after that. A daemon that was not heard lately can't wake anybody: then the
  /// clients are reset, while the addresses can still speak.
  func handOverSessions(of addresses: [VirtualAddress], to successor: Endpoint) {
    let now = services.clock.now()
    // A take that comes in between begins with clients of its own.
    let share = sessions.share
    sessions.share = nil
    guard let share, share.hasBegun, channel.peers.peer(beside: successor, at: now) != nil else {
      endSessions(of: addresses)
      return services.loop.assumeIsolated().execute { [weak self] in
        guard let self, !isHolding else { return }
        endSessions(of: addresses)
      }
    }
    // Others believe only who says that it holds: what it was connected to is told before the next
    // state line.
    stateLineAt = now
    services.loop.assumeIsolated().execute { [weak self] in
      self?.tellParted(share, of: addresses, to: successor, at: now)
    }
  }

  private func tellParted(
    _ share: SessionShare, of addresses: [VirtualAddress], to successor: Endpoint, at start: Instant
  ) {
    let ends = share.addresses.map { Endpoint(address: $0, port: clientPort(of: share.node)) }
    services.census.read(ends, limit: SessionShare.limit, isUrgent: true) { [weak self] reading in
      // Held again by now, the addresses keep their sessions.
      guard let self, !isHolding else { return }
      var share = share
      if let reading { share.update(reading.clients, excess: reading.excess) }
      // All of it, where that is no flood: the node may have missed what was told before, and there
      // is no time for it to ask.
      if share.count <= PartedSessions.mostTold { share.beginAnew(Self.newTable()) }
      for _ in 0..<Self.messagesInTick {
        guard let news = share.next() else { break }
        sessions.figures.toldMessages += 1
        send(.sessions(news), also: successor)
      }
      stateLineAt = nil
      sessions.inventory.keep(share.content)
      sessions.parted = PartedSessions(
        targets: targets(of: share.content, port: clientPort(of: share.node)), since: start)
      endSessions(of: addresses)
    }
  }

  /// Takes in that the next holder has the addresses, by its announcement or by its word.
  func sawSuccessor(at now: Instant) {
    guard sessions.parted != nil, sessions.parted?.wakeAt == nil else { return }
    sessions.parted?.wakeAt = now + PartedSessions.grace
  }

  /// Wakes, once, the clients that were left to the next holder: it may not have known them all.
  func wakeParted(at now: Instant) {
    guard let parted = sessions.parted else { return }
    if now - parted.since >= PartedSessions.lifetime { return sessions.parted = nil }
    if let holder = channel.peers.holder(at: now), !instances.own.contains(holder) {
      sawSuccessor(at: now)
    }
    guard let wakeAt = sessions.parted?.wakeAt, wakeAt <= now else { return }
    sessions.parted = nil
    wake(parted.targets, rounds: 1)
  }
}
