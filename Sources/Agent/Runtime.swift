import CLinux
import Glibc
public import Logging
import NIOCore
import NIOPosix

/// Runs the daemon: the event loop on one thread, files and names on another, and signals and
/// the kernel's descriptors on the thread that calls.
public enum Runtime {
  /// Runs until SIGTERM or SIGINT.
  ///
  /// - Parameters:
  ///   - path: the configuration file, read again at SIGHUP.
  ///   - loaded: what it said at the start.
  ///   - environment: for the service manager's socket.
  ///   - logger: where log lines go.
  /// - Returns: the exit status.
  public static func run(
    configurationPath path: String, _ loaded: LoadedConfiguration,
    environment: [String: String], logger: Logger
  ) -> Int32 {
    // Threads inherit the mask, so it is set before there are any.
    let signals = blockSignals([SIGTERM, SIGINT, SIGHUP])
    guard signals >= 0, let watch = DescriptorWatch(), watch.add(signals) else {
      logger.critical("Signals can't be received")
      return 1
    }
    let threads = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let loop = threads.next()
    let pool = NIOThreadPool(numberOfThreads: 1)
    pool.start()
    let box = NIOLoopBoundBox<Service?>.makeEmptyBox(valueType: Service.self, eventLoop: loop)
    do {
      try loop.submit {
        let service = try Service(
          path: path, loaded, watch: watch, signals: signals, pool: pool, loop: loop,
          notifier: SystemdNotifier(environment: environment), logger: logger)
        box.value = service
        service.start()
      }.wait()
    } catch {
      logger.critical("\(error)")
      return 1
    }
    watch.run { descriptor in
      loop.execute { box.value?.readable(descriptor) }
    }
    try? threads.syncShutdownGracefully()
    try? pool.syncShutdownGracefully()
    return 0
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
