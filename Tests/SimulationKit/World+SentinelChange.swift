import FailoverCore

/// Changes of Sentinel's configuration, and what it publishes.
extension World {
  /// `sentinelResetMasterAndChangeAddress`: keeps the other Sentinels and what they said, and
  /// the time of the last reconnection (whence the spurious second failovers).
  func resetMaster(_ sentinel: SentinelServer, to node: Int, _ time: Int64) {
    var nodes = sentinel.replicas.map(\.index).filter { $0 != node }
    if sentinel.master.index != node { nodes.append(sentinel.master.index) }
    forgetReplicas(sentinel)
    clear(sentinel, time)
    sentinel.master.index = node
    sentinel.master.subjectivelyDownSince = 0
    sentinel.master.objectivelyDownSince = 0
    sentinel.replicas = nodes.map { SentinelInstance(kind: .replica, index: $0, time: time) }
    noteNaming()
  }

  /// `SENTINEL RESET`: forgets replicas and Sentinels, keeps address and epochs.
  func reset(_ sentinel: SentinelServer) {
    let time = time(of: sentinel)
    forgetReplicas(sentinel)
    for peer in sentinel.peers { closeCommands(peer) }
    sentinel.peers = []
    clear(sentinel, time)
    sentinel.master.infoRefresh = 0
    publish(.reset, sentinel)
  }

  /// `SENTINEL REMOVE` and `SENTINEL MONITOR`: another master, nothing else known, config epoch 0.
  func monitor(_ node: Int, _ sentinel: SentinelServer) {
    forgetReplicas(sentinel)
    for peer in sentinel.peers { closeCommands(peer) }
    sentinel.peers = []
    let time = time(of: sentinel)
    clear(sentinel, time)
    sentinel.master = SentinelInstance(kind: .master, index: node, time: time)
    sentinel.configEpoch = 0
    sentinel.leaderEpoch = 0
    publish(.monitor, sentinel, node: node)
    noteNaming()
  }

  private func forgetReplicas(_ sentinel: SentinelServer) {
    for replica in sentinel.replicas {
      closeCommands(replica)
      closeSubscription(replica)
    }
    sentinel.replicas = []
  }

  /// `sentinelResetMaster`.
  private func clear(_ sentinel: SentinelServer, _ time: Int64) {
    let master = sentinel.master
    closeCommands(master)
    closeSubscription(master)
    master.isDisconnected = true
    master.flags = []
    sentinel.leader = nil
    sentinel.failoverState = .none
    sentinel.failoverChange = 0
    sentinel.failoverStart = 0
    sentinel.promoted = nil
    master.runID = nil
    master.actPing = time
    master.lastPing = 0
    master.lastAvailable = time
    master.lastPong = time
    master.roleReported = time
    master.reportsMaster = true
  }

  /// `sentinelForceHelloUpdateForMaster`.
  func forceHellos(_ sentinel: SentinelServer) {
    sentinel.master.lastPublication -= World.publishPeriod + 1
    for instance in sentinel.replicas { instance.lastPublication -= World.publishPeriod + 1 }
    for instance in sentinel.peers { instance.lastPublication -= World.publishPeriod + 1 }
    noteNaming()
  }

  /// Publishes an event to every agent that listens, and notes it.
  func publish(_ event: SentinelEvent, _ sentinel: SentinelServer, node: Int = 0, epoch: Int = 0) {
    note(.sentinel(sentinel.index, event, node: node, epoch: epoch))
    let hint: SentinelHint =
      switch event {
      case .votedFor: .voted(leader: World.runID(node), epoch: UInt64(epoch))
      case .newEpoch: .newEpoch(UInt64(epoch))
      default: .changed
      }
    for listener in sentinel.listeners { send(.hint(hint), on: listener, fromAcceptor: true) }
  }

  /// The script runs at the next tick, 4–103 ms later, and reaches the agent of its own host.
  func callHook(at sentinel: SentinelServer) {
    guard configuration.hasHook,
      let agent = agents.first(where: { host(of: $0.process) == sentinel.host })
    else { return }
    schedule(
      .event(.hookCalled), for: agent.process,
      after: random.number(4...103) * millisecond)
  }
}
