import Control
import FailoverCore
import Logging
import Metrics
import Platform
import Store
import Wording

/// What one group tells: its log, its history, the events that others follow, and its counters.
///
/// Everything comes in here and nothing comes back: no decision reads it.
final class Journal {
  let logger: Logger
  /// What was counted so far; sessions are counted elsewhere.
  private(set) var counters = GroupCounters()

  private let masterName: String
  private let services: GroupServices
  private let recorder: EventRecorder?
  private var phases = PhaseWatch()
  private var lastTransitionAt: Instant?
  private var standingObstacles: Set<String> = []
  private var standingProblems: Set<String> = []
  private var fenceDoubt: String?
  private let failureLog: RateLimitedLog
  private var unknownKinds = UnknownKinds()
  private var hasLostRedis = false

  init(_ configuration: GroupConfiguration, _ services: GroupServices) {
    masterName = configuration.masterName
    self.services = services
    var logger = services.logger
    logger[metadataKey: "master"] = "\(masterName)"
    self.logger = logger
    failureLog = RateLimitedLog(logger, clock: services.clock)
    recorder = services.record(configuration, logger)
  }

  // MARK: - Facts and orders as they pass

  /// Takes in a fact before it is handled.
  func begin(_ event: Event, at now: Instant) { phases.begin(event, at: now) }

  /// Takes in what a fact was answered with.
  func handled(_ event: Event, at now: Instant, orders: [Effect]) {
    recorder?.record(event, at: now, orders: orders)
  }

  /// Takes in that an order was carried out.
  func carriedOut(_ order: Effect) { phases.carriedOut(order, at: services.clock.now()) }

  // MARK: - What happened

  /// Takes in that the daemon begins to follow the group.
  func started() {
    remember(HistoryEntry(started: Version.text, wallNanoseconds: services.clock.wallNanoseconds()))
  }

  /// Logs, counts and keeps a transition, and passes it on.
  func tell(_ transition: Transition, at now: Instant) {
    let report = GroupReport(
      masterName: masterName, at: now, subject: .transition(transition),
      after: lastTransitionAt.map { now - $0 },
      phases: phases.phases(of: transition, at: services.clock.now()))
    lastTransitionAt = now
    if let takeover = PhaseWatch.takeover(report.phases) { counters.takeovers.observe(takeover) }
    remember(HistoryEntry(transition, report, wallNanoseconds: services.clock.wallNanoseconds()))
    counters.transitions[
      .init(from: transition.from, to: transition.to, reason: transition.reason.label),
      default: 0] += 1
    logger.notice("\(transition.sentence)\(report.after.map { " (after \($0.shortText))" } ?? "")")
    services.publishReport(report)
  }

  /// Logs and counts an alarm, and passes it on; one that repeats is logged ever less often.
  func tell(_ alarm: Alarm, at now: Instant) {
    counters.alarms[alarm.label, default: 0] += 1
    if case .addressFailed = alarm { counters.refusals[alarm.label, default: 0] += 1 }
    failureLog.warning(alarm.sentence)
    publish(.alarm(alarm), at: now)
  }

  /// Logs, counts and keeps a change of the fence, and passes it on.
  func tell(_ change: FenceChange, at now: Instant) {
    counters.fenceChanges[.init(to: change.to, reason: change.reason.label), default: 0] += 1
    remember(HistoryEntry(change, wallNanoseconds: services.clock.wallNanoseconds()))
    logger.notice("\(change.sentence)")
    publish(.fence(change), at: now)
  }

  /// Logs what the machine says of a move, and passes it on.
  func tell(_ report: MoveReport, at now: Instant) {
    logger.notice("\(report.sentence)")
    if case .ended(.refused(let findings)) = report.news {
      for finding in findings {
        logger.warning("not moved: \(finding.sentence); \(finding.remedy)")
      }
    }
    publish(.move(report), at: now)
  }

  /// Logs and keeps news of a dead master, and passes it on.
  func tell(_ news: DeathNews, at now: Instant) {
    remember(HistoryEntry(news, wallNanoseconds: services.clock.wallNanoseconds()))
    if case .left = news {
      logger.warning("\(news.sentence)")
    } else {
      logger.notice("\(news.sentence)")
    }
    publish(.death(news), at: now)
  }

  /// Logs and keeps what a self-check found, and passes it on.
  func tell(_ result: SelfCheckResult, at now: Instant) {
    remember(HistoryEntry(result, wallNanoseconds: services.clock.wallNanoseconds()))
    logger.log(level: result.isBad ? .warning : .notice, "\(result.logSentence)")
    publish(.selfCheck(result), at: now)
  }

  /// Keeps an entry in the history, over restarts.
  func remember(_ entry: HistoryEntry) { services.history.add(entry, of: masterName) }

  private func publish(_ subject: GroupReport.Subject, at now: Instant) {
    services.publishReport(GroupReport(masterName: masterName, at: now, subject: subject))
  }

  // MARK: - What is so

  /// Counts what newly keeps the address away from this host, whose Redis is a master.
  func noteObstacles(_ status: GroupStatus) {
    let isWanted = status.localRole == .master && status.basis == .none
    let labels = isWanted ? Set(status.obstacles.map(\.label)) : []
    for label in labels.subtracting(standingObstacles) {
      counters.refusals[label, default: 0] += 1
    }
    standingObstacles = labels
  }

  /// Says once why the fence may close too late.
  func note(fenceDoubt doubt: String?) {
    guard doubt != fenceDoubt else { return }
    fenceDoubt = doubt
    if let doubt { logger.warning("\(doubt)") }
  }

  /// Logs which of the problems are new, and which are over.
  func note(_ problems: [GroupProblem]) {
    let labels = Set(problems.map(\.label))
    for problem in problems where !standingProblems.contains(problem.label) {
      logger.warning("\(problem.label): \(problem.sentence)")
    }
    for label in standingProblems.subtracting(labels).sorted() {
      logger.notice("\(label): it is over")
    }
    standingProblems = labels
  }

  /// Logs that the local Redis was lost, once until it answers again.
  func redisLost(_ text: String) {
    guard !hasLostRedis else { return }
    hasLostRedis = true
    logger.info("The local Redis does not answer: \(text)")
  }

  /// Logs that the local Redis answers again.
  func redisAnswered() {
    guard hasLostRedis else { return }
    hasLostRedis = false
    logger.info("The local Redis answers")
  }

  // MARK: - What goes wrong, and how often

  /// Counts one more.
  func count(_ counter: WritableKeyPath<GroupCounters, Int>) { counters[keyPath: counter] += 1 }

  /// Counts what a self-check found, and how long the addresses took to answer another host.
  func count(_ outcome: SelfCheckResult.Outcome, answeredAfter time: Duration?) {
    counters.selfChecks[outcome, default: 0] += 1
    if let time { counters.answering.observe(time) }
  }

  /// Logs a failure that may repeat, ever less often.
  func complain(_ text: String) { failureLog.warning(text) }

  /// Logs that a message of an unknown kind came, once for each.
  func met(kind: String) {
    guard unknownKinds.admit(kind) else { return }
    logger.info("Another daemon sends '\(kind)' messages, which this version does not know")
  }
}
