import Configuration
import Glibc
import RESP

/// A connection to the daemon's control socket, which speaks RESP.
struct ControlClient: ~Copyable {
  /// Where the socket is unless the command line or `VIPD_SOCKET` say otherwise.
  static let defaultPath = "/run/vipd/vipd.sock"
  /// How long the daemon may take to answer; it never needs a tenth of that.
  static let patience = Duration.seconds(5)

  private let descriptor: Int32
  private let path: String
  private let patience: Duration
  private var parser = RESPParser(limits: RESPLimits(length: 1 << 24))

  /// Connects.
  init(path: String, patience: Duration = ControlClient.patience) throws(Failure) {
    let address = try UnixAddress(path: path)
    let descriptor = socket(AF_UNIX, Self.kind, 0)
    guard descriptor >= 0 else {
      throw Failure(status: .failed, text: "no socket can be made: \(ServerClient.text(of: errno))")
    }
    guard Self.connect(descriptor, to: address, within: patience) else {
      let error = errno
      close(descriptor)
      throw Self.failure(error, path: path)
    }
    self.descriptor = descriptor
    self.path = path
    self.patience = patience
  }

  deinit {
    close(descriptor)
  }

  /// Sends a command and gives the text that the daemon answers.
  mutating func ask(_ words: String...) throws(Failure) -> String { try ask(words) }

  /// The same, of words in a list.
  mutating func ask(_ words: [String]) throws(Failure) -> String {
    try send(words)
    return try text(of: receive())
  }

  /// Sends a command.
  func send(_ words: [String]) throws(Failure) {
    var rest = RESPWriter.command(words)[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { buffer in
        unsafe Glibc.send(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw gone() }
      rest = rest.dropFirst(count)
    }
  }

  /// Waits for the next answer or message.
  ///
  /// `isPatient` waits for ever, as a stream of events must.
  mutating func receive(isPatient: Bool = false) throws(Failure) -> RESPToken {
    while true {
      if let token = try parsed() { return token }
      guard isPatient || isReadable(within: max(1, Int(patience / .milliseconds(1)))) else {
        throw silent()
      }
      try read()
    }
  }

  /// Waits for the next answer or message, and ten times a second does something else.
  mutating func receive(
    meanwhile: (borrowing ControlClient) throws(Failure) -> Void
  ) throws(Failure) -> RESPToken {
    while true {
      var slices = 0
      if let token = try parsed() { return token }
      try meanwhile(self)
      while !isReadable(within: 100) {
        try meanwhile(self)
        slices += 1
        if slices >= Int(patience / .milliseconds(100)) { throw silent() }
      }
      try read()
    }
  }

  /// What has arrived in full.
  private mutating func parsed() throws(Failure) -> RESPToken? {
    do throws(RESPError) {
      return try parser.next()
    } catch {
      throw Failure(status: .failed, text: "what answers on \(path) is not vipd: \(error)")
    }
  }

  private mutating func read() throws(Failure) {
    var chunk = [UInt8](repeating: 0, count: 65536)
    let count = unsafe recv(descriptor, &chunk, chunk.count, 0)
    if count < 0, errno == EINTR { return }
    guard count > 0 else { throw gone() }
    parser.append(chunk[..<count])
  }

  /// Whether something comes within so many milliseconds.
  private func isReadable(within milliseconds: Int) -> Bool {
    var descriptors = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    while true {
      let count = unsafe poll(&descriptors, 1, Int32(milliseconds))
      if count < 0, errno == EINTR { continue }
      return count != 0
    }
  }

  /// The text of an answer; an error is thrown.
  func text(of token: RESPToken) throws(Failure) -> String {
    if token.isError { throw Self.refusal(token.errorText ?? "") }
    guard let text = token.text else {
      throw Failure(status: .failed, text: "what answers on \(path) is not vipd")
    }
    return text
  }

  // MARK: - What went wrong

  private func silent() -> Failure {
    Failure(
      status: .noDaemon,
      text: "vipd took the command and does not answer within "
        + "\(max(1, patience.components.seconds)) s"
        + " on \(path).\nIt hangs, or the host is overloaded: systemctl status vipd")
  }

  private func gone() -> Failure {
    Failure(
      status: .noDaemon,
      text: "vipd closed the connection on \(path).\nIt may be restarting: systemctl status vipd")
  }

  private static func refusal(_ text: String) -> Failure {
    // The first word is for programs, as in Redis: ERR, NOPERM.
    let sentence = text.hasPrefix("ERR ") ? String(text.dropFirst(4)) : text
    return Failure(status: .failed, text: sentence)
  }

  private static func failure(_ error: Int32, path: String) -> Failure {
    switch error {
    case ENOENT, ECONNREFUSED:
      Failure(
        status: .noDaemon,
        text: "no daemon answers on \(path): \(ServerClient.text(of: error))\n"
          + "Is it running on this host? Try: systemctl status vipd\n"
          + "Another socket: --socket PATH, or VIPD_SOCKET.")
    case EAGAIN:
      Failure(
        status: .noDaemon,
        text:
          "vipd takes no connection on \(path).\nIt hangs, or the host is overloaded: systemctl "
          + "status vipd")
    case EACCES, EPERM:
      Failure(
        status: .failed,
        text: "permission denied on \(path)\nOnly root and the group vipd may use it.")
    default:
      Failure(status: .noDaemon, text: "cannot connect to \(path): \(ServerClient.text(of: error))")
    }
  }

  private static let kind = Int32(
    SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)

  /// Connects, and lets later calls wait.
  ///
  /// A daemon that hangs takes no connection once its queue is full (`EAGAIN`, unix(7)).
  private static func connect(
    _ descriptor: Int32, to address: UnixAddress, within patience: Duration
  ) -> Bool {
    let end = ContinuousClock.now + patience
    while unsafe !address.call(Glibc.connect, descriptor) {
      guard errno == EAGAIN, ContinuousClock.now < end else { return false }
      usleep(10_000)
    }
    return fcntl(descriptor, F_SETFL, 0) == 0
  }
}
