import Foundation
public import Glibc

/// A process that the lab started, known by its number and by when it started.
///
/// The kernel reuses numbers; the start time (field 22 of proc_pid_stat(5)) tells whether the
/// number still means the same process, so that the lab ends only what it began.
public struct LabProcess: Codable, Equatable, Sendable {
  /// The process number.
  public let number: Int32
  /// Clock ticks between the machine's start and the process's.
  public let startTime: UInt64

  /// The process that has the number now.
  public init(number: pid_t) {
    self.number = number
    startTime = LabProcess.status(of: number)?.startTime ?? 0
  }

  /// Whether the process still runs; a zombie does not.
  public var isRunning: Bool {
    // Reaps it if it is this process's own child; for any other it fails and does no harm.
    waitpid(number, nil, WNOHANG)
    guard let status = LabProcess.status(of: number) else { return false }
    return status.startTime == startTime && status.letter != "Z"
  }

  /// Sends a signal, if the process still runs; kill(2).
  public func send(_ signal: Int32) {
    if isRunning { kill(number, signal) }
  }

  /// Ends the process at once and waits until it is gone.
  public func end() throws(LabError) {
    send(SIGKILL)
    try awaitEnd()
  }

  /// Waits until the process is gone.
  public func awaitEnd() throws(LabError) {
    try waitUntil("the end of process \(number)", timeoutMilliseconds: 5000, paceMilliseconds: 1) {
      () throws(LabError) in !isRunning
    }
  }

  /// The memory that the process holds in RAM, in KiB: `VmRSS` of proc_pid_status(5).
  var residentKibibytes: Int? { kibibytes("VmRSS") }

  /// The memory that the kernel may not drop, in KiB, used or not: `VmLck` of proc_pid_status(5).
  var lockedKibibytes: Int? { kibibytes("VmLck") }

  private func kibibytes(_ field: String) -> Int? {
    guard let text = try? String(contentsOfFile: "/proc/\(number)/status", encoding: .utf8),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("\(field):") })
    else { return nil }
    return line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap {
      Int($0)
    }
  }

  /// The processor time that the process used, in clock ticks: fields 14 and 15.
  var processorTicks: Int? { LabProcess.status(of: number)?.ticks }

  private static func status(
    of number: Int32
  ) -> (letter: Substring, startTime: UInt64, ticks: Int)? {
    guard let text = try? String(contentsOfFile: "/proc/\(number)/stat", encoding: .utf8),
      // The second field is the name in parentheses, which may hold anything.
      let end = text.lastIndex(of: ")")
    else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    guard fields.count > 19, let startTime = UInt64(fields[19]), let user = Int(fields[11]),
      let system = Int(fields[12])
    else { return nil }
    return (fields[0], startTime, user + system)
  }
}
