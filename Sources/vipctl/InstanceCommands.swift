import ArgumentParser
import Configuration
import ControlProtocol
import FoundationEssentials
import Glibc
import RESP

/// Which Redis of this host is meant.
struct InstanceOptions: ParsableArguments {
  @Argument(
    help: "The master name of its group; or say which with --conf or --port.",
    completion: .masters)
  var master: String?
  @Option(
    help: "Its redis.conf or valkey.conf, for its port; includes are followed.",
    completion: .file(extensions: ["conf"]))
  var conf: String?
  @Option(help: "Its port.") var port: UInt16?

  func validate() throws {
    guard [master != nil, conf != nil, port != nil].count(where: { $0 }) == 1 else {
      throw ValidationError("say which Redis: MASTER, --conf FILE or --port PORT")
    }
  }

  /// The word for the daemon; nothing for an instance without a port.
  func word() throws(Failure) -> String? {
    if let master { return master }
    if let port { return String(port) }
    guard let conf else { return nil }
    guard let text = try? String(contentsOfFile: conf, encoding: .utf8) else {
      throw Failure(status: .failed, text: "\(conf) can't be read")
    }
    if let missing = Self.missingInclude(in: text) {
      throw Failure(
        status: .failed, text: "\(conf) includes \(missing), which can't be read: say --port PORT")
    }
    return Self.port(in: text).map(String.init)
  }

  /// How deep files may include one another: Redis itself sets no limit, and ends with its stack.
  private static let maxDepth = 16

  /// The port in a redis.conf by which Sentinel knows the instance: the last line counts, also of files that
  /// it includes, and there is a default; nothing for an instance on a Unix socket alone (redis.conf).
  ///
  /// With `tls-replication yes` that is `tls-port` (`replication.c replicationGetSlaveAnnouncedPort`), and
  /// so it is where `port` is 0.
  static func port(in text: String) -> UInt16? {
    var ports = Ports()
    ports.read(text, depth: 0)
    if ports.replicatesOverTLS, ports.tls != 0 { return ports.tls }
    return [ports.plain, ports.tls].first { $0 != 0 }
  }

  /// What a redis.conf says of ports, so far.
  private struct Ports {
    var plain: UInt16 = 6_379
    var tls: UInt16 = 0
    var replicatesOverTLS = false

    mutating func read(_ text: String, depth: Int) {
      for (name, value) in InstanceOptions.directives(in: text) {
        switch name {
        case "port": plain = UInt16(value) ?? plain
        case "tls-port": tls = UInt16(value) ?? tls
        case "tls-replication": replicatesOverTLS = value.lowercased() == "yes"
        case "include" where depth < InstanceOptions.maxDepth:
          // It may have wildcards (`config.c loadServerConfig`).
          for file in ServerFile.files(like: value) {
            guard let included = try? String(contentsOfFile: file, encoding: .utf8) else {
              continue
            }
            read(included, depth: depth + 1)
          }
        default: break
        }
      }
    }
  }

  /// A file without wildcards that an `include` line of the file itself names, and that can't be read; Redis
  /// would not start with it.
  static func missingInclude(in text: String) -> String? {
    directives(in: text).first { name, value in
      guard name == "include", !value.contains(where: { "*?[".contains($0) }) else { return false }
      return unsafe access(value, R_OK) != 0
    }?.value
  }

  /// The lines that have one value.
  private static func directives(in text: String) -> [(name: String, value: String)] {
    text.split(whereSeparator: \.isNewline).compactMap { line in
      let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
      guard words.count == 2 else { return nil }
      return (words[0].lowercased(), words[1].filter { $0 != "\"" && $0 != "'" })
    }
  }
}

