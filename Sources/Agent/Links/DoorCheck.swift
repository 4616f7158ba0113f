import Addresses
import FailoverCore
import NIOCore

/// Tries now and then whether servers still let a new connection in.
///
/// A connection that stands stays authenticated when the password changes, and is kept when there
/// are too many clients: without this it would be noticed in the failover, when all connections are
/// made anew.
final class DoorCheck {
  /// How long after a trial the next one comes.
  var period = Duration.seconds(60)
  /// So it is as long as a server refuses: the operator who fixes it wants to see it.
  var refusedPeriod = Duration.seconds(4)
  /// How long a server may take to answer.
  static let answerLimit = Duration.seconds(1)

  private let loop: any EventLoop
  private let clock: HostClock
  private var login: Login?
  private var doors: [Door] = []

  private final class Door {
    let endpoint: Endpoint
    var dueAt: Instant
    var connection: RESPConnection<Void>?
    var refusal: ServerWords?

    init(endpoint: Endpoint, dueAt: Instant) {
      self.endpoint = endpoint
      self.dueAt = dueAt
    }
  }

  init(loop: any EventLoop, clock: HostClock) {
    self.loop = loop
    self.clock = clock
  }

  /// Tries these servers with this login from now on; what was found with another is forgotten.
  func tick(_ endpoints: [Endpoint], login: Login?, at now: Instant) {
    if login != self.login { end() }
    self.login = login
    for door in doors where !endpoints.contains(door.endpoint) { door.connection?.abandon() }
    doors.removeAll { !endpoints.contains($0.endpoint) }
    for endpoint in endpoints where !doors.contains(where: { $0.endpoint == endpoint }) {
      // The link itself has just logged in, or was refused.
      doors.append(Door(endpoint: endpoint, dueAt: now + period))
    }
    for door in doors { tick(door, at: now) }
  }

  /// What a server said when it let nobody in; nothing if it did, or did not answer at all.
  func refusal(of endpoint: Endpoint) -> ServerWords? {
    doors.first { $0.endpoint == endpoint }?.refusal
  }

  /// Closes everything, and forgets what was found.
  func end() {
    for door in doors { door.connection?.abandon() }
    doors = []
  }

  private func tick(_ door: Door, at now: Instant) {
    if let connection = door.connection {
      if let since = connection.waitingSince, now - since > Self.answerLimit {
        connection.abandon()
        finish(door, nil)
      }
    } else if door.dueAt <= now {
      knock(door)
    }
  }

  private func knock(_ door: Door) {
    let connection = RESPConnection<Void>(
      to: door.endpoint, login: login, loop: loop, clock: clock
    ) { [weak self, weak door] event in
      guard let self, let door else { return }
      switch event {
      case .ready:
        door.connection?.abandon()
        finish(door, nil)
      case .closed(_, let text):
        let words = ServerWords(text)
        finish(door, words.code == nil ? nil : words)
      case .replied, .pushed, .subscriptionRefused: break
      }
    }
    door.connection = connection
    connection.open()
  }

  private func finish(_ door: Door, _ refusal: ServerWords?) {
    door.connection = nil
    door.refusal = refusal
    door.dueAt = clock.now() + (refusal == nil ? period : refusedPeriod)
  }
}
