import Addresses
import Configuration
import Control
import FailoverCore
import Kernel
import Links
import Logging
import Metrics
import NIOCore
import NIOPosix
import Platform
import Store
import Wording

/// The daemon at work: every group, the Sentinels, the host's network and the clock.
///
/// All of it lives on one event loop, and nothing in it may be called from anywhere else.
final class Daemon {
  let loop: any EventLoop
  let clock = HostClock()
  let logger: Logger
  let network: HostNetwork
  let pool: NIOThreadPool
  let resolver: HostResolver
  let store: StateStore
  let history: HistoryStore
  let census: SessionCensus
  let certificates: CertificateKeeper
  let hostFacts: HostFactsSource
  /// Whether the Sentinels let new connections in.
  let sentinelAdmission: AdmissionCheck
  let startedAt: Instant

  private(set) var loaded: LoadedConfiguration
  /// The Sentinels of each group that were known when it began, as the state directory says.
  private(set) var rememberedSentinels: [String: [Endpoint]] = [:]
  private(set) var groups: [Group] = []
  private(set) var directory: SentinelDirectory?
  private var clockWatch: ClockWatch
  private var ticker: Scheduled<Void>?
  private var isStopping = false
  /// Whether the masters of this host are being moved before a stop.
  private var isHandingOver = false
  private var settingsReadAt: Instant?
  /// Told of every transition and alarm.
  var reportListeners: [ObjectIdentifier: (GroupReport) -> Void] = [:]
  /// Called on every tick, after everything that is due was done: the watchdog's sign of life.
  var ticked: (Instant) -> Void = { _ in }
  var counters = DaemonCounters()
  /// How long a stop waits for the last answers of Redis servers.
  var orderLimit = Group.orderLimit
  /// Serves the metrics; nothing for a single decision.
  var metrics: MetricsEndpoint?
  /// Hands events to whoever runs programs; nil for a single decision.
  private(set) var notifications: NotificationSender?
  /// Reads the configuration again; nil where there is no file to follow.
  private(set) var reloader: Reloader?
  /// What went wrong at the start and stays so until the next one.
  private(set) var startProblems: [GroupProblem] = []

  init(
    _ loaded: LoadedConfiguration, network: HostNetwork, keepsState: Bool = true,
    pool: NIOThreadPool, loop: any EventLoop, logger: Logger,
    lookUp: @escaping HostResolver.Lookup = HostLookup.addresses
  ) {
    self.loaded = loaded
    self.network = network
    self.pool = pool
    self.loop = loop
    self.logger = logger
    startedAt = clock.now()
    clockWatch = ClockWatch(clock: clock)
    sentinelAdmission = AdmissionCheck(loop: loop, clock: clock)
    hostFacts = HostFactsSource(loop: loop)
    census = SessionCensus(network.sessions, loop: loop, clock: clock)
    resolver = HostResolver(loop: loop, clock: clock, logger: logger, lookUp: lookUp)
    certificates = CertificateKeeper(
      pool: pool, loop: loop, clock: clock, logger: logger
    ) { [resolver] scope, address in
      resolver.names(of: address, areConfigured: scope == .sentinels)
    }
    certificates.use(loaded.certificates)
    let socketPath = loaded.configuration.controlPath
    let directory = socketPath.lastIndex(of: "/").map { String(socketPath[..<$0]) } ?? "."
    store = StateStore(
      runDirectory: directory, stateDirectory: loaded.configuration.stateDirectory,
      keepsState: keepsState, loop: loop, clock: clock, logger: logger)
    history = HistoryStore(
      directory: loaded.configuration.stateDirectory, keepsState: keepsState, loop: loop,
      logger: logger)
  }

  /// Begins to hand on the events of groups that name a program.
  func notify(by sender: NotificationSender) {
    notifications = sender
    reportListeners[ObjectIdentifier(sender)] = { [weak self, sender] report in
      guard
        let section = self?.loaded.configuration.groups.first(
          where: { $0.masterName == report.masterName })
      else { return }
      sender.tell(
        report, of: section, instance: self?.group(report.masterName)?.status.localInstance)
    }
  }

  /// Whether every group has begun.
  var isReady: Bool { groups.count == loaded.configuration.groups.count }

  /// The longest stall of the event loop so far.
  var maxStall: Duration { clockWatch.maxStall }

  /// The links to the Sentinels.
  var sentinels: [SentinelLink] { directory?.links ?? [] }

