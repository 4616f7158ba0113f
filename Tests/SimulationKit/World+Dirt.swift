import Addresses
import FailoverCore

/// What dirt left behind, and what is still in force.
struct Dirt {
  /// The next run id that nobody had, by number.
  var nextIdentity: Int
  /// The next place at which nobody is.
  var nextPlace: Int
  /// The run ids that no process has, and since when none says hello by them.
  var phantoms: [Phantom] = []
  /// For each Sentinel, the run ids that it had before.
  var formerIdentities: [[Int]]
  /// Which Sentinels are stopped for good.
  var gone: [Int] = []
  /// Which of them left the configuration of the agents.
  var removed: [Int] = []
  /// For each host, how far its wall clock is wrong.
  var wallErrors: [Int64]
  /// The hosts whose wall clocks were ever set.
  var steppedHosts: [Int] = []
  /// The faults that spoil replies at present.
  var spoiling: [Int] = []
  /// Which agent does not know the address of which Sentinel.
  var unresolved: [(agent: Int, sentinel: Int)] = []

  struct Phantom {
    var identity: Int
    var since: Int64
  }

  init(sentinels: Int, hosts: Int) {
    nextIdentity = sentinels
    nextPlace = sentinels
    formerIdentities = Array(repeating: [], count: sentinels)
    wallErrors = Array(repeating: 0, count: hosts)
  }
}

/// Something that an operator or a host does later because of dirt.
enum DirtStep {
  case resetSentinel(Int)
  case startAgent(Int)
  case startSentinels([Int])
  case mendMonitoring
  case cleanUp
  case forgetPhantoms
}

/// How dirt begins and ends.
extension World {
  /// How long after the last fault an operator cleans up.
  static let cleanUpDelay = 3 * second
  /// How long that takes: phantoms must have been silent for 10 s.
  static let cleanUpSpan = 16 * second
  /// How long that takes where all Sentinels are reset first, and have 60 s to agree.
  static let resetSpan = 90 * second
  /// A Sentinel that said hello so recently is not forgotten (`Timing.helloLifetime`).
  private static let helloLifetime = 10 * second

  static func runID(_ identity: Int) -> String { "S\(identity)" }

  var identityCount: Int { dirt.nextIdentity }

  /// Where a Sentinel is, real or not.
  func sentinelEndpoint(_ place: Int) -> Endpoint {
    place < sentinelEndpoints.count
      ? sentinelEndpoints[place]
      : Endpoint(address: WorldConfiguration.address(200 + place), port: 26379)
  }

  func beginDirt(_ index: Int, _ fault: Fault, _ active: inout ActiveFault) {
    switch fault.kind {
    case .phantom: sayStrayHellos(fault)
    case .resetInTurn: resetInTurn(fault, &active)
    case .sentinelRebuilt: rebuild(fault, &active)
    case .sentinelGone: stopForGood(fault)
    case .forget: forgetPhantoms(at: fault.mask & 3 == 3 ? [fault.mask >> 2] : nil)
    case .firstConfiguration: bringBackFirstConfiguration(fault, &active)
    case .wallStep: stepWall(of: active.host, by: fault.step)
    case .spoiledEntries: dirt.spoiling.append(index)
    case .lateSentinel: restartUnresolved(fault, active)
    default: break
    }
  }

  func endDirt(_ index: Int, _ fault: Fault, _ active: ActiveFault) {
    switch fault.kind {
    case .sentinelRebuilt: for process in active.processes { restart(process) }
    case .firstConfiguration: mendMonitoring()
    case .wallStep:
      // Half of them are set right, the others only when an operator cleans up.
      if fault.mask & 1 == 1 { stepWall(of: active.host, by: -fault.step) }
    case .spoiledEntries: dirt.spoiling.removeAll { $0 == index }
    case .lateSentinel:
      dirt.unresolved.removeAll { $0.agent == active.host && $0.sentinel == fault.other }
    default: break
    }
  }

