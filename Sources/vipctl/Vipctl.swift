import ArgumentParser
import Glibc

/// The operator's tool.
@main
struct Vipctl: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vipctl",
    abstract: "Ask and tell the vipd on this host.",
    usage: "vipctl [--socket PATH] COMMAND ...",
    discussion: """
      The daemon's socket is $VIPD_SOCKET, or else \(ControlClient.defaultPath).

      Exit status: 0 done; 1 refused or failed; 2 wrong usage; 3 something needs attention \
      (status, sentinels, setup, doctor); 4 no daemon \
      answers.
      """,
    version: "vipctl \(Version.full)",
    subcommands: [
      SetupCommand.self, DoctorCommand.self, StatusCommand.self, SentinelsCommand.self,
      MoveCommand.self,
      WhyCommand.self, PauseCommand.self, ResumeCommand.self, ReleaseCommand.self,
      HistoryCommand.self, EventsCommand.self, ReloadCommand.self, RetireCommand.self,
      GuardCommand.self, HandoverCommand.self, NotifyRunCommand.self, VersionCommand.self,
    ])

  /// Moves a `--socket` before the command behind it, where every command takes it.
  static func withSocketLast(_ arguments: [String]) -> [String] {
    guard let first = arguments.first, first == "--socket" || first.hasPrefix("--socket=")
    else { return arguments }
    let length = first == "--socket" ? min(2, arguments.count) : 1
    return Array(arguments.dropFirst(length)) + arguments.prefix(length)
  }

  /// Runs the command, and exits as the contract says, where ArgumentParser would exit with 64.
  static func main() {
    do {
      var command = try parseAsRoot(withSocketLast(Array(CommandLine.arguments.dropFirst())))
      try command.run()
    } catch let failure as Failure {
      if !failure.text.isEmpty { Output.error.write("vipctl: \(failure.text)\n") }
      Glibc.exit(failure.status.rawValue)
    } catch {
      let text = fullMessage(for: error) + "\n"
      guard exitCode(for: error) == .success else {
        Output.error.write(text)
        Glibc.exit(ExitStatus.usage.rawValue)
      }
      Output.standard.write(text)
    }
  }
}

/// What the tool exits with.
enum ExitStatus: Int32 {
  /// Refused or failed; nothing is left half done.
  case failed = 1
  /// The command line is wrong.
  case usage = 2
  /// Something needs attention.
  case degraded = 3
  /// No daemon answers.
  case noDaemon = 4
}

/// Why a command did not do what it was asked for: what, where, and what to do.
struct Failure: Error, Equatable {
  /// The exit status.
  var status: ExitStatus
  /// What stands on standard error after `vipctl: `; empty if all is said.
  var text: String
}

/// Standard output or standard error, written at once and not through `print`.
struct Output {
  static let standard = Output(descriptor: STDOUT_FILENO)
  static let error = Output(descriptor: STDERR_FILENO)

  let descriptor: Int32

  /// Whether a person is looking.
  var isTerminal: Bool { isatty(descriptor) == 1 }

  /// Whether text may be coloured: on a terminal, unless `NO_COLOR` is set (no-color.org).
  var style: TextStyle {
    let refuses = unsafe getenv("NO_COLOR").map { unsafe $0.pointee != 0 } ?? false
    return isTerminal && !refuses ? .coloured : .plain
  }

  /// Writes a text; a reader that is gone ends the program, as it should in a pipe.
  func write(_ text: String) { _ = put(text) }

  /// Writes a text whole.
  ///
  /// - Returns: the errno of what could not be written; nothing if all was.
  func put(_ text: String) -> Int32? {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return count < 0 ? errno : ENOSPC }
      rest = rest.dropFirst(count)
    }
    return nil
  }
}
