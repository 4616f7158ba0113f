import Configuration
import FailoverCore
import Glibc
import Kernel
import Logging
import NIOCore
import NIOPosix
import Platform
import Wording

/// One decision without a daemon: the classic script, done by the same core.
///
/// There is no lease, since nobody would renew it: a taken address stays until the next call.
/// It ends as soon as the address is where a majority of the Sentinels wants it.
final class OnceRun: Resident {
  /// How long the Sentinels may take to agree; Sentinel kills a script after 60 s.
  static let limit = Duration.seconds(20)

  private(set) var exitStatus: Int32 = 1
  private let place: LoopPlace
  private let host: LinuxHost
  private let daemon: Daemon
  private var startedAt: Instant
  private var isFinished = false

  /// The configuration for the groups that a script's arguments mean; nothing for an unknown one.
  ///
  /// Two arguments are those of a notification script, which names no group by itself.
  static func configuration(
    _ loaded: LoadedConfiguration, for words: [String]
  ) -> LoadedConfiguration? {
    var chosen = loaded
    if words.count != 2 {
      chosen.configuration.groups.removeAll { $0.masterName != words[0] }
    }
    for index in chosen.configuration.groups.indices {
      // The policy under which the kernel keeps an address for ever.
      chosen.configuration.groups[index].blindPolicy = .hold
      chosen.configuration.groups[index].announcement.refresh = nil
      // What was taken this way on another host stays there until its own hook lets it go.
      chosen.configuration.groups[index].waitsForLeases = false
      // Nobody would open what this program closed.
      chosen.configuration.groups[index].fence = .off
    }
    return chosen.configuration.groups.isEmpty ? nil : chosen
  }

  var ownThreads: MultiThreadedEventLoopGroup? { nil }

  init(_ loaded: LoadedConfiguration, place: LoopPlace) throws(HostNetworkError) {
    self.place = place
    let relay = NetworkRelay()
    host = try LinuxHost(descriptors: place.watch, logger: place.logger) { relay.report($0) }
    daemon = Daemon(
      loaded, network: HostNetwork(host), keepsState: false, pool: place.pool, loop: place.loop,
      logger: place.logger)
    relay.daemon = daemon
    startedAt = daemon.clock.now()
  }

  func start() {
    daemon.ticked = { [weak self] in self?.ticked(at: $0) }
    daemon.start()
  }

  func readable(_ descriptor: Int32) {
    guard descriptor == place.signals else { return host.readable(descriptor) }
    if !place.readSignals().isEmpty { finish(1) }
  }

  private func ticked(at now: Instant) {
    guard !isFinished else { return }
    if daemon.isReady, daemon.groups.allSatisfy({ isSettled($0, at: now) }) {
      return finish(daemon.groups.allSatisfy(keepForEver) ? 0 : 1)
    }
    guard now - startedAt > Self.limit else { return }
    for group in daemon.groups where !isSettled(group, at: now) {
      for obstacle in group.status.obstacles {
        place.logger.error("\(group.masterName): \(obstacle.sentence(at: now))")
      }
    }
    finish(1)
  }

  /// Whether a group's address is where it belongs, and announced in full if that is here.
  private func isSettled(_ group: Group, at now: Instant) -> Bool {
    let status = group.status
    guard let named = status.named, named.by > named.of / 2 else { return false }
    guard let local = status.localInstance, named.endpoint == local else {
      return !status.presence.contains(true)
    }
    return status.state == .holding && status.presence.allSatisfy { $0 }
      && group.isAnnounced
  }

  /// Gives what is held here a lifetime without end, for nobody renews it after this program.
  ///
  /// Until now it had the daemon's short one, so that nothing is left behind if this fails.
  private func keepForEver(_ group: Group) -> Bool {
    let status = group.status
    guard status.presence.contains(true) else { return true }
    let problems = host.install(status.virtualAddresses, for: .infinite)
    for problem in problems {
      place.logger.error("\(problem.address): \(problem.failure.sentence)")
    }
    return problems.isEmpty
  }

  private func finish(_ status: Int32) {
    isFinished = true
    exitStatus = status
    daemon.resolver.end()
    place.watch.finish()
  }
}
