import Addresses
import ChannelMessages
import Configuration
import FailoverCore

/// Brings planned moves from those who ask for them to the node that drives them, and their report
/// back; and asks for one itself when this holder's interface lost its carrier.
final class MoveCoordinator {
  /// How long the name of a host may take.
  static let nameLimit = Duration.seconds(2)
  /// How long a move that started by itself may take to be under way; one to a named target waits
  /// until Sentinel has seen that it is preferred.
  static let carrierMoveLimit = Duration.seconds(20)

  /// What is around it: the group, as far as moves go.
  struct Surroundings {
    let view: () -> GroupView
    /// What the machine knows; nil once the group is gone.
    let status: (Instant) -> GroupStatus?
    /// The replicas that Sentinel could promote.
    let promotable: (Instant) -> [Endpoint]
    /// Says something to all, and to one node directly.
    let send: (ChannelMessage.Body, _ also: Endpoint?) -> Void
    let deliver: (Event) -> Void
  }

  /// An order whose host name is not resolved yet.
  private struct Unresolved {
    let id: MoveID
    let order: MoveOrder
    let begunAt: Instant
  }

  private let section: GroupSection
  private let sender: UInt64
  private let clock: HostClock
  private let resolver: HostResolver
  private let noticeStall: () -> Void
  private let journal: Journal
  private let around: Surroundings
  private var unresolved: [Unresolved] = []
  private var pending = PendingMoves()
  private var listeners: [MoveID: (MoveLine) -> Void] = [:]
  private var carrier = CarrierWatch()

  /// Makes a coordinator; `sender` is this daemon's number on the channel.
  init(
    _ section: GroupSection, sender: UInt64, services: GroupServices, journal: Journal,
    around: Surroundings
  ) {
    self.section = section
    self.sender = sender
    self.journal = journal
    self.around = around
    clock = services.clock
    resolver = services.resolver
    noticeStall = services.noticeStall
  }

  // MARK: - Inputs

  /// Whether another move can be waited for here.
  var canWait: Bool { pending.hasRoom && unresolved.count < PendingMoves.limit }

  /// Begins a move that an operator asks for at this daemon; `listener` hears of it until the end.
  ///
  /// - Returns: its number, by which it can be called off.
  func move(_ order: MoveOrder, _ listener: @escaping (MoveLine) -> Void) -> MoveID {
    let id = MoveID.random(in: 1...MoveID.max)
    listeners[id] = listener
    resolve(Unresolved(id: id, order: order, begunAt: clock.now()))
    return id
  }

  /// Calls a move off, as far as that is safe; also when who asked for it has gone.
  func cancel(_ id: MoveID) {
    noticeStall()
    guard unresolved.contains(where: { $0.id == id }) else {
      return carryOut(pending.cancel(id, at: clock.now()))
    }
    unresolved.removeAll { $0.id == id }
    show(.failure("called off before it began"), of: id)
  }

  /// Does what is due; called on every tick.
  func tick(at now: Instant) {
    let waiting = unresolved
    unresolved = []
    for move in waiting { resolve(move) }
    carryOut(pending.tick(at: now))
    if section.movesOnCarrierLoss { leaveDeadLink(at: now) }
  }

  /// Takes in what another daemon says of a move.
  func heard(_ message: ChannelMessage) {
    let now = clock.now()
    switch message.body {
    case .move(let wish) where wish.driver == sender:
      carryOut(pending.heard(wish, from: message.sender, at: now))
    case .moveLine(let line) where line.asker == sender:
      carryOut(pending.heard(line, from: message.sender, at: now))
    case .move, .moveLine, .notice, .state, .sessions, .sessionsWanted, .check, .checked,
      .sentinelForgotten:
      break
    }
  }

  /// Passes on what the machine says of a move.
  func reported(_ report: MoveReport, at now: Instant) {
    journal.tell(report, at: now)
    carryOut(pending.reported(report, at: now, wallNanoseconds: clock.wallNanoseconds()))
  }

  /// Takes in that this host has ended sessions of the addresses.
  func ended(sessions count: Int) { pending.ended(sessions: count) }

  // MARK: - Where to, and by whom

  /// Finds out where a move is to go, and begins it; tries again later if a name is not resolved.
  private func resolve(_ move: Unresolved) {
    guard let place = move.order.place else { return begin(move, to: nil) }
    guard let address = resolver.address(of: place.host) else {
      guard clock.now() - move.begunAt < Self.nameLimit else {
        return show(.failure("the host name '\(place.host)' can't be resolved here"), of: move.id)
      }
      return unresolved.append(move)
    }
    guard !section.virtualAddresses.contains(where: { $0.address == address }) else {
      let text = "\(address) is the virtual address, which goes wherever the master is: name a host"
      return show(.failure(text), of: move.id)
    }
    do throws(MoveOrder.Mistake) {
      let named = around.status(clock.now())?.named?.endpoint
      let known = around.view().instances.known
      begin(move, to: try place.endpoint(at: address, known: known, master: named))
    } catch {
      show(.failure(error.text), of: move.id)
    }
  }

  private func begin(_ move: Unresolved, to target: Endpoint?) {
    let now = clock.now()
    do throws(MoveOrder.Mistake) {
      let driver = try driver(at: now)
      noticeStall()
      let wish = move.order.wish(
        id: move.id, from: around.view().instances.followed, target: target)
      carryOut(pending.ask(wish, of: driver, at: now))
    } catch {
      show(.failure(error.text), of: move.id)
    }
  }

  /// Who drives a move now: who holds the address, or who is named and can say why it does not; nil
  /// for this daemon.
  private func driver(at now: Instant) throws(MoveOrder.Mistake) -> PeerTable.Peer? {
    let (status, view) = (around.status(now), around.view())
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

  private func carryOut(_ actions: [PendingMoves.Action]) {
    for action in actions {
      switch action {
      case .send(let body, let also): around.send(body, also)
      case .begin(let request): around.deliver(.moveRequested(request))
      case .cancel(let id): around.deliver(.moveCancelled(id))
      case .show(let id, let line): show(line, of: id)
      case .remember(let entry): journal.remember(entry)
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
  func lostLink(of addresses: [VirtualAddress]) { carrier.lose(addresses, at: clock.now()) }

  /// Takes in that it can again.
  func restoredLink(of addresses: [VirtualAddress]) { carrier.restore(addresses) }

  /// Moves the master away from a host whose interface lost its carrier.
  private func leaveDeadLink(at now: Instant) {
    let decision = carrier.decide(at: now) {
      around.status(now).map { status in
        CarrierWatch.Facts(
          of: status, replicas: around.promotable(now),
          serving: around.view().peers.servingNodes(at: now))
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
    journal.complain(
      "The interface of \(names.map { "\($0.address)" }.joined(separator: ", ")) lost its carrier: "
        + "the master moves to a host whose interfaces are up")
    noticeStall()
    carryOut(pending.begin(request, at: now))
  }
}
