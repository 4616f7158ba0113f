import Configuration
import FailoverCore
import Logging
import Metrics
import Platform
import Wording

extension MetricsEndpoint {
  /// Serves the metrics of a daemon.
  convenience init(_ daemon: Daemon, logger: Logger) {
    self.init(loop: daemon.loop, clock: daemon.clock, logger: logger) { [unowned daemon] in
      MetricsSnapshot(daemon)
    }
  }
}

extension MetricsSnapshot {
  /// Takes the snapshot of a daemon.
  init(_ daemon: Daemon) {
    let now = daemon.clock.now()
    let groups = daemon.groups.map { group in
      let status = group.status
      let answering = status.sentinels.count { sentinel in
        sentinel.isConnected && sentinel.provenAt.map { now - $0 <= Self.hearingTime } ?? false
      }
      return GroupPart(
        status: status, counters: group.counters, answering: answering, problems: group.problems)
    }
    let pending = daemon.loaded.configuration.groups.map(\.masterName)
      .filter { daemon.group($0) == nil }
    self.init(
      at: now, groups: groups, pending: pending, maxStall: daemon.maxStall,
      problems: daemon.problems)
    notificationsSent = daemon.notifications?.sent ?? 0
    notificationsLost = daemon.notifications?.lost ?? 0
  }
}
