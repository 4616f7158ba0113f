import Addresses
import ChannelMessages
import Configuration
import Control
import FailoverCore
import Platform

/// Brings planned moves from those who ask for them to the node that drives them, and their report
/// back; and asks for one itself when this holder's interface lost its carrier.
final class MoveCoordinator {
  /// How long the name of a host may take.
  static let nameLimit = Duration.seconds(2)
  /// How long the kernel may take to say that it has an address.
  static let takingTime = Duration.seconds(1)
  /// How long a move that started by itself may take to be under way; one to a named target waits
  /// until Sentinel has seen that it is preferred.
  static let carrierMoveLimit = Duration.seconds(20)

  /// An order whose host name is not resolved yet.
  private struct Unresolved {
    let id: MoveID
    let order: MoveOrder
    let begunAt: Instant
  }

  private let section: GroupSection
  private let services: GroupServices
  private let port: GroupPort
  private let promotable: (Instant) -> [Endpoint]
  private var unresolved: [Unresolved] = []
  private var pending = PendingMoves()
  private var listeners: [MoveID: (MoveLine) -> Void] = [:]
  private var carrier = CarrierWatch()
  private var carrierMove: MoveID?
  /// What is said of a replica of this host that is about to be stopped.
  let replicaStop: ReplicaStop

  /// Makes a coordinator; `promotable` tells the replicas that Sentinel could promote.
  init(
    _ section: GroupSection, _ services: GroupServices, _ port: GroupPort,
    promotable: @escaping (Instant) -> [Endpoint]
  ) {
    self.section = section
    self.services = services
    self.port = port
    self.promotable = promotable
    replicaStop = ReplicaStop(
      clock: services.clock, situation: { Self.situation(of: port, at: $0) },
      send: { port.send(.notice($0), $1) })
  }

  /// What the local Redis is to the group, for whoever is about to stop it.
  private static func situation(of port: GroupPort, at now: Instant) -> ReplicaStop.Situation {
    let view = port.view()
    guard let status = port.status(now) else { return .nobody }
    if view.role == .master, view.isHolding { return .serving }
    // The kernel's word comes a moment after the decision.
    let isTaking = status.basis != .none && now - status.since < Self.takingTime
    if status.mayBePromoted || (view.role == .master && isTaking) { return .candidate }
    guard case .replica = view.role, let local = view.instances.followed,
      let master = status.named?.endpoint, master != local,
      view.peers.peer(beside: master, at: now) != nil
    else { return .nobody }
    return .replica(local, of: master)
  }

  // MARK: - Inputs

  /// Whether another move can be waited for here.
  var canWait: Bool { pending.hasRoom && unresolved.count < PendingMoves.limit }

  /// Begins a move that an operator asks for at this daemon; `listener` hears of it until the end.
  ///
  /// - Returns: its number, by which it can be cancelled.
  func move(_ order: MoveOrder, _ listener: @escaping (MoveLine) -> Void) -> MoveID {
    let id = MoveID.random(in: 1...MoveID.max)
    listeners[id] = listener
    resolve(Unresolved(id: id, order: order, begunAt: services.clock.now()))
    return id
  }

  /// Moves the master of this host to whichever replica Sentinel chooses, which takes no waiting; without
  /// a fence as well, since it stops in any case.
  ///
  /// - Returns: its number, by which it can be cancelled.
  func handOver(within limit: Duration, _ listener: @escaping (MoveLine) -> Void) -> MoveID {
    let id = MoveID.random(in: 1...MoveID.max)
    let now = services.clock.now()
    listeners[id] = listener
    drive(
      MoveRequest(id: id, deadline: now + limit, acceptsLoss: true, acceptsAnyTarget: true),
      from: now)
    return id
  }

  /// Calls a move off, as far as that is safe; also when who asked for it has gone.
  func cancel(_ id: MoveID) {
    services.noticeStall()
    guard unresolved.contains(where: { $0.id == id }) else {
      return carryOut(pending.cancel(id, at: services.clock.now()))
    }
    unresolved.removeAll { $0.id == id }
    show(.failure("cancelled before it began"), of: id)
  }

  /// Does what is due; called on every tick.
  func tick(at now: Instant) {
    let waiting = unresolved
    unresolved = []
    for move in waiting { resolve(move) }
    carryOut(pending.tick(at: now))
    replicaStop.tick(at: now)
    if section.movesOnCarrierLoss { leaveDeadLink(at: now) }
  }

  /// Ends with the group: nobody who waits is left without a last word.
  ///
  /// What is driven here the machine has ended before.
  func end() {
    let waiting = unresolved
    unresolved = []
    for move in waiting { show(.failure("cancelled before it began"), of: move.id) }
    carryOut(pending.end(at: services.clock.now()))
    replicaStop.end()
  }

  /// Takes in what another daemon says of a move, or of a replica that stops.
  func heard(_ message: ChannelMessage) {
    let now = services.clock.now()
    switch message.body {
    case .move(let wish) where wish.driver == port.sender:
      carryOut(pending.heard(wish, from: message.sender, at: now))
    case .moveLine(let line) where line.asker == port.sender:
      carryOut(pending.heard(line, from: message.sender, at: now))
    case .notice(let notice): replicaStop.heard(notice)
    case .move, .moveLine, .state, .sessions, .sessionsWanted, .check, .checked,
      .sentinelForgotten, .factsWanted, .facts:
      break
    }
  }