  func take(_ step: DirtStep) {
    switch step {
    case .resetSentinel(let index):
      guard isRunning(sentinels[index].process), !isFrozen(sentinels[index].process) else { return }
      resetAt = now
      reset(sentinels[index])
    case .startAgent(let process): restart(process)
    case .startSentinels(let chosen): for process in chosen { restart(process) }
    case .mendMonitoring: mendMonitoring()
    case .cleanUp: cleanUp()
    case .forgetPhantoms:
      dropGoneSentinels()
      forgetPhantoms(at: nil, andUnknown: true)
    }
  }

  private func later(_ step: DirtStep, after delay: Int64) {
    queue.push(.dirt(step), at: now + delay)
  }

  // MARK: Who there is

  private func newIdentity() -> Int {
    dirt.nextIdentity += 1
    return dirt.nextIdentity - 1
  }

  /// `sentinelProcessHelloMessage`, its first half: the instance that says hello, made if needed.
  ///
  /// One that has another address now is removed first. Another id at the same address loses its
  /// port; but not if the newcomer had to be removed.
  func meet(_ hello: Hello, _ sentinel: SentinelServer, _ time: Int64) -> SentinelInstance {
    let hasPort = hello.place >= 0
    if let known = sentinel.peers.first(where: {
      $0.identity == hello.sender && $0.hasAddress == hasPort
        && (!hasPort || $0.index == hello.place)
    }) {
      return known
    }
    let former = sentinel.peers.filter { $0.identity == hello.sender }
    for peer in former { closeCommands(peer) }
    sentinel.peers.removeAll { $0.identity == hello.sender }
    if former.isEmpty, hasPort,
      let other = sentinel.peers.first(where: { $0.hasAddress && $0.index == hello.place })
    {
      other.hasAddress = false
      closeCommands(other)
    }
    let peer = SentinelInstance(
      kind: .sentinel, index: max(hello.place, 0), identity: hello.sender, time: time)
    peer.hasAddress = hasPort
    sentinel.peers.append(peer)
    return peer
  }

  /// One stray PUBLISH to one Sentinel or all, or two where a majority of what is counted then is
  /// left: from an address where nobody is, from that of a real Sentinel, or without a port.
  private func sayStrayHellos(_ fault: Fault) {
    for _ in 0..<(fault.mask >> 4 & 3 == 0 && sentinels.count > 4 ? 2 : 1) {
      let identity = newIdentity()
      let place: Int
      switch fault.mask >> 2 & 3 {
      case 0: place = -1
      case 1: place = fault.other
      default:
        place = dirt.nextPlace
        dirt.nextPlace += 1
      }
      dirt.phantoms.append(Dirt.Phantom(identity: identity, since: now))
      for sentinel in sentinels
      where (fault.mask & 3 != 0 || sentinel.index == fault.target)
        && isRunning(sentinel.process) && !isFrozen(sentinel.process)
        && sentinel.index != place
      {
        let hello = Hello(
          sender: identity, place: place, currentEpoch: 0, master: sentinel.namedMaster,
          configEpoch: 0)
        process(hello, sentinel, time(of: sentinel))
      }
    }
  }

  /// Stops a Sentinel that comes back with another run id, or one that it had before; half of them
  /// without what it knew.
  private func rebuild(_ fault: Fault, _ active: inout ActiveFault) {
    let sentinel = sentinels[fault.target]
    guard !dirt.gone.contains(sentinel.index) else { return }
    active.processes = [sentinel.process]
    stop(sentinel.process)
    giveIdentity(to: sentinel, isFormer: fault.mask & 4 == 4)
    if fault.mask & 8 == 8 { clean(sentinel) }
  }

  private func giveIdentity(to sentinel: SentinelServer, isFormer: Bool) {
    let former = dirt.formerIdentities[sentinel.index].last
    dirt.phantoms.append(Dirt.Phantom(identity: sentinel.identity, since: now))
    dirt.formerIdentities[sentinel.index].append(sentinel.identity)
    sentinel.identity = isFormer ? former ?? newIdentity() : newIdentity()
    dirt.phantoms.removeAll { $0.identity == sentinel.identity }
  }

