import FailoverCore

/// What Sentinel does with what it hears: hellos, INFO, votes, polls.
extension World {
  func received(
    _ message: Message, on connection: Connection, by sentinel: SentinelServer, atAcceptor: Bool
  ) {
    if atAcceptor {
      serve(message, on: connection, by: sentinel)
      return
    }
    guard let instance = connection.instance else { return }
    let time = time(of: sentinel)
    if connection === instance.subscription {
      switch message {
      case .closed, .refused:
        instance.subscription = nil
        instance.isDisconnected = true
      case .hello(let hello):
        instance.subscriptionActivity = time
        process(hello, sentinel, time)
      default: break
      }
    } else if connection === instance.commands {
      receivedReply(message, from: instance, sentinel, time)
    }
  }

  private func receivedReply(
    _ message: Message, from instance: SentinelInstance, _ sentinel: SentinelServer,
    _ time: Int64
  ) {
    switch message {
    case .closed, .refused:
      instance.commands = nil
      instance.pendingCommands = 0
      instance.isDisconnected = true
    case .pong:
      instance.pendingCommands -= 1
      instance.lastAvailable = time
      instance.lastPong = time
      instance.actPing = 0
    case .infoReply(let info):
      instance.pendingCommands -= 1
      refresh(instance, with: info, sentinel, time)
    case .helloReply:
      instance.pendingCommands -= 1
      instance.lastPublication = time
    case .masterDownReply(let isDown, let leader, let epoch):
      instance.pendingCommands -= 1
      instance.lastMasterDownReply = time
      if isDown {
        instance.flags.insert(.masterDown)
      } else {
        instance.flags.remove(.masterDown)
      }
      if let leader {
        instance.leader = leader
        instance.leaderEpoch = epoch
      }
    default: break
    }
  }

  private func serve(
    _ message: Message, on connection: Connection, by sentinel: SentinelServer
  ) {
    func reply(_ message: Message) { send(message, on: connection, fromAcceptor: true) }
    switch message {
    case .ping: reply(.pong)
    case .hello(let hello):
      process(hello, sentinel, time(of: sentinel))
      reply(.helloReply)
    case .isMasterDown(let master, let epoch, let candidate):
      reply(answer(master: master, epoch: epoch, candidate: candidate, sentinel))
    case .identify:
      sentinel.listeners.append(connection)
      reply(.identity(runID: World.runID(sentinel.identity)))
    case .inspectSentinel, .failOver: serveMove(message, on: connection, by: sentinel)
    case .poll(let sentAt):
      reply(answer(toPollSentAt: sentAt, sentinel))
    case .closed: sentinel.listeners.removeAll { $0 === connection }
    default: break
    }
  }

  private func answer(
    master: Int, epoch: Int, candidate: Int?, _ sentinel: SentinelServer
  ) -> Message {
    guard sentinel.master.index == master else {
      return .masterDownReply(isDown: false, leader: nil, leaderEpoch: 0)
    }
    let isDown = !sentinel.isTilted && sentinel.master.flags.contains(.subjectivelyDown)
    guard let candidate else {
      return .masterDownReply(isDown: isDown, leader: nil, leaderEpoch: 0)
    }
    let vote = vote(sentinel, epoch: epoch, candidate: candidate, time(of: sentinel))
    return .masterDownReply(isDown: isDown, leader: vote.leader, leaderEpoch: vote.epoch)
  }

  func view(of sentinel: SentinelServer) -> SentinelView {
    let time = time(of: sentinel)
    let master = sentinel.master
    return SentinelView(
      named: nodeEndpoints[sentinel.namedMaster], master: nodeEndpoints[master.index],
      flags: master.viewFlags,
      failoverState: sentinel.failoverState == .none ? nil : sentinel.failoverState,
      lastOkPingReply: .milliseconds(time - master.lastAvailable),
      downAfter: .milliseconds(sentinel.downAfter),
      failoverTimeout: .milliseconds(sentinel.failoverTimeout),
      configEpoch: UInt64(sentinel.configEpoch), quorum: sentinel.quorum,
      otherSentinels: sentinel.peers.count,
      replicas: sentinel.replicas.map {
        ReplicaView(
          endpoint: nodeEndpoints[$0.index], flags: $0.viewFlags,
          lastOkPingReply: .milliseconds(time - $0.lastAvailable), priority: $0.priority,
          offset: UInt64(max($0.offset, 0)))
      })
  }

  /// The answer of SENTINEL SENTINELS, which the simulated Sentinel sends with each poll.
  private func list(of sentinel: SentinelServer) -> [ListedSentinel] {
    let time = time(of: sentinel)
    return sentinel.peers.map { peer in
      ListedSentinel(
        runID: World.runID(peer.identity),
        endpoint: peer.hasAddress ? sentinelEndpoint(peer.index) : nil,
        helloAge: .milliseconds(max(time - peer.lastHello, 0)))
    }
  }

  private func answer(toPollSentAt sentAt: Instant, _ sentinel: SentinelServer) -> Message {
    var view = view(of: sentinel)
    var list = list(of: sentinel)
    spoil(&view, &list, of: sentinel)
    return .pollReply(view, peers: list, sentAt: sentAt)
  }

