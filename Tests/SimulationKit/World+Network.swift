/// TCP as the processes see it: order kept, losses retried after 200 ms and then twice as late
/// each time, refusals and resets only where a packet can come back.
extension World {
  func host(of process: Int) -> Int { processes[process].host }

  /// Whether a packet gets from one host to another.
  func passes(_ from: Int, _ to: Int) -> Bool {
    hosts[from].isAwake && hosts[to].isAwake
      && (from == to || blocked[from * hosts.count + to] == 0)
  }

  /// Whether this packet is lost at random.
  func isLost(_ from: Int, _ to: Int) -> Bool {
    let loss = lossPerMille[from] + lossPerMille[to]
    return loss > 0 && from != to && random.chance(perMille: loss)
  }

  func delay(_ from: Int, _ to: Int) -> Int64 {
    guard from != to else { return random.number(20_000...40_000) }
    let extra = extraDelay[from] + extraDelay[to]
    return random.number(150_000...400_000) + (extra > 0 ? random.number(0...extra) : 0)
  }

  func connect(
    _ initiator: Int, to acceptor: Int, _ purpose: Connection.Purpose, tag: Int = 0,
    instance: SentinelInstance? = nil
  ) -> Connection {
    let connection = Connection(
      purpose: purpose, initiator: initiator, acceptor: acceptor, tag: tag, instance: instance)
    connections[initiator].append(connection)
    shakeHands(connection)
    return connection
  }

  func shakeHands(_ connection: Connection) {
    guard connection.isInitiatorOpen, !connection.isEstablished else { return }
    let from = host(of: connection.initiator)
    let to = host(of: connection.acceptor)
    guard passes(from, to), passes(to, from), !isLost(from, to) else {
      queue.push(.handshake(connection), at: now + connection.synTimeout)
      connection.synTimeout *= 2
      return
    }
    let roundTrip = delay(from, to) + delay(to, from)
    let isListening = isListening(connection.acceptor)
    if isListening {
      connection.isAcceptorOpen = true
      connections[connection.acceptor].append(connection)
      accepted(connection)
    }
    connection.backward.lastArrival = now + roundTrip
    queue.push(
      .arrival(connection, atAcceptor: false, isListening ? .established : .refused),
      at: now + roundTrip)
  }

  /// Whether connections are accepted: from the launch of a process, or from its start on where
  /// it matters that Redis has its file read by then.
  private func isListening(_ process: Int) -> Bool {
    guard configuration.fence != nil, process < redis.count else {
      return processes[process].downDepth == 0
    }
    return redis[process].hasStarted
  }

  func send(_ message: Message, on connection: Connection, fromAcceptor: Bool = false) {
    guard fromAcceptor ? connection.isAcceptorOpen : connection.isInitiatorOpen else { return }
    transmit(message, on: connection, fromAcceptor: fromAcceptor)
  }

  private func transmit(_ message: Message, on connection: Connection, fromAcceptor: Bool) {
    let from = host(of: fromAcceptor ? connection.acceptor : connection.initiator)
    let to = host(of: fromAcceptor ? connection.initiator : connection.acceptor)
    var channel = fromAcceptor ? connection.backward : connection.forward
    if channel.isStalled {
      channel.pending.append(message)
    } else if !passes(from, to) || isLost(from, to) {
      channel.pending.append(message)
      stall(&channel, connection, fromAcceptor)
    } else {
      deliver(message, &channel, connection, fromAcceptor, from, to)
      if !passes(to, from), !channel.isUnacknowledged {
        channel.isUnacknowledged = true
        channel.timeout = Connection.Channel.firstTimeout
        schedule(&channel, connection, fromAcceptor)
      }
    }
    store(channel, connection, fromAcceptor)
  }

  private func deliver(
    _ message: Message, _ channel: inout Connection.Channel, _ connection: Connection,
    _ fromAcceptor: Bool, _ from: Int, _ to: Int
  ) {
    let arrival = max(now + delay(from, to), channel.lastArrival + 1)
    channel.lastArrival = arrival
    queue.push(.arrival(connection, atAcceptor: !fromAcceptor, message), at: arrival)
  }

  private func stall(
    _ channel: inout Connection.Channel, _ connection: Connection, _ fromAcceptor: Bool
  ) {
    channel.isStalled = true
    channel.timeout = Connection.Channel.firstTimeout
    schedule(&channel, connection, fromAcceptor)
  }

  private func schedule(
    _ channel: inout Connection.Channel, _ connection: Connection, _ fromAcceptor: Bool
  ) {
    channel.generation += 1
    queue.push(
      .retransmission(connection, fromAcceptor: fromAcceptor, generation: channel.generation),
      at: now + channel.timeout)
    channel.timeout = min(channel.timeout * 2, 120 * second)
  }

