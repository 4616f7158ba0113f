import CLinux
import Glibc
import Kernel
public import Logging
import NIOCore
import NIOPosix
import Wording

/// Runs the daemon: the event loop on one thread, files on another, names on some of their own, and
/// signals and the kernel's descriptors on the thread that calls.
public enum Runtime {
  /// How long a daemon that finds another at work stays before it ends, where a service manager would
  /// start the next one at once (`RestartSec=100ms`): a line in the journal each three seconds is enough.
  private static let pauseBeforeNextTry: UInt32 = 3

  /// Runs until SIGTERM or SIGINT.
  ///
  /// Where another daemon is at work with the same state directory or sockets, nothing is touched.
  ///
  /// - Parameters:
  ///   - path: the configuration file, read again at SIGHUP.
  ///   - loaded: what it said at the start.
  ///   - environment: for the service manager's socket.
  ///   - logger: where log lines go.
  /// - Returns: the exit status: 0 after a signal, 1 if it could not begin, or that of `AnotherInstance`.
  public static func run(
    configurationPath path: String, _ loaded: LoadedConfiguration,
    environment: [String: String], logger: Logger
  ) -> Int32 {
    let notifier = SystemdNotifier(environment: environment)
    do {
      let start = try ServiceStart(path: path, loaded)
      if let problem = start.problem { logger.warning("\(problem.sentence)") }
      lockMemory(logger)
      return try run(logger) { place in
        try Service(start, place: place, notifier: notifier)
      }
    } catch {
      logger.critical("\(error)")
      guard error is AnotherInstance else { return 1 }
      if notifier != nil { sleep(pauseBeforeNextTry) }
      return AnotherInstance.exitStatus
    }
  }

  /// Decides once from what the Sentinels say now, carries it out, and ends.
  ///
  /// - Parameters:
  ///   - words: the arguments of Sentinel's script; a hint which group to look at.
  ///   - loaded: the configuration.
  ///   - logger: where log lines go.
  /// - Returns: the exit status: 0 if there was something to do and it was done, or nothing to
  ///   do; 1 if the Sentinels did not settle it in time; 2 for a master that is not configured.
  public static func once(
    _ words: [String], _ loaded: LoadedConfiguration, logger: Logger
  ) -> Int32 {
    guard let chosen = OnceRun.configuration(loaded, for: words) else {
      logger.error("'\(words[0])' is no master in the configuration")
      return 2
    }
    do {
      return try run(logger) { place in try OnceRun(chosen, place: place) }
    } catch {
      logger.critical("\(error)")
      return 1
    }
  }

  private static func lockMemory(_ logger: Logger) {
    switch MemoryLock.hold() {
    case .locked: break
    case .limited:
      logger.info(
        "Memory may be paged out: RLIMIT_MEMLOCK is not infinite (LimitMEMLOCK= of systemd)")
    case .refused(let code):
      logger.info("Memory may be paged out: \(unsafe String(cString: strerror(code)))")
    }
  }

  /// Runs a resident of the event loop until it finishes.
  ///
  /// - Returns: its exit status.
  /// - Throws: what keeps it from being made.
  private static func run(
    _ logger: Logger, make: @escaping @Sendable (LoopPlace) throws -> any Resident
  ) throws -> Int32 {
    // Threads inherit the mask, so it is set before there are any.
    let signals = blockSignals([SIGTERM, SIGINT, SIGHUP, SIGUSR2])
    guard signals >= 0, let watch = DescriptorWatch(), watch.add(signals) else {
      logger.critical("Signals can't be received")
      return 1
    }
    let threads = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let loop = threads.next()
    let pool = NIOThreadPool(numberOfThreads: 1)
    pool.start()
    let place = LoopPlace(loop: loop, pool: pool, watch: watch, signals: signals, logger: logger)
    let box = NIOLoopBoundBox<(any Resident)?>.makeEmptyBox(
      valueType: (any Resident).self, eventLoop: loop)
    defer {
      try? threads.syncShutdownGracefully()
      try? pool.syncShutdownGracefully()
    }
    try loop.submit {
      let resident = try make(place)
      box.value = resident
      resident.start()
    }.wait()
    watch.run { descriptor in
      loop.execute { box.value?.readable(descriptor) }
    }
    let ending = try loop.submit {
      (status: box.value?.exitStatus ?? 1, threads: box.value?.ownThreads)
    }.wait()
    try? ending.threads?.syncShutdownGracefully()
    return ending.status
  }

  /// Blocks signals and makes a descriptor that they can be read from (signalfd(2)).
  private static func blockSignals(_ numbers: [Int32]) -> Int32 {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for number in numbers { unsafe sigaddset(&set, number) }
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    signal(SIGPIPE, SIG_IGN)
    return unsafe signalfd(-1, &set, Int32(SFD_CLOEXEC) | Int32(SFD_NONBLOCK))
  }
}

/// What lives on the event loop and is called for every descriptor that can be read.
protocol Resident: AnyObject {
  /// Begins.
  func start()
  /// Reads whatever a descriptor has.
  func readable(_ descriptor: Int32)
  /// Threads that it started, to be ended before the loop is.
  var ownThreads: MultiThreadedEventLoopGroup? { get }
  /// The program's exit status, once the watch has finished.
  var exitStatus: Int32 { get }
}

/// Where a resident lives: the loop, the thread for what blocks, and the watch on descriptors.
struct LoopPlace: Sendable {
  let loop: any EventLoop
  let pool: NIOThreadPool
  let watch: DescriptorWatch
  let signals: Int32
  let logger: Logger

  /// The signals that have arrived, in their order.
  func readSignals() -> [Int32] {
    var received: [Int32] = []
    var information = signalfd_siginfo()
    while unsafe read(signals, &information, MemoryLayout<signalfd_siginfo>.size) > 0 {
      received.append(Int32(information.ssi_signo))
    }
    watch.rearm(signals)
    return received
  }
}