  /// Passes on what the machine says of a move.
  func reported(_ report: MoveReport, at now: Instant) {
    port.journal.tell(report, at: now)
    if case .ended(let end) = report.news, report.id == carrierMove {
      carrierMove = nil
      if end.isWithoutChange { carrier.changedNothing(at: now) }
    }
    carryOut(pending.reported(report, at: now, wallNanoseconds: services.clock.wallNanoseconds()))
  }

  /// Takes in that this host has ended sessions of the addresses.
  func ended(sessions count: Int) { pending.ended(sessions: count) }

  // MARK: - Where to, and by whom

  /// Finds out where a move is to go, and begins it; tries again later if a name is not resolved.
  private func resolve(_ move: Unresolved) {
    guard let place = move.order.place else { return begin(move, to: nil) }
    guard let address = services.resolver.address(of: place.host) else {
      guard services.clock.now() - move.begunAt < Self.nameLimit else {
        return show(.failure("the host name '\(place.host)' can't be resolved here"), of: move.id)
      }
      return unresolved.append(move)
    }
    guard !section.virtualAddresses.contains(where: { $0.address == address }) else {
      let text = "\(address) is the virtual address, which goes wherever the master is: name a host"
      return show(.failure(text), of: move.id)
    }
    do throws(MoveOrder.Mistake) {
      let named = port.status(services.clock.now())?.named?.endpoint
      let known = port.view().instances.known
      begin(move, to: try place.endpoint(at: address, known: known, master: named))
    } catch {
      show(.failure(error.text), of: move.id)
    }
  }

  private func begin(_ move: Unresolved, to target: Endpoint?) {
    let now = services.clock.now()
    do throws(MoveOrder.Mistake) {
      let driver = try driver(at: now)
      services.noticeStall()
      let wish = move.order.wish(
        id: move.id, from: port.view().instances.followed, target: target)
      carryOut(pending.ask(wish, of: driver, at: now))
    } catch {
      show(.failure(error.text), of: move.id)
    }
  }

  /// Who drives a move now: who holds the address, or who is named and can say why it does not; nil
  /// for this daemon.
  private func driver(at now: Instant) throws(MoveOrder.Mistake) -> PeerTable.Peer? {
    let (status, view) = (port.status(now), port.view())
    if let status, status.basis != .none { return nil }
    if let peer = view.peers.holdingPeer(at: now) { return peer }
    guard let named = status?.named?.endpoint else {
      throw MoveOrder.Mistake(text: "no Sentinel in contact names a master: vipctl why says more")
    }
    if view.instances.own.contains(named) { return nil }
    if let peer = view.peers.peer(beside: named, at: now) { return peer }
    throw MoveOrder.Mistake(
      text: "no vipd is heard from \(named), the master: does it run there, and is this host's "
        + "Redis attached to it? Nothing was changed")
  }

  /// Begins a move that starts here and that this daemon drives itself.
  private func drive(_ request: MoveRequest, from now: Instant) {
    services.noticeStall()
    carryOut(pending.begin(request, at: now))
  }

  private func carryOut(_ actions: [PendingMoves.Action]) {
    for action in actions {
      switch action {
      case .send(let body, let also): port.send(body, also)
      case .begin(let request): port.deliver(.moveRequested(request))
      case .cancel(let id): port.deliver(.moveCancelled(id))
      case .show(let id, let line): show(line, of: id)
      case .remember(let entry): port.journal.remember(entry)
      }
    }
  }

  private func show(_ line: MoveLine, of id: MoveID) {
    let listener = listeners[id]
    if line.isLast { listeners[id] = nil }
    listener?(line)
  }

  // MARK: - The carrier

  /// Whether the interfaces of all addresses can carry traffic.
  var areLinksUp: Bool { carrier.areLinksUp }

  /// Takes in that the interface of addresses can't carry traffic any more.
  func lostLink(of addresses: [VirtualAddress]) {
    carrier.lose(addresses, at: services.clock.now())
  }

  /// Takes in that it can again.
  func restoredLink(of addresses: [VirtualAddress]) { carrier.restore(addresses) }

  /// Moves the master away from a host whose interface lost its carrier.
  private func leaveDeadLink(at now: Instant) {
    let decision = carrier.decide(at: now) {
      port.status(now).map { status in
        CarrierWatch.Facts(
          of: status, replicas: promotable(now),
          serving: port.view().peers.servingNodes(at: now))
      }
    }
    var request = MoveRequest(
      id: MoveID.random(in: 1...MoveID.max), deadline: now + Self.carrierMoveLimit)
    switch decision {
    case .stay: return
    case .moveAnywhere: request.acceptsAnyTarget = true
    case .move(let target): request.target = target
    }
    let names = section.virtualAddresses.filter(carrier.lost.contains)
    port.journal.complain(
      "The interface of \(names.map { "\($0.address)" }.joined(separator: ", ")) lost its carrier: "
        + "the master moves to a host whose interfaces are up")
    carrierMove = request.id
    drive(request, from: now)
  }
}

extension MoveEnd {
  /// Whether all is as it was before the move.
  fileprivate var isWithoutChange: Bool {
    switch self {
    case .refused, .undone: true
    case .checked, .done, .failed: false
    }
  }
}