  func hello(of sentinel: SentinelServer) -> Hello {
    Hello(
      sender: sentinel.identity, place: sentinel.index, currentEpoch: sentinel.currentEpoch,
      master: sentinel.namedMaster, configEpoch: sentinel.configEpoch)
  }

  /// `sentinelProcessHelloMessage`; TILT does not stop it.
  func process(_ hello: Hello, _ sentinel: SentinelServer, _ time: Int64) {
    guard hello.sender != sentinel.identity else { return }
    meet(hello, sentinel, time).lastHello = time
    if hello.currentEpoch > sentinel.currentEpoch {
      sentinel.currentEpoch = hello.currentEpoch
      publish(.newEpoch, sentinel, epoch: hello.currentEpoch)
    }
    guard sentinel.configEpoch < hello.configEpoch else { return }
    sentinel.configEpoch = hello.configEpoch
    guard hello.master != sentinel.master.index else { return }
    publish(.switchMaster, sentinel, node: hello.master, epoch: hello.configEpoch)
    resetMaster(sentinel, to: hello.master, time)
    callHook(at: sentinel)
  }

  /// `sentinelRefreshInstanceInfo`.
  private func refresh(
    _ instance: SentinelInstance, with info: RedisInfo, _ sentinel: SentinelServer,
    _ time: Int64
  ) {
    if let known = instance.runID, known != info.runID {
      publish(.reboot, sentinel, node: instance.index)
    }
    instance.runID = info.runID
    // Only a replica tells its `slave_repl_offset` (`sentinelRefreshInstanceInfo`).
    if info.replicaOf != nil { instance.offset = info.offset }
    instance.priority = info.priority
    instance.masterLinkDownTime = info.linkDownTime
    instance.isLinkUp = info.isLinkUp
    if instance.kind == .master {
      for node in info.replicas
      where node != instance.index && !sentinel.replicas.contains(where: { $0.index == node }) {
        sentinel.replicas.append(SentinelInstance(kind: .replica, index: node, time: time))
      }
    }
    if let source = info.replicaOf, source != instance.replicatesFrom {
      instance.replicatesFrom = source
      instance.configurationChanged = time
    }
    instance.infoRefresh = time
    let reportsMaster = info.replicaOf == nil
    if reportsMaster != instance.reportsMaster {
      instance.roleReported = time
      instance.reportsMaster = reportsMaster
      if !reportsMaster { instance.configurationChanged = time }
      publish(.roleChange, sentinel, node: instance.index)
    }
    guard !sentinel.isTilted, instance.kind == .replica else { return }
    if reportsMaster {
      replicaReportsMaster(instance, sentinel, time)
    } else {
      replicaReportsReplica(instance, sentinel, time)
    }
  }

  private func replicaReportsMaster(
    _ replica: SentinelInstance, _ sentinel: SentinelServer, _ time: Int64
  ) {
    if replica.flags.contains(.promoted) {
      guard sentinel.master.flags.contains(.failoverInProgress),
        sentinel.failoverState == .waitPromotion
      else { return }
      sentinel.configEpoch = sentinel.failoverEpoch
      sentinel.failoverState = .reconfSlaves
      sentinel.failoverChange = time
      publish(.promotedReplica, sentinel, node: replica.index, epoch: sentinel.failoverEpoch)
      callHook(at: sentinel)
      forceHellos(sentinel)
      return
    }
    guard isSane(sentinel.master, time), replica.hasNotBeenDown(for: 8_000, at: time),
      time - replica.roleReported > 8_000
    else { return }
    if let connection = replica.commands, !replica.isDisconnected {
      send(.replicaOf(sentinel.master.index), on: connection)
      publish(.convertToReplica, sentinel, node: replica.index)
    }
  }

  private func replicaReportsReplica(
    _ replica: SentinelInstance, _ sentinel: SentinelServer, _ time: Int64
  ) {
    if replica.replicatesFrom != sentinel.master.index,
      sentinel.failoverState == .none || !sentinel.master.flags.contains(.failoverInProgress)
    {
      if isSane(sentinel.master, time),
        replica.hasNotBeenDown(for: sentinel.failoverTimeout, at: time),
        time - replica.configurationChanged > sentinel.failoverTimeout,
        let connection = replica.commands, !replica.isDisconnected
      {
        send(.replicaOf(sentinel.master.index), on: connection)
        publish(.fixReplicaConfiguration, sentinel, node: replica.index)
      }
    }
    if replica.flags.contains(.reconfigurationSent),
      replica.replicatesFrom == sentinel.promoted?.index
    {
      replica.flags.remove(.reconfigurationSent)
      replica.flags.insert(.reconfigurationInProgress)
    }
    if replica.flags.contains(.reconfigurationInProgress), replica.isLinkUp {
      replica.flags.remove(.reconfigurationInProgress)
      replica.flags.insert(.reconfigurationDone)
    }
  }

  /// `sentinelMasterLooksSane`.
  private func isSane(_ master: SentinelInstance, _ time: Int64) -> Bool {
    master.reportsMaster && master.flags.isDisjoint(with: .down)
      && time - master.infoRefresh < World.infoPeriod * 2
  }
}
