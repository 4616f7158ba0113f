import Configuration
import Control
import FailoverCore
import Glibc
import Kernel
import Logging
import Metrics
import NIOCore
import NIOPosix
import Platform
import Wording

/// The daemon as a service: its signals, its sockets, and what the service manager is told.
final class Service: Resident {
  private let place: LoopPlace
  private let notifier: SystemdNotifier?
  private let logger: Logger
  /// What it has for itself alone until everything is written.
  private let lock: InstanceLock?
  private let host: LinuxHost
  private let daemon: Daemon
  private var servers: [ControlServer] = []
  private var listening = 0
  private var isReady = false
  private var lastStatus = ""
  private var watchdogAt: Instant?

  init(
    _ start: ServiceStart, place: LoopPlace, notifier: SystemdNotifier?
  ) throws(HostNetworkError) {
    self.place = place
    self.notifier = notifier
    lock = start.lock
    logger = place.logger
    let relay = NetworkRelay()
    host = try LinuxHost(descriptors: place.watch, logger: logger) { relay.report($0) }
    daemon = Daemon(
      start.loaded, network: HostNetwork(host), pool: place.pool, loop: place.loop, logger: logger)
    relay.daemon = daemon
    let commands = ControlCommands(daemon: daemon, node: HostName.text, logger: logger)
    let access = ControlAccess()
    let configuration = start.loaded.configuration
    servers = [
      (ControlDoor.operators, configuration.controlPath, start.control),
      (.hook, configuration.hookPath, start.hook),
    ].map { door, path, file in
      ControlServer(
        door, at: path, file: file, commands: commands, access: access, loop: place.loop,
        logger: logger)
    }
    access.findGroup(on: BlockingThreads(loop: place.loop))
    if let problem = start.problem { daemon.note(problem) }
    daemon.followFile(
      start.path, load: { [path = start.path] in Self.load(path) },
      activityChanged: { [weak self] in self?.tellReading($0) })
  }

  var ownThreads: MultiThreadedEventLoopGroup? { daemon.metrics?.threads }

  /// A stop that was asked for is no failure.
  var exitStatus: Int32 { 0 }

  /// Begins.
  func start() {
    daemon.ticked = { [weak self] in self?.ticked(at: $0) }
    let directory = daemon.loaded.configuration.controlPath.split(
      separator: "/", omittingEmptySubsequences: false
    ).dropLast().joined(separator: "/")
    daemon.notify(
      by: NotificationSender(
        to: "\(directory)/notify.sock", node: HostName.text, clock: daemon.clock, logger: logger))
    daemon.start()
    let metrics = MetricsEndpoint(daemon, logger: logger)
    metrics.configure(daemon.loaded.configuration.metrics)
    daemon.metrics = metrics
    for server in servers {
      server.open { [self] problem in
        if let problem { tell(problem) }
        listening += 1
      }
    }
  }

  /// Reads whatever a descriptor has.
  func readable(_ descriptor: Int32) {
    guard descriptor == place.signals else { return host.readable(descriptor) }
    for signal in place.readSignals() { received(signal: signal) }
  }

  private func received(signal: Int32) {
    switch signal {
    case SIGHUP: daemon.reloader?.request()
    default:
      logger.notice("Stopping on signal \(signal)")
      notifier?.send(["STOPPING=1"])
      // What systemd sends for a restart (RestartKillSignal=): another daemon comes at once.
      daemon.stop(isRestart: signal == SIGUSR2) { [self] in
        for server in servers { server.close() }
        place.watch.finish()
      }
    }
  }

  private func tell(_ problem: String) {
    logger.error("\(problem)")
    daemon.note(
      GroupProblem(
        label: "socket-unserved", sentence: "\(problem). Once it can: systemctl restart vipd"))
  }

  private func tellReading(_ isReading: Bool) {
    // A daemon that is not ready yet must not say so because of a reload.
    guard isReady else { return }
    notifier?.send(
      isReading
        ? ["RELOADING=1", "MONOTONIC_USEC=\(Self.monotonicMicroseconds())"] : ["READY=1"])
  }

  private static func load(_ path: String) -> Result<LoadedConfiguration, LoadingError> {
    do throws(LoadingError) {
      return .success(try LoadedConfiguration.load(path))
    } catch {
      return .failure(error)
    }
  }

  // MARK: - The service manager

  private func ticked(at now: Instant) {
    for server in servers { server.tick(at: now) }
    guard let notifier else { return }
    if !isReady, daemon.isReady, listening == servers.count {
      isReady = true
      notifier.send(["READY=1"])
    }
    if let period = notifier.watchdogPeriod, watchdogAt.map({ $0 <= now }) ?? true {
      watchdogAt = now + period / 3
      notifier.send(["WATCHDOG=1"])
    }
    let states = daemon.groups.map { "\($0.masterName): \($0.currentState.rawValue)" }
    let reload = daemon.reloader?.problem == nil ? [] : ["the last reload failed"]
    let status = (states + reload).joined(separator: ", ")
    if status != lastStatus {
      lastStatus = status
      notifier.send(["STATUS=\(status)"])
    }
  }

  private static func monotonicMicroseconds() -> Int64 {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
  }
}

/// Hands the network's reports to the daemon, which is made after it.
final class NetworkRelay {
  weak var daemon: Daemon?

  func report(_ event: HostNetworkEvent) {
    daemon?.networkReported(event)
  }
}

/// The name of this host (gethostname(2)).
enum HostName {
  static let text: String = {
    var name = [CChar](repeating: 0, count: 256)
    guard unsafe gethostname(&name, name.count - 1) == 0 else { return "" }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }()
}
