import ArgumentParser
import Configuration
import Glibc

/// What every command takes.
struct ConnectionOptions: ParsableArguments {
  @Option(
    help: "The daemon's socket (default: $VIPD_SOCKET or /run/vipd/vipd.sock).",
    completion: .file(extensions: ["sock"]))
  var socket: String?

  /// Connects to the daemon.
  func connect(patience: Duration = ControlClient.patience) throws(Failure) -> ControlClient {
    try Self.connect(socket: socket, patience: patience)
  }

  /// Connects to a socket, or where the daemon's is by default.
  static func connect(
    socket: String?, patience: Duration
  ) throws(Failure) -> ControlClient {
    let variable = unsafe getenv("VIPD_SOCKET").map { unsafe String(cString: $0) }
    return try ControlClient(
      path: socket ?? variable ?? ControlClient.defaultPath, patience: patience)
  }
}

/// A span of time on the command line, written as in the configuration.
struct TimeSpan: ExpressibleByArgument, Equatable {
  var duration: Duration

  init?(argument: String) {
    guard let duration = Duration(text: argument),
      (.milliseconds(1)...(.seconds(365 * 86_400))).contains(duration)
    else { return nil }
    self.duration = duration
  }
}

struct WhyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why",
    abstract: "Each Sentinel's words, and what is missing to hold or to take the address.")

  @OptionGroup var connection: ConnectionOptions
  @Argument(help: "The master name; all if left out.", completion: .masters)
  var master: String?

  func run() throws {
    var client = try connection.connect()
    Output.standard.write(try client.ask("WHY", master ?? "*") + "\n")
  }
}

struct PauseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause",
    abstract: "Do not take the address on this host, for maintenance.",
    discussion: """
      A paused vipd never takes an address and repairs nothing; one that it holds stays as long \
      as the rules allow, so the address is never on two hosts. To give it up: vipctl release. \
      A pause survives a restart, and ends by itself if --for says when.
      """)

  @OptionGroup var connection: ConnectionOptions
  @Argument(help: "The master name; all if left out.", completion: .masters)
  var master: String?
  @Option(name: .customLong("for"), help: "How long: 90s, 30m, 2h; until resumed if left out.")
  var span: TimeSpan?

  func run() throws {
    var client = try connection.connect()
    let whom = master ?? "*"
    if let span {
      let milliseconds = span.duration / .milliseconds(1)
      _ = try client.ask("PAUSE", whom, String(Int64(milliseconds.rounded())))
    } else {
      _ = try client.ask("PAUSE", whom)
    }
    let end = span.map { "for \($0.duration.text)" } ?? "until resumed"
    Output.standard.write("Paused \(name(whom)) on this host, \(end). Undo: vipctl resume\n")
  }
}

struct ResumeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "End a pause.")

  @OptionGroup var connection: ConnectionOptions
  @Argument(help: "The master name; all if left out.", completion: .masters)
  var master: String?

  func run() throws {
    var client = try connection.connect()
    _ = try client.ask("RESUME", master ?? "*")
    Output.standard.write("Resumed \(name(master ?? "*")) on this host.\n")
  }
}

struct ReleaseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "release",
    abstract: "Let go of the address on this host now, and pause.",
    discussion: """
      Nobody else takes the address while Sentinel still names this host's Redis as the master: \
      clients have no server until you resume, or until a failover. Sessions through the \
      address are ended.
      """)

  @OptionGroup var connection: ConnectionOptions
  @Argument(help: "The master name.", completion: .masters) var master: String

  func run() throws {
    var client = try connection.connect()
    _ = try client.ask("RELEASE", master)
    Output.standard.write(
      "Released \(name(master)) on this host, and paused. Undo: vipctl resume \(master)\n")
  }
}

struct ReloadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reload",
    abstract: "Let the daemon read its configuration file again.",
    discussion: """
      Waits until the file is in force, or says why it is not, with exit 1: nothing has changed then, \
      and status shows it until a file is taken over. systemctl reload vipd does the same with a signal, but \
      fails only where the file itself has errors: what the daemon refuses stands in its log.
      """)

  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    var client = try connection.connect()
    _ = try client.ask("RELOAD")
    Output.standard.write("The configuration was read again and is in force.\n")
  }
}

struct RetireCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retire",
    abstract: "Prepare the removal of vipd from this host.",
    discussion: """
      As if the file said 'fence … off' and 'on-stop release': Redis gets back the settings that it had \
      before vipd, in force and in its file, and a stop of vipd releases the address, whatever on-stop \
      says. With 'on-stop move' the masters of this host move to other hosts first. The removal of the \
      package does it by itself. Undo: vipctl reload.
      """)

  /// A move of a master takes 20 s at most, Redis some milliseconds.
  static let patience = Duration.seconds(30)

  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    var client = try connection.connect(patience: Self.patience)
    _ = try client.ask("RETIRE")
    Output.standard.write(
      "Redis has its own settings back, and a stop of vipd releases the address.\n")
  }
}

struct VersionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version", abstract: "The versions of this tool and of the running daemon.")

  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    Output.standard.write("vipctl \(Version.full)\n")
    var client = try connection.connect()
    Output.standard.write(try client.ask("VERSION") + " (running)\n")
  }
}

/// A master name, or all of them, in a sentence.
private func name(_ master: String) -> String {
  master == "*" ? "every master" : master
}
