import FailoverCore
import Logging

/// Something that a group reports to people: the log, the history, and who follows events.
struct GroupReport: Equatable {
  /// What is reported.
  enum Subject: Equatable {
    case transition(Transition)
    case alarm(Alarm)
    case fence(FenceChange)
    case move(MoveReport)
    case selfCheck(SelfCheckResult)
  }

  let masterName: String
  let at: Instant
  let subject: Subject
  /// How long the state before lasted; nothing for an alarm and for the first transition.
  var after: Duration?
  /// The steps of a take or a release; none for anything else.
  var phases: [HistoryEntry.Phase] = []

  /// The state after a transition; nothing for an alarm.
  var state: StateName? {
    guard case .transition(let transition) = subject else { return nil }
    return transition.to
  }
}

/// What a group counts.
struct GroupCounters: Equatable, Sendable {
  var transitions: [TransitionKey: Int] = [:]
  var alarms: [String: Int] = [:]
  var fenceChanges: [FenceKey: Int] = [:]
  /// Addresses announced by ARP, and by neighbour advertisements.
  var arpAnnouncements = 0
  var neighbourAnnouncements = 0
  /// From the promotion to the first announcement.
  var takeovers = Histogram()
  /// From a take to an answer of the addresses to another host.
  var answering = Histogram()
  /// Looks whether the addresses answer, by what came of them.
  var selfChecks: [SelfCheckResult.Outcome: Int] = [:]
  /// What newly kept the address away, by its label.
  var refusals: [String: Int] = [:]
  var claims = 0
  var repairs = 0
  var nonsense = 0
  var refusedMessages = 0
  var hookCalls = 0
  var sessions = SessionFigures()

  /// The labels of one transition counter.
  struct TransitionKey: Hashable, Sendable {
    var from: StateName
    var to: StateName
    var reason: String
  }

  /// The labels of one counter of the fence.
  struct FenceKey: Hashable, Sendable {
    var to: FenceState
    var reason: String
  }
}

extension Group {
  /// Logs, counts and keeps a transition, and passes it on.
  func tell(_ transition: Transition, at now: Instant) {
    let report = GroupReport(
      masterName: masterName, at: now, subject: .transition(transition),
      after: lastReport.map { now - $0.at },
      phases: phases.phases(of: transition, at: services.clock.now()))
    lastReport = report
    if let takeover = PhaseWatch.takeover(report.phases) { counters.takeovers.observe(takeover) }
    remember(HistoryEntry(transition, report, wallNanoseconds: services.clock.wallNanoseconds()))
    counters.transitions[
      .init(from: transition.from, to: transition.to, reason: transition.reason.label),
      default: 0] += 1
    logger.notice("\(transition.sentence)\(report.after.map { " (after \($0.shortText))" } ?? "")")
    services.publishReport(report)
  }

  /// Logs and counts an alarm, and passes it on.
  func tell(_ alarm: Alarm, at now: Instant) {
    counters.alarms[alarm.label, default: 0] += 1
    if case .addressFailed = alarm { counters.refusals[alarm.label, default: 0] += 1 }
    speaker.raise(alarm, at: now)
    services.publishReport(GroupReport(masterName: masterName, at: now, subject: .alarm(alarm)))
  }
}

extension Group {
  /// Keeps an entry in the history, over restarts.
  func remember(_ entry: HistoryEntry) {
    services.history.add(entry, of: masterName)
  }

  /// Counts what newly keeps the address away from this host, whose Redis is a master.
  func noteObstacles(_ status: GroupStatus) {
    let isWanted = status.localRole == .master && status.basis == .none
    let labels = isWanted ? Set(status.obstacles.map(\.label)) : []
    for label in labels.subtracting(standingObstacles) {
      counters.refusals[label, default: 0] += 1
    }
    standingObstacles = labels
  }

  /// Notes when an order was carried out, if it was.
  func noteStep(_ order: Effect) {
    switch order {
    case .installAddresses(let addresses, _), .announce(let addresses, _):
      guard addresses.allSatisfy(services.network.isPresent) else { return }
    default: break
    }
    phases.carriedOut(order, at: services.clock.now())
  }
}

