import Addresses
import ChannelMessages
import Configuration
import FailoverCore
import Kernel
import Links
import Logging
import Metrics
import NIOCore
import Platform
import Store
import Wording

/// One group at work: hands facts to its machine, and the machine's orders to the rooms that carry
/// them out.
///
/// Facts come in through `handle`, one at a time; the orders that the machine answers with are
/// carried out, all of them, before the next fact is looked at.
final class Group {
  /// Facts that may follow from one another within one call; more means they go in a circle.
  static let chainLimit = 1_000
  /// How long a group that ends waits for the last answers of its Redis.
  static let orderLimit = Duration.milliseconds(300)
  /// How often each daemon says how it is.
  static let stateLinePeriod = Duration.seconds(1)
  /// How often the problems are looked at for the log.
  static let problemPeriod = Duration.seconds(1)

  let services: GroupServices
  let section: GroupSection
  /// The state, as the last transition left it.
  private(set) var currentState = StateName.standby
  /// What a holding rests on, as the last transition left it: a pause covers the state, and not this.
  private var basis = LeaseBasis.none
  /// The instances that Sentinel names.
  private(set) var instances = InstanceFinder()

  private let access: Access
  private let journal: Journal
  private let sharedRules: SharedRules
  private var machine: FailoverMachine
  private var waiting: CircularBuffer<Event> = []
  private var isHandling = false
  /// Whether the Sentinels are to be polled once the facts at hand are dealt with.
  private var isPollWanted = false
  private var stateLineAt: Instant?
  private var problemsLookedAt: Instant?

  // MARK: - Rooms

  let channel: GroupChannel
  private lazy var port = GroupPort(
    sender: channel.sender, journal: journal,
    view: { [weak self] in self?.view ?? GroupView() },
    status: { [weak self] in self?.machine.status(at: $0) },
    send: { [weak self] in self?.send($0, also: $1) },
    deliver: { [weak self] in self?.handle($0) })
  private(set) lazy var redis = LocalRedis(
    services, port, access: access, channelName: channel.name
  ) { [weak self] in self?.received($0) }
  private lazy var nodeProber = NodeProber(
    access: access, loop: services.loop, clock: services.clock,
    decoder: RedisReplyDecoder { [services] in services.address(ofInstance: $0) }
  ) { [weak self] in self?.handle(.nodeObserved($0, $1, sentAt: $2)) }
  private lazy var wakeTimer = WakeTimer(services) { [weak self] in self?.handle(.woke) }
  private lazy var announcer = AddressAnnouncer(services, journal: journal)
  private(set) lazy var prober = Prober(services, of: masterName, deliver: port.deliver)
  private(set) lazy var sessions = SessionKeeper(
    section, services, port,
    outputs: .init(
      speak: { [weak self] in self?.speak($0, at: $1) },
      killClients: { [weak self] in self?.redis.killClients(of: $0) == true },
      ended: { [weak self] in self?.moves.ended(sessions: $0) }))
  private(set) lazy var selfChecks = SelfChecker(section, access: access, services, port) {
    [weak self] in self?.ask(.check($0), at: $1)
  }
  private(set) lazy var facts = FactsExchange(
    masterName, services, port, read: { [weak self] in self?.readFacts($0) },
    ask: { [weak self] in self?.ask(.factsWanted($0), at: $1) })
  private(set) lazy var moves = MoveCoordinator(section, services, port) { [weak self] in
    self?.machine.promotableReplicas(at: $0) ?? []
  }

  init(
    section: GroupSection, configuration: GroupConfiguration, access: Access,
    channelKey: ChannelKey?, services: GroupServices
  ) {
    self.services = services
    self.section = section
    self.access = access
    machine = FailoverMachine(configuration: configuration)
    sharedRules = SharedRules(section, sentinels: configuration.configuredSentinels)
    journal = Journal(configuration, services)
    channel = GroupChannel(
      section.masterName, access: access, key: channelKey, services: services, journal: journal)
  }