  /// Begins: reads what was kept, then follows every group.
  func start() {
    directory = SentinelDirectory(
      loop: loop, clock: clock, logger: logger,
      decoder: SentinelReplyDecoder { [resolver, network] in
        resolver.address(ofInstance: $0, isOwn: network.addresses.isOwn)
      },
      needAddress: { [resolver] in _ = resolver.address(of: $0) },
      deliver: { [weak self] event, name in self?.sentinelSaid(event, of: name) })
    resolver.resolved = { [weak self] in self?.configureSentinels() }
    resolver.configure(sentinelNames)
    watchAddresses()
    for section in loaded.configuration.groups { add(section) }
    tick()
  }

  /// The group of a master name.
  func group(_ masterName: String) -> Group? {
    groups.first { $0.masterName == masterName }
  }

  /// Takes in what the host's network reports.
  func networkReported(_ event: HostNetworkEvent) {
    noticeStall()
    switch event {
    case .appeared(let address):
      owner(of: address.address)?.handle(.addressAppeared(address))
    case .vanished(let address):
      owner(of: address.address)?.lost(address)
    case .claimed(let address, let mac):
      owner(of: address)?.heardClaim(of: address, by: mac)
    case .probed(let address, let mac, let own):
      owner(of: address)?.heardProbe(of: address, by: mac, own: own)
    case .linkLost(let addresses):
      for group in groups { group.lostLink(of: addresses) }
    case .linkRestored(let addresses):
      for group in groups { group.restoredLink(of: addresses) }
    case .ownAddressesChanged:
      for group in groups { group.refreshInstances() }
    }
  }

  /// The hook was called: a hint for one group.
  ///
  /// - Returns: whether there is such a group.
  func hookCalled(_ masterName: String) -> Bool {
    guard let group = group(masterName) else {
      counters.unknownHookCalls += 1
      return false
    }
    noticeStall()
    group.hookCalled()
    return true
  }

  /// Notes what went wrong at the start and stays so until the next one.
  func note(_ problem: GroupProblem) {
    startProblems.append(problem)
  }

  /// Reads its configuration again on request, from now on.
  func followFile(
    _ path: String, load: @escaping @Sendable () -> Result<LoadedConfiguration, LoadingError>,
    activityChanged: @escaping (_ isReading: Bool) -> Void = { _ in }
  ) {
    reloader = Reloader(
      path: path,
      steps: Reloader.Steps(
        load: load, objections: { [weak self] in self?.objections(to: $0) ?? [] },
        apply: { [weak self] in self?.reload($0) }, activityChanged: activityChanged),
      pool: pool, loop: loop, logger: logger)
  }

  /// Why a configuration can't be changed to while this daemon runs.
  ///
  /// A directive takes a restart, or a held address would be put on an interface that is not there.
  ///
  /// - Returns: sentences for people; empty if nothing speaks against it.
  func objections(to new: LoadedConfiguration) -> [String] {
    guard !isStopping else { return ["this vipd is stopping"] }
    let held = loaded.configuration.groups.flatMap(\.virtualAddresses).filter(
      network.addresses.isPresent)
    let moved = new.configuration.groups.flatMap(\.virtualAddresses).filter { address in
      held.contains { $0.address == address.address && $0.interface != address.interface }
    }
    let missing = AddressTrouble.grouped(moved, network.links.troubles).filter {
      $0.trouble.label == AddressTrouble.interfaceMissing.label
    }
    return loaded.configuration.restartReasons(for: new.configuration) + losses(by: new)
      + missing.map { $0.trouble.sentence(of: $0.addresses, move: nil) + " (this host holds it)" }
  }

  /// Groups that would lose a held address by a change: one that begins anew holds at once only on
  /// what Sentinels confirm.
  private func losses(by new: LoadedConfiguration) -> [String] {
    groups.filter { group in
      let stays = new.configuration.groups.contains { section in
        section.masterName == group.masterName
          && section.virtualAddresses.contains(where: group.section.virtualAddresses.contains)
      }
      return stays && !isUnchanged(group, by: new) && group.isHoldingWithoutConfirmations
    }.map { group in
      "\(group.masterName) holds its address although the Sentinels don't confirm it, and would lose it "
        + "by the change: reload once 'vipctl status' says that they do"
    }
  }

  /// Whether nothing changes for a group.
  private func isUnchanged(_ group: Group, by new: LoadedConfiguration) -> Bool {
    var section = new.configuration.groups.first { $0.masterName == group.masterName }
    // Whose program is run is asked at each event.
    section?.notifyProgram = group.section.notifyProgram
    return section == group.section
      && new.configuration.coreConfiguration(of: group.section) == group.configuration
      && new.redisLogins[group.masterName] == loaded.redisLogins[group.masterName]
      && new.channelSecrets[group.masterName] == loaded.channelSecrets[group.masterName]
  }