extension HistoryEntry {
  /// The entry of a transition.
  init(_ transition: Transition, _ report: GroupReport, wallNanoseconds: Int64) {
    self.init("transition", wallNanoseconds: wallNanoseconds, phases: report.phases)
    add("from", transition.from.rawValue)
    add("to", transition.to.rawValue)
    add("basis", transition.basis.rawValue)
    add("reason", transition.reason.label)
    add("text", transition.sentence)
    add("afterMs", report.after?.wholeMilliseconds)
  }

  /// The entry of a daemon that begins to follow a group: what was before it is another's.
  init(started version: String, wallNanoseconds: Int64) {
    self.init("started", wallNanoseconds: wallNanoseconds)
    add("text", "vipd \(version) follows this group from now on")
    add("version", version)
  }
}

extension Transition {
  /// What happened and why, in a line.
  var sentence: String {
    if from != to { return "\(from.rawValue) -> \(to.rawValue): \(reason.sentence)" }
    if basis == .none { return "\(to.rawValue): \(reason.sentence)" }
    return "\(to.rawValue), now on \(basis.phrase): \(reason.sentence)"
  }
}

extension LeaseBasis {
  /// What the holding rests on, as a phrase.
  var phrase: String {
    switch self {
    case .sentinels: "confirmations"
    case .refusals: "refused connections"
    case .replicas: "acknowledgements"
    case .follower: "the word of the node that Sentinel names"
    case .provisional: "the promotion alone"
    case .policy: "the operator's word"
    case .none: "nothing"
    }
  }
}

/// Writes a group's log lines, and keeps what repeats from filling the journal.
struct GroupSpeaker {
  /// How often the same alarm or complaint is logged at most.
  static let repeatAfter = Duration.seconds(30)

  let logger: Logger
  private var raisedAt: [String: Instant] = [:]
  private var complaints: [String: Instant] = [:]
  private var hasLostRedis = false
  private var standing: Set<String> = []
  private var unknownKinds = UnknownKinds()
  private let clock = HostClock()

  init(logger: Logger) {
    self.logger = logger
  }

  /// Logs an alarm, the same one twice a minute at most.
  mutating func raise(_ alarm: Alarm, at now: Instant) {
    let text = alarm.sentence
    guard isDue(text, in: &raisedAt, at: now) else { return }
    logger.warning("\(text)")
  }

  /// Logs a failure that may repeat, the same one twice a minute at most.
  mutating func complain(_ text: String) {
    guard isDue(text, in: &complaints, at: clock.now()) else { return }
    logger.warning("\(text)")
  }

  /// Logs that a message of an unknown kind came, once for each.
  mutating func met(kind: String) {
    guard unknownKinds.isNew(kind) else { return }
    logger.info("Another daemon sends '\(kind)' messages, which this version does not know")
  }

  /// Logs a warning.
  func warn(_ text: String) {
    logger.warning("\(text)")
  }

  /// Logs that the local Redis was lost, once until it answers again.
  mutating func redisLost(_ text: String) {
    guard !hasLostRedis else { return }
    hasLostRedis = true
    logger.info("The local Redis does not answer: \(text)")
  }

  /// Logs that the local Redis answers again.
  mutating func redisAnswered() {
    guard hasLostRedis else { return }
    hasLostRedis = false
    logger.info("The local Redis answers")
  }

  /// Logs which of the problems are new, and which are over.
  mutating func stand(_ problems: [GroupProblem]) {
    let labels = Set(problems.map(\.label))
    for problem in problems where !standing.contains(problem.label) {
      logger.warning("\(problem.label): \(problem.sentence)")
    }
    for label in standing.subtracting(labels).sorted() { logger.notice("\(label): it is over") }
    standing = labels
  }

  private func isDue(_ text: String, in times: inout [String: Instant], at now: Instant) -> Bool {
    if let last = times[text], now - last < Self.repeatAfter { return false }
    if times.count > 64 { times.removeAll() }
    times[text] = now
    return true
  }
}
