import CHook

/// The connection to the daemon's hook socket; it closes itself.
///
/// Nothing here waits beyond the deadline: not for a full backlog, not for a full buffer, not for
/// a daemon that is stopped.
struct DaemonSocket: ~Copyable {
  private let descriptor: CInt

  /// What became of an attempt to connect.
  enum Attempt: ~Copyable {
    case connected(DaemonSocket)
    /// Why not, and whether that means that no daemon runs.
    case failed(StaticString, isDaemonGone: Bool)
  }

  private init(descriptor: CInt) {
    self.descriptor = descriptor
  }

  deinit {
    close(descriptor)
  }

  /// Connects to a unix socket (unix(7)).
  static func connect(to path: UnsafePointer<CChar>, until deadline: Deadline) -> Attempt {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let length = unsafe strlen(path)
    let isCopied = unsafe withUnsafeMutableBytes(of: &address.sun_path) { room in
      guard length > 0, length < room.count, let start = room.baseAddress else { return false }
      unsafe memcpy(start, path, length)
      return true
    }
    guard isCopied else {
      return .failed("the path of the hook socket must have 1 to 107 bytes:", isDaemonGone: false)
    }
    let type = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
    let descriptor = socket(AF_UNIX, CInt(type), 0)
    guard descriptor >= 0 else {
      return .failed("no socket can be made to reach", isDaemonGone: false)
    }
    let connection = DaemonSocket(descriptor: descriptor)
    while true {
      let result = unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
          unsafe CHook.connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      if result == 0 { return .connected(connection) }
      let error = unsafe __errno_location().pointee
      // EAGAIN: the backlog is full, and poll(2) wouldn't tell when it no longer is.
      guard error == EAGAIN || error == EINTR, deadline.remaining > 0 else {
        return failure(error)
      }
      poll(nil, 0, 1)
    }
  }

  private static func failure(_ error: CInt) -> Attempt {
    switch error {
    case ENOENT:
      .failed("no daemon: is vipd running? There is no socket", isDaemonGone: true)
    case ECONNREFUSED:
      .failed("no daemon: is vipd running? Nobody listens on", isDaemonGone: true)
    case EACCES, EPERM:
      .failed(
        "permission denied: Sentinel's user must be able to open (see vipd.service)",
        isDaemonGone: false)
    case EAGAIN:
      .failed("the daemon doesn't take connections in time on", isDaemonGone: false)
    default:
      .failed("cannot connect to", isDaemonGone: false)
    }
  }

  /// Sends a request, waits for the answer, and says what to exit with.
  consuming func deliver(_ request: [UInt8], until deadline: Deadline) -> CInt {
    guard send(request, until: deadline) else {
      Console.complain("the daemon doesn't take the message; it will find out by itself")
      return ExitCode.refused
    }
    let answer = receiveLine(until: deadline)
    switch answer.first {
    case UInt8(ascii: "+") where answer.count == 3 && answer[1] == 0x4f && answer[2] == 0x4b:
      return ExitCode.done
    case nil:
      Console.complain("the daemon doesn't answer; it will find out by itself")
    case UInt8(ascii: "-"):
      Console.complain("the daemon refuses: ", answer: answer.dropFirst())
    default:
      Console.complain("something else than vipd answers: ", answer: answer[...])
    }
    return ExitCode.refused
  }

  private func send(_ bytes: [UInt8], until deadline: Deadline) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { buffer in
        unsafe CHook.send(
          descriptor, buffer.baseAddress.map { unsafe $0 + sent }, buffer.count - sent,
          CInt(MSG_NOSIGNAL))
      }
      if count > 0 {
        sent += count
      } else if !wait(for: POLLOUT, until: deadline) {
        return false
      }
    }
    return true
  }

  /// The answer's first line without its end; empty if there is none in time.
  private func receiveLine(until deadline: Deadline) -> [UInt8] {
    var line: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: Limits.answerBytes)
    while line.count < Limits.answerBytes {
      let count = unsafe recv(descriptor, &chunk, chunk.count, 0)
      if count > 0 {
        line.append(contentsOf: chunk[..<count])
        if let end = line.firstIndex(of: 0x0d) { return Array(line[..<end]) }
      } else if count == 0 || !wait(for: POLLIN, until: deadline) {
        return []
      }
    }
    return line
  }

  /// Waits until the socket is ready; false at the deadline or after an error that stays.
  private func wait(for event: CInt, until deadline: Deadline) -> Bool {
    let error = unsafe __errno_location().pointee
    guard error == EAGAIN || error == EINTR else { return false }
    let remaining = deadline.remaining
    guard remaining > 0 else { return false }
    var descriptors = pollfd(fd: descriptor, events: CShort(event), revents: 0)
    return unsafe poll(&descriptors, 1, remaining) != 0
  }
}
