import CLinux
import Glibc

/// A program that is run to its end, never for longer than it may.
struct ProgramCall {
  /// What became of it.
  struct Ending: Equatable {
    /// The exit status; nothing if a signal ended it, or its time was over.
    var status: Int32?
    /// What it wrote, standard output and standard error together.
    var output: String
  }

  /// The path or, without a slash, the name in `PATH`.
  var program: String
  /// The words after it.
  var arguments: [String]
  /// How long it may run.
  var limit = Duration.seconds(60)
  /// What it reads as `/dev/stdin`.
  var input = ""

  /// Runs it; nothing if it can't be started.
  func run() -> Ending? {
    guard let source = Self.file(with: input) else { return nil }
    defer { close(source) }
    var pipe: [Int32] = [-1, -1]
    guard unsafe Glibc.pipe(&pipe) == 0 else { return nil }
    for end in pipe { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, source, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, pipe[1], 1)
    unsafe posix_spawn_file_actions_adddup2(&actions, pipe[1], 2)
    var process: pid_t = 0
    let error = unsafe Self.withPointers([program] + arguments) { words in
      unsafe posix_spawnp(&process, program, &actions, nil, words, environ)
    }
    close(pipe[1])
    defer { close(pipe[0]) }
    guard error == 0 else { return nil }
    let (output, isComplete) = Self.read(pipe[0], until: ContinuousClock.now + limit)
    if !isComplete { kill(process, SIGKILL) }
    var status: Int32 = 0
    while unsafe waitpid(process, &status, 0) == -1, errno == EINTR {}
    let hasExited = isComplete && status & 0x7f == 0
    return Ending(status: hasExited ? status >> 8 & 0xff : nil, output: output)
  }

  /// Reads to the end, or until the time is over.
  private static func read(
    _ descriptor: Int32, until end: ContinuousClock.Instant
  ) -> (text: String, isComplete: Bool) {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4_096)
    while true {
      var descriptors = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let left = max(0, (end - ContinuousClock.now) / .milliseconds(1))
      let count = unsafe poll(&descriptors, 1, Int32(left.rounded(.up)))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return (String(decoding: bytes, as: UTF8.self), false) }
      let got = unsafe Glibc.read(descriptor, &chunk, chunk.count)
      if got < 0, errno == EINTR { continue }
      guard got > 0 else { return (String(decoding: bytes, as: UTF8.self), true) }
      // More than anybody reads is dropped.
      if bytes.count < 1 << 20 { bytes += chunk[..<got] }
    }
  }

  /// A file in memory that holds a text (memfd_create(2)): nothing is written where somebody may look.
  private static func file(with text: String) -> Int32? {
    // MFD_CLOEXEC of linux/memfd.h.
    let descriptor = unsafe memfd_create("vipctl", 1)
    guard descriptor >= 0 else { return nil }
    guard Output(descriptor: descriptor).put(text) == nil, lseek(descriptor, 0, SEEK_SET) == 0
    else {
      close(descriptor)
      return nil
    }
    return descriptor
  }

  private static func withPointers<Result>(
    _ words: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    var pointers: [UnsafeMutablePointer<CChar>?] = unsafe words.map { unsafe strdup($0) }
    unsafe pointers.append(nil)
    // strdup(3) allocates with malloc(3).
    defer { unsafe pointers.forEach { unsafe free($0) } }
    return unsafe body(pointers)
  }
}
