import Addresses
import FailoverCore

/// Plays a readable script to a machine and writes down what the machine orders.
///
/// Between the lines of a script the director does what a healthy world does: every connected
/// Sentinel answers a poll each 200 ms (and at once when the machine polls), the local Redis
/// answers ROLE each 100 ms, the kernel does what it is told and forgets an address at the end of
/// its lifetime, probes end after 40 ms. A script says only what changes.
struct TraceDirector {
  var machine: FailoverMachine
  var now = Instant.milliseconds(0)
  var lines: [String] = []
  var sentinels: [Actor] = []
  var local = LocalActor()
  var redis = FenceActor()
  var moves = MoveActor()
  var kernelEnds: [VirtualAddress: Instant?] = [:]
  var wake: Instant?
  var probe: (id: ProbeID, ends: Instant)?
  var probeAnswer: MACAddress?
  /// What a holder hears of other machines.
  var claims: [(IPAddress, MACAddress)] = []
  var nextPoll = Instant.milliseconds(0)
  var nextRole = Instant.milliseconds(0)
  var isStalled = false
  var didStart = false
  var failure: String?
  /// Whether the machine would be told that the kernel did as ordered.
  var kernelObeys = true

  /// A Sentinel as the script describes it.
  struct Actor {
    let id: SentinelID
    let name: String
    let runID: String
    var isConnected = true
    var isRefusing = false
    /// Whether its replies lack its flags and ages.
    var isSpoiled = false
    /// By how much its wall clock was set back since its last pong.
    var clockSetBack = Duration.zero
    var answers = true
    var view: SentinelView
    var lastPong = Instant.milliseconds(0)
    var pongs = true
    var replicaPongs: [Endpoint: Instant] = [:]
    /// Whom it lists; nil for all others of the script.
    var list: [ListedSentinel]?
    /// When it told that last.
    var listedAt: Instant?
  }

  /// The local Redis as the script describes it.
  struct LocalActor {
    var role: LocalRole? = .replica(of: nil)
    /// Which process it is, and how much it has.
    var identity = LocalIdentity(process: "p1", offset: 0, keys: 0)
  }

  init(configuration: GroupConfiguration) {
    machine = FailoverMachine(configuration: configuration)
  }

  /// Hands one event to the machine and carries out what it orders.
  mutating func tell(_ event: Event) {
    let before = machine
    let effects = machine.handle(event, at: now)
    var replay = before
    if replay.handle(event, at: now) != effects { failure = "not deterministic at \(stamp)" }
    if moves.isChecked { checkMove(effects) }
    for effect in effects { carryOut(effect) }
  }

  var stamp: String { "\(now.nanoseconds / 1_000_000)" }

  mutating func note(_ text: String) {
    lines.append("    \(stamp) \(text)")
  }

  private mutating func carryOut(_ effect: Effect) {
    switch effect {
    case .pollSentinels:
      nextPoll = now + .milliseconds(1)
    case .readLocalRole:
      nextRole = now
    case .wake(let at):
      wake = at
    case .keepProof(let proof):
      if proof == nil { note("forget the proof") }
    case .keepSentinels(let known):
      let leftOut = known.filter { $0.fate != .counted }
      if !leftOut.isEmpty {
        note("left out: " + leftOut.map { "\($0.runID) (\($0.fate))" }.joined(separator: ", "))
      }
    case .rememberSentinels(let count):
      note("remember \(count) Sentinels")
    case .probe(let id, _):
      note("probe \(id)")
      // The questions of a move are answered after a millisecond.
      let isLook = machine.status(at: now).state == .holding
      probe = (id, now + (isLook ? .milliseconds(1) : Timing.probeDuration))
      if isLook, let mac = probeAnswer, let address = machine.configuration.virtualAddresses.first {
        claims.append((address.address, mac))
      }
    case .installAddresses(let addresses, let lifetime):
      install(addresses, lifetime)
    case .removeAddresses(let addresses):
      note("remove \(list(addresses))")
      for address in addresses where kernelObeys { kernelEnds[address] = nil }
      pendingRemovals += kernelObeys ? addresses : []
    case .watchFence(let isOn): redis.isWatched = isOn
    case .fence(let order):
      note(TraceText.describe(effect))
      redis.pending.append(order)
    case .inspect(let endpoint):
      if !redis.asked.contains(endpoint) { redis.asked.append(endpoint) }
    default:
      carryOutMove(effect)
    }
  }

