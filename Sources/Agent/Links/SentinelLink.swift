import Addresses
import FailoverCore
import NIOCore
import RESP

/// The link to one Sentinel: subscriptions, polls and their answers in order on one connection.
///
/// In order matters: the answer to a poll proves that every event published before it has been
/// seen. A server without RESP3 gets a second connection for the subscriptions, which are then
/// hints without that proof; whatever becomes of it, the polls go on.
final class SentinelLink {
  /// How long an answer, or a greeting, may take before the connection is given up.
  static let answerLimit = Duration.seconds(1)
  /// A poll goes out so long after the last, on a tick of 96 ms: each 192 ms.
  static let pollPeriod = Duration.milliseconds(170)
  /// How often the other Sentinels are asked for.
  static let listPeriod = Duration.seconds(10)
  /// How often, while one that is listed is not in contact: its hellos tell whether it lives.
  static let searchPeriod = Duration.seconds(2)

  let id: SentinelID
  /// What the Sentinel answered to `SENTINEL MYID`; kept while it is out of contact.
  private(set) var runID: String?
  /// What it says of itself; nothing is known of one that may not be asked.
  private(set) var facts = SentinelFacts()
  /// Whether it refused to tell of itself.
  private var refusesInfo = false
  /// Whether one that it lists is not in contact.
  var isSearching = false
  private(set) var isConnected = false
  private(set) var lastLoss: (loss: ConnectionLoss, text: String)?
  /// Why it lets nobody subscribe, so that the link lives on polls; nothing if it does.
  private(set) var eventRefusal: ServerWords?
  /// Whether the run id is not its own word: then others have to tell it, by `learn`.
  private(set) var hidesRunID = false

  private let loop: any EventLoop
  private let clock: HostClock
  private let login: Login?
  private let decoder: SentinelReplyDecoder
  private let report: (SentinelLinkReport) -> Void
  private var polls: [SentinelPoll] = []
  private var commands: RESPConnection<SentinelRequest>?
  /// The second connection of RESP2.
  private var subscriber: Subscriber?
  private var backoff = Backoff()
  private var retryAt: Instant?
  private var listAt: Instant?
  private var remainingSubscriptions = 0
  /// When to try the subscriptions of RESP3 again, after a refusal.
  private var subscribeAt: Instant?
  private var errands = SentinelErrands()

  init(
    to id: SentinelID, login: Login?, loop: any EventLoop, clock: HostClock,
    decoder: SentinelReplyDecoder, report: @escaping (SentinelLinkReport) -> Void
  ) {
    self.id = id
    self.login = login
    self.loop = loop
    self.clock = clock
    self.decoder = decoder
    self.report = report
  }

  /// What stands in for the run id of a Sentinel that does not tell it (before 6.2, or by its ACL).
  static func standIn(for id: SentinelID) -> String { "addr:\(id)" }

  /// Whether nobody has told its run id yet.
  var hasStandIn: Bool { runID == Self.standIn(for: id) }

  /// Takes another Sentinel's word for the run id of this one, if it does not tell it by itself.
  func learn(runID: String) {
    guard hidesRunID, runID != self.runID, !runID.isEmpty else { return }
    self.runID = runID
    if isConnected { report(.connected(runID: runID)) }
  }

  /// Why it does not tell what the poll of a group asks for; nothing if it does.
  func refusal(of masterName: String) -> ServerWords? {
    polls.first { $0.masterName == masterName }?.refusal
  }

  /// The groups that this Sentinel is asked about.
  var masterNames: [String] { polls.map(\.masterName) }

  /// Asks about these groups from now on.
  func follow(_ names: [String]) {
    let kept = polls.filter { names.contains($0.masterName) }
    let added = names.filter { name in !polls.contains { $0.masterName == name } }
    polls = kept + added.map(SentinelPoll.init(masterName:))
    guard isConnected, !added.isEmpty else { return }
    added.forEach(poll)
    listAt = clock.now()
  }

  /// Does what is due; called on every tick.
  func tick(at now: Instant) {
    guard let commands else {
      if retryAt.map({ $0 <= now }) ?? true { connect() }
      return
    }
    subscriber?.tick(at: now)
    if let waiting = commands.waitingSince, now - waiting > Self.answerLimit {
      return commands.close(.unreachable, "no answer within \(Self.answerLimit)")
    }
    guard isConnected else { return }
    for index in polls.indices where polls[index].question.isDue(at: now) { sendPoll(index) }
    if let listAt, listAt <= now {
      self.listAt = now + (isSearching ? Self.searchPeriod : Self.listPeriod)
      for poll in polls { ask(.sentinels(poll.masterName)) }
      // A refusal stands in the ACL log of the Sentinel; once is enough.
      if !refusesInfo { ask(.process) }
    }
    if let subscribeAt, subscribeAt <= now { subscribe() }
  }

