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
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let name = Array(path.utf8)
    guard (1..<MemoryLayout.size(ofValue: address.sun_path)).contains(name.count) else {
      throw Failure(status: .usage, text: "the path of a socket has 1 to 107 bytes: '\(path)'")
    }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
    let kind = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let descriptor = socket(AF_UNIX, kind, 0)
    let length = socklen_t(MemoryLayout<sockaddr_un>.size)
    let isServed = unsafe call(&address, length) { unsafe connect(descriptor, $0, $1) } == 0
    if !isServed, errno == ECONNREFUSED { _ = unsafe unlink(path) }
    guard !isServed, unsafe call(&address, length, { unsafe Glibc.bind(descriptor, $0, $1) }) == 0
    else {
      let reason = isServed ? "another one listens" : unsafe String(cString: strerror(errno))
      close(descriptor)
      throw Failure(status: .failed, text: "can't listen on \(path): \(reason)")
    }
    _ = unsafe chmod(path, 0o660)
    return descriptor
  }

  private static func call(
    _ address: inout sockaddr_un, _ length: socklen_t,
    _ run: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe run($0, length) }
    }
  }
}
