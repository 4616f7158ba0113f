import Agent
import Configuration
import Glibc
import Logging
import Platform

/// The daemon's command line.
///
/// Read by hand: argument-parser needs Foundation, which costs more memory than all the rest.
@main
struct Vipd {
  static func main() {
    let environment = Environment.all()
    let arguments: Arguments
    do throws(Arguments.Problem) {
      arguments = try Arguments(CommandLine.arguments.dropFirst(), environment: environment)
    } catch {
      Terminal.complain("vipd: \(error.text)\nTry 'vipd --help'.")
      exit(2)
    }
    exit(run(arguments, environment: environment))
  }

  private static func run(_ arguments: Arguments, environment: [String: String]) -> Int32 {
    switch arguments.action {
    case .help:
      Terminal.say(Arguments.help)
      return 0
    case .version:
      Terminal.say("vipd \(Version.full)")
      return 0
    case .check: return check(arguments.configurationPath)
    case .sweep: return sweep(arguments.configurationPath)
    case .once(let words):
      return once(words, arguments.configurationPath, environment: environment)
    case .serve: return serve(arguments.configurationPath, environment: environment)
    }
  }

  private static func check(_ path: String) -> Int32 {
    guard let loaded = load(path) else { return 2 }
    for caution in loaded.configuration.cautions { Terminal.complain("\(caution)") }
    for warning in HostCheck.run(loaded, path: path) {
      Terminal.complain("on this host: \(warning)")
    }
    Terminal.say("\(path): \(loaded.configuration.groups.count) group(s), no errors")
    return 0
  }

  private static func sweep(_ path: String) -> Int32 {
    guard let loaded = load(path) else { return 2 }
    let outcome: (removed: [String], problems: [String])
    do throws(AnotherInstance) {
      outcome = try Sweep.run(loaded)
    } catch {
      Terminal.complain("vipd: \(error)")
      return AnotherInstance.exitStatus
    }
    for line in outcome.removed { Terminal.say("vipd: \(line)") }
    for problem in outcome.problems { Terminal.complain("vipd: \(problem)") }
    return outcome.problems.isEmpty ? 0 : 1
  }

  private static func once(
    _ words: [String], _ path: String, environment: [String: String]
  ) -> Int32 {
    guard let loaded = load(path) else { return 2 }
    return Runtime.once(words, loaded, logger: logger(environment))
  }

  private static func logger(_ environment: [String: String]) -> Logger {
    let isJournal = environment["JOURNAL_STREAM"] != nil
    return Logger(label: "vipd") { _ in StandardErrorLog(isJournal: isJournal) }
  }

  private static func serve(_ path: String, environment: [String: String]) -> Int32 {
    guard let loaded = load(path) else { return 2 }
    let logger = logger(environment)
    for caution in loaded.configuration.cautions { logger.warning("\(caution)") }
    logger.info("vipd \(Version.full) starts with \(path)")
    return Runtime.run(
      configurationPath: path, loaded, environment: environment, logger: logger)
  }

  /// Reads the configuration, or says all that is wrong with it.
  private static func load(_ path: String) -> LoadedConfiguration? {
    do throws(LoadingError) {
      return try LoadedConfiguration.load(path)
    } catch {
      for problem in error.problems { Terminal.complain(problem) }
      return nil
    }
  }
}
