/// A way in which a master goes that its own host knows of, or is to notice at once.
public enum DeathCase: String, CaseIterable, Sendable {
  /// Its process is killed, and nobody starts it again.
  case killed
  /// The same, and Sentinel finds out: what the first is compared with.
  case killedNatural = "killed-natural"
  /// It is killed, and systemd starts it again at once, with nothing of what it had.
  case killedRestart = "killed-restart"
  /// The same, and nobody asks vipd before that start.
  case killedRestartWithoutGuard = "killed-restart-no-guard"
  /// `systemctl stop` of its unit.
  case stopped
  /// The same on the host of a replica too, at once: the third node is left.
  case stoppedBoth = "stopped-both"
  /// `systemctl restart` of its unit.
  case restarted
  /// `systemctl reboot` of its host.
  case rebooted
  /// `systemctl stop vipd`, where the file says `on-stop move`.
  case vipdStopped = "vipd-stopped"
  /// Nothing gets beyond its host's switch port, and clients on that host go on writing.
  case isolated
  /// The same with the cable pulled: systemd's network service takes the host's addresses away.
  case unplugged

  /// Whether vipd is to fail over by itself.
  var isOrdered: Bool { self != .killedNatural }

  /// Whether the drop-in for the unit of the server is installed.
  var hasGuard: Bool { self != .killedRestartWithoutGuard }

  /// Whether systemd starts a server that died again, as Debian's unit says.
  var restarts: Bool { self != .killed && self != .killedNatural }

  /// Whether its host and its clients there go on, without the rest.
  var isolates: Bool { self == .isolated || self == .unplugged }

  /// What `vipctl status` has to tell of the master before and after.
  var problem: String? { hasGuard ? nil : "guard-missing" }

  /// The lines of vipd.conf that a run begins with, beside those that every host has.
  func configuration(fence: Bool) -> String {
    let fenceLine = fence ? "fence mymaster min-replicas all max-lag 1\n" : ""
    return fenceLine + "on-death mymaster \(isOrdered ? "failover" : "wait")\n"
  }

  /// Lines that are in force only once nothing is restarted any more.
  var laterConfiguration: String { self == .vipdStopped ? "on-stop move\n" : "" }
}

/// What a death is promised to cost at most, in milliseconds and in what is lost.
struct DeathBar: Equatable {
  /// The middle of the longest times without a write.
  var median: Double?
  /// The worst of them.
  var worst: Double?
  /// The last write that an isolated master acknowledges, after the cut.
  var lastWrite: Double?
  /// Whether no acknowledged write may be lost, of a writer through the VIP.
  var keepsWrites = false
  /// Whether no key may be lost that every replica had.
  var keepsKeys = true
}

extension DeathCase {
  /// The bar; nothing where nothing is promised.
  func bar(fence: Bool) -> DeathBar? {
    switch self {
    case .killed: DeathBar(median: 300, worst: 600)
    case .killedNatural: nil
    case .killedRestart, .killedRestartWithoutGuard: DeathBar()
    // Without a fence a move loses what the old master accepts until it stops.
    case .stopped, .restarted, .rebooted, .vipdStopped: DeathBar(median: 300, keepsWrites: fence)
    case .stoppedBoth: DeathBar(keepsWrites: fence)
    case .isolated, .unplugged: fence ? DeathBar(lastWrite: 800) : nil
    }
  }
}
