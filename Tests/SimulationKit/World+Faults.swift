import FailoverCore

/// How faults begin and end.
extension World {
  /// A fault in force: what it was resolved to when it began.
  struct ActiveFault {
    var host = 0
    var other = 0
    var processes: [Int] = []
    /// Which incarnation of each it met: the next one is not stopped.
    var incarnations: [Int] = []
    var pairs: [Int] = []
    var wasApplied = false
    /// Of an agent that is to crash between two effects: whether it did.
    var hasCrashed = false
  }

  func begin(_ index: Int) {
    let fault = configuration.faults[index]
    note(.faultBegan(index))
    if lastFault == nil {
      statistics.writes.faultBegan = now
      statistics.writes.wasArmed = redis[currentMaster].acceptance.fence == .armed
    }
    lastFault = fault.kind
    var active = ActiveFault(wasApplied: true)
    let master = currentMaster
    active.host = fault.target == Fault.currentMaster ? master : fault.target
    active.other = fault.other
    switch fault.kind {
    case .hostIsolated, .hostMute, .hostDeaf, .pairCut, .bipartition, .networkBlip:
      active.pairs = pairs(cutBy: fault, active)
    case .lossAndDelay:
      settleStreams()
      lossPerMille[active.host] += fault.mask % 271
      extraDelay[active.host] += Int64(fault.mask % 101) * millisecond
    case .powerOff: switchOff(active.host)
    case .redisKill: active.processes = [redis[active.host].process]
    case .redisFreeze: active.processes = [redis[active.host].process]
    case .agentKill, .agentStop:
      guard configuration.hasAgents else { break }
      active.processes = [agents[active.host].process]
    case .cpuStall: active.processes = processes.indices.filter { host(of: $0) == active.host }
    case .machinePause: pause(active.host)
    case .sentinelKill, .sentinelFreeze, .sentinelRestart:
      active.processes = [sentinels[fault.target].process]
    case .allSentinelsRestart: active.processes = sentinels.map(\.process)
    case .twoSentinelsDown:
      active.processes = [sentinels[fault.target].process, sentinels[fault.other].process]
    case .sentinelReset: resetSentinels(fault)
    case .forcedFailover: force(fault.target, isMinority: false)
    case .forcedInMinority: forceInMinority(fault, &active)
    case .twoForced: forceTwo(fault, &active)
    case .clockJump: setClock(of: active.host, by: Int64(fault.mask % 20_000) - 10_000)
    case .phantom, .resetInTurn, .sentinelRebuilt, .sentinelGone, .forget, .firstConfiguration,
      .wallStep, .spoiledEntries, .lateSentinel:
      beginDirt(index, fault, &active)
    }
    for pair in active.pairs { blocked[pair] += 1 }
    if fault.kind.isFreeze { active.processes.removeAll { !isRunning($0) } }
    active.incarnations = active.processes.map { processes[$0].incarnation }
    activeFaults[index] = active
    beginProcessFault(index, fault, active)
    refreshStreams()
    holdersChanged()
  }

  private func beginProcessFault(_ index: Int, _ fault: Fault, _ active: ActiveFault) {
    switch fault.kind {
    case .redisFreeze, .agentStop, .cpuStall, .sentinelFreeze:
      for process in active.processes { freeze(process) }
    case .agentKill:
      // Half of them die between two effects of the next decision that has several.
      guard let process = active.processes.first else { return }
      let agent = agents[process - redis.count]
      agent.crashFault = index
      if let effects = fault.effects, processes[process].downDepth == 0 {
        agent.effectsBeforeCrash = effects
      } else if fault.mask & 1 == 1, processes[process].downDepth == 0 {
        agent.effectsBeforeCrash = fault.mask >> 1 & 7
      } else {
        crash(agent)
      }
    case .redisKill, .sentinelKill, .sentinelRestart, .allSentinelsRestart, .twoSentinelsDown:
      for process in active.processes { stop(process) }
    default: break
    }
  }

