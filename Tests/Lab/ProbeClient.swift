import Glibc

/// A client as an impatient application has it: 100 ms for everything, and again at once.
public struct ProbeClient {
  private let address: String
  private let port: UInt16
  /// How long a connect and an answer may take.
  private let limit = TimeLimit(milliseconds: 100)
  private var timeout: Int { limit.milliseconds }
  /// The least time between the starts of two tries, in milliseconds.
  private let pace = 4.0

  /// A client that writes to the given address and port.
  public init(address: String, port: UInt16) {
    self.address = address
    self.port = port
  }

  /// Writes for ever; each try becomes a line of standard output.
  public func run() {
    printLine("ready")
    var connection: RESPConnection?
    var host: Int?
    while true {
      let start = Stamp.now()
      var outcome = "ok"
      do {
        if connection == nil { (connection, host) = try open() }
        try connection.map { connection throws(LabError) in
          try timed { () throws(LabError) in try write(connection) }
        }
      } catch {
        outcome = ProbeClient.word(for: error)
        connection = nil
      }
      let attempt = ProbeAttempt(start: start, end: .now(), outcome: outcome, host: host)
      printLine(attempt.line)
      if outcome != "ok" { host = nil }
      let rest = pace - Stamp.now().milliseconds(since: start)
      if rest > 0 { usleep(UInt32(rest * 1000)) }
    }
  }

  /// Connects and asks which host answers.
  private func open() throws(LabError) -> (RESPConnection, Int?) {
    let connection = try timed { () throws(LabError) in
      try RESPConnection(address: address, port: port, timeoutMilliseconds: timeout)
    }
    let host = try timed { () throws(LabError) in
      try connection.serverHost(timeoutMilliseconds: timeout)
    }
    return (connection, host)
  }

  private func timed<Outcome>(
    _ step: () throws(LabError) -> Outcome
  ) throws(LabError) -> Outcome {
    try limit.run(reporting: { printLine($0.line) }, step)
  }

  private func write(_ connection: RESPConnection) throws(LabError) {
    let reply = try connection.command("INCR", "probe", timeoutMilliseconds: timeout)
    if case .error(let text) = reply { throw .unexpectedReply(text) }
  }

  /// One word for what went wrong, as people who read the log know it.
  static func word(for error: LabError) -> String {
    switch error {
    case .systemCall(_, ECONNREFUSED, _): "refused"
    case .systemCall(_, ETIMEDOUT, _), .timedOut: "timeout"
    case .systemCall(_, ECONNRESET, _), .systemCall(_, EPIPE, _), .connectionClosed: "reset"
    case .systemCall(_, EHOSTUNREACH, _), .systemCall(_, ENETUNREACH, _): "unreachable"
    case .unexpectedReply(let text):
      String(text.split(separator: " ").first ?? "error").lowercased()
    case .systemCall, .commandFailed, .refused: "error"
    }
  }
}

/// Writes a line to standard output in one piece, so that a reader never sees half of it for long.
func printLine(_ text: String) {
  let bytes = Array((text + "\n").utf8)
  unsafe bytes.withUnsafeBytes { buffer in
    _ = unsafe Glibc.write(1, buffer.baseAddress, buffer.count)
  }
}

extension ProbeClient {
  /// Writes a line to standard output and ends the program with status 1.
  public static func complain(_ text: String) -> Never {
    printLine(text)
    exit(1)
  }
}
