import FailoverCore

/// Sentinel's timer and links (`sentinelTimer`, `sentinelHandleRedisInstance` and what they call
/// before a failover).
extension World {
  static let pingPeriod: Int64 = 1_000
  static let infoPeriod: Int64 = 10_000
  static let publishPeriod: Int64 = 2_000
  static let tiltTrigger: Int64 = 2_000
  static let tiltPeriod: Int64 = 30_000
  static let minLinkAge: Int64 = 15_000

  func time(of sentinel: SentinelServer) -> Int64 { hosts[sentinel.host].wallClock(at: now) }

  /// Starts the process with what its configuration file holds.
  func start(_ sentinel: SentinelServer) {
    let time = time(of: sentinel)
    let (master, nodes, peers) = sentinel.persistent
    sentinel.master = SentinelInstance(kind: .master, index: master, time: time)
    sentinel.replicas = nodes.map { SentinelInstance(kind: .replica, index: $0, time: time) }
    sentinel.peers = peers.map { saved in
      let peer = SentinelInstance(
        kind: .sentinel, index: saved.index, identity: saved.identity, time: time)
      peer.hasAddress = saved.hasAddress
      return peer
    }
    sentinel.failoverState = .none
    sentinel.failoverStart = 0
    sentinel.failoverChange = 0
    sentinel.promoted = nil
    sentinel.isTilted = false
    sentinel.previousTime = time
    sentinel.listeners = []
    if !sentinel.hasRunBefore { warm(sentinel, time) }
    sentinel.hasRunBefore = true
    schedule(.sentinelTick, for: sentinel.process, after: tickInterval())
  }

  /// Gives the periods of a Sentinel the phases that they have after a long time.
  private func warm(_ sentinel: SentinelServer, _ time: Int64) {
    for instance in [sentinel.master] + sentinel.replicas + sentinel.peers {
      instance.lastPublication -= random.number(0...World.publishPeriod)
      guard instance.kind != .sentinel else { continue }
      instance.infoRefresh = time - random.number(0...World.infoPeriod)
    }
    for replica in sentinel.replicas {
      replica.replicatesFrom = sentinel.master.index
      replica.isLinkUp = true
    }
  }

  /// 1000 / hz with hz drawn anew each time from 10 to 19 (`sentinelTimer`, its end).
  private func tickInterval() -> Int64 {
    1_000 * millisecond / random.number(10...19)
  }

  func tick(_ sentinel: SentinelServer) {
    let time = time(of: sentinel)
    let elapsed = time - sentinel.previousTime
    if elapsed < 0 || elapsed > World.tiltTrigger {
      sentinel.isTilted = true
      sentinel.tiltStart = time
      publish(.tilt, sentinel)
    }
    sentinel.previousTime = time
    handle(sentinel.master, of: sentinel, time)
    for instance in sentinel.replicas { handle(instance, of: sentinel, time) }
    for instance in sentinel.peers { handle(instance, of: sentinel, time) }
    if sentinel.failoverState == .updateConfig { switchToPromoted(sentinel, time) }
    schedule(.sentinelTick, for: sentinel.process, after: tickInterval())
  }

  private func handle(_ instance: SentinelInstance, of sentinel: SentinelServer, _ time: Int64) {
    reconnect(instance, sentinel, time)
    sendPeriodicCommands(instance, sentinel, time)
    if sentinel.isTilted {
      guard time - sentinel.tiltStart >= World.tiltPeriod else { return }
      sentinel.isTilted = false
      publish(.tiltEnded, sentinel)
    }
    checkSubjectivelyDown(instance, sentinel, time)
    guard instance.kind == .master else { return }
    checkObjectivelyDown(sentinel, time)
    if startFailoverIfNeeded(sentinel, time) { askPeers(sentinel, time, isForced: true) }
    advanceFailover(sentinel, time)
    askPeers(sentinel, time, isForced: false)
  }

  /// `sentinelReconnectInstance`: at most once a second, and taken for connected at once.
  private func reconnect(
    _ instance: SentinelInstance, _ sentinel: SentinelServer, _ time: Int64
  ) {
    guard instance.isDisconnected, isAddressed(instance),
      time - instance.lastReconnection >= World.pingPeriod
    else { return }
    instance.lastReconnection = time
    let target =
      instance.kind == .sentinel ? sentinels[instance.index].process : redis[instance.index].process
    if instance.commands == nil {
      instance.commands = connect(
        sentinel.process, to: target, .sentinelCommands, instance: instance)
      instance.pendingCommands = 0
      instance.commandsConnected = time
      ping(instance, time)
    }
    if instance.kind != .sentinel, instance.subscription == nil {
      let subscription = connect(
        sentinel.process, to: target, .sentinelSubscription, instance: instance)
      instance.subscription = subscription
      instance.subscriptionConnected = time
      send(.subscribeHello, on: subscription)
    }
    instance.isDisconnected = false
  }