  func end(_ index: Int) {
    let fault = configuration.faults[index]
    let active = activeFaults[index]
    guard active.wasApplied else { return }
    note(.faultEnded(index))
    for pair in active.pairs { blocked[pair] -= 1 }
    switch fault.kind {
    case .lossAndDelay:
      lossPerMille[active.host] -= fault.mask % 271
      extraDelay[active.host] -= Int64(fault.mask % 101) * millisecond
    case .powerOff: switchOn(active.host)
    case .machinePause: unpause(active.host)
    case .redisFreeze, .agentStop, .cpuStall, .sentinelFreeze:
      for (process, incarnation) in zip(active.processes, active.incarnations)
      where processes[process].incarnation == incarnation {
        thaw(process)
      }
    case .agentKill:
      guard let process = active.processes.first else { break }
      if active.hasCrashed { restart(process) } else { agents[process - redis.count].spare() }
    case .redisKill, .sentinelKill, .sentinelRestart, .allSentinelsRestart, .twoSentinelsDown:
      for process in active.processes { restart(process) }
    default: endDirt(index, fault, active)
    }
    activeFaults[index].wasApplied = false
    refreshStreams()
    holdersChanged()
  }

  func pairs(cutBy fault: Fault, _ active: ActiveFault) -> [Int] {
    let count = hosts.count
    var result: [Int] = []
    for from in 0..<count {
      for to in 0..<count where from != to {
        let isCut: Bool =
          switch fault.kind {
          case .hostIsolated: from == active.host || to == active.host
          case .hostMute: from == active.host
          case .hostDeaf: to == active.host
          case .pairCut:
            (from == active.host && to == active.other)
              || (fault.mask & 1 == 0 && from == active.other && to == active.host)
          case .bipartition: (fault.mask >> from & 1) != (fault.mask >> to & 1)
          case .networkBlip: true
          default: false
          }
        if isCut { result.append(from * count + to) }
      }
    }
    return result
  }

  // MARK: Operators

  func force(_ sentinel: Int, isMinority: Bool) {
    guard isRunning(sentinels[sentinel].process) else { return }
    note(.forced(sentinel))
    forcedAt = now
    if isMinority { forcedInMinorityAt = now }
    forceFailover(sentinels[sentinel])
  }

  private func resetSentinels(_ fault: Fault) {
    let chosen = fault.mask % 4 == 0 ? Array(sentinels.indices) : [fault.target]
    resetAt = now
    for index in chosen where isRunning(sentinels[index].process) { reset(sentinels[index]) }
  }

  /// A side with the Sentinel, a replica, and fewer Sentinels than a majority.
  private func forceInMinority(_ fault: Fault, _ active: inout ActiveFault) {
    let master = currentMaster
    let replicas = redis.indices.filter { $0 != master }
    var side = [sentinels[fault.target].host, replicas[fault.mask % replicas.count]]
    if fault.mask & 0x100 != 0 {
      side += hosts.indices.filter { fault.mask >> ($0 + 9) & 1 == 1 && $0 != master }
    }
    while sentinels.count(where: { side.contains($0.host) }) >= configuration.majority,
      side.count > 2
    {
      side.removeLast()
    }
    let count = hosts.count
    for from in 0..<count {
      for to in 0..<count where side.contains(from) != side.contains(to) {
        active.pairs.append(from * count + to)
      }
    }
    queue.push(
      .operatorForcesFailover(sentinel: fault.target, isMinority: true),
      at: now + random.number(0...200) * millisecond)
  }

  private func forceTwo(_ fault: Fault, _ active: inout ActiveFault) {
    if fault.mask & 1 == 1 {
      active.pairs = pairs(
        cutBy: Fault(
          kind: .bipartition, begins: 0, duration: 0, target: 0, mask: fault.mask >> 2), active)
    }
    let isApart = fault.mask & 1 == 1
    queue.push(
      .operatorForcesFailover(sentinel: fault.target, isMinority: isApart),
      at: now + random.number(0...200) * millisecond)
    queue.push(
      .operatorForcesFailover(sentinel: fault.other, isMinority: isApart),
      at: now + random.number(0...1_000) * millisecond)
  }

  private func setClock(of host: Int, by milliseconds: Int64) {
    hosts[host].wallOffset += milliseconds
    guard configuration.hasAgents, host < agents.count else { return }
    schedule(
      .event(.clockDisturbed(.clockJump(.milliseconds(milliseconds)))),
      for: agents[host].process, after: 20_000)
  }
}
