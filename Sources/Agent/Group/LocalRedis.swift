import Addresses
import FailoverCore
import Kernel
import Links
import LinuxNetwork
import Metrics
import NIOCore
import Platform
import Wording

/// The local Redis: the link to it, its role, and what it refuses.
///
/// What it says becomes facts for the machine; orders go out over the link, or are answered at once
/// where there is none.
final class LocalRedis {
  /// Its role when it last answered; nil while it does not.
  private(set) var role: LocalRole?

  private let services: GroupServices
  private let port: GroupPort
  private let access: Access
  private let channelName: String
  private let receive: ([UInt8]) -> Void
  private let decoder: RedisReplyDecoder
  private let admission: AdmissionCheck
  private let loopback: LoopbackPath
  private var link: RedisLink?
  /// The endpoint that is to be followed; the link may go another way.
  private var home: Endpoint?
  /// The address by which Sentinel names it: what its certificate must name.
  private var meaning: IPAddress?
  /// Whether it has answered the other way.
  private var hasAnsweredAway = false
  private var condition = RedisCondition()
  /// The master that it followed when it last told its role.
  private var followed: Endpoint?
  private var watchesReplicas = false
  private var watchesFence = false
  private var deathWatch = DeathWatch()
  /// Whether systemd runs it, by its own word.
  private var isRunBySystemd: Bool?
  private var wasGuardCalled = false

  /// Makes the room without a link; `receive` takes each message on the group's channel.
  init(
    _ services: GroupServices, _ port: GroupPort, access: Access, channelName: String,
    receive: @escaping ([UInt8]) -> Void
  ) {
    self.services = services
    self.port = port
    self.access = access
    self.channelName = channelName
    self.receive = receive
    decoder = RedisReplyDecoder { services.address(ofInstance: $0) }
    admission = AdmissionCheck(loop: services.loop, clock: services.clock)
    loopback = LoopbackPath(access: access, loop: services.loop, clock: services.clock)
  }

  // MARK: - The link

  /// Where it is reached; nil while it is not known which it is.
  var endpoint: Endpoint? { link?.endpoint }

  /// Whether orders can be sent.
  var isConnected: Bool { link?.isConnected == true }

  /// Whether orders about the fence wait for their answer.
  var hasOrders: Bool { link?.hasOrders == true }

  /// Connects to an instance, unless it is the one that is followed; of another nothing is known
  /// any more.
  ///
  /// - Parameters:
  ///   - endpoint: where it is reached.
  ///   - meaning: the address by which Sentinel names it, where that is another.
  func follow(_ endpoint: Endpoint, meaning: IPAddress? = nil) {
    guard home != endpoint else { return }
    home = endpoint
    self.meaning = meaning ?? endpoint.address
    loopback.forget()
    connect(to: endpoint)
  }

  private func connect(to endpoint: Endpoint) {
    leave()
    let new = RedisLink(
      to: endpoint, meaning: meaning, access: access, channelName: channelName,
      loop: services.loop, clock: services.clock, decoder: decoder
    ) { [weak self] in self?.take($0) }
    new.watchesReplicas = watchesReplicas
    new.watchesFence = watchesFence
    link = new
    new.tick(at: services.clock.now())
  }

  /// Asks what is due; called on every tick.
  func tick(at now: Instant) {
    link?.tick(at: now)
    if let home, let link { chooseWay(from: link.endpoint, home: home, at: now) }
  }

  /// Goes over loopback while the host lacks the address of its instance, and back once it is there again.
  ///
  /// A network manager takes the addresses of an interface away when its cable is pulled, and with them the
  /// connection over which the fence would be closed.
  private func chooseWay(from present: Endpoint, home: Endpoint, at now: Instant) {
    let isThere = services.addresses.isOwn(home.address)
    guard present == home else {
      // What comes to listen there after it may be another.
      if isThere || (hasAnsweredAway && role == nil) { connect(to: home) }
      return
    }
    loopback.tick(home: home, isThere: isThere, at: now) { [weak self] way in
      guard let self, self.home == home, link?.endpoint == home else { return }
      port.journal.complain(
        "This host has lost \(home.address), the address of its Redis, which is reached at \(way) "
          + "until it is back")
      connect(to: way)
    }
  }

  /// Tries whether new connections are let in; called on every tick.
  func tickAdmission(at now: Instant) {
    admission.tick(
      endpoint.map { [$0] } ?? [], meaning: meaning, access: access, at: now)
  }

  /// Ends the trials of new connections; the link may still wait for an answer.
  func endTrials() { admission.end() }

  /// Ends the link.
  func end() {
    link?.end()
    loopback.end()
  }

  private func leave() {
    guard let link else { return }
    link.end()
    self.link = nil
    deathWatch = DeathWatch()
    condition = RedisCondition()
    role = nil
    port.deliver(.localRedisLost(.closed))
  }

  /// What it refuses, in its own words.
  func problems(_ login: KnownLogin) -> [GroupProblem] {
    guard let endpoint else { return [] }
    return condition.problems(
      of: "the local Redis \(endpoint)", entry: admission.refusal(of: endpoint), login: login)
  }

  // MARK: - Orders

  /// Asks for the role at once.
  func readRole() { link?.readRole() }

  /// Asks for the replicas all the time, or no more.
  func watchReplicas(_ isWanted: Bool) {
    watchesReplicas = isWanted
    link?.watchesReplicas = isWanted
  }

