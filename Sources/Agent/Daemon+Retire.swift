import Configuration
import FailoverCore
import Logging
import NIOCore
import Platform
import Store

/// The end of vipd on this host, before its package is removed.
extension Daemon {
  /// How long the local Redis servers may take to have their own settings back; one that is reached
  /// needs some milliseconds, and 5 s is what `vipctl` waits for an answer.
  static let retirementLimit = Duration.seconds(4)

  /// Goes on as if the file said `fence … off` and `on-stop release`.
  ///
  /// With `on-stop move` the masters of this host move first, while the fence still keeps every write.
  /// A reload of the file takes it back.
  ///
  /// - Parameter done: gets what is not as it should be, or nil if Redis has its own settings back.
  func retire(_ done: @escaping (_ problem: String?) -> Void) {
    logger.notice("Preparing to be removed: the fence is switched off, and a stop releases")
    guard loaded.configuration.stopPolicy == .move else { return switchOff(done) }
    // The file may be read again meanwhile, so what is in force is asked for afterwards.
    handOver { [self] in switchOff(done) }
  }

  private func switchOff(_ done: @escaping (_ problem: String?) -> Void) {
    var retired = loaded
    retired.configuration.retire()
    // They may have been renewed since the file was read.
    retired.certificates = certificates.materials
    let objections = objections(to: retired)
    guard objections.isEmpty else { return done(Reloader.list(objections)) }
    reload(retired)
    awaitRetirement(until: clock.now() + Self.retirementLimit, done)
  }

  /// Waits until each group has begun anew, and its Redis has its own settings back.
  private func awaitRetirement(
    until limit: Instant, _ done: @escaping (_ problem: String?) -> Void
  ) {
    loop.assumeIsolated().scheduleTask(in: .milliseconds(20)) { [self] in
      let left = loaded.configuration.groups.map(\.masterName).filter {
        group($0) == nil || store.remembersFence(of: $0)
      }
      guard !left.isEmpty else { return done(nil) }
      guard clock.now() < limit else {
        let names = left.joined(separator: ", ")
        return done(
          "the Redis of \(names) has not got its own min-replicas-to-write back. Once it answers: "
            + "CONFIG SET min-replicas-to-write 0, CONFIG REWRITE")
      }
      awaitRetirement(until: limit, done)
    }
  }
}

extension Configuration {
  /// Takes out what outlives the daemon.
  mutating func retire() {
    stopPolicy = .release
    for index in groups.indices {
      groups[index].fence = .off
      groups[index].deathPolicy = .wait
      groups[index].movesOnCarrierLoss = false
    }
  }
}