  /// Whether somebody may answer at an instance's address.
  ///
  /// A phantom at an address where nobody is stays disconnected, as one without a port does.
  private func isAddressed(_ instance: SentinelInstance) -> Bool {
    instance.kind != .sentinel || instance.hasAddress && instance.index < sentinels.count
  }

  func closeCommands(_ instance: SentinelInstance) {
    guard let connection = instance.commands else { return }
    instance.commands = nil
    instance.pendingCommands = 0
    instance.isDisconnected = true
    close(connection, byAcceptor: false)
  }

  func closeSubscription(_ instance: SentinelInstance) {
    guard let connection = instance.subscription else { return }
    instance.subscription = nil
    instance.isDisconnected = true
    close(connection, byAcceptor: false)
  }

  private func ping(_ instance: SentinelInstance, _ time: Int64) {
    guard let connection = instance.commands else { return }
    send(.ping, on: connection)
    instance.pendingCommands += 1
    instance.lastPing = time
    if instance.actPing == 0 { instance.actPing = time }
  }

  private func sendPeriodicCommands(
    _ instance: SentinelInstance, _ sentinel: SentinelServer, _ time: Int64
  ) {
    guard !instance.isDisconnected, let connection = instance.commands,
      instance.pendingCommands < 100
    else { return }
    if instance.kind != .sentinel {
      let isUrgent =
        instance.kind == .replica
        && (!sentinel.master.flags.isDisjoint(with: [.objectivelyDown, .failoverInProgress])
          || instance.masterLinkDownTime != 0)
      let period = isUrgent ? 1_000 : World.infoPeriod
      if instance.infoRefresh == 0 || time - instance.infoRefresh > period {
        send(.info, on: connection)
        instance.pendingCommands += 1
      }
    }
    let pingPeriod = min(sentinel.downAfter, World.pingPeriod)
    if time - instance.lastPong > pingPeriod, time - instance.lastPing > pingPeriod / 2 {
      ping(instance, time)
    }
    if time - instance.lastPublication > World.publishPeriod {
      send(.hello(hello(of: sentinel)), on: connection)
      instance.pendingCommands += 1
    }
  }

  private func checkSubjectivelyDown(
    _ instance: SentinelInstance, _ sentinel: SentinelServer, _ time: Int64
  ) {
    var elapsed: Int64 = 0
    if instance.actPing != 0 {
      elapsed = time - instance.actPing
    } else if instance.isDisconnected {
      elapsed = time - instance.lastAvailable
    }
    if instance.commands != nil, time - instance.commandsConnected > World.minLinkAge,
      instance.actPing != 0, time - instance.actPing > sentinel.downAfter / 2,
      time - instance.lastPong > sentinel.downAfter / 2
    {
      closeCommands(instance)
    }
    if instance.subscription != nil, time - instance.subscriptionConnected > World.minLinkAge,
      time - instance.subscriptionActivity > World.publishPeriod * 3
    {
      closeSubscription(instance)
    }
    let reportsWrongRole =
      instance.kind == .master && !instance.reportsMaster
      && time - instance.roleReported > sentinel.downAfter + World.infoPeriod * 2
    if elapsed > sentinel.downAfter || reportsWrongRole {
      if instance.flags.insert(.subjectivelyDown).inserted {
        instance.subjectivelyDownSince = time
        if instance.kind != .sentinel { publish(.subjectivelyDown, sentinel, node: instance.index) }
      }
    } else if instance.flags.remove(.subjectivelyDown) != nil, instance.kind != .sentinel {
      publish(.notSubjectivelyDown, sentinel, node: instance.index)
    }
  }

  private func checkObjectivelyDown(_ sentinel: SentinelServer, _ time: Int64) {
    let master = sentinel.master
    var agreeing = 0
    if master.flags.contains(.subjectivelyDown) {
      agreeing = 1
      for peer in sentinel.peers where peer.flags.contains(.masterDown) { agreeing += 1 }
    }
    if agreeing >= sentinel.quorum {
      if master.flags.insert(.objectivelyDown).inserted {
        master.objectivelyDownSince = time
        publish(.objectivelyDown, sentinel, node: master.index)
      }
    } else if master.flags.remove(.objectivelyDown) != nil {
      publish(.notObjectivelyDown, sentinel, node: master.index)
    }
  }

  /// `sentinelAskMasterStateToOtherSentinels`, with answers that are stale after 5 s.
  private func askPeers(_ sentinel: SentinelServer, _ time: Int64, isForced: Bool) {
    for peer in sentinel.peers {
      let elapsed = time - peer.lastMasterDownReply
      if elapsed > 5_000 {
        peer.flags.remove(.masterDown)
        peer.leader = nil
      }
      guard sentinel.master.flags.contains(.subjectivelyDown), !peer.isDisconnected,
        isForced || elapsed >= 1_000, let connection = peer.commands
      else { continue }
      send(
        .isMasterDown(
          master: sentinel.master.index, epoch: sentinel.currentEpoch,
          candidate: sentinel.failoverState == .none ? nil : sentinel.identity), on: connection)
      peer.pendingCommands += 1
    }
  }
}