  /// Gives a Sentinel that does not run the file that it was installed with.
  private func clean(_ sentinel: SentinelServer) {
    sentinel.master = SentinelInstance(kind: .master, index: 0, time: time(of: sentinel))
    sentinel.replicas = []
    sentinel.peers = []
    sentinel.failoverState = .none
    sentinel.promoted = nil
    sentinel.currentEpoch = 0
    sentinel.configEpoch = 0
    sentinel.leader = nil
    sentinel.leaderEpoch = 0
  }

  /// Stops a Sentinel for good, if a majority stays.
  private func stopForGood(_ fault: Fault) {
    guard dirt.gone.isEmpty, sentinels.count > 2 else { return }
    let sentinel = sentinels[fault.target]
    dirt.gone.append(sentinel.index)
    dirt.phantoms.append(Dirt.Phantom(identity: sentinel.identity, since: now))
    stop(sentinel.process)
  }

  /// An operator forgets those that don't exist and were silent for long enough.
  private func forgetPhantoms(at chosen: [Int]?, andUnknown: Bool = false) {
    guard configuration.hasAgents else { return }
    let targets = chosen.map { $0.map { agents[$0 % agents.count] } } ?? agents
    for agent in targets where isRunning(agent.process) && !isFrozen(agent.process) {
      for phantom in dirt.phantoms where now - phantom.since > World.helloLifetime {
        tell(agent, .forgetRequested(World.runID(phantom.identity)))
      }
      // After a power cut only their number may be remembered: status says so.
      if andUnknown { tell(agent, .forgetRequested("")) }
    }
  }

  // MARK: RESET, REMOVE and MONITOR

  /// One Sentinel or all, in any order, at once or with pauses; half of them across a cut.
  private func resetInTurn(_ fault: Fault, _ active: inout ActiveFault) {
    var order = fault.mask & 3 == 3 ? [fault.target] : Array(sentinels.indices)
    var at: Int64 = 0
    while !order.isEmpty {
      let next = order.remove(at: dirtRandom.index(0...(order.count - 1)))
      later(.resetSentinel(next), after: at + 1)
      at += dirtRandom.number(0...3_000) * millisecond
    }
    if fault.mask & 4 == 4 {
      active.pairs = pairs(
        cutBy: Fault(
          kind: .bipartition, begins: 0, duration: 0, target: 0, mask: fault.mask >> 4), active)
    }
  }

  /// All Sentinels come back with the file that they were installed with; half of them with another
  /// run id, which stands in that file, too.
  private func bringBackFirstConfiguration(_ fault: Fault, _ active: inout ActiveFault) {
    let present = sentinels.filter { !dirt.gone.contains($0.index) }
    active.processes = []
    for sentinel in present {
      stop(sentinel.process)
      if fault.mask & 1 == 1 { giveIdentity(to: sentinel, isFormer: false) }
      clean(sentinel)
      later(
        .startSentinels([sentinel.process]),
        after: dirtRandom.logarithmic(50...1_000) * millisecond)
    }
  }

  /// An operator lets all Sentinels monitor the right master, if they name one of its replicas.
  private func mendMonitoring() {
    guard let named = majorityNamed, let master = redis[named].replicaOf,
      redis[master].isMaster
    else { return }
    for sentinel in sentinels
    where isRunning(sentinel.process) && !isFrozen(sentinel.process)
      && sentinel.namedMaster != master
    {
      monitor(master, sentinel)
    }
  }

  // MARK: Clocks and names

