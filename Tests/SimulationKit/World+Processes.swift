import Addresses
import FailoverCore

/// Processes and hosts: start, stop, freeze, power, pauses.
extension World {
  func isRunning(_ process: Int) -> Bool {
    processes[process].downDepth == 0 && hosts[processes[process].host].offDepth == 0
  }

  func isFrozen(_ process: Int) -> Bool {
    processes[process].frozenDepth > 0 || hosts[processes[process].host].pauseDepth > 0
  }

  /// Sets a timer of a process; it is void once the process died.
  func schedule(_ timer: Timer, for process: Int, after delay: Int64) {
    queue.push(
      .timer(process: process, incarnation: processes[process].incarnation, timer),
      at: now + max(delay, 1))
  }

  func stop(_ process: Int) {
    processes[process].downDepth += 1
    if processes[process].downDepth == 1 { die(process, isPowerLost: false) }
  }

  func restart(_ process: Int) {
    processes[process].downDepth -= 1
    if processes[process].downDepth == 0 { launch(process) }
  }

  private func die(_ process: Int, isPowerLost: Bool) {
    processes[process].incarnation += 1
    if process < redis.count { died(redis[process], isPowerLost: isPowerLost) }
    agent(running: process)?.hasStarted = false
    processes[process].backlog = []
    processes[process].frozenDepth = 0
    for connection in connections[process] {
      close(
        connection, byAcceptor: connection.acceptor == process, silently: isPowerLost)
    }
    connections[process] = []
  }

  /// Runs a process after a short time for its start.
  private func launch(_ process: Int) {
    schedule(.start, for: process, after: random.number(2...50) * millisecond)
  }

  /// An agent dies by a fault, at once or between two effects.
  func crash(_ agent: AgentShell) {
    guard let fault = agent.crashFault else { return }
    agent.spare()
    activeFaults[fault].hasCrashed = true
    note(.crashed(agent.node))
    stop(agent.process)
    if let absence = configuration.faults[fault].absence {
      queue.push(.faultEnds(fault), at: now + absence)
    }
  }

  func freeze(_ process: Int) {
    processes[process].frozenDepth += 1
    if processes[process].frozenDepth == 1 { processes[process].frozenAt = now }
  }

  func thaw(_ process: Int) {
    processes[process].frozenDepth -= 1
    if !isFrozen(process) { resume(process, stalledFor: now - processes[process].frozenAt) }
  }

  /// Lets a process do what waited for it; an agent is told of the stall first.
  private func resume(_ process: Int, stalledFor stall: Int64, clockJump: Int64 = 0) {
    guard isRunning(process) else { return }
    if let agent = agent(running: process) {
      agent.lastDisturbance = now
      // Rounds that a stall delayed are not made up for: the address may be elsewhere.
      agent.announcementGeneration += 1
      if clockJump != 0 {
        tell(agent, .clockDisturbed(.clockJump(.nanoseconds(clockJump))))
      } else if stall >= World.noticedStall {
        tell(agent, .clockDisturbed(.stall(.nanoseconds(stall))))
      }
    }
    let backlog = processes[process].backlog
    processes[process].backlog = []
    for happening in backlog { resume(happening) }
  }

  private func resume(_ happening: Happening) {
    switch happening {
    case .arrival(let connection, let atAcceptor, let message):
      let process = atAcceptor ? connection.acceptor : connection.initiator
      guard isRunning(process) else { return }
      received(message, on: connection, by: process, atAcceptor: atAcceptor)
    default: dispatch(happening)
    }
  }

  func agent(running process: Int) -> AgentShell? {
    let index = process - redis.count
    return index >= 0 && index < agents.count ? agents[index] : nil
  }

  // MARK: Hosts

  func switchOff(_ host: Int) {
    hosts[host].offDepth += 1
    guard hosts[host].offDepth == 1 else { return }
    for process in processes.indices where processes[process].host == host {
      processes[process].downDepth += 1
      die(process, isPowerLost: true)
    }
    for address in hosts[host].addresses.indices { remove(address, from: host, .powerOff) }
    guard configuration.hasAgents, host < agents.count else { return }
    agents[host].proof = agents[host].proof?.afterReboot
    agents[host].spare()
  }

  func switchOn(_ host: Int) {
    hosts[host].offDepth -= 1
    guard hosts[host].offDepth == 0 else { return }
    for process in processes.indices where processes[process].host == host {
      restart(process)
    }
  }

  func pause(_ host: Int) {
    pausedAt[host] = now
    hosts[host].pauseDepth += 1
    if hosts[host].pauseDepth == 1 { hosts[host].pausedAt = now }
  }

  func unpause(_ host: Int) {
    pauseEndedAt[host] = now
    if hosts[host].pauseDepth == 1 {
      let paused = now - hosts[host].pausedAt
      hosts[host].pausedTotal += paused
      if configuration.setsClockAfterPause { hosts[host].wallOffset += paused / millisecond }
    }
    hosts[host].pauseDepth -= 1
    guard hosts[host].pauseDepth == 0, hosts[host].offDepth == 0 else { return }
    let jump = configuration.setsClockAfterPause ? now - hosts[host].pausedAt : 0
    for address in hosts[host].addresses.indices { scheduleExpiry(of: address, on: host) }
    holdersChanged()
    for process in processes.indices
    where processes[process].host == host && !isFrozen(process) {
      resume(process, stalledFor: 0, clockJump: jump)
    }
  }
}
