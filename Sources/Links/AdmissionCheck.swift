package import Addresses
package import FailoverCore
package import NIOCore
package import Platform

/// Tries now and then whether servers still let a new connection in.
///
/// A connection that stands stays authenticated when the password changes, and is kept when there
/// are too many clients: without this it would be noticed in the failover, when all connections are
/// made anew.
package final class AdmissionCheck {
  /// How long after a trial the next one comes.
  var period = Duration.seconds(10)
  /// So it is as long as a server refuses: the operator who fixes it wants to see it.
  var refusedPeriod = Duration.seconds(4)

  private let loop: any EventLoop
  private let clock: HostClock
  private var access = Access()
  private var meaning: IPAddress?
  private var connections: ShortConnections?
  private var trials: [Endpoint: Trial] = [:]

  private struct Trial {
    /// When the next one is due; nil during one.
    var dueAt: Instant?
    /// What the last one found.
    var refusal: ServerWords?
  }

  package init(loop: any EventLoop, clock: HostClock) {
    self.loop = loop
    self.clock = clock
  }

  /// Tries these servers with this access from now on; what was found with another is forgotten.
  ///
  /// - Parameters:
  ///   - endpoints: where the servers are reached.
  ///   - meaning: the address under which they are known, where that is another.
  ///   - access: who asks, and how connections are encrypted.
  ///   - now: the time of the tick.
  package func tick(
    _ endpoints: [Endpoint], meaning: IPAddress? = nil, access: Access, at now: Instant
  ) {
    if access != self.access { end() }
    self.access = access
    self.meaning = meaning
    for endpoint in trials.keys where !endpoints.contains(endpoint) {
      connections?.close(endpoint)
      trials[endpoint] = nil
    }
    connections?.tick(at: now)
    for endpoint in endpoints {
      // The link itself has just logged in, or was refused.
      let trial = trials[endpoint] ?? Trial(dueAt: now + period)
      trials[endpoint] = trial
      if let dueAt = trial.dueAt, dueAt <= now { begin(endpoint) }
    }
  }

  /// What a server said, or the system, when it let nobody in; nil if it did, or did not answer.
  package func refusal(of endpoint: Endpoint) -> ServerWords? { trials[endpoint]?.refusal }

  /// Closes everything, and forgets what was found.
  package func end() {
    connections?.end()
    connections = nil
    trials = [:]
  }

  private func begin(_ endpoint: Endpoint) {
    let pool =
      connections ?? ShortConnections(.trials, access: access, loop: loop, clock: clock)
    connections = pool
    trials[endpoint]?.dueAt = nil
    pool.send(RESPCommands([]), to: endpoint, meaning: meaning) { [weak self] outcome in
      guard let self else { return }
      var refusal: ServerWords?
      // One that is only slow says nothing; one that refuses lets no client in either.
      if case .lost(let loss, let text) = outcome {
        let words = ServerWords(text)
        let isRefusal = words.code != nil || words.concernsTLS || loss == .refused
        refusal = isRefusal ? words : nil
      }
      trials[endpoint] = Trial(
        dueAt: clock.now() + (refusal == nil ? period : refusedPeriod), refusal: refusal)
    }
  }
}