  /// Asks for the fence all the time, or no more.
  func watchFence(_ isWanted: Bool) {
    watchesFence = isWanted
    link?.watchesFence = isWanted
  }

  /// Tells or asks it something, which is answered exactly once.
  func run(_ request: RedisRequest) {
    if let link { return link.run(request) }
    let none = RESPOutcome.lost(.closed, "there is no link")
    for answer in request.reports(none, askedAt: services.clock.now(), decoder) { take(answer) }
  }

  /// Publishes a message on the group's channel.
  func publish(_ message: [UInt8]) { run(.publish(message, channel: channelName)) }

  /// Ends the clients of some addresses and ports; whether that could be ordered.
  func killClients(of ends: [Endpoint]) -> Bool { link?.killClients(of: ends) == true }

  // MARK: - What it says

  /// Takes in what the link tells.
  func take(_ report: RedisLinkReport) {
    // What is told to people comes behind whatever the fact leads to.
    defer { condition.take(report) }
    let deliver = port.deliver
    switch report {
    case .role(let new, let sentAt): took(new, sentAt: sentAt)
    case .lost(let loss, let text):
      role = nil
      // A trial that met a Redis that was just stopping says nothing of the one that comes back.
      endTrials()
      port.journal.redisLost(text)
      deliver(.localRedisLost(loss))
      if loss == .refused { lookForDeath() }
    case .replicas(let acknowledging, let sentAt):
      deliver(.localReplicasObserved(acknowledging: acknowledging, sentAt: sentAt))
    case .replication(let replication, let sentAt):
      deliver(.localReplicationObserved(replication, sentAt: sentAt))
    case .identity(let identity, let isSupervised, let sentAt):
      isRunBySystemd = isSupervised
      loopback.met(identity.process)
      deliver(.localIdentityObserved(identity, peers: servingPeers, sentAt: sentAt))
    case .fence(let setting, let sentAt): deliver(.localFenceObserved(setting, sentAt: sentAt))
    case .fenceUnreadable(let problem): deliver(.localFenceUnreadable(problem))
    case .fenceAnswered(let order, let problem): deliver(.fenceAnswered(order, problem))
    case .priority(let priority, let sentAt):
      deliver(.localPriorityObserved(priority, sentAt: sentAt))
    case .priorityAnswered(let priority, let problem): deliver(.priorityAnswered(priority, problem))
    case .message(let bytes): receive(bytes)
    case .sentNonsense(let text):
      port.journal.count(\.nonsense)
      port.journal.complain("the local Redis answered what can't be used: \(text)")
    case .roleRefused(let words):
      port.journal.count(\.nonsense)
      port.journal.complain("the local Redis does not tell its role: \(words.text)")
    case .channelRefused, .health: break
    }
  }

  private func took(_ new: LocalRole, sentAt: Instant) {
    let isPromoted = new == .master && role != .master
    hasAnsweredAway = link?.endpoint != home
    role = new
    port.deliver(.localRoleObserved(new, sentAt: sentAt))
    leaveMaster(new)
    noteLife()
    // A line in the log takes longer than the address.
    port.journal.redisAnswered()
    guard isPromoted, let status = port.status(services.clock.now()) else { return }
    port.journal.noteObstacles(status)
  }

  /// Ends what is left of the link to a master that the local Redis ceased to follow.
  ///
  /// Towards a host that is cut off the kernel sends its last acknowledgements again for minutes. A
  /// master that is back would take them for a good replica's, and accept writes that are lost.
  private func leaveMaster(_ new: LocalRole) {
    var master: Endpoint?
    if case .replica(let endpoint) = new { master = endpoint }
    defer { followed = master }
    guard let left = followed, left != master else { return }
    // After whatever the new role leads to: a take does not wait for it.
    services.afterwards { [services] in
      services.sessions.endClosedConnections(to: left)
    }
  }

  // MARK: - Whether it is dead

  /// Whether systemd starts it again at once and nobody here is asked before.
  var lacksGuard: Bool {
    isRunBySystemd == true && !wasGuardCalled && !services.links.settings.hasGuard
  }

  /// Takes in that its unit asks whether it may start.
  func guardCalled() {
    wasGuardCalled = true
    lookForDeath()
  }

  /// Whether this host would see that it died; nil while it was not looked.
  var isDeathVisible: Bool? { deathWatch.isVisible }

  /// Looks once for each life whether this host sees its socket, after whatever the role leads to.
  private func noteLife() {
    guard deathWatch.isLifeNew, let endpoint else { return }
    services.afterwards { [weak self, services] in
      guard let self, self.endpoint == endpoint, role != nil else { return }
      deathWatch.recordLife(services.sessions.use(of: endpoint))
    }
  }

  /// The nodes whose daemons said lately that the address could be served there.
  private var servingPeers: [Endpoint] {
    port.view().peers.servingNodes(at: services.clock.now()).sorted()
  }

  /// Looks whether any process of this host has a socket of its port, once a connection was refused.
  private func lookForDeath() {
    guard let endpoint, role == nil, deathWatch.mayHaveDied else { return }
    let use = services.sessions.use(of: endpoint)
    if deathWatch.recordRefusal(use) {
      port.deliver(.localRedisDied(peers: servingPeers))
    } else if use == .connected {
      // Its process is just ending, connection after connection, or listens elsewhere now.
      services.schedule(in: .milliseconds(10)) { [weak self] in
        guard let self, role == nil, self.endpoint == endpoint else { return }
        lookForDeath()
      }
    }
  }
}