  /// Whether the local Redis is known to be dead: the connection is tried, and nothing more is told.
  var isDead = false

  var pendingRemovals: [VirtualAddress] = []
  var pendingInstalls: [VirtualAddress] = []

  private mutating func install(_ addresses: [VirtualAddress], _ lifetime: KernelLifetime) {
    let isNew = addresses.contains { kernelEnds[$0] == nil }
    let text =
      switch lifetime {
      case .seconds(let seconds): "for \(seconds) s"
      case .infinite: "for ever"
      }
    if isNew { note("install \(list(addresses)) \(text)") }
    guard kernelObeys else { return }
    for address in addresses {
      switch lifetime {
      case .seconds(let seconds): kernelEnds[address] = .some(now + .seconds(seconds))
      case .infinite: kernelEnds[address] = .some(nil)
      }
    }
    pendingInstalls += addresses
  }

  private func list(_ addresses: [VirtualAddress]) -> String {
    addresses.map { "\($0.address)" }.joined(separator: " ")
  }
}

// MARK: - The healthy world between the lines

extension TraceDirector {
  /// Lets time pass until an instant, a millisecond at a time.
  mutating func run(until end: Instant) {
    while now < end {
      now = now + .milliseconds(1)
      for place in sentinels.indices where now.nanoseconds % 1_000_000_000 == 0 {
        if sentinels[place].pongs { sentinels[place].lastPong = now }
      }
      expireAddresses()
      guard !isStalled, didStart else { continue }
      tick()
    }
  }

  /// Lets the kernel forget what nobody renewed; the daemon hears of it when it runs.
  private mutating func expireAddresses() {
    for address in machine.configuration.virtualAddresses {
      if case .some(.some(let ends)) = kernelEnds[address], ends <= now {
        kernelEnds[address] = nil
        note("the kernel removes \(address.address)")
        pendingRemovals.append(address)
      }
    }
  }

  private mutating func tick() {
    deliverKernelNews()
    for (address, mac) in claims { tell(.claimSeen(address, by: mac)) }
    claims = []
    if let pending = probe, pending.ends <= now {
      probe = nil
      tell(.probeCompleted(pending.id, claimedBy: probeAnswer))
    }
    if nextRole <= now { answerRole() }
    tickFence()
    tickMoves()
    if nextPoll <= now { answerPolls() }
    if let at = wake, at <= now {
      wake = nil
      tell(.woke)
    }
  }

  mutating func deliverKernelNews() {
    let installed = pendingInstalls
    pendingInstalls = []
    for address in installed where kernelEnds[address] != nil { tell(.addressAppeared(address)) }
    let removed = pendingRemovals
    pendingRemovals = []
    for address in removed where kernelEnds[address] == nil { tell(.addressVanished(address)) }
  }

  mutating func answerRole() {
    nextRole = now + .milliseconds(100)
    if isDead, local.role == nil { return }
    guard let role = local.role else {
      tell(.localRedisLost(.refused))
      return
    }
    tell(.localRoleObserved(role, sentAt: now))
  }

  /// Tells whom a Sentinel lists, as the shell asks for it: each 10 s, and when it changes.
  mutating func tellList(_ place: Int) {
    sentinels[place].listedAt = now
    let actor = sentinels[place]
    let others = sentinels.filter { $0.id != actor.id }.map {
      ListedSentinel(runID: $0.runID, endpoint: $0.id)
    }
    tell(.sentinelListed(actor.id, actor.list ?? others, sentAt: now))
  }

  mutating func answerPolls() {
    nextPoll = now + .milliseconds(200)
    for place in sentinels.indices {
      let actor = sentinels[place]
      guard actor.isConnected, actor.answers else {
        if actor.isRefusing { tell(.sentinelDisconnected(actor.id, .refused)) }
        continue
      }
      if actor.listedAt.map({ now - $0 >= .seconds(10) }) ?? true { tellList(place) }
      var view = actor.view
      view.lastOkPingReply = now - actor.lastPong - actor.clockSetBack
      if actor.isSpoiled { (view.lastOkPingReply, view.downAfter) = (nil, nil) }
      for place in view.replicas.indices {
        let pong = actor.replicaPongs[view.replicas[place].endpoint] ?? now
        view.replicas[place].lastOkPingReply = now - pong
      }
      tell(.sentinelReplied(actor.id, view, sentAt: now))
    }
  }
}