  /// Changes to another configuration: what left it is released, what did not change goes on.
  func reload(_ new: LoadedConfiguration) {
    let changed = groups.filter { !isUnchanged($0, by: new) }
    loaded = new
    certificates.use(new.certificates)
    for group in changed { remove(group) }
    metrics?.configure(new.configuration.metrics)
    resolver.configure(sentinelNames)
    watchAddresses()
    for section in new.configuration.groups where group(section.masterName) == nil { add(section) }
    configureSentinels()
  }

  /// Stops by the policy, and calls back once everything is written.
  ///
  /// A restart leaves the addresses to their kernel lifetimes whatever the policy is: the daemon that
  /// comes takes them over within them, or they end by them. One without a lifetime goes by the policy.
  func stop(isRestart: Bool = false, _ call: @escaping () -> Void) {
    guard !isStopping else { return }
    let policy = loaded.configuration.stopPolicy
    if policy == .move, !isRestart, !isHandingOver {
      isHandingOver = true
      return handOver { [self] in stop(call) }
    }
    isStopping = true
    ticker?.cancel()
    metrics?.close()
    for group in groups {
      // `blind hold`: what is kept there is kept for ever, also if nobody comes.
      let isEndless = group.isHolding && group.status.kernelEnds == nil
      group.handle(.stopRequested(isRestart && !isEndless ? .keep : policy))
    }
    let limit = clock.now() + orderLimit
    // What was published needs the loop once more to leave.
    finish(by: limit, in: .milliseconds(20), call)
  }

  /// Moves the masters of this host to other nodes, and calls back once each has moved, or can't.
  func handOver(_ call: @escaping () -> Void) {
    let serving = groups.filter(\.isServing)
    guard !serving.isEmpty else { return call() }
    var open = serving.count
    for group in serving {
      _ = group.moves.handOver(within: MoveOrder.handoverLimit) { line in
        guard line.isLast else { return }
        if group.isServing {
          let text =
            "could not move: the address is released, and nobody holds it until vipd runs here "
            + "again, or Sentinel promotes another node"
          self.logger.warning("\(group.masterName): \(text)")
        }
        open -= 1
        if open == 0 { call() }
      }
    }
  }

  /// Ends everything once each Redis has answered its last order, or the time is over.
  private func finish(by limit: Instant, in delay: TimeAmount, _ call: @escaping () -> Void) {
    loop.assumeIsolated().scheduleTask(in: delay) { [self] in
      if groups.contains(where: \.redis.hasOrders), clock.now() < limit {
        return finish(by: limit, in: .milliseconds(5), call)
      }
      for group in groups { group.end() }
      census.end()
      hostFacts.end()
      directory?.end()
      sentinelAdmission.end()
      resolver.end()
      store.whenWritten { [self] in history.whenWritten(call) }
    }
  }

  // MARK: - Groups

  private func add(_ section: GroupSection) {
    let group = Group(
      section: section, configuration: loaded.configuration.coreConfiguration(of: section),
      access: redisAccess(of: section.masterName),
      channelKey: loaded.channelKey(of: section.masterName), services: services)
    store.load(section.masterName) { [weak self] stored in
      self?.begin(group, with: stored)
    }
  }

  private func begin(_ group: Group, with stored: StoredState) {
    let isCurrent = loaded.configuration.groups.contains { $0 == group.section }
    guard !isStopping, isCurrent, self.group(group.masterName) == nil else { return }
    // What this finds of other groups' addresses is told to them, before this one is among them.
    let present = network.addresses.present(among: group.section.virtualAddresses)
    groups.append(group)
    group.start(
      with: StartupFacts(
        proof: stored.proof, rememberedSentinels: stored.rememberedSentinels,
        knownSentinels: stored.knownSentinels, pause: stored.pause, present: present,
        fence: stored.fence, priority: stored.priority))
    rememberedSentinels[group.masterName] = stored.knownSentinels.filter { $0.fate == .counted }
      .compactMap(\.endpoint)
    settingsReadAt = nil
    group.lostLink(of: group.section.virtualAddresses.filter { !network.links.canCarry($0) })
    configureSentinels()
  }

  private func remove(_ group: Group) {
    logger.notice("\(group.masterName) leaves, or changed in, the configuration")
    let kept = Set(
      loaded.configuration.groups.flatMap(\.virtualAddresses).map(\.address))
    let gone = group.section.virtualAddresses.filter { !kept.contains($0.address) }
    let isWhole = gone.count == group.section.virtualAddresses.count
    // An address that stays in the file is adopted by the group that begins in its place.
    group.handle(.stopRequested(isWhole ? .release : .keep))
    if !isWhole { release(gone.filter(network.addresses.isPresent)) }
    group.end()
    groups.removeAll { $0 === group }
  }