  /// Polls one group at once, or as soon as the poll under way is answered.
  func poll(_ masterName: String) {
    guard isConnected, let index = polls.firstIndex(where: { $0.masterName == masterName })
    else { return }
    if polls[index].question.want() { sendPoll(index) }
  }

  /// Asks it about itself, for a move of one group.
  func inspect(_ masterName: String) {
    guard isConnected else { return }
    let errand = errands.inspect(masterName, at: clock.now())
    commands?.send(errand.bytes, expecting: errand.requests)
  }

  /// Tells it to fail over, once.
  func commandFailover(_ masterName: String) {
    guard isConnected else {
      return report(.failoverAnswered(masterName: masterName, .refused("it is not in contact")))
    }
    let errand = errands.failOver(masterName, at: clock.now())
    commands?.send(errand.bytes, expecting: errand.requests)
  }

  /// Asks for the other Sentinels at the next tick.
  func askForSentinels() {
    listAt = listAt.map { min($0, clock.now()) }
  }

  /// Ends the link; nothing is reported any more.
  func end() {
    commands?.abandon()
    subscriber?.end()
    commands = nil
    subscriber = nil
    isConnected = false
  }

  // MARK: - Connection

  private func connect() {
    retryAt = nil
    let connection = RESPConnection<SentinelRequest>(
      to: id, login: login, loop: loop, clock: clock
    ) { [weak self] in self?.commandsReported($0) }
    commands = connection
    facts = SentinelFacts()
    refusesInfo = false
    connection.open(early: [(RESPWriter.command(["SENTINEL", "MYID"]), .myID)])
  }

  private func commandsReported(_ event: RESPConnectionEvent<SentinelRequest>) {
    switch event {
    case .ready(let version):
      subscribe()
      // An early command fails before AUTH, so it is repeated.
      if version == .two { ask(.myID) }
    case .replied(let request, let token, let sentAt): answered(request, token, sentAt: sentAt)
    case .pushed(let token): published(token)
    case .subscriptionRefused(let words): livesWithoutEvents(words)
    case .closed(let loss, let text): lost(loss, text)
    }
  }

  private func subscribe() {
    subscribeAt = nil
    remainingSubscriptions = SentinelEventDecoder.channels.count
    if commands?.version == .three {
      commands?.subscribe(to: SentinelEventDecoder.channels)
    } else {
      openSubscriber()
    }
  }

  /// Goes on with polls alone: they tell the same, up to 0.2 s later.
  private func livesWithoutEvents(_ words: ServerWords) {
    eventRefusal = words
    if commands?.version == .three { subscribeAt = clock.now() + Subscriber.subscribePeriod }
    remainingSubscriptions = 0
    becomeConnectedIfReady()
  }

  private func openSubscriber() {
    let subscriber = Subscriber(
      to: id, login: login, channels: SentinelEventDecoder.channels, loop: loop, clock: clock
    ) { [weak self] report in
      switch report {
      case .subscribed: self?.subscribed()
      case .published(let token): self?.published(token)
      case .refused(let words): self?.livesWithoutEvents(words)
      }
    }
    self.subscriber = subscriber
    subscriber.open()
  }

  private func subscribed() {
    eventRefusal = nil
    remainingSubscriptions = 0
    guard isConnected else { return becomeConnectedIfReady() }
    // What was published in between is lost: the polls tell what came of it.
    masterNames.forEach(poll)
  }

  private func becomeConnectedIfReady() {
    guard !isConnected, remainingSubscriptions == 0, let runID, commands?.isReady == true
    else { return }
    isConnected = true
    lastLoss = nil
    backoff.reset()
    listAt = clock.now()
    report(.connected(runID: runID))
    for index in polls.indices { sendPoll(index) }
  }

  private func lost(_ loss: ConnectionLoss, _ text: String) {
    subscriber?.end()
    subscriber = nil
    subscribeAt = nil
    commands = nil
    isConnected = false
    for index in polls.indices { polls[index].question.close() }
    lastLoss = (loss, text)
    retryAt = clock.now() + backoff.delay(after: loss)
    report(.lost(loss, text))
    for answer in errands.abandon() { report(answer) }
  }

  // MARK: - Requests

  private func sendPoll(_ index: Int) {
    polls[index].begin(at: clock.now())
    commands?.send(polls[index].bytes, expecting: polls[index].requests)
  }

