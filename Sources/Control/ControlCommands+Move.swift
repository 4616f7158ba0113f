import FailoverCore
import RESP

extension ControlCommands {
  /// Begins a planned move, and tells how it goes on until the result, which is the reply.
  ///
  /// In RESP3 each line is a push of `move` and its JSON; in RESP2, which has none, the reply is an
  /// array of all lines. `CANCEL` on the same connection, or its end, calls the move off.
  func move(_ arguments: [String], _ session: ControlSession) {
    guard session.callOff == nil else {
      return session.reply { $0.error("ERR a move is under way on this connection") }
    }
    let order: MoveOrder
    do throws(MoveOrder.Mistake) {
      order = try MoveOrder(arguments)
    } catch {
      return session.reply { $0.error("ERR \(error.text)") }
    }
    guard let group = daemon.group(order.masterName) else {
      return refuse(order.masterName, session)
    }
    follow(session, group) { $0.move(order, $1) }
  }

  /// Begins a move for a connection, tells it how the move goes on, and calls it off with it.
  func follow(
    _ session: ControlSession, _ group: any ControlledGroup,
    _ begin: (any ControlledMoves, @escaping (MoveLine) -> Void) -> MoveID
  ) {
    guard group.plannedMoves.canWait else {
      return session.reply { $0.error("ERR too many moves are waited for here") }
    }
    // The first lines come before the number of the move is known.
    session.callOff = {}
    let stream = MoveStream(session)
    let id = begin(group.plannedMoves) { stream.show($0) }
    guard session.callOff != nil else { return }
    session.callOff = { [weak group] in group?.plannedMoves.cancel(id) }
  }

  /// Calls off the move of this connection; its result is still its reply.
  func cancel(_ session: ControlSession) {
    guard let callOff = session.callOff else {
      return session.reply { $0.error("ERR no move is under way on this connection") }
    }
    callOff()
  }
}

/// Shows the lines of one move to one client.
final class MoveStream {
  private weak var session: ControlSession?
  private var lines: [String] = []

  init(_ session: ControlSession) {
    self.session = session
  }

  func show(_ line: MoveLine) {
    guard let session else { return }
    if session.version == .two {
      if line != .pulse { lines.append(line.json) }
    } else if !line.isLast {
      session.reply { writer in
        writer.push(count: 2)
        writer.bulkString("move")
        writer.bulkString(line.json)
      }
    }
    guard line.isLast else { return }
    session.callOff = nil
    session.reply { writer in
      guard session.version == .two else { return writer.bulkString(line.json) }
      writer.array(count: lines.count)
      for text in lines { writer.bulkString(text) }
    }
  }
}
