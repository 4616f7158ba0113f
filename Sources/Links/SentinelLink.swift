import Addresses
package import FailoverCore
import NIOCore
import Platform
import RESP

/// The link to one Sentinel: subscriptions, polls and their answers in order on one connection.
///
/// In order matters: the answer to a poll proves that every event published before it has been
/// seen. A server without RESP3 gets a second connection for the subscriptions, which are then
/// hints without that proof; whatever becomes of it, the polls go on.
package final class SentinelLink {
  /// How long an answer, or a greeting, may take before the connection is given up.
  static let answerLimit = Duration.seconds(1)
  /// A poll goes out so long after the last, on a tick of 96 ms: each 192 ms.
  static let pollPeriod = Duration.milliseconds(170)
  /// How often the other Sentinels are asked for.
  static let listPeriod = Duration.seconds(10)
  /// How often, while one that is listed is not in contact: its hellos tell whether it lives.
  static let searchPeriod = Duration.seconds(2)

  package let id: SentinelID
  /// What the Sentinel answered to `SENTINEL MYID`; kept while it is out of contact.
  private(set) var runID: String?
  /// What it says of itself; nothing is known of one that may not be asked.
  package private(set) var facts = SentinelFacts()
  /// Whether it refused to tell of itself.
  private var refusesInfo = false
  /// Whether one that it lists is not in contact.
  var isSearching = false
  package private(set) var isConnected = false
  package private(set) var lastLoss: (loss: ConnectionLoss, text: String)?
  /// Why it lets nobody subscribe, so that the link lives on polls; nothing if it does.
  package private(set) var eventRefusal: ServerWords?
  /// Whether the run id is not its own word: then others have to tell it, by `learn`.
  private(set) var hidesRunID = false

  private let loop: any EventLoop
  private let clock: HostClock
  private let access: Access
  private let decoder: SentinelReplyDecoder
  private let report: (SentinelLinkReport) -> Void
  private var polls: [SentinelPoll] = []
  private var commands: RESPConnection?
  private var subscriber: Subscriber?
  private var backoff = Backoff()
  private var retryAt: Instant?
  private var listAt: Instant?

  private static let idCommand = RESPCommands([["SENTINEL", "MYID"]])
  private static let factsCommand = RESPCommands([["INFO"]])

  init(
    to id: SentinelID, access: Access, loop: any EventLoop, clock: HostClock,
    decoder: SentinelReplyDecoder, report: @escaping (SentinelLinkReport) -> Void
  ) {
    self.id = id
    self.access = access
    self.loop = loop
    self.clock = clock
    self.decoder = decoder
    self.report = report
  }

  /// What stands in for the run id of a Sentinel that does not tell it (before 6.2, or by its ACL).
  ///
  /// No hello can bring such an id: its fields are parted by commas (`sentinel.c
  /// sentinelProcessHelloMessage`).
  static func standIn(for id: SentinelID) -> String { "addr,\(id)" }

  /// Whether nobody has told its run id yet.
  var hasStandIn: Bool { runID == Self.standIn(for: id) }

  /// Takes another Sentinel's word for the run id of this one, if it does not tell it by itself.
  func learn(runID: String) {
    guard hidesRunID, runID != self.runID, !runID.isEmpty else { return }
    self.runID = runID
    if isConnected { report(.connected(runID: runID)) }
  }

  /// Why it does not tell what the poll of a group asks for; nothing if it does.
  package func refusal(of masterName: String) -> ServerWords? {
    polls.first { $0.masterName == masterName }?.refusal
  }

  /// The groups that this Sentinel is asked about.
  package var masterNames: [String] { polls.map(\.masterName) }

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
    if commands.closeIfSilent(for: Self.answerLimit, at: now) { return }
    if isConnected { askWhatIsDue(at: now) }
    subscriber?.tick(at: now)
  }

  private func askWhatIsDue(at now: Instant) {
    for index in polls.indices where polls[index].question.isDue(at: now) { sendPoll(index) }
    if let listAt, listAt <= now {
      self.listAt = now + (isSearching ? Self.searchPeriod : Self.listPeriod)
      for name in masterNames { askForSentinels(of: name) }
      // A refusal stands in the ACL log of the Sentinel; once is enough.
      if !refusesInfo { askForFacts() }
    }
  }

  /// Polls one group at once, or as soon as the poll under way is answered.
  func poll(_ masterName: String) {
    guard isConnected, let index = polls.firstIndex(where: { $0.masterName == masterName })
    else { return }
    if polls[index].want() { sendPoll(index) }
  }

  /// Asks it about itself, for a move of one group.
  func inspect(_ masterName: String) { run(.inspect(masterName: masterName)) }

  /// Tells it to fail over, once.
  func commandFailover(_ masterName: String) {
    guard isConnected else {
      return report(.failoverAnswered(masterName: masterName, .refused("it is not in contact")))
    }
    run(.failOver(masterName: masterName))
  }

  private func run(_ request: SentinelRequest) {
    guard isConnected else { return }
    let now = clock.now()
    commands?.send(request.commands) { [report] outcome in
      report(request.report(outcome, askedAt: now))
    }
  }

  /// Asks for the other Sentinels, and what it says of itself, at the next tick.
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
    let connection = RESPConnection(
      to: id, access: access, loop: loop, clock: clock
    ) { [weak self] in self?.commandsReported($0) }
    commands = connection
    facts = SentinelFacts()
    refusesInfo = false
    connection.open(early: [
      RESPExchange(Self.idCommand, of: self) { link, reply, _ in link.named(by: reply) }
    ])
  }

  private func commandsReported(_ event: RESPConnectionEvent) {
    switch event {
    case .ready(let version): subscribe(version)
    case .pushed(let token): subscriber?.took(token)
    case .subscriptionRefused(let words): subscriber?.refused(words)
    case .closed(let loss, let text): lost(loss, text)
    }
  }

  private func subscribe(_ version: RESPVersion) {
    let subscriber = Subscriber(
      to: id, access: access, channels: SentinelEventDecoder.channels, loop: loop, clock: clock,
      sharing: version == .three ? commands : nil
    ) { [weak self] in self?.heard($0) }
    self.subscriber = subscriber
    subscriber.open()
  }

  private func heard(_ event: Subscriber.Report) {
    switch event {
    case .subscribed:
      eventRefusal = nil
      guard isConnected else { return becomeConnectedIfReady() }
      // What was published in between is lost: the polls tell what came of it.
      masterNames.forEach(poll)
    case .refused(let words):
      // It goes on with polls alone: they tell the same, up to 0.2 s later.
      eventRefusal = words
      becomeConnectedIfReady()
    case .published(let token):
      guard let message = SentinelEventDecoder.message(token) else { return }
      if message.concernsSentinels { askForSentinels() }
      report(.hinted(masterName: message.masterName, message.hint))
    }
  }

  private func becomeConnectedIfReady() {
    guard !isConnected, subscriber?.isSettled == true, let runID, commands?.isReady == true
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
    commands = nil
    isConnected = false
    for index in polls.indices { polls[index].end() }
    lastLoss = (loss, text)
    retryAt = clock.now() + backoff.delay(after: loss)
    report(.lost(loss, text))
  }

  // MARK: - Requests

  private func sendPoll(_ index: Int) {
    polls[index].begin(at: clock.now())
    let name = polls[index].masterName
    commands?.send(polls[index].commands) { [weak self] outcome in
      guard case .answered(let replies, let sentAt) = outcome else { return }
      self?.polled(name, replies, sentAt: sentAt)
    }
  }

  private func askForFacts() {
    commands?.send(
      RESPExchange(Self.factsCommand, of: self) { link, reply, _ in link.toldFacts(reply) })
  }

  private func askForSentinels(of name: String) {
    let command = RESPCommands([["SENTINEL", "SENTINELS", name]])
    commands?.send(
      RESPExchange(command, of: self) { $0.listed(name, $1, sentAt: $2) })
  }

  private func named(by token: RESPToken) {
    guard let id = token.text, !id.isEmpty, id.utf8.count <= 64 else { return refusedMyID(token) }
    runID = id
    hidesRunID = false
    becomeConnectedIfReady()
  }

  private func toldFacts(_ token: RESPToken) {
    refusesInfo = token.errorText != nil
    let isKnown = facts.processID != nil
    facts = SentinelFacts(token, wallNanoseconds: clock.wallNanoseconds())
    if !isKnown { report(.identified) }
  }

  private func refusedMyID(_ token: RESPToken) {
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

  private func polled(_ name: String, _ replies: [RESPToken], sentAt: Instant) {
    guard let index = polls.firstIndex(where: { $0.masterName == name }),
      polls[index].question.isOpen
    else { return }
    polls[index].end()
    let isWantedAgain = polls[index].question.isWantedAgain
    do throws(SentinelReplyError) {
      let (view, flaws) = try SentinelPoll.view(replies, decoder)
      polls[index].note(nil)
      report(.replied(masterName: name, view, flaws: flaws, sentAt: sentAt))
      for host in flaws.compactMap(\.unresolved) { report(.needsAddress(host: host)) }
    } catch {
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
        polls[index].note(ServerWords(text))
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
