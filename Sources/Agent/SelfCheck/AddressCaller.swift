import Addresses
import ChannelMessages
import FailoverCore
import Links
import NIOCore
import Platform
import RESP
import Wording

/// Calls virtual addresses from this host, again and again, until each answers as a master's.
///
/// A call is a connection of its own that asks for the role: it goes the way that a new client
/// goes, through this host's neighbour table and the address itself.
final class AddressCaller {
  /// How often an address that did not answer is called again.
  static let period = Duration.milliseconds(50)
  /// How long it goes on.
  static let limit = SelfCheckResult.limit
  /// Addresses that are called at once.
  static let concurrency = 16
  /// How long the first call of an address may take; each one after it twice as long, up to eight
  /// times.
  ///
  /// A lost segment is repeated after a second only, which a new connection does not wait for;
  /// and a Redis that is slow must get the time to answer once.
  static let minPatience = Duration.milliseconds(100)

  /// What to call, and how.
  struct Plan {
    var addresses: [IPAddress]
    /// Where each of them is called.
    var endpoints: [Endpoint]
    /// The node that should answer: its certificate need not name the virtual address.
    var meaning: IPAddress?
    /// How long to listen on after the last call, for others that answer for an address.
    var settling = Duration.zero
    /// How long to go on.
    var limit = AddressCaller.limit
    /// How long the first call of an address may take.
    var patience = AddressCaller.minPatience
  }

  /// What came of it.
  struct Outcome: Equatable {
    /// Addresses that answered as a master's.
    var reached = 0
    /// The first of those that did not.
    var missed: [AddressCheckAnswer.Miss] = []
    /// When the last one answered, or all was given up.
    var at: Instant
  }

  private struct Target {
    let address: IPAddress
    let endpoint: Endpoint
    var connection: RESPConnection?
    var calls = 0
    var calledAt = Instant(nanoseconds: 0)
    var answeredAt: Instant?
    var reason = AddressCheckAnswer.Miss.Reason.silent
  }

  private static let command = RESPCommands([["ROLE"]])

  private let loop: any EventLoop
  private let clock: HostClock
  private let access: Access
  private let meaning: IPAddress?
  private let settling: Duration
  private let limit: Duration
  private let minPatience: Duration
  private let willCall: (IPAddress) -> Bool
  private let ended: (Outcome) -> Void
  private var targets: [Target]
  /// Targets, by their place, that are called as soon as there is room, and with the next period.
  private var due: CircularBuffer<Int>
  private var later: [Int] = []
  private var calling: Set<Int> = []
  private var begunAt = Instant(nanoseconds: 0)
  private var lastCallAt = Instant(nanoseconds: 0)
  private var timer: Scheduled<Void>?

  /// Prepares the calls.
  ///
  /// `willCall` is told of each call before it is made, and says whether it can be made now;
  /// `ended` is called once with what came of it, unless it is stopped before.
  init(
    _ plan: Plan, access: Access, loop: any EventLoop, clock: HostClock,
    willCall: @escaping (IPAddress) -> Bool, ended: @escaping (Outcome) -> Void
  ) {
    self.loop = loop
    self.clock = clock
    self.access = access
    self.willCall = willCall
    self.ended = ended
    meaning = plan.meaning
    settling = plan.settling
    limit = plan.limit
    minPatience = plan.patience
    targets = zip(plan.addresses, plan.endpoints).map { Target(address: $0, endpoint: $1) }
    due = CircularBuffer(targets.indices)
  }

  /// Begins.
  func begin() {
    begunAt = clock.now()
    goOn()
  }

  /// Gives up, and reports nothing.
  func stop() {
    timer?.cancel()
    timer = nil
    for index in calling { targets[index].connection?.abandon() }
    calling = []
    due = []
    later = []
  }

  private func goOn() {
    timer = nil
    let now = clock.now()
    for index in calling.sorted() where now - targets[index].calledAt >= patience(index) {
      hangUp(index, .silent)
    }
    let isSettled = isDone && now - lastCallAt >= settling
    guard !isSettled, now - begunAt < limit else { return finish(at: now) }
    due += later
    later = []
    callWhileThereIsRoom()
    let period = TimeAmount.nanoseconds(Self.period.wholeNanoseconds)
    timer = loop.assumeIsolated().scheduleTask(in: period) { [weak self] in self?.goOn() }
  }

  private var isDone: Bool { due.isEmpty && later.isEmpty && calling.isEmpty }

  private func patience(_ index: Int) -> Duration {
    let doublings = max(0, min(targets[index].calls - 1, 3))
    return minPatience * (1 << doublings)
  }

  private func finish(at now: Instant) {
    stop()
    let missed = targets.filter { $0.answeredAt == nil }
    let last = targets.compactMap(\.answeredAt).max() ?? now
    ended(
      Outcome(
        reached: targets.count - missed.count,
        missed: missed.prefix(AddressCheckAnswer.maxParts).map {
          AddressCheckAnswer.Miss(address: $0.address, reason: $0.reason)
        }, at: missed.isEmpty ? last : now))
  }

  // MARK: - Calls

  private func callWhileThereIsRoom() {
    while calling.count < Self.concurrency, let index = due.popFirst() { call(index) }
  }

  private func call(_ index: Int) {
    let now = clock.now()
    targets[index].calls += 1
    targets[index].calledAt = now
    lastCallAt = now
    guard willCall(targets[index].address) else {
      targets[index].reason = .occupied
      return later.append(index)
    }
    let number = targets[index].calls
    let connection = RESPConnection(
      to: targets[index].endpoint, meaning: meaning, access: access, loop: loop, clock: clock
    ) { [weak self] in self?.reported($0, by: index, number: number) }
    targets[index].connection = connection
    calling.insert(index)
    connection.open()
  }

  private func reported(_ event: RESPConnectionEvent, by index: Int, number: Int) {
    guard isCalling(index, number) else { return }
    switch event {
    case .ready:
      targets[index].connection?.send(Self.command) { [weak self] outcome in
        guard let self, let token = outcome.replies?.first else { return }
        answered(token, by: index, number: number)
      }
    case .closed(.refused, _): hangUp(index, .refused)
    case .closed(.unreachable, _): hangUp(index, .silent)
    case .closed(.closed, _): hangUp(index, .nonsense)
    case .pushed, .subscriptionRefused: break
    }
    callWhileThereIsRoom()
  }

  private func isCalling(_ index: Int, _ number: Int) -> Bool {
    calling.contains(index) && targets[index].calls == number
  }

  private func answered(_ token: RESPToken, by index: Int, number: Int) {
    guard isCalling(index, number) else { return }
    // Whom a replica follows does not matter here.
    switch RedisReplyDecoder(resolve: { _ in nil }).role(token) {
    case .master:
      targets[index].answeredAt = clock.now()
      endCall(index)
      if settling == .zero, isDone { finish(at: clock.now()) }
    case .replica: hangUp(index, .replica)
    case nil: hangUp(index, .nonsense)
    }
    callWhileThereIsRoom()
  }

  /// Ends a call that came to nothing; the address is called again.
  private func hangUp(_ index: Int, _ reason: AddressCheckAnswer.Miss.Reason) {
    targets[index].reason = reason
    endCall(index)
    later.append(index)
  }

  private func endCall(_ index: Int) {
    targets[index].connection?.abandon()
    targets[index].connection = nil
    calling.remove(index)
  }
}
