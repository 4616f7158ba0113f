import Addresses
import FailoverCore
import Platform
import Wording

/// Tells the master that the replica of this host is about to be stopped, and waits until it is needed no
/// more: with a fence a write may wait for it, and a failover that is under way may promote it.
final class ReplicaStop {
  /// How long the master's daemon may take: it asks the Sentinels once, and its Redis.
  static let limit = Duration.milliseconds(300)
  /// How often it is told again: a word may be lost.
  static let interval = Duration.milliseconds(100)
  /// For how long its word counts that this replica may be promoted.
  static let awaitedFor = Duration.milliseconds(500)
  /// How often whoever waits longer is told that it goes on; `vipctl` takes two seconds of silence for a
  /// daemon that hangs.
  static let pulse = Duration.seconds(1)
  /// How many may wait; there is one unit for each Redis.
  static let maxWaits = 16

  /// What came of it.
  enum Outcome: Equatable {
    /// There is nobody to tell.
    case needless
    /// The master needs this replica no more.
    case dismissed(by: Endpoint)
    /// The master's daemon has not said so in time.
    case unanswered(by: Endpoint)
    /// It has become the master, and holds the address.
    case serves
    /// It may still be promoted, and the time is over.
    case overdue
  }

  /// What the local Redis is to the group.
  enum Situation: Equatable {
    /// No replica, or one of a master beside which no daemon is heard.
    case nobody
    /// A replica of a master whose daemon is heard.
    case replica(Endpoint, of: Endpoint)
    /// A failover is under way that may promote it.
    case candidate
    /// The master that this node holds for.
    case serving
  }

  /// Somebody who waits for the answer.
  private struct Wait {
    let id: UInt64
    let endsAt: Instant
    /// Called if it takes longer than a question to the master, and from then on with each pulse.
    let delayed: (_ isNews: Bool) -> Void
    /// When that is due again; nil before the first time.
    var pulseAt: Instant?
    let call: (Outcome) -> Void
    /// The replica and the master that was told, since when its answer is awaited, and when it was told
    /// last.
    var asked: (replica: Endpoint, master: Endpoint, since: Instant, lastAt: Instant)?
    /// When the master last said that this replica may be promoted.
    var awaitedAt: Instant?

    /// Whether this master was told of this replica.
    func isAsked(of replica: Endpoint, _ master: Endpoint) -> Bool {
      asked.map { $0.replica == replica && $0.master == master } ?? false
    }
  }

  private let clock: HostClock
  private let situation: (Instant) -> Situation
  private let send: (Notice, Endpoint) -> Void
  private var waits: [Wait] = []
  private var lastID: UInt64 = 0

  /// Makes one that has nothing to say.
  ///
  /// - Parameters:
  ///   - clock: the host's.
  ///   - situation: what the local Redis is at an instant.
  ///   - send: says something to all, and to one node directly.
  init(
    clock: HostClock, situation: @escaping (Instant) -> Situation,
    send: @escaping (Notice, Endpoint) -> Void
  ) {
    self.clock = clock
    self.situation = situation
    self.send = send
  }

  /// Tells the master of the local replica, and calls back once, at once where there is nothing to tell.
  ///
  /// - Parameters:
  ///   - limit: how long it may be waited for.
  ///   - delayed: called if that is not just for the master's answer, and then each second.
  ///   - call: what came of it.
  /// - Returns: a number, by which it can be forgotten.
  func announce(
    within limit: Duration, delayed: @escaping (_ isNews: Bool) -> Void,
    _ call: @escaping (Outcome) -> Void
  ) -> UInt64 {
    lastID += 1
    let now = clock.now()
    guard waits.count < Self.maxWaits else {
      call(.needless)
      return lastID
    }
    waits.append(Wait(id: lastID, endsAt: now + limit, delayed: delayed, call: call))
    tick(at: now)
    return lastID
  }

  /// Waits no longer for one of them, and calls nobody back.
  func forget(_ id: UInt64) { waits.removeAll { $0.id == id } }

  /// Takes in what another daemon says.
  func heard(_ notice: Notice) {
    switch notice {
    case .replicaDismissed(let replica, let master):
      finish { $0.isAsked(of: replica, master) ? .dismissed(by: master) : nil }
    case .replicaAwaited(let replica, let master):
      let now = clock.now()
      for index in waits.indices where waits[index].isAsked(of: replica, master) {
        waits[index].awaitedAt = now
      }
      tick(at: now)
    default: break
    }
  }

  /// Does what is due; called on every tick.
  func tick(at now: Instant) {
    guard !waits.isEmpty else { return }
    let situation = situation(now)
    finish { Self.outcome(of: $0, situation, at: now) }
    for index in waits.indices { ask(index, situation, at: now) }
    tellDelays(situation, at: now)
  }

  private func tellDelays(_ situation: Situation, at now: Instant) {
    var due: [(call: (Bool) -> Void, isNews: Bool)] = []
    for index in waits.indices {
      let isMore = situation == .candidate || waits[index].awaitedAt != nil
      guard waits[index].pulseAt.map({ $0 <= now }) ?? isMore else { continue }
      due.append((waits[index].delayed, waits[index].pulseAt == nil))
      waits[index].pulseAt = now + Self.pulse
    }
    for (call, isNews) in due { call(isNews) }
  }

  /// Ends with the group: nobody is left waiting.
  func end() { finish { _ in .needless } }

  /// What came of one by now; nil while it goes on.
  private static func outcome(
    of wait: Wait, _ situation: Situation, at now: Instant
  ) -> Outcome? {
    switch situation {
    case .nobody: return .needless
    case .serving: return .serves
    case .candidate: return now >= wait.endsAt ? .overdue : nil
    case .replica(_, let master):
      guard let asked = wait.asked, asked.master == master else { return nil }
      if let awaitedAt = wait.awaitedAt, now - awaitedAt < awaitedFor {
        return now >= wait.endsAt ? .overdue : nil
      }
      let since = max(asked.since, wait.awaitedAt.map { $0 + awaitedFor } ?? asked.since)
      return now - since >= limit ? .unanswered(by: master) : nil
    }
  }

  /// Tells the master, if it has not been told for a while.
  private func ask(_ index: Int, _ situation: Situation, at now: Instant) {
    guard case .replica(let replica, let master) = situation else {
      // What the master of before said counts no more, and the next has its time to answer.
      (waits[index].asked, waits[index].awaitedAt) = (nil, nil)
      return
    }
    var since = now
    if let asked = waits[index].asked, asked.replica == replica, asked.master == master {
      guard now - asked.lastAt >= Self.interval else { return }
      since = asked.since
    } else {
      waits[index].awaitedAt = nil
    }
    waits[index].asked = (replica, master, since, now)
    send(.replicaStops(replica), master)
  }

  private func finish(_ outcome: (Wait) -> Outcome?) {
    var over: [(Wait, Outcome)] = []
    waits.removeAll { wait in
      guard let outcome = outcome(wait) else { return false }
      over.append((wait, outcome))
      return true
    }
    for (wait, outcome) in over { wait.call(outcome) }
  }
}

extension ReplicaStop.Outcome {
  /// What is told of it; nil if there is nothing to tell.
  var sentence: String? {
    switch self {
    case .needless, .serves: nil
    case .dismissed(let master):
      "this replica may stop: no write at \(master) waits for it any more"
    case .unanswered(let master):
      "the vipd at \(master) has not answered in \(ReplicaStop.limit.shortText): a write there may wait "
        + "until it is known that this replica is gone"
    case .overdue:
      "a failover is still under way, and a Sentinel may have chosen this replica: it stops all the same"
    }
  }
}