  private func ask(_ request: SentinelRequest) {
    switch request {
    case .myID:
      commands?.send(RESPWriter.command(["SENTINEL", "MYID"]), expecting: [request])
    case .sentinels(let name):
      commands?.send(RESPWriter.command(["SENTINEL", "SENTINELS", name]), expecting: [request])
    case .process:
      commands?.send(RESPWriter.command(["INFO"]), expecting: [request])
    case .named, .master, .replicas: break  // They are sent together, by sendPoll.
    case .tilt, .quorum, .failover: break  // They are errands.
    }
  }

  private func published(_ token: RESPToken) {
    if let message = SentinelEventDecoder.message(token) {
      if message.concernsSentinels { askForSentinels() }
      return report(.hinted(masterName: message.masterName, message.hint))
    }
    if var elements = token.elements, elements.next()?.reads("subscribe") == true {
      remainingSubscriptions -= 1
      if remainingSubscriptions == 0 { subscribed() }
    }
  }

  private func answered(_ request: SentinelRequest, _ token: RESPToken, sentAt: Instant) {
    switch request {
    case .myID:
      guard let id = token.text, !id.isEmpty, id.utf8.count <= 64 else { return refusedMyID(token) }
      runID = id
      hidesRunID = false
      becomeConnectedIfReady()
    case .process:
      refusesInfo = token.errorText != nil
      let isKnown = facts.processID != nil
      facts = SentinelFacts(token, wallNanoseconds: clock.wallNanoseconds())
      if !isKnown { report(.identified) }
    case .named(let name):
      take(name) { [decoder] answers throws(SentinelReplyError) in
        answers.named = try decoder.named(token)
      }
    case .master(let name):
      take(name) { [decoder] answers throws(SentinelReplyError) in
        answers.master = try decoder.master(token, &answers.flaws)
      }
    case .replicas(let name): finish(name, token, sentAt: sentAt)
    case .sentinels(let name): listed(name, token, sentAt: sentAt)
    case .tilt, .quorum, .failover:
      if let answer = errands.answered(token) { report(answer) }
    }
  }

  private func refusedMyID(_ token: RESPToken) {
    // Before AUTH on a server without HELLO this is expected; it is asked again afterwards.
    guard commands?.isReady == true else { return }
    let words = ServerWords(token.errorText ?? "no text")
    // Before 6.2 there is no MYID, and an ACL may forbid it: everything else works without.
    guard words.code == "NOPERM" || words.text.contains("subcommand") else {
      return commands?.close(.closed, "it does not tell its id: \(words.text)") ?? ()
    }
    // What was learned of this endpoint holds until others say something else.
    if !hidesRunID { runID = Self.standIn(for: id) }
    hidesRunID = true
    becomeConnectedIfReady()
  }

  private func take(
    _ name: String,
    _ read: (inout SentinelPoll.Answers) throws(SentinelReplyError) -> Void
  ) {
    guard let index = polls.firstIndex(where: { $0.masterName == name }) else { return }
    polls[index].take(read)
  }

  private func finish(_ name: String, _ token: RESPToken, sentAt: Instant) {
    guard let index = polls.firstIndex(where: { $0.masterName == name }),
      polls[index].question.isOpen
    else { return }
    polls[index].question.close()
    let isWantedAgain = polls[index].question.isWantedAgain
    do throws(SentinelReplyError) {
      let (view, flaws) = try polls[index].finish(decoder, replicas: token)
      polls[index].refusal = nil
      report(.replied(masterName: name, view, flaws: flaws, sentAt: sentAt))
      for host in flaws.compactMap(\.unresolved) { report(.needsAddress(host: host)) }
    } catch {
      if case .refused(let text) = error { polls[index].refusal = ServerWords(text) }
      complain(error, about: name, sentAt: sentAt)
    }
    if isWantedAgain { poll(name) }
  }

  private func complain(_ error: SentinelReplyError, about name: String, sentAt: Instant) {
    switch error {
    case .noSuchMaster: report(.lacksMaster(name, sentAt: sentAt))
    case .unresolved(let host): report(.needsAddress(host: host))
    case .refused(let text), .nonsense(let text):
      if case .refused = error, let index = polls.firstIndex(where: { $0.masterName == name }) {
        polls[index].refusal = ServerWords(text)
      }
      report(.sentNonsense(masterName: name, text))
    }
  }

  private func listed(_ name: String, _ token: RESPToken, sentAt: Instant) {
    do throws(SentinelReplyError) {
      var flaws: [SentinelReplyDecoder.Flaw] = []
      report(.listed(masterName: name, try decoder.sentinels(token, &flaws), sentAt: sentAt))
      for host in flaws.compactMap(\.unresolved) { report(.needsAddress(host: host)) }
    } catch {
      complain(error, about: name, sentAt: sentAt)
    }
  }
}