  /// Removes addresses that left the file while others of their group stay, with their sessions.
  private func release(_ addresses: [VirtualAddress]) {
    guard !addresses.isEmpty else { return }
    _ = network.sessions.endSessions(of: addresses)
    for problem in network.addresses.remove(addresses) {
      logger.warning("\(problem.address) can't be removed: \(problem.failure.sentence)")
    }
    _ = network.sessions.endSessions(of: addresses)
  }

  private var sentinelAccess: Access {
    Access(login: loaded.sentinelLogin, tls: certificates[.sentinels])
  }

  private func redisAccess(of masterName: String) -> Access {
    Access(
      login: loaded.redisLogins[masterName],
      tls: certificates[.redis(masterName: masterName)])
  }

  private var services: GroupServices {
    GroupServices(
      loop: loop, clock: clock, logger: logger, addresses: network.addresses,
      links: network.links, sessions: network.sessions, store: store, history: history,
      census: census, resolver: resolver,
      unresolvedSentinels: { [weak self] in self?.unresolvedSentinels(of: $0) ?? [] },
      sentinelProblems: { [weak self] name in
        self.map { $0.sentinelProblems(of: name) + $0.directoryProblems(of: name) } ?? []
      },
      sentinelDirectory: { [weak self] in self?.directory },
      pollSentinels: { [weak self] in self?.directory?.poll($0) },
      inspectSentinels: { [weak self] in self?.directory?.inspect($0) },
      commandFailover: { [weak self] in self?.directory?.commandFailover($0, $1) },
      noticeStall: { [weak self] in self?.noticeStall() },
      record: { [pool, loop] configuration, logger in
        EventRecorder(
          configuration, in: EventRecorder.directory, pool: pool, loop: loop, logger: logger)
      },
      readFacts: { [weak self] in self?.readFacts(of: $0, $1) },
      publishReport: { [weak self] report in
        for listener in (self?.reportListeners ?? [:]).values { listener(report) }
      })
  }

  private func owner(of address: IPAddress) -> Group? {
    groups.first { $0.section.virtualAddresses.contains { $0.address == address } }
  }

  private func watchAddresses() {
    network.addresses.watch(loaded.configuration.groups.flatMap(\.virtualAddresses))
  }

  // MARK: - Sentinels

  private func configureSentinels() {
    directory?.configure(
      sentinelLines, access: sentinelAccess, masterNames: groups.map(\.masterName))
  }

  private func sentinelSaid(_ event: Event, of masterName: String) {
    guard let group = group(masterName) else { return }
    noticeStall()
    group.sentinelSaid(event)
  }

  // MARK: - Time

  private func tick() {
    guard !isStopping else { return }
    ticker = loop.assumeIsolated().scheduleTask(
      in: .nanoseconds(ClockWatch.tick.wholeNanoseconds)
    ) { [weak self] in
      guard let self else { return }
      tick()
    }
    let now = clock.now()
    for disturbance in clockWatch.onTick(at: now, wallNanoseconds: clock.wallNanoseconds()) {
      disturbed(disturbance)
    }
    directory?.tick(at: now)
    followNames(at: now)
    sentinelAdmission.tick(sentinels.map(\.id), access: sentinelAccess, at: now)
    certificates.tick(at: now)
    for group in groups { group.tick(at: now) }
    readSettings(at: now)
    metrics?.tick(at: now)
    ticked(now)
  }

  /// Looks now and then at settings of the host that nobody tells of, off the event loop.
  private func readSettings(at now: Instant) {
    if let last = settingsReadAt, now - last < HostSettings.period { return }
    settingsReadAt = now
    let names = Set(
      loaded.configuration.groups.flatMap(\.virtualAddresses).compactMap(
        network.links.interfaceName))
    pool.runIfActive(eventLoop: loop) { HostSettings.read(of: names) }
      .assumeIsolated().whenSuccess { [weak self] settings in
        self?.network.links.settings = settings
      }
  }

  /// Tells every group that the loop stalled, before anything that came in meanwhile.
  func noticeStall() {
    guard let disturbance = clockWatch.beforeEvent(at: clock.now()) else { return }
    disturbed(disturbance)
  }

  private func disturbed(_ disturbance: Disturbance) {
    counters.disturbances += 1
    logger.warning("\(disturbance.sentence)")
    for group in groups { group.handle(.clockDisturbed(disturbance)) }
    // The kernel may have removed an address meanwhile, and the word of it may still wait.
    network.addresses.reread()
  }
}