struct GuardCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "guard",
    abstract: "Before a Redis of this host starts: wait while its successor is being promoted.",
    discussion: """
      For ExecStartPre= of the unit of Redis. A master that died, and that systemd starts again at once, \
      would come back with what its file has, and its replicas would take that over. While vipd promotes \
      one of them, this waits, and says why; in every other case it ends at once.

      Exits with 0 if Redis may start, also after --timeout, 1 if it can't be known which Redis is meant, \
      4 if no daemon answers: Redis may start then as well.
      """)

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var instance: InstanceOptions
  @Option(help: "How long to wait at most, 1ms to 60s (default: 5s).") var timeout: TimeSpan?

  func validate() throws {
    guard let timeout, timeout.duration > .seconds(60) else { return }
    throw ValidationError("--timeout is 1ms to 60s")
  }

  func run() throws {
    guard let word = try instance.word() else {
      return Output.standard.write(
        "this Redis has no port, so no group can have it: it may start\n")
    }
    let limit = timeout?.duration ?? .seconds(5)
    let clock = ContinuousClock()
    let end = clock.now + limit
    var client = try connection.connect(patience: limit)
    var waitsFor: String?
    while true {
      let answer = try client.ask("GUARD", word)
      guard let verdict = try? JSONDecoder().decode(GuardDocument.self, from: Data(answer.utf8))
      else {
        throw Failure(status: .failed, text: "vipd answers with what this vipctl can't read")
      }
      let name = verdict.master.map { "\($0): " } ?? ""
      guard verdict.verdict == "wait" else {
        return Output.standard.write("\(name)Redis may start: \(verdict.text)\n")
      }
      if waitsFor != verdict.text {
        waitsFor = verdict.text
        Output.standard.write("\(name)Redis waits with its start: \(verdict.text)\n")
      }
      guard clock.now < end else {
        return Output.standard.write(
          "\(name)\(limit.text) are over, so Redis starts all the same\n")
      }
      usleep(20_000)
    }
  }
}

struct HandoverCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "handover",
    abstract: "Before a Redis of this host stops: move the master to another host.",
    discussion: """
      For ExecStop= of the unit of Redis. If the Redis of this host is the master, a replica becomes the \
      master first, whichever Sentinel chooses: clients wait for a fraction of a second, and with a fence \
      no write is lost. In the seconds after a failover it waits until the replicas are ready for the \
      next, for --timeout at most. Of a replica the master's vipd is told, which takes 0.3 s at most; one that may \
      be promoted any moment waits until that is decided. In every other case this ends at once. What kept it from being done is \
      told, and the stop goes on.

      Exits with 0 if nothing is served here any more, 1 if the master could not move, 4 if no daemon \
      answers.
      """)

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var instance: InstanceOptions
  @Option(help: "How long to wait at most, 1s to 60s (default: 20s).") var timeout: TimeSpan?

  func validate() throws {
    guard let timeout else { return }
    guard (.seconds(1)...(.seconds(60))).contains(timeout.duration) else {
      throw ValidationError("--timeout is 1s to 60s")
    }
  }

  func run() throws {
    guard let word = try instance.word() else {
      return Output.standard.write("this Redis has no port, so no group can have it\n")
    }
    let limit = timeout?.duration ?? .seconds(20)
    var client = try connection.connect(patience: .seconds(2))
    try client.send(["HELLO", "3"])
    _ = try client.receive()
    // The daemon knows which master it is; the unit of Redis only a port.
    let known = try Data(client.ask("GUARD", word).utf8)
    let master = (try? JSONDecoder().decode(GuardDocument.self, from: known))?.master
    let text = MoveText(style: Output.standard.style, master: master ?? word)
    let clock = ContinuousClock()
    let end = clock.now + limit
    // What was the master is a replica then, and the new master must not count on it.
    while try handOver(word, by: end - clock.now, &client, text) {}
  }

  /// Asks once, and shows what comes of it; whether the master has moved.
  private func handOver(
    _ word: String, by limit: Duration, _ client: inout ControlClient, _ text: MoveText
  ) throws -> Bool {
    let milliseconds = max(1_000, Int64((limit / .milliseconds(1)).rounded()))
    try client.send(["HANDOVER", word, "TIMEOUT", String(milliseconds)])
    while true {
      let token = try client.receive()
      let isLast = token.kind != .push
      let payload = isLast ? try client.text(of: token) : EventsCommand.payload(of: token)
      guard let payload else { continue }
      guard let line = MoveDocument(payload) else {
        guard isLast else { continue }
        Output.standard.write(payload + "\n")
        return false
      }
      if let shown = text.text(of: line) { Output.standard.write(shown) }
      guard isLast else { continue }
      guard line.isGood else {
        throw Failure(
          status: .failed,
          text: "the master could not move, so clients wait until Sentinel has noticed the stop: "
            + (line.text ?? ""))
      }
      return true
    }
  }
}
