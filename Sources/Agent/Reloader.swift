import Configuration
import Logging
import NIOCore
import NIOPosix
import Wording

/// Reads the configuration file again on request, and remembers when that came to nothing.
///
/// A file is taken over as a whole or not at all. Whoever asks while it is read is served by another
/// reading: the file may have changed behind the first.
final class Reloader {
  /// Where a configuration comes from, and what becomes of it.
  struct Steps {
    /// Reads the file; blocks.
    let load: @Sendable () -> Result<LoadedConfiguration, LoadingError>
    /// Why a configuration can't be changed to while the daemon runs; empty if nothing speaks against it.
    let objections: (LoadedConfiguration) -> [String]
    /// Changes to a configuration.
    let apply: (LoadedConfiguration) -> Void
    /// Told when a reading begins, and when none is left to do.
    let activityChanged: (_ isReading: Bool) -> Void
  }

  /// Lines of a file's errors that are shown; `vipd --check` shows all.
  static let maxShownErrors = 5

  private static let ending = LoadingError(problems: ["this vipd is stopping"])

  let path: String
  private let steps: Steps
  private let pool: NIOThreadPool
  private let loop: any EventLoop
  private let logger: Logger
  private var isReading = false
  private var isWantedAgain = false
  private var waiting: [([String]) -> Void] = []
  /// Why the last reading came to nothing; nil if its configuration is in force.
  private(set) var problem: GroupProblem?

  init(
    path: String, steps: Steps, pool: NIOThreadPool, loop: any EventLoop, logger: Logger
  ) {
    self.path = path
    self.steps = steps
    self.pool = pool
    self.loop = loop
    self.logger = logger
  }

  /// Reads the file; the callback gets why nothing came of it, or nothing if it is in force.
  func request(_ done: (([String]) -> Void)? = nil) {
    if let done { waiting.append(done) }
    guard !isReading else {
      isWantedAgain = true
      return
    }
    steps.activityChanged(true)
    read()
  }

  private func read() {
    let served = waiting
    (waiting, isWantedAgain, isReading) = ([], false, true)
    pool.runIfActive(eventLoop: loop) { [load = steps.load] in load() }
      .assumeIsolated().whenComplete { [self] result in
        isReading = false
        let reasons = take((try? result.get()) ?? .failure(Self.ending))
        for done in served { done(reasons) }
        guard !isWantedAgain else { return read() }
        steps.activityChanged(false)
      }
  }

  /// Takes a configuration over, or says why not.
  private func take(_ result: Result<LoadedConfiguration, LoadingError>) -> [String] {
    switch result {
    case .success(let new):
      let objections = steps.objections(new)
      guard objections.isEmpty else {
        return refuse(objections, "The configuration is unchanged", Self.refusal(objections))
      }
      for caution in new.configuration.cautions { logger.warning("\(caution)") }
      logger.notice("The configuration was read again")
      problem = nil
      steps.apply(new)
      return []
    case .failure(let error):
      return refuse(
        error.problems, "The configuration is unchanged, since \(path) has errors",
        failure(error.problems))
    }
  }

  private func refuse(_ reasons: [String], _ line: String, _ sentence: String) -> [String] {
    for reason in reasons { logger.error("\(reason)") }
    logger.error("\(line)")
    problem = GroupProblem(label: "reload-failed", sentence: sentence)
    return reasons
  }

  private func failure(_ errors: [String]) -> String {
    "\(path) has errors and was not read again: what it said before is in force, and vipd would not "
      + "start again. Correct it (vipd --check), and reload: \(Self.list(errors))"
  }

  private static func refusal(_ objections: [String]) -> String {
    "the last reload changed nothing, and what the file said before is in force: \(list(objections))"
  }

  /// The first few of some reasons, as one clause.
  static func list(_ reasons: [String]) -> String {
    let shown = reasons.prefix(maxShownErrors).joined(separator: "; ")
    let left = reasons.count - maxShownErrors
    return left > 0 ? "\(shown); and \(left) more" : shown
  }
}