  // MARK: - What it is asked

  var masterName: String { section.masterName }

  /// What the machine was told to go by.
  var configuration: GroupConfiguration { machine.configuration }

  /// What the machine knows and does now.
  var status: GroupStatus { machine.status(at: services.clock.now()) }

  /// Whether an address is held on something else than confirmations of Sentinels.
  var isHoldingWithoutConfirmations: Bool { ![.none, .sentinels].contains(machine.basis) }

  /// What it has counted.
  var counters: GroupCounters {
    var counters = journal.counters
    counters.sessions = sessions.figures
    return counters
  }

  /// Whether this node holds an address by its own decision and by the kernel's word.
  var isHolding: Bool {
    basis != .none && section.virtualAddresses.contains(where: services.addresses.isPresent)
  }

  /// Whether no announcement is to come.
  var isAnnounced: Bool { announcer.isDone }

  /// What is wrong with the group now, as far as this host knows; empty if all is well.
  var problems: [GroupProblem] {
    let now = services.clock.now()
    let login = KnownLogin(
      user: section.redisCredentials?.user, file: section.redisCredentials?.passwordFile,
      directive: "auth-pass-file redis \(masterName)")
    let troubles = AddressTrouble.grouped(section.virtualAddresses, services.links.troubles)
    return ProblemReport(
      masterName: masterName, now: now, status: machine.status(at: now),
      unresolvedNames: services.unresolvedSentinels(masterName),
      refusals: redis.problems(login) + services.sentinelProblems(masterName),
      instances: instances, ownAddresses: services.addresses.ownAddresses, rules: sharedRules,
      otherRules: channel.peers.rules(at: now),
      troubles: troubles.map { trouble, addresses in
        (trouble, addresses, addresses.contains(where: services.addresses.isPresent))
      },
      death: (redis.isDeathVisible, redis.lacksGuard),
      hasSecondDaemon: instances.followed.map {
        channel.peers.hasSecondDaemon(of: $0, at: now)
      } ?? false
    ).problems
  }

  /// What the rooms are told of it.
  private var view: GroupView {
    GroupView(
      instances: instances, role: redis.role, isHolding: isHolding, peers: channel.peers)
  }

  // MARK: - Beginning, time, end

  /// Begins: tells the machine what is known, and looks for the local Redis.
  func start(with facts: StartupFacts) {
    journal.started()
    handle(.started(facts))
    if let endpoint = section.redis {
      instances.fix(endpoint)
      handle(.localInstancesChanged([endpoint]))
    }
    followLocalRedis()
  }

  /// Does what is due; called on every tick.
  func tick(at now: Instant) {
    redis.tick(at: now)
    channel.tick(at: now)
    nodeProber.tick(at: now)
    publishStateLine(at: now)
    moves.tick(at: now)
    sessions.tick(at: now, hasSpoken: stateLineAt == now)
    selfChecks.tick(at: now)
    redis.tickAdmission(at: now)
    logProblems(at: now)
  }

  /// Ends everything that runs for the group; the address is the machine's to remove before.
  ///
  /// An order about the fence that was sent has a moment to be answered: with the connection it
  /// might be lost on its way.
  func end() {
    moves.end()
    channel.end()
    nodeProber.end()
    prober.end()
    announcer.stop()
    sessions.end()
    selfChecks.end()
    facts.end()
    redis.endTrials()
    wakeTimer.end()
    guard redis.hasOrders else { return redis.end() }
    let delay = TimeAmount.nanoseconds(Self.orderLimit.wholeNanoseconds)
    services.schedule(in: delay) { self.redis.end() }
  }

  private func logProblems(at now: Instant) {
    if let problemsLookedAt, now - problemsLookedAt < Self.problemPeriod { return }
    problemsLookedAt = now
    // A link that is lost for a moment, as in each promotion, is told by its own line.
    journal.note(problems.filter { $0.label != "redis-silent" })
  }

  // MARK: - Facts

