import ControlProtocol
import FoundationEssentials
import Glibc

/// Runs the operator's programs, in the order of the events and one at a time for each master.
final class NotifyRunner {
  /// The most that one event takes.
  static let maxEvent = 1 << 16
  /// How often running programs are looked at.
  static let lookMilliseconds: Int32 = 20

  private let socket: Int32
  private let limit: Duration
  private let write: (String) -> Void
  private var queue = EventQueue()
  private var running: [String: ProgramRunning] = [:]
  private var idleSince = ContinuousClock.now

  /// Makes one that reads events from a socket; `write` shows a line.
  init(socket: Int32, limit: Duration, write: @escaping (String) -> Void) {
    self.socket = socket
    self.limit = limit
    self.write = write
    _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
    _ = fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK)
  }

  /// Runs until nothing happened for so long; for ever if nil.
  func run(untilIdleFor idle: Duration?) {
    while true {
      step()
      if !isIdle { idleSince = .now }
      if let idle, ContinuousClock.now - idleSince >= idle { return }
      wait(idle)
    }
  }

  /// Whether nothing runs and nothing waits.
  var isIdle: Bool { running.isEmpty && queue.isEmpty }

  /// Takes in what came, looks at what runs, and starts what is next.
  func step() {
    receive()
    for (master, program) in running {
      guard let ending = program.look(at: .now) else { continue }
      write("\(program.event.title): \(program.event.program): \(ending)")
      running[master] = nil
    }
    for event in queue.next(besides: Set(running.keys)) { start(event) }
  }

  private func start(_ event: NotificationDocument) {
    guard !EventQueue.isStale(event, at: Int64(time(nil))) else {
      return write("\(event.title): not run: it is of \(event.at), more than ten minutes ago")
    }
    do throws(SpawnFailure) {
      running[event.master] = try ProgramRunning(event, limit: limit, write: write)
    } catch {
      write("\(event.title): can't run \(event.program): \(error.text)")
    }
  }

  private func receive() {
    var bytes = [UInt8](repeating: 0, count: Self.maxEvent)
    for _ in 0..<EventQueue.maxWaiting {
      let count = unsafe bytes.withUnsafeMutableBytes {
        unsafe recv(socket, $0.baseAddress, $0.count, 0)
      }
      guard count >= 0 else { return }
      accept(Data(bytes[..<count]))
    }
  }

  private func accept(_ data: Data) {
    idleSince = .now
    guard let event = try? JSONDecoder().decode(NotificationDocument.self, from: data),
      event.program.hasPrefix("/")
    else { return write("an event that can't be read was dropped") }
    if let dropped = queue.add(event) {
      write("\(dropped.title): dropped: \(EventQueue.maxWaiting) events of this master wait")
    }
  }

  /// Waits for an event, for output, or until something is due.
  private func wait(_ idle: Duration?) {
    var watched = [pollfd(fd: socket, events: Int16(POLLIN), revents: 0)]
    let patience: Int32 = isIdle ? (idle == nil ? -1 : 1_000) : Self.lookMilliseconds
    _ = unsafe poll(&watched, nfds_t(watched.count), patience)
  }
}