  private func store(
    _ channel: Connection.Channel, _ connection: Connection, _ fromAcceptor: Bool
  ) {
    if fromAcceptor { connection.backward = channel } else { connection.forward = channel }
  }

  /// The retransmission timer of a channel ran out.
  ///
  /// With the way back blocked the window has shrunk to one segment, so that one waiting message
  /// passes each time and the rest stays.
  func retransmit(_ connection: Connection, fromAcceptor: Bool, generation: Int) {
    var channel = fromAcceptor ? connection.backward : connection.forward
    guard channel.generation == generation else { return }
    let from = host(of: fromAcceptor ? connection.acceptor : connection.initiator)
    let to = host(of: fromAcceptor ? connection.initiator : connection.acceptor)
    guard hosts[from].offDepth == 0 else { return }
    if !passes(from, to) || isLost(from, to) {
      channel.isStalled = true
      schedule(&channel, connection, fromAcceptor)
    } else if passes(to, from) {
      for message in channel.pending {
        deliver(message, &channel, connection, fromAcceptor, from, to)
      }
      channel.pending.removeAll()
      channel.isStalled = false
      channel.isUnacknowledged = false
    } else {
      channel.isStalled = true
      if !channel.pending.isEmpty {
        deliver(channel.pending.removeFirst(), &channel, connection, fromAcceptor, from, to)
      }
      schedule(&channel, connection, fromAcceptor)
    }
    store(channel, connection, fromAcceptor)
  }

  /// One end closes; its kernel says so as long as the host is on.
  func close(_ connection: Connection, byAcceptor: Bool, silently: Bool = false) {
    guard byAcceptor ? connection.isAcceptorOpen : connection.isInitiatorOpen else { return }
    if byAcceptor {
      connection.isAcceptorOpen = false
    } else {
      connection.isInitiatorOpen = false
    }
    forget(connection, of: byAcceptor ? connection.acceptor : connection.initiator)
    guard !silently else { return }
    guard connection.isEstablished || byAcceptor else { return }
    transmit(.closed, on: connection, fromAcceptor: byAcceptor)
  }

  private func forget(_ connection: Connection, of process: Int) {
    connections[process].removeAll { $0 === connection }
  }

  /// A segment reached the host of one end.
  func arrive(_ connection: Connection, atAcceptor: Bool, _ message: Message) {
    let process = atAcceptor ? connection.acceptor : connection.initiator
    guard hosts[host(of: process)].isAwake else {
      postpone(connection, atAcceptor: atAcceptor, message)
      return
    }
    guard atAcceptor ? connection.isAcceptorOpen : connection.isInitiatorOpen else {
      reset(connection, fromAcceptor: atAcceptor, after: message)
      return
    }
    switch message {
    case .established:
      guard !connection.isEstablished else { return }
      connection.isEstablished = true
      let pending = connection.forward.pending
      connection.forward.pending = []
      connection.forward.isStalled = false
      for message in pending { send(message, on: connection) }
    case .closed, .refused:
      if atAcceptor {
        connection.isAcceptorOpen = false
      } else {
        connection.isInitiatorOpen = false
      }
      forget(connection, of: process)
    default:
      break
    }
    if isFrozen(process) {
      processes[process].backlog.append(
        .arrival(connection, atAcceptor: atAcceptor, message))
    } else {
      received(message, on: connection, by: process, atAcceptor: atAcceptor)
    }
  }

  /// The host can't take the segment in: a paused one gets it again later, a dead one never.
  private func postpone(_ connection: Connection, atAcceptor: Bool, _ message: Message) {
    let process = atAcceptor ? connection.acceptor : connection.initiator
    guard hosts[host(of: process)].offDepth == 0 else { return }
    switch message {
    case .established, .refused:
      queue.push(.handshake(connection), at: now + second)
    default:
      var channel = atAcceptor ? connection.forward : connection.backward
      channel.pending.append(message)
      if !channel.isStalled { stall(&channel, connection, !atAcceptor) }
      store(channel, connection, !atAcceptor)
    }
  }

  /// Something came for an end that no longer exists: the kernel answers with a reset.
  private func reset(_ connection: Connection, fromAcceptor: Bool, after message: Message) {
    switch message {
    case .closed, .refused, .established: return
    default: break
    }
    let from = host(of: fromAcceptor ? connection.acceptor : connection.initiator)
    let to = host(of: fromAcceptor ? connection.initiator : connection.acceptor)
    guard passes(from, to) else { return }
    queue.push(
      .arrival(connection, atAcceptor: !fromAcceptor, .closed), at: now + delay(from, to))
  }
}