  /// Takes in a fact.
  ///
  /// A fact that comes while another is handled, as the answer to an order, waits its turn. An
  /// address that is to be taken or dropped does not wait for polls of the Sentinels: these go out
  /// behind everything else.
  func handle(_ event: Event) {
    waiting.append(event)
    guard !isHandling else { return }
    isHandling = true
    defer {
      isHandling = false
      pollIfWanted()
      services.addresses.listenAgain()
    }
    var handled = 0
    while let event = waiting.popFirst() {
      handled += 1
      guard handled <= Self.chainLimit else {
        journal.logger.error(
          "Facts follow from one another without end; \(waiting.count) are dropped")
        return waiting.removeAll()
      }
      let now = services.clock.now()
      journal.begin(event, at: now)
      let orders = machine.handle(event, at: now)
      journal.handled(event, at: now, orders: orders)
      for order in orders {
        run(order, at: now)
        if isDone(order) { journal.carriedOut(order) }
      }
    }
  }

  private func pollIfWanted() {
    if isPollWanted { services.pollSentinels(masterName) }
    isPollWanted = false
  }

  /// Takes in that Sentinel's hook was called.
  func hookCalled() {
    journal.count(\.hookCalls)
    handle(.hookCalled)
  }

  /// Takes in a fact about a Sentinel: first what it says of this host, then the rest.
  func sentinelSaid(_ event: Event) {
    switch event {
    case .sentinelReplied(let id, let view, _): learn(view, from: id)
    case .sentinelForgotten(let id): instances.forget(id)
    case .sentinelDisconnected(let id, _): instances.silence(id)
    default: break
    }
    handle(event)
  }

  /// Takes in which instances a Sentinel names.
  func learn(_ view: SentinelView, from id: SentinelID) {
    if instances.learn(view, from: id) { refreshInstances() }
  }

  /// Looks again which of the named instances is this host's.
  func refreshInstances() {
    let virtual = Set(section.virtualAddresses.map(\.address))
    let hasChanged = instances.refresh(isOwn: services.addresses.isOwn, virtual: virtual)
    guard hasChanged, let followed = instances.followed else { return }
    let others = instances.own.dropFirst().map(\.description).joined(separator: ", ")
    journal.logger.info(
      "This host's instance is \(followed)\(others.isEmpty ? "" : ", beside \(others)")")
    handle(.localInstancesChanged(instances.own))
    followLocalRedis()
  }

  /// Connects to the local Redis, if it is known which it is: as Sentinel names it, unless the file
  /// says more.
  private func followLocalRedis() {
    guard let followed = instances.followed else { return }
    redis.follow(section.redisLocal ?? followed, meaning: followed.address)
  }

  /// Takes in that the kernel no longer has an address.
  func lost(_ address: VirtualAddress) {
    handle(.addressVanished(address))
    // Still held, and there again: neither the lease nor this daemon removed it.
    guard status.basis != .none, services.addresses.isPresent(address) else { return }
    journal.count(\.repairs)
    journal.complain("\(address) was removed by another program, and put back")
  }

  /// Takes in that somebody else claims one of the group's addresses.
  func heardClaim(of address: IPAddress, by mac: MACAddress) {
    // Whoever answers for every address says nothing by it.
    if section.ignoredClaimants.contains(mac) { return }
    journal.count(\.claims)
    prober.heardClaim(of: address, by: mac)
    sessions.sawSuccessor(at: services.clock.now())
    selfChecks.heardClaim(of: address, by: mac)
    handle(.claimSeen(address, by: mac))
  }

  /// Takes in that another host probes for one of the group's addresses: it is about to take it.
  func heardProbe(of address: IPAddress, by mac: MACAddress, own: MACAddress) {
    prober.heardProbe(
      of: address, by: mac, own: own, isHeld: basis != .none, isAwaited: currentState == .prepared)
  }

