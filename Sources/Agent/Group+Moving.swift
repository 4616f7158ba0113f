import Addresses
import ChannelMessages
import Configuration
import FailoverCore
import Logging

/// An order to move whose host name is not resolved yet.
struct UnresolvedMove {
  /// How long the name of a host may take.
  static let limit = Duration.seconds(2)

  let id: MoveID
  let order: MoveOrder
  let begunAt: Instant
}

extension Group {
  /// Begins a move that an operator asks for at this daemon; `listener` hears of it until the end.
  ///
  /// - Returns: its number, by which it can be called off.
  func move(_ order: MoveOrder, _ listener: @escaping (MoveLine) -> Void) -> MoveID {
    let id = MoveID.random(in: 1...MoveID.max)
    moveListeners[id] = listener
    resolve(UnresolvedMove(id: id, order: order, begunAt: services.clock.now()))
    return id
  }

  /// Calls a move off, as far as that is safe; also when whoever asked for it has gone.
  func cancelMove(_ id: MoveID) {
    services.noticeStall()
    if unresolvedMoves.contains(where: { $0.id == id }) {
      unresolvedMoves.removeAll { $0.id == id }
      return show(.failure("called off before it began"), of: id)
    }
    carryOut(moves.cancel(id, at: services.clock.now()))
  }

  /// Whether another move can be waited for here.
  var canWaitForMove: Bool { moves.hasRoom && unresolvedMoves.count < MoveDesk.limit }

  /// Does what is due for moves.
  func tickMoves(at now: Instant) {
    let unresolved = unresolvedMoves
    unresolvedMoves = []
    for move in unresolved { resolve(move) }
    carryOut(moves.tick(at: now))
  }

  /// Takes in what another daemon says of a move.
  func heardOfMove(_ message: ChannelMessage) {
    let now = services.clock.now()
    switch message.body {
    case .move(let wish) where wish.driver == channel.sender:
      carryOut(moves.heard(wish, from: message.sender, at: now))
    case .moveLine(let line) where line.asker == channel.sender:
      carryOut(moves.heard(line, from: message.sender, at: now))
    case .move, .moveLine, .notice, .state, .sessions, .sessionsWanted, .check, .checked,
      .sentinelForgotten:
      break
    }
  }

  /// Passes on what the machine says of a move.
  func tell(_ report: MoveReport, at now: Instant) {
    journal.tell(report, at: now)
    carryOut(
      moves.reported(report, at: now, wallNanoseconds: services.clock.wallNanoseconds()))
  }

  // MARK: - Orders

  /// Gives another node, whose daemon fell silent in the middle of a move, its writes back.
  func relieve(_ node: Endpoint, _ setting: FenceSetting) {
    journal.complain(
      "the vipd at \(node) fell silent in a move; its Redis gets its writes back: "
        + setting.sentence)
    inquirer.relieve(node, setting)
  }

  // MARK: - Where to, and by whom

  /// Finds out where a move is to go, and begins it; tries again later if a name is not resolved.
  private func resolve(_ move: UnresolvedMove) {
    guard let place = move.order.place else { return begin(move, to: nil) }
    guard let address = services.resolver.address(of: place.host) else {
      guard services.clock.now() - move.begunAt < UnresolvedMove.limit else {
        return show(.failure("the host name '\(place.host)' can't be resolved here"), of: move.id)
      }
      return unresolvedMoves.append(move)
    }
    guard !section.virtualAddresses.contains(where: { $0.address == address }) else {
      let text = "\(address) is the virtual address, which goes wherever the master is: name a host"
      return show(.failure(text), of: move.id)
    }
    do throws(MoveOrder.Mistake) {
      let target = try place.endpoint(
        at: address, known: instances.known, master: status.named?.endpoint)
      begin(move, to: target)
    } catch {
      show(.failure(error.text), of: move.id)
    }
  }

  private func begin(_ move: UnresolvedMove, to target: Endpoint?) {
    let now = services.clock.now()
    switch moveDriver(at: now) {
    case .success(let driver):
      services.noticeStall()
      let wish = move.order.wish(id: move.id, from: instances.followed, target: target)
      carryOut(moves.ask(wish, of: driver, at: now))
    case .failure(let mistake): show(.failure(mistake.text), of: move.id)
    }
  }

  /// Who drives a move now: who holds the address, or who is named and can say why it does not.
  private func moveDriver(at now: Instant) -> Result<MoveDesk.Driver, MoveOrder.Mistake> {
    let status = machine.status(at: now)
    if status.basis != .none { return .success(.here) }
    if let peer = channel.peers.holdingPeer(at: now) { return .success(.elsewhere(peer)) }
    guard let named = status.named?.endpoint else {
      return .failure(.init(text: "no Sentinel in contact names a master: vipctl why says more"))
    }
    if instances.own.contains(named) { return .success(.here) }
    if let peer = channel.peers.peer(beside: named, at: now) { return .success(.elsewhere(peer)) }
    return .failure(
      .init(
        text: "no vipd is heard from \(named), the master: does it run there, and is this host's "
          + "Redis attached to it? Nothing was changed"))
  }

  // MARK: - Actions

  func carryOut(_ actions: [MoveDesk.Action]) {
    for action in actions {
      switch action {
      case .send(let body, let also): send(body, also: also)
      case .begin(let request): handle(.moveRequested(request))
      case .cancel(let id): handle(.moveCancelled(id))
      case .show(let id, let line): show(line, of: id)
      case .remember(let entry): journal.remember(entry)
      }
    }
  }

  private func show(_ line: MoveLine, of id: MoveID) {
    let listener = moveListeners[id]
    if line.isLast { moveListeners[id] = nil }
    listener?(line)
  }
}
