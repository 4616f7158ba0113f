import CHook

/// The words of a command line as C has them: a count, and that many strings.
typealias Words = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

/// The hook's start.
///
/// The package manager makes `<module>_main` the entry point of a program. Embedded Swift has no
/// `CommandLine`, so the words come in here.
@c(vipd_reconfig_main)
func enter(_ count: CInt, _ words: Words) -> CInt {
  // A reader that is gone must end in an exit code: Sentinel repeats what died of a signal.
  chook_ignore_broken_pipes()
  guard openStandardStreams() else { return ExitCode.refused }
  let deadline = Deadline(millisecondsFromNow: Limits.patience)
  switch unsafe Invocation(count: Int(count), words: words) {
  case .help:
    Console.write(helpText, to: STDOUT_FILENO)
    return ExitCode.done
  case .version:
    Console.write("vipd-reconfig ", Version.full, "\n", to: STDOUT_FILENO)
    return ExitCode.done
  case .wrong(let reason):
    Console.complain(reason, ". Try: vipd-reconfig --help")
    return ExitCode.refused
  case .handOver(let kind):
    return unsafe handOver(kind, count: Int(count), words: words, deadline: deadline)
  }
}

/// What the hook exits with.
enum ExitCode {
  /// Handed over, or told.
  static let done: CInt = 0
  /// Bad arguments or no daemon.
  ///
  /// Never 1: Sentinel would repeat the call for hours, with old arguments
  /// (`sentinel.c sentinelCollectTerminatedScripts`).
  static let refused: CInt = 2
}

/// What bounds the hook.
enum Limits {
  /// How long the daemon may take for everything, in milliseconds; the hook ends within 100.
  static let patience = 80
  /// The greatest total length of the arguments in bytes.
  static let argumentBytes = 65536
  /// The greatest length of an answer in bytes.
  static let answerBytes = 512
}

/// Tells the daemon, or becomes it where there is none and the configuration allows that.
private func handOver(
  _ kind: Invocation.Kind, count: Int, words: Words, deadline: Deadline
) -> CInt {
  let request = unsafe Request(kind: kind, count: count, words: words)
  let path = unsafe getenv("VIPD_HOOK_SOCKET")
  let socketPath = unsafe path.map { unsafe UnsafePointer($0) } ?? Defaults.hookSocket
  switch unsafe DaemonSocket.connect(to: socketPath, until: deadline) {
  case .connected(let socket):
    return socket.deliver(request.bytes, until: deadline)
  case .failed(let problem, let isDaemonGone):
    if kind == .reconfig, isDaemonGone, Daemonless.isAllowed() {
      unsafe Daemonless.become(count: count, words: words)
    }
    unsafe Console.complain(problem, " ", socketPath)
    return ExitCode.refused
  }
}

/// Makes sure that 0, 1 and 2 are open, so that no socket is taken for standard error.
private func openStandardStreams() -> Bool {
  for descriptor in STDIN_FILENO...STDERR_FILENO where chook_is_open(descriptor) == 0 {
    // open(2) gives the lowest free number, which is this one: those below are open. It stays
    // open for a daemon that this process becomes.
    guard unsafe chook_open("/dev/null", O_RDWR) == descriptor else { return false }
  }
  return true
}
