import Foundation
import Glibc

/// A built program, run by a test, and what became of it.
public struct ProgramRun: ~Copyable {
  /// What a process ended with.
  public struct Ending: Equatable, Sendable {
    /// The exit code, or nothing if a signal ended it.
    public var exitCode: Int32?
    /// What it wrote to standard output and standard error.
    public var output: String

    /// Makes an ending to compare with.
    public init(exitCode: Int32?, output: String) {
      self.exitCode = exitCode
      self.output = output
    }
  }

  /// The built programs stand beside the program that runs the tests.
  private static func path(of program: String) -> String {
    var path = [CChar](repeating: 0, count: 4096)
    let length = unsafe readlink("/proc/self/exe", &path, path.count)
    let bytes = path.prefix(max(0, length)).map { UInt8(bitPattern: $0) }
    return URL(filePath: String(decoding: bytes, as: UTF8.self)).deletingLastPathComponent()
      .appending(path: program).path(percentEncoded: false)
  }

  private let process: pid_t
  private let reader: Int32

  /// Starts a program of this package.
  ///
  /// `closesStreams` leaves it without standard input, output and error. It gets no environment
  /// but the one given.
  ///
  /// - Throws: if it can't be started.
  public init(
    _ program: String, _ arguments: [[UInt8]], environment: [String: String] = [:],
    closesStreams: Bool = false
  ) throws {
    var pipe: [Int32] = [-1, -1]
    guard unsafe Glibc.pipe(&pipe) == 0 else { throw POSIXError(.EMFILE) }
    for end in pipe { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    for stream in 0...2 as ClosedRange<Int32> {
      if closesStreams {
        unsafe posix_spawn_file_actions_addclose(&actions, stream)
      } else if stream == 0 {
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
      } else {
        unsafe posix_spawn_file_actions_adddup2(&actions, pipe[1], stream)
      }
    }
    let executable = Self.path(of: program)
    let words = [Array(executable.utf8)] + arguments
    let variables = environment.map { Array("\($0.key)=\($0.value)".utf8) }
    var process: pid_t = 0
    let error = unsafe Self.withPointers(words) { words in
      unsafe Self.withPointers(variables) { variables in
        unsafe posix_spawn(&process, executable, &actions, nil, words, variables)
      }
    }
    close(pipe[1])
    guard error == 0 else {
      close(pipe[0])
      throw POSIXError(POSIXErrorCode(rawValue: error) ?? .ENOENT)
    }
    self.process = process
    self.reader = pipe[0]
  }

  deinit {
    close(reader)
  }

  /// Sends it a signal.
  public func signal(_ number: Int32) {
    kill(process, number)
  }

  /// Waits for its end.
  public consuming func wait() -> Ending {
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = unsafe read(reader, &chunk, chunk.count)
      guard count > 0 else { break }
      output += chunk[..<count]
    }
    var status: Int32 = 0
    while unsafe waitpid(process, &status, 0) == -1, errno == EINTR {}
    let exitCode = status & 0x7f == 0 ? status >> 8 & 0xff : nil
    return Ending(exitCode: exitCode, output: String(decoding: output, as: UTF8.self))
  }

  private static func withPointers<Result>(
    _ strings: [[UInt8]], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    var pointers: [UnsafeMutablePointer<CChar>?] = unsafe strings.map { string in
      let copy = UnsafeMutablePointer<CChar>.allocate(capacity: string.count + 1)
      for (index, byte) in string.enumerated() { unsafe copy[index] = CChar(bitPattern: byte) }
      unsafe copy[string.count] = 0
      return unsafe copy
    }
    unsafe pointers.append(nil)
    defer { unsafe pointers.forEach { unsafe $0?.deallocate() } }
    return unsafe body(pointers)
  }
}