  /// Takes in that the interface of some addresses can't carry traffic any more.
  func lostLink(of addresses: [VirtualAddress]) {
    let own = section.virtualAddresses.filter(addresses.contains)
    guard !own.isEmpty else { return }
    moves.lostLink(of: own)
    handle(.linkLost(own))
    // The others must not choose this host now.
    stateLineAt = nil
  }

  /// Takes in that it can again.
  func restoredLink(of addresses: [VirtualAddress]) {
    let own = section.virtualAddresses.filter(addresses.contains)
    guard !own.isEmpty else { return }
    moves.restoredLink(of: own)
    handle(.linkRestored(own))
    stateLineAt = nil
  }

  /// Takes in the operator's word that a Sentinel is gone for good, and passes it on.
  func forgetSentinel(_ runID: String) {
    handle(.forgetRequested(runID))
    send(.sentinelForgotten(runID: runID), also: nil)
  }

  // MARK: - Orders

  /// Carries out one order.
  func run(_ effect: Effect, at now: Instant) {
    switch effect {
    case .pollSentinels: isPollWanted = true
    case .readLocalRole: redis.readRole()
    case .watchReplicas(let isWanted): redis.watchReplicas(isWanted)
    case .watchFence(let isWanted): redis.watchFence(isWanted)
    case .fence(let order): redis.run(.fence(order))
    case .inspect(let node): inspect(node)
    case .inspectSentinels: services.inspectSentinels(masterName)
    case .commandFailover(let sentinel): services.commandFailover(sentinel, masterName)
    case .readReplication: redis.run(.readReplication)
    case .readIdentity: redis.run(.readIdentity)
    case .readPriority: redis.run(.readPriority)
    case .setPriority(let priority, let isLasting):
      // What is to be restored goes to the disk first, if that answers: this daemon may die right
      // after it.
      services.store.whenWritten(of: masterName) { [weak self] in
        self?.redis.run(.setPriority(priority, isLasting: isLasting))
      }
    case .relieve(let node, let setting): relieve(node, setting)
    case .probe(let id, let addresses): prober.begin(id, addresses)
    case .installAddresses(let addresses, let lifetime):
      fail(services.addresses.install(addresses, for: lifetime))
    case .removeAddresses(let addresses): fail(services.addresses.remove(addresses))
    case .endSessions(let addresses): sessions.end(addresses)
    case .handOverSessions(let addresses, let successor):
      sessions.handOver(addresses, to: successor)
    case .announce(let addresses, let plan): announcer.begin(addresses, plan)
    case .stopAnnouncing: announcer.stop()
    case .publish(let notice, let also): send(.notice(notice), also: also)
    case .keepProof(let proof): services.store.keep(proof, of: masterName)
    case .rememberSentinels(let count): services.store.remember(sentinels: count, of: masterName)
    case .keepSentinels(let known): services.store.keep(known, of: masterName)
    case .keepPause(let pause): services.store.keep(pause, of: masterName)
    case .keepFence(let memory): services.store.keep(memory, of: masterName)
    case .keepPriority(let memory): services.store.keep(memory, of: masterName)
    case .wake(let instant): wakeTimer.set(to: instant, at: now)
    case .report(let transition):
      currentState = transition.to
      basis = transition.basis
      journal.tell(transition, at: now)
      sessions.follow(transition)
      selfChecks.follow(transition, at: now)
    case .reportFence(let change): journal.tell(change, at: now)
    case .reportMove(let report): moves.reported(report, at: now)
    case .reportDeath(let news): journal.tell(news, at: now)
    case .raise(let alarm): journal.tell(alarm, at: now)
    }
  }

  /// Whether an order was carried out, as far as that can be seen.
  private func isDone(_ order: Effect) -> Bool {
    switch order {
    case .installAddresses(let addresses, _), .announce(let addresses, _):
      addresses.allSatisfy(services.addresses.isPresent)
    default: true
    }
  }

  /// Tells the machine of orders that failed.
  private func fail(_ problems: [AddressProblem]) {
    for problem in problems { handle(.addressFailed(problem.address, problem.failure)) }
  }

