import ArgumentParser
import Glibc

struct NotifyRunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "notify-run",
    abstract: "Run the programs of 'notify' lines at the events that vipd hands on.",
    discussion: """
      vipd-notify.service starts it at an event. Without systemd start it yourself, as a user without \
      rights who may write to the directory of the socket. It reads no configuration: vipd names the program.
      """)

  /// How long it stays without work where systemd starts it again.
  static let idleLimit = Duration.seconds(30)

  @Option(help: "The socket to listen on, where systemd hands over none.")
  var listen = "/run/vipd/notify.sock"
  @Option(help: "How long a program may run: 1s to 1h (default: 30s).")
  var limit: TimeSpan?

  private var patience: Duration { limit?.duration ?? .seconds(30) }

  func validate() throws {
    guard (Duration.seconds(1)...Duration.seconds(3_600)).contains(patience) else {
      throw ValidationError("a program may run for 1s to 1h")
    }
  }

  func run() throws {
    let handed = Self.handedSocket()
    let socket = try handed ?? NotifySocket.bind(at: listen)
    let runner = NotifyRunner(socket: socket, limit: patience) {
      Output.standard.write($0 + "\n")
    }
    runner.run(untilIdleFor: handed == nil ? nil : Self.idleLimit)
  }

  /// The socket that systemd hands over (sd_listen_fds(3)): the first one.
  private static func handedSocket() -> Int32? {
    guard let process = unsafe getenv("LISTEN_PID"), let count = unsafe getenv("LISTEN_FDS"),
      Int32(unsafe String(cString: process)) == getpid(),
      (Int32(unsafe String(cString: count)) ?? 0) >= 1
    else { return nil }
    return 3
  }
}

/// The socket that events come by.
enum NotifySocket {
  /// Listens at a path; a socket that nobody serves any more is replaced.
  static func bind(at path: String) throws(Failure) -> Int32 {
    let address = try UnixAddress(path: path)
    let kind = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let descriptor = socket(AF_UNIX, kind, 0)
    let isServed = unsafe address.call(Glibc.connect, descriptor)
    if !isServed, errno == ECONNREFUSED { _ = unsafe unlink(path) }
    guard !isServed, unsafe address.call(Glibc.bind, descriptor) else {
      let reason = isServed ? "another one listens" : ServerClient.text(of: errno)
      close(descriptor)
      throw Failure(status: .failed, text: "can't listen on \(path): \(reason)")
    }
    _ = unsafe chmod(path, 0o660)
    return descriptor
  }
}
