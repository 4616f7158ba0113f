import Glibc

/// Tells the service manager how the daemon is (sd_notify(3)), if there is one.
///
/// A datagram on the socket that `NOTIFY_SOCKET` names; libsystemd would bring a dozen libraries
/// for that.
struct SystemdNotifier {
  private let socket: String
  /// How often the watchdog wants a sign of life; nothing if it is off (sd_watchdog_enabled(3)).
  let watchdogPeriod: Duration?

  /// Reads the environment; nothing where no service manager listens.
  init?(environment: [String: String], processID: Int32 = getpid()) {
    guard let socket = environment["NOTIFY_SOCKET"], socket.utf8.count > 1,
      socket.utf8.count <= UnixDatagram.longestPath, socket.hasPrefix("/") || socket.hasPrefix("@")
    else { return nil }
    self.socket = socket
    let isOurs = environment["WATCHDOG_PID"].map { Int32($0) == processID } ?? true
    let period = environment["WATCHDOG_USEC"].flatMap { Int64($0) }.map {
      Duration.microseconds($0)
    }
    watchdogPeriod = isOurs ? period : nil
  }

  /// Sends assignments such as `READY=1`; a manager that does not listen is not waited for.
  func send(_ assignments: [String]) {
    _ = UnixDatagram.send(Array(assignments.joined(separator: "\n").utf8), to: socket)
  }
}