  /// Asks another node directly, unless what answers there may be this host's own instance, which
  /// must not be told to follow itself.
  private func inspect(_ node: Endpoint) {
    if !instances.isNobody(node) { nodeProber.ask(node) }
  }

  /// Gives another node, whose daemon fell silent in the middle of a move, its writes back.
  private func relieve(_ node: Endpoint, _ setting: FenceSetting) {
    journal.complain(
      "the vipd at \(node) fell silent in a move; its Redis gets its writes back: "
        + setting.sentence)
    nodeProber.relieve(node, setting)
  }

  // MARK: - The channel

  /// Takes in a message of the channel.
  func received(_ bytes: [UInt8]) {
    guard sessions.admit(bytes), selfChecks.admit(bytes), facts.admit(bytes),
      let message = channel.read(bytes)
    else { return }
    moves.heard(message)
    switch message.body {
    case .notice(let notice): handle(.noticeReceived(notice))
    case .move, .moveLine, .state: break
    case .sessions(let news): sessions.received(news, from: message.sender)
    case .sessionsWanted(let node): sessions.wanted(of: node)
    case .check(let check): selfChecks.heard(check, from: message.sender)
    case .checked(let answer): selfChecks.heard(answer)
    case .factsWanted(let question): facts.heard(question, from: message.sender)
    case .facts(let part): facts.heard(part)
    case .sentinelForgotten(let runID):
      let which = runID.isEmpty ? "each Sentinel that is only remembered" : "Sentinel \(runID)"
      journal.logger.notice("Another host's operator says that \(which) is gone for good")
      handle(.forgetRequested(runID))
    }
  }

  /// Sends a message where every replica gets it, and to one node directly, for a yield notice
  /// must not wait for a master that may be gone.
  private func send(_ body: ChannelMessage.Body, also: Endpoint?) {
    let master: Endpoint? =
      switch redis.role {
      case .master: nil
      case .replica(let master): master
      case nil: status.named?.endpoint
      }
    var nodes: [Endpoint] = []
    if let master, !instances.own.contains(master), !instances.isNobody(master) {
      nodes.append(master)
    }
    if let also, also != master, !instances.own.contains(also) { nodes.append(also) }
    channel.send(body, to: nodes, here: publish)
  }

  /// Asks all who hear the local Redis, and some nodes directly.
  private func ask(_ question: ChannelMessage.Body, at nodes: [Endpoint]) {
    channel.send(question, to: nodes, here: publish)
  }

  /// Publishes on the local Redis, if it is a master, which every replica hears.
  private var publish: (([UInt8]) -> Void)? { redis.role == .master ? redis.publish : nil }

  /// Says each second who this node is and whether it holds the address.
  private func publishStateLine(at now: Instant) {
    let isAwaited = channel.takeNewcomer()
    if !isAwaited, let stateLineAt, now - stateLineAt < Self.stateLinePeriod { return }
    guard let node = instances.followed, redis.role != nil else { return }
    stateLineAt = now
    let status = machine.status(at: now)
    journal.note(fenceDoubt: status.fenceDoubt(configuration.fence))
    journal.noteObstacles(status)
    // A single decision is no daemon, and beside one it would pass for a second.
    guard services.store.keepsState else { return }
    send(
      .state(
        NodeState(
          node: node, isHolding: status.presence.contains(true),
          leaseRemaining: status.leaseEnds.map { max(.zero, $0 - now) },
          fence: status.fence.state, version: Version.text, isPaused: status.pause != nil,
          configEpoch: status.named?.configEpoch ?? 0, areLinksUp: moves.areLinksUp,
          rules: sharedRules.text)),
      also: nil)
  }

  /// Sets when the next word on this node goes out, as the news of its clients want it.
  private func speak(_ line: SessionKeeper.StateLine, at now: Instant) {
    stateLineAt = line == .later ? now : nil
    if line == .now { publishStateLine(at: now) }
  }
}