  private func stepWall(of host: Int, by milliseconds: Int64) {
    hosts[host].wallOffset += milliseconds
    dirt.wallErrors[host] += milliseconds
    if !dirt.steppedHosts.contains(host) { dirt.steppedHosts.append(host) }
    guard configuration.hasAgents, host < agents.count else { return }
    // The daemon looks at its clocks once a tick (`ClockWatch.tick`).
    schedule(
      .event(.clockDisturbed(.clockJump(.milliseconds(milliseconds)))),
      for: agents[host].process, after: dirtRandom.number(0...96) * millisecond)
  }

  private func restartUnresolved(_ fault: Fault, _ active: ActiveFault) {
    guard configuration.hasAgents, active.host < agents.count else { return }
    let agent = agents[active.host]
    dirt.unresolved.append((active.host, fault.other))
    agent.spare()
    stop(agent.process)
    later(.startAgent(agent.process), after: dirtRandom.logarithmic(20...500) * millisecond)
  }

  /// Whether an agent can't reach a Sentinel for want of its address.
  func isUnresolved(_ sentinel: Int, _ agent: AgentShell) -> Bool {
    dirt.unresolved.contains { $0.agent == agent.node && $0.sentinel == sentinel }
  }

  // MARK: Cleaning up

  /// After the last fault an operator sets the clocks right, restarts the Sentinels of those hosts,
  /// fixes what is monitored, and says who is gone.
  private func cleanUp() {
    for host in hosts.indices where dirt.wallErrors[host] != 0 {
      stepWall(of: host, by: -dirt.wallErrors[host])
    }
    for sentinel in sentinels
    where dirt.steppedHosts.contains(sentinel.host) && !dirt.gone.contains(sentinel.index) {
      stop(sentinel.process)
      later(
        .startSentinels([sentinel.process]), after: dirtRandom.number(100...2_000) * millisecond)
    }
    later(.mendMonitoring, after: 5 * second)
    if configuration.resetsAtTheEnd {
      for agent in agents where !dirt.gone.isEmpty && isRunning(agent.process) {
        tell(agent, .sentinelsConfigured(sentinels.count - dirt.gone.count))
      }
      for (index, sentinel) in sentinels.enumerated() {
        later(.resetSentinel(sentinel.index), after: 6 * second + Int64(index) * 2 * second)
      }
      later(.forgetPhantoms, after: World.resetSpan - second)
    } else {
      later(.forgetPhantoms, after: World.cleanUpSpan - second)
    }
  }

  /// Those that are stopped for good leave the configuration of every agent.
  private func dropGoneSentinels() {
    dirt.removed = dirt.gone
    for agent in agents where !dirt.gone.isEmpty && isRunning(agent.process) {
      tell(agent, .sentinelsConfigured(sentinels.count - dirt.gone.count))
      for index in dirt.gone { drop(index, agent) }
    }
  }

  // MARK: Health

  /// The Sentinels that are not stopped for good.
  var presentSentinels: [SentinelServer] {
    dirt.gone.isEmpty ? sentinels : sentinels.filter { !dirt.gone.contains($0.index) }
  }

  /// Whether a Sentinel lists all others, and agents count no more than there are.
  func listsAllOthers(_ sentinel: SentinelServer) -> Bool {
    guard configuration.isDirty else { return sentinel.peers.count == sentinels.count - 1 }
    return presentSentinels.allSatisfy { other in
      other === sentinel
        || sentinel.peers.contains {
          $0.identity == other.identity && $0.hasAddress && $0.index == other.index
        }
    }
  }

  /// Whether no agent counts a Sentinel that does not exist.
  var agentsCountRight: Bool {
    guard configuration.isDirty else { return true }
    let identities = presentSentinels.map { World.runID($0.identity) }
    return agents.allSatisfy { agent in
      agent.machine.knownSentinels.allSatisfy {
        $0.fate != .counted || identities.contains($0.runID)
      }
    }
  }

  /// The node that should hold by all that is known outside: the named one, or the master that it
  /// follows, where Sentinels came back with an old configuration.
  func dueNode(_ named: Int) -> Int {
    guard configuration.isDirty, let master = redis[named].replicaOf, redis[master].isMaster
    else { return named }
    return master
  }
}
