import Addresses
import ChannelMessages
import Configuration
import FailoverCore
import Logging
import NIOCore

/// What a group needs of the daemon around it.
struct GroupServices {
  let loop: any EventLoop
  let clock: HostClock
  let logger: Logger
  let network: any HostNetwork
  let store: StateStore
  let history: HistoryStore
  let census: SessionCensus
  let resolver: HostResolver
  /// The names of a group's Sentinels that can't be resolved, each with the reason.
  let unresolvedSentinels: (_ masterName: String) -> [(host: String, reason: String)]
  /// What a group's Sentinels refuse, in their own words.
  let sentinelProblems: (_ masterName: String) -> [GroupProblem]
  /// The Sentinels; nil before the start.
  var sentinelDirectory: () -> SentinelDirectory? = { nil }
  /// Polls every Sentinel about a group.
  var pollSentinels: (_ masterName: String) -> Void
  /// Asks every Sentinel about itself, for a move of a group.
  let inspectSentinels: (_ masterName: String) -> Void
  /// Tells one Sentinel to fail over.
  let commandFailover: (SentinelID, _ masterName: String) -> Void
  /// Looks at the clock before a timer of the group does anything.
  let noticeStall: () -> Void
  /// Told of every report of a group, after it was logged.
  let publishReport: (GroupReport) -> Void
}

/// One group at work: its machine, the link to its local Redis, and what its orders started.
///
/// Facts come in through `handle`, one at a time; the orders that the machine answers with are
/// carried out, all of them, before the next fact is looked at.
final class Group {
  /// Facts that may follow from one another within one call; more means they go in a circle.
  static let chainLimit = 1_000
  /// How long a group that ends waits for the last answers of its Redis.
  static let orderLimit = Duration.milliseconds(300)

  let services: GroupServices
  let masterName: String
  var section: GroupSection
  var redisLogin: Login?
  var machine: FailoverMachine
  let journal: Journal
  let channel: GroupChannel
  /// The state, as the last transition left it.
  var currentState = StateName.standby

  private var waiting: CircularBuffer<Event> = []
  private var isHandling = false
  /// Whether the Sentinels are to be polled once the facts at hand are dealt with.
  var isPollWanted = false

  // What orders have started.
  private(set) lazy var redis = LocalRedis(
    login: redisLogin, channelName: channel.name, services: services, journal: journal,
    outputs: .init(
      deliver: { [weak self] in self?.handle($0) }, receive: { [weak self] in self?.received($0) },
      promoted: { [weak self] in
        if let self { journal.noteObstacles(status) }
      }))
  private(set) lazy var inquirer = makeInquirer()
  /// The marks of what this host's configuration must say like the others'.
  private(set) lazy var sharedRules = SharedRules(
    section, sentinels: machine.configuration.configuredSentinels)
  private(set) lazy var wakeTimer = WakeTimer(services) { [weak self] in self?.handle(.woke) }
  private(set) lazy var announcer = AddressAnnouncer(services, journal: journal)
  private(set) lazy var prober = Prober(
    services, poll: { [services, masterName] in services.pollSentinels(masterName) },
    deliver: { [weak self] in self?.handle($0) })

  // What was learned about the group's place on this host.
  var instances = InstanceFinder()
  var problemsLookedAt: Instant?
  var stateLineAt: Instant?

  private(set) lazy var moves = MoveCoordinator(
    section, sender: channel.sender, services: services, journal: journal,
    around: .init(
      view: { [weak self] in self?.view ?? GroupView() },
      status: { [weak self] in self?.machine.status(at: $0) },
      promotable: { [weak self] in self?.machine.promotableReplicas(at: $0) ?? [] },
      send: { [weak self] in self?.send($0, also: $1) },
      deliver: { [weak self] in self?.handle($0) }))
  private(set) lazy var sessions = SessionKeeper(
    section, sender: channel.sender, services: services, journal: journal,
    around: .init(
      view: { [weak self] in self?.view ?? GroupView() },
      named: { [weak self] in self?.status.named?.endpoint },
      send: { [weak self] in self?.send($0, also: $1) },
      speak: { [weak self] in self?.speak($0, at: $1) },
      killClients: { [weak self] in self?.redis.killClients(of: $0) == true },
      ended: { [weak self] in self?.moves.ended(sessions: $0) }))
  private(set) lazy var selfChecks = SelfChecker(
    section, login: redisLogin, sender: channel.sender, services: services, journal: journal,
    around: .init(
      view: { [weak self] in self?.view ?? GroupView() },
      ask: { [weak self] in
        self?.channel.send(.check($0), to: $1, local: self?.publishing)
      },
      answer: { [weak self] in self?.send(.checked($0), also: $1) }))

  init(
    section: GroupSection, configuration: GroupConfiguration, login: Login?,
    channelKey: ChannelKey?,
    services: GroupServices
  ) {
    self.services = services
    self.section = section
    masterName = section.masterName
    redisLogin = login
    machine = FailoverMachine(configuration: configuration)
    journal = Journal(section.masterName, services)
    channel = GroupChannel(
      section.masterName, login: login, key: channelKey, services: services, journal: journal)
  }

  /// What the machine knows and does now.
  var status: GroupStatus { machine.status(at: services.clock.now()) }

  /// Whether this node holds an address by its own decision and by the kernel's word.
  var isHolding: Bool {
    guard currentState == .holding || currentState == .blind else { return false }
    return section.virtualAddresses.contains(where: services.network.isPresent)
  }

  /// What its rooms are told of it.
  var view: GroupView {
    GroupView(
      instances: instances, role: redis.role, isHolding: isHolding, peers: channel.peers)
  }

  /// What it has counted.
  var counters: GroupCounters {
    var counters = journal.counters
    counters.sessions = sessions.figures
    return counters
  }

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
      services.network.listenAgain()
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
        noteStep(order)
      }
    }
  }

  /// Notes when an order was carried out, if it was.
  private func noteStep(_ order: Effect) {
    switch order {
    case .installAddresses(let addresses, _), .announce(let addresses, _):
      guard addresses.allSatisfy(services.network.isPresent) else { return }
    default: break
    }
    journal.carriedOut(order)
  }

  private func pollIfWanted() {
    guard isPollWanted else { return }
    isPollWanted = false
    services.pollSentinels(masterName)
  }

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
    inquirer.tick(at: now)
    publishStateLine(at: now)
    moves.tick(at: now)
    sessions.tick(at: now, hasSpoken: stateLineAt == now)
    selfChecks.tick(at: now)
    tickWords(at: now)
  }

  /// Ends everything that runs for the group; the address is the machine's to remove before.
  ///
  /// An order about the fence that was sent has a moment to be answered: with the connection it
  /// might be lost on its way.
  func end() {
    channel.end()
    inquirer.end()
    prober.end()
    announcer.stop()
    sessions.end()
    selfChecks.end()
    redis.endTrials()
    wakeTimer.end()
    if redis.hasOrders {
      let delay = TimeAmount.nanoseconds(Self.orderLimit.wholeNanoseconds)
      services.loop.assumeIsolated().scheduleTask(in: delay) { self.redis.end() }
    } else {
      redis.end()
    }
  }
}
