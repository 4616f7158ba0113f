import Foundation
public import Glibc
import Synchronization

/// A program to start: its words, its extra environment, and where its output goes.
public struct Subprocess {
  /// The program, found along `PATH`, and its arguments.
  public var words: [String]
  /// Variables added to this process's environment.
  public var environment: [String: String] = [:]

  /// A program by its words, the first of which is its name or path.
  public init(_ words: [String], environment: [String: String] = [:]) {
    self.words = words
    self.environment = environment
  }

  /// The words as a person would type them.
  var text: String { words.joined(separator: " ") }

  /// Runs the program to its end and returns what it wrote.
  ///
  /// - Throws: ``LabError/commandFailed(command:status:output:)`` if it doesn't end with 0.
  @discardableResult
  public func run(input: String = "") throws(LabError) -> String {
    let toChild = try Pipe()
    let fromChild = try Pipe()
    let process = try spawn(input: toChild.readEnd.number, output: fromChild.writeEnd.number)
    _ = consume fromChild.writeEnd
    _ = consume toChild.readEnd
    // A program that ends without reading its input tells why in its output.
    try? toChild.writeEnd.write(Array(input.utf8), text)
    _ = consume toChild.writeEnd
    var output: [UInt8] = []
    while true {
      let bytes = try fromChild.readEnd.read(text)
      if bytes.isEmpty { break }
      output += bytes
    }
    let status = waitForEnd(process)
    // `String(decoding:as:)` repairs what isn't UTF-8: the text is for people.
    let text = String(decoding: output, as: UTF8.self)
    if status != 0 { throw .commandFailed(command: self.text, status: status, output: text) }
    return text
  }

  /// Starts the program in a session of its own, with its output appended to a file.
  ///
  /// A session of its own keeps Ctrl-C at the terminal from reaching it: what the lab starts lives
  /// until the lab ends it.
  public func start(log: String) throws(LabError) -> pid_t {
    let output = unsafe FileDescriptor(
      open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644))
    if output.number < 0 { throw systemCallError("open", log) }
    let input = unsafe FileDescriptor(open("/dev/null", O_RDONLY | O_CLOEXEC))
    return try spawn(input: input.number, output: output.number)
  }

  /// Becomes the program, terminal and all; execvp(3).
  ///
  /// - Throws: ``LabError/systemCall(name:errno:object:)`` if there is no such program.
  public func replaceThisProcess() throws(LabError) {
    _ = unsafe withCStrings(words) { arguments in unsafe execvp(words[0], arguments) }
    throw systemCallError("execvp", words[0])
  }

  /// Starts the program with the given descriptors as 0, 1 and 2 and no others; posix_spawnp(3).
  private func spawn(input: Int32, output: Int32) throws(LabError) -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, input, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
    unsafe posix_spawn_file_actions_adddup2(&actions, output, 2)
    keepOpenFilesFromChildren()
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    // Threads that Swift runs tasks on block every signal, and a program would inherit that.
    var none = sigset_t()
    unsafe sigemptyset(&none)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setflags(&attributes, ownSession | Int16(POSIX_SPAWN_SETSIGMASK))

    let merged = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
    var pid: pid_t = 0
    let code = unsafe withCStrings(words) { arguments in
      unsafe withCStrings(merged.map { "\($0)=\($1)" }) { variables in
        spawning.withLock { _ in
          unsafe posix_spawnp(&pid, words[0], &actions, &attributes, arguments, variables)
        }
      }
    }
    if code != 0 { throw .systemCall(name: "posix_spawnp", errno: code, object: words[0]) }
    return pid
  }
}

/// `POSIX_SPAWN_SETSID` of spawn.h, which glibc hides from Swift behind `_GNU_SOURCE`.
private let ownSession: Int16 = 0x80

/// Held while a pipe is made and while a program starts, so that a server of one lab never gets the
/// end of a pipe that another lab waits on; pipe2(2) would do, but glibc hides it likewise.
private let spawning = Mutex(())

/// Marks every descriptor above 2 to be closed in programs that start from here.
///
/// A lock that a caller such as flock(1) holds open must not live on in a server.
private func keepOpenFilesFromChildren() {
  let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
  for number in numbers.compactMap({ Int32($0) }) where number > 2 {
    _ = fcntl(number, F_SETFD, FD_CLOEXEC)
  }
}

/// Waits for a child to end and returns its exit status, or 128 + the signal that ended it.
@discardableResult
func waitForEnd(_ process: pid_t) -> Int32 {
  var status: Int32 = 0
  while unsafe waitpid(process, &status, 0) < 0 && errno == EINTR {}
  return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
}

/// A pipe whose ends don't pass to children by accident; pipe(2).
private struct Pipe: ~Copyable {
  let readEnd: FileDescriptor
  let writeEnd: FileDescriptor

  init() throws(LabError) {
    var ends: [Int32] = [-1, -1]
    spawning.withLock { _ in
      unsafe pipe(&ends)
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    }
    if ends[0] < 0 { throw systemCallError("pipe", "a pipe") }
    readEnd = FileDescriptor(ends[0])
    writeEnd = FileDescriptor(ends[1])
  }
}

/// Calls a function with a null-terminated array of C strings.
private func withCStrings<Result>(
  _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  var copies: [UnsafeMutablePointer<CChar>?] = unsafe strings.map { unsafe strdup($0) }
  unsafe copies.append(nil)
  defer { unsafe copies.forEach { unsafe free($0) } }
  return unsafe copies.withUnsafeMutableBufferPointer { buffer in
    guard let base = buffer.baseAddress else { preconditionFailure("never empty") }
    return unsafe body(base)
  }
}
