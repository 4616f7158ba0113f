import ControlProtocol
import Glibc

/// A program that runs for one event, in a process group of its own.
///
/// It ends with the group: what the program leaves behind is killed with it.
final class ProgramRunning {
  /// Bytes of a line that are shown.
  static let maxLine = 1_000
  /// Lines that are shown; a program that says more is not kept from running.
  static let maxLines = 100

  let event: NotificationDocument
  private let process: pid_t
  private let output: Int32
  private let deadline: ContinuousClock.Instant
  private let write: (String) -> Void
  private var line: [UInt8] = []
  private var lineCount = 0
  private var wasKilled = false

  /// Starts it; throws the errno of what failed.
  init(
    _ event: NotificationDocument, limit: Duration, write: @escaping (String) -> Void
  ) throws(SpawnFailure) {
    self.event = event
    self.write = write
    deadline = .now + limit
    var pipe: [Int32] = [-1, -1]
    guard unsafe Glibc.pipe(&pipe) == 0 else { throw SpawnFailure(code: errno) }
    for end in pipe { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(pipe[0], F_SETFL, O_NONBLOCK)
    let result = Self.spawn(event, output: pipe[1])
    close(pipe[1])
    guard case .success(let process) = result else {
      close(pipe[0])
      if case .failure(let failure) = result { throw failure }
      throw SpawnFailure(code: EINVAL)
    }
    self.process = process
    output = pipe[0]
  }

  deinit {
    close(output)
  }

  private static func spawn(
    _ event: NotificationDocument, output: Int32
  ) -> Result<pid_t, SpawnFailure> {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
    unsafe posix_spawn_file_actions_adddup2(&actions, output, 2)
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    unsafe posix_spawnattr_setpgroup(&attributes, 0)
    var words = unsafe [strdup(event.program), nil]
    var variables = unsafe event.environment.map { unsafe strdup($0) } + [nil]
    defer { unsafe (words + variables).forEach { unsafe free($0) } }
    var process: pid_t = 0
    var error: Int32 = 0
    // One that is just being written can be run in a moment.
    for _ in 0..<50 {
      error = unsafe posix_spawn(
        &process, event.program, &actions, &attributes, &words, &variables)
      guard error == ETXTBSY else { break }
      usleep(10_000)
    }
    return error == 0 ? .success(process) : .failure(SpawnFailure(code: error))
  }

  /// Shows what it said, and looks whether it is over.
  ///
  /// - Returns: how it ended; nil while it runs.
  func look(at now: ContinuousClock.Instant) -> String? {
    readOutput()
    if now >= deadline, !wasKilled {
      wasKilled = true
      kill(-process, SIGKILL)
    }
    // Its number is still its own: until it is waited for nobody else gets it.
    var information = unsafe siginfo_t()
    guard
      unsafe waitid(P_PID, id_t(process), &information, WEXITED | WNOHANG | WNOWAIT) == 0,
      unsafe information.si_signo == SIGCHLD
    else { return nil }
    kill(-process, SIGKILL)
    var status: Int32 = 0
    _ = unsafe waitpid(process, &status, 0)
    readOutput()
    endLine()
    return ending(status)
  }

  private func ending(_ status: Int32) -> String {
    let more = lineCount > Self.maxLines ? "; \(lineCount - Self.maxLines) lines not shown" : ""
    let signal = status & 0x7f
    if wasKilled { return "killed: it ran for too long\(more)" }
    return (signal == 0 ? "exit \((status >> 8) & 0xff)" : "died of signal \(signal)") + more
  }

  /// Reads what is there, of a flood only a part: others have their turn.
  private func readOutput() {
    var chunk = [UInt8](repeating: 0, count: 4_096)
    for _ in 0..<16 {
      let count = unsafe chunk.withUnsafeMutableBytes {
        unsafe read(output, $0.baseAddress, $0.count)
      }
      guard count > 0 else { return }
      for byte in chunk[..<count] { take(byte) }
    }
  }

  private func take(_ byte: UInt8) {
    guard byte == 10 else {
      if line.count < Self.maxLine { line.append(byte >= 32 || byte == 9 ? byte : 63) }
      return
    }
    endLine()
  }

  private func endLine() {
    guard !line.isEmpty else { return }
    lineCount += 1
    if lineCount <= Self.maxLines {
      write("\(event.title): \(String(decoding: line, as: UTF8.self))")
    }
    line = []
  }
}

/// Why a program could not be started.
struct SpawnFailure: Error, Equatable {
  /// The errno.
  let code: Int32

  /// What the system says.
  var text: String { ServerClient.text(of: code) }
}
