import Addresses
import FailoverCore
import Platform
import Wording

/// Tells the master that the replica of this host is about to be stopped, so that with a fence no write
/// waits for it, and waits until that is so.
final class ReplicaStop {
  /// How long the master's daemon may take: it asks the Sentinels once, and its Redis.
  static let limit = Duration.milliseconds(300)

  /// What came of it.
  enum Outcome: Equatable {
    /// There is nobody to tell, or nothing waits for replicas.
    case needless
    /// No write waits for this replica any more.
    case dismissed(by: Endpoint)
    /// The master's daemon has not said so in time.
    case unanswered(by: Endpoint)
  }

  /// Somebody who waits for the answer.
  private struct Wait {
    let replica: Endpoint
    let master: Endpoint
    let begunAt: Instant
    let call: (Outcome) -> Void
  }

  private let clock: HostClock
  private let replica: (Instant) -> (local: Endpoint, master: Endpoint)?
  private let send: (Notice, Endpoint) -> Void
  private var waits: [Wait] = []

  /// Makes one that has nothing to say.
  ///
  /// - Parameters:
  ///   - clock: the host's.
  ///   - replica: the local replica and its master, if a daemon beside that has a fence.
  ///   - send: says something to all, and to one node directly.
  init(
    clock: HostClock, replica: @escaping (Instant) -> (local: Endpoint, master: Endpoint)?,
    send: @escaping (Notice, Endpoint) -> Void
  ) {
    self.clock = clock
    self.replica = replica
    self.send = send
  }

  /// Tells the master of the local replica, and calls back once, at once where there is nothing to tell.
  func announce(_ call: @escaping (Outcome) -> Void) {
    let now = clock.now()
    guard let (local, master) = replica(now) else { return call(.needless) }
    waits.append(Wait(replica: local, master: master, begunAt: now, call: call))
    send(.replicaStops(local), master)
  }

  /// Takes in what another daemon says.
  func heard(_ notice: Notice) {
    guard case .replicaDismissed(let replica, let master) = notice else { return }
    finish(.dismissed(by: master)) { $0.replica == replica && $0.master == master }
  }

  /// Does what is due; called on every tick.
  func tick(at now: Instant) {
    guard let first = waits.first, now - first.begunAt >= Self.limit else { return }
    finish(.unanswered(by: first.master)) { now - $0.begunAt >= Self.limit }
  }

  /// Ends with the group: nobody is left waiting.
  func end() { finish(.needless) { _ in true } }

  private func finish(_ outcome: Outcome, _ isOver: (Wait) -> Bool) {
    let over = waits.filter(isOver)
    waits.removeAll(where: isOver)
    for wait in over { wait.call(outcome) }
  }
}

extension ReplicaStop.Outcome {
  /// What is told of it; nil if there is nothing to tell.
  var sentence: String? {
    switch self {
    case .needless: nil
    case .dismissed(let master):
      "this replica may stop: no write at \(master) waits for it any more"
    case .unanswered(let master):
      "the vipd at \(master) has not answered in \(ReplicaStop.limit.shortText): a write there may wait "
        + "until it is known that this replica is gone"
    }
  }
}
