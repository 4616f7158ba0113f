import Addresses
package import FailoverCore
package import Logging
package import NIOCore
package import Platform

/// The Sentinels that are followed: those of the configuration and those that they name.
///
/// One Sentinel may be reached by several endpoints; it is told apart by its run id, and counted
/// once: of the endpoints that tell one id, one is asked, and the others are kept connected, in case
/// it fails or they turn out to be another process with a copied id, which is given its own later.
package final class SentinelDirectory {
  /// Sentinels that are followed at most; more are named only by a liar or by mistake.
  static let limit = 64
  /// How long a Sentinel that nobody names any more is followed.
  ///
  /// Longer than the core takes to leave it out, so that until then its host is asked.
  static let forgetAfter = Duration.seconds(120)

  private let loop: any EventLoop
  private let clock: HostClock
  private let logger: Logger
  private let failureLog: RateLimitedLog
  private let decoder: SentinelReplyDecoder
  private let deliver: (Event, _ masterName: String) -> Void
  private let needAddress: (String) -> Void
  private var access = Access()
  private var masterNames: [String] = []
  private var lines: [SentinelLine] = []
  /// The groups that have lines of their own.
  private var ownLines: Set<String> = []
  private var members: [Member] = []
  /// How many different Sentinels the lines name, as each group was told last.
  private var configuredCounts: [String: Int] = [:]
  private var namingAt: Instant?
  private var hasLoggedLimit = false
  /// Replies that could not be used, since the start.
  private(set) var nonsenseCount = 0

  /// A Sentinel, or another endpoint of one.
  private struct Member {
    let link: SentinelLink
    /// The member that is asked in the place of this one, since both tell one id.
    var twinOf: SentinelID?
    /// For each group, when it was last named by those that count, or stood in the configuration.
    var namedAt: [String: Instant] = [:]
    /// For each group, whom it listed last.
    var lists: [String: [ListedSentinel]] = [:]
    /// For each group, what could not be used of its last answers.
    var words: [String: Words] = [:]
    var hasLoggedLoss = false
  }

  /// What could not be used of a Sentinel's last answers about a group.
  package struct Words: Equatable {
    /// Why the last answer as a whole was of no use; nil if it was of use.
    package var refusal: String?
    /// What was left out of the last answer.
    package var leftOut: [String] = []

    package init(refusal: String? = nil, leftOut: [String] = []) {
      self.refusal = refusal
      self.leftOut = leftOut
    }
  }

  package init(
    loop: any EventLoop, clock: HostClock, logger: Logger, decoder: SentinelReplyDecoder,
    needAddress: @escaping (String) -> Void,
    deliver: @escaping (Event, _ masterName: String) -> Void
  ) {
    self.loop = loop
    self.clock = clock
    self.logger = logger
    failureLog = RateLimitedLog(logger, clock: clock)
    self.decoder = decoder
    self.needAddress = needAddress
    self.deliver = deliver
  }

  /// The Sentinels that are followed, in the order in which they were learned.
  package var links: [SentinelLink] { members.map(\.link) }

  /// Follows these Sentinels for these groups from now on, beside those that they name.
  package func configure(_ lines: [SentinelLine], access: Access, masterNames: [String]) {
    if access != self.access {
      for id in members.map(\.link.id) { forget(id) }
    }
    self.access = access
    self.masterNames = masterNames
    self.lines = lines
    // A group that is new, or begins anew, was told nothing yet.
    configuredCounts = [:]
    ownLines = Set(lines.compactMap(\.masterName))
    for endpoint in lines.flatMap(\.endpoints) where index(of: endpoint) == nil { add(endpoint) }
    refreshNaming()
    for index in members.indices { refreshGroups(index) }
    tellConfigured()
  }

  /// Does what is due; called on every tick.
  package func tick(at now: Instant) {
    for member in members { member.link.tick(at: now) }
    if let namingAt, now - namingAt < .seconds(1) { return }
    namingAt = now
    refreshNaming()
    search()
    let lost = members.filter { member in
      !isConfigured(member) && member.namedAt.values.allSatisfy { now - $0 > Self.forgetAfter }
    }
    for member in lost {
      logger.info("Sentinel \(member.link.id) is named by none any more, and not followed")
      forget(member.link.id)
    }
    if !lost.isEmpty { regroup() }
  }

  /// Polls every Sentinel in contact about a group, at once.
  package func poll(_ masterName: String) {
    for member in members { member.link.poll(masterName) }
  }

  /// Asks every Sentinel in contact about itself, for a move of a group.
  package func inspect(_ masterName: String) {
    for member in members { member.link.inspect(masterName) }
  }

  /// Tells one Sentinel to fail over, once.
  package func commandFailover(_ id: SentinelID, _ masterName: String) {
    guard let index = index(of: id) else {
      return deliver(.failoverAnswered(id, .refused("it is not followed any more")), masterName)
    }
    members[index].link.commandFailover(masterName)
  }

  /// Ends every link.
  package func end() {
    for member in members { member.link.end() }
    members = []
  }

  // MARK: - Members

  private func index(of id: SentinelID) -> Int? {
    members.firstIndex { $0.link.id == id }
  }

  private func isConfigured(_ member: Member) -> Bool {
    lines.contains { $0.endpoints.contains(member.link.id) }
  }

  private func isConfigured(_ member: Member, for name: String) -> Bool {
    lines.contains { $0.concerns(name, ownLines) && $0.endpoints.contains(member.link.id) }
  }

  private func add(_ id: SentinelID) {
    guard members.count < Self.limit else {
      if !hasLoggedLimit {
        hasLoggedLimit = true
        logger.warning("More than \(Self.limit) Sentinels are named; \(id) is not followed")
      }
      return
    }
    let link = SentinelLink(
      to: id, access: access, loop: loop, clock: clock, decoder: decoder
    ) { [weak self] report in self?.take(report, from: id) }
    members.append(Member(link: link))
    link.tick(at: clock.now())
  }

  private func forget(_ id: SentinelID) {
    guard let index = index(of: id) else { return }
    let member = members.remove(at: index)
    member.link.end()
    for name in member.link.masterNames { deliver(.sentinelForgotten(id), name) }
    for index in members.indices where members[index].twinOf == id { members[index].twinOf = nil }
  }

  /// Brings up to date for which groups a Sentinel is asked.
  private func refreshGroups(_ index: Int) {
    let member = members[index]
    let names =
      member.twinOf != nil
      ? [] : masterNames.filter { isConfigured(member, for: $0) || member.namedAt[$0] != nil }
    let link = member.link
    let before = link.masterNames
    guard names != before else { return }
    link.follow(names)
    for name in before where !names.contains(name) { deliver(.sentinelForgotten(link.id), name) }
    guard link.isConnected, let runID = link.runID else { return }
    for name in names where !before.contains(name) {
      deliver(.sentinelConnected(link.id, runID: runID), name)
    }
  }

  /// Brings up to date who is named: in the configuration, or in the list of one that is named.
  ///
  /// Sentinels of another group of servers can come in by a stray hello; they name one another for
  /// ever, and are dropped once none of ours names them. Where none of the configuration is in
  /// contact, those that are in contact stand in for it.
  private func refreshNaming() {
    let now = clock.now()
    for name in masterNames {
      var reached = members.indices.filter { isConfigured(members[$0], for: name) }
      if !reached.contains(where: { members[$0].link.isConnected }) {
        reached += members.indices.filter {
          members[$0].link.isConnected && members[$0].namedAt[name] != nil
        }
      }
      var next = 0
      while next < reached.count {
        let member = members[reached[next]]
        next += 1
        for entry in member.link.isConnected ? member.lists[name] ?? [] : [] {
          for index in members.indices
          where !reached.contains(index) && isEntry(entry, of: members[index]) {
            reached.append(index)
          }
        }
      }
      for index in reached { members[index].namedAt[name] = now }
    }
  }

  /// Asks more often for the lists that name a Sentinel which is not in contact.
  private func search() {
    let reached = members.filter(\.link.isConnected)
    for member in members {
      member.link.isSearching = member.lists.values.contains { entries in
        entries.contains { entry in !reached.contains { isEntry(entry, of: $0) } }
      }
    }
  }

  private func isEntry(_ entry: ListedSentinel, of member: Member) -> Bool {
    member.link.id == entry.endpoint
      || !entry.runID.isEmpty && member.link.runID == entry.runID
  }

  // MARK: - Endpoints of one Sentinel

  /// Chooses which of the endpoints that tell one id is asked: the present one while it answers, or
  /// one that does.
  private func regroup() {
    var primaries: [String: Int] = [:]
    for (index, member) in members.enumerated() {
      guard let runID = member.link.runID else { continue }
      guard let other = primaries[runID] else {
        primaries[runID] = index
        continue
      }
      if isBetter(member, than: members[other]) { primaries[runID] = index }
    }
    let unreached = unreachedAddresses()
    for index in members.indices {
      let primary =
        members[index].link.runID.flatMap { primaries[$0] } ?? unreached[index] ?? index
      let id = primary == index ? nil : members[primary].link.id
      guard members[index].twinOf != id else { continue }
      members[index].twinOf = id
      if let id, members[index].link.runID != nil {
        logger.info("\(members[index].link.id) tells the id of Sentinel \(id), and counts once")
      }
    }
    // Those that are no longer asked first, so that none counts twice meanwhile.
    let order = members.indices.sorted { members[$0].twinOf != nil && members[$1].twinOf == nil }
    for index in order { refreshGroups(index) }
    tellConfigured()
  }

  /// Addresses of names that were never reached, while another address of the same name is: each with
  /// the member that stands for it.
  private func unreachedAddresses() -> [Int: Int] {
    var unreached: [Int: Int] = [:]
    for line in lines where line.endpoints.count > 1 {
      let those = members.indices.filter { line.endpoints.contains(members[$0].link.id) }
      guard let reached = those.first(where: { members[$0].link.isConnected }) else { continue }
      for index in those where members[index].link.runID == nil { unreached[index] = reached }
    }
    return unreached
  }

  private func isBetter(_ member: Member, than other: Member) -> Bool {
    if member.link.isConnected != other.link.isConnected { return member.link.isConnected }
    let isAsked = !member.link.masterNames.isEmpty
    if isAsked != !other.link.masterNames.isEmpty { return isAsked }
    return isConfigured(member) && !isConfigured(other)
  }

  /// The endpoints that tell one id, by id, where there are several; whether they are surely several
  /// processes, and whether they are surely one.
  package var twins: [(runID: String, endpoints: [SentinelID], isCopied: Bool, isOne: Bool)] {
    members.filter { $0.twinOf != nil }.compactMap { member in
      guard let primary = members.first(where: { $0.link.id == member.twinOf }),
        let runID = member.link.runID, member.link.isConnected, primary.link.isConnected
      else { return nil }
      let (one, other) = (primary.link.facts.processID, member.link.facts.processID)
      let areKnown = one != nil && other != nil
      return (
        runID, [primary.link.id, member.link.id], areKnown && one != other,
        areKnown && one == other
      )
    }
  }

  /// Tells each group how many different Sentinels its lines name, as far as is known.
  private func tellConfigured() {
    let one = Set(twins.filter(\.isOne).map { $0.endpoints[1] })
    for name in masterNames {
      let count = lines.count { line in
        line.concerns(name, ownLines)
          && (line.endpoints.isEmpty || !line.endpoints.allSatisfy(one.contains))
      }
      guard configuredCounts[name] != count else { continue }
      configuredCounts[name] = count
      deliver(.sentinelsConfigured(count), name)
    }
  }

  // MARK: - What is known of them

  /// What could not be used of a Sentinel's last answers about a group.
  package func words(of id: SentinelID, about name: String) -> Words {
    index(of: id).flatMap { members[$0].words[name] } ?? Words()
  }

  /// The lines of the configuration that concern a group.
  package func lines(of name: String) -> [SentinelLine] {
    lines.filter { $0.concerns(name, ownLines) }
  }

  // MARK: - Reports

  private func take(_ report: SentinelLinkReport, from id: SentinelID) {
    guard let index = index(of: id) else { return }
    switch report {
    case .connected(let runID): connected(index, runID: runID)
    case .identified: regroup()
    case .lost(let loss, let text): lost(index, loss, text)
    case .replied(let name, let view, let flaws, let sentAt):
      note(flaws, index, about: name)
      deliver(.sentinelReplied(id, view, sentAt: sentAt), name)
    case .lacksMaster(let name, let sentAt):
      members[index].words[name] = nil
      deliver(.sentinelLacksMaster(id, sentAt: sentAt), name)
    case .hinted(let name, let hint):
      if let name {
        deliver(.sentinelHinted(id, hint), name)
      } else {
        for name in members[index].link.masterNames { deliver(.sentinelHinted(id, hint), name) }
      }
    case .listed(let name, let entries, let sentAt):
      listed(entries, by: index, for: name, sentAt: sentAt)
    case .inspected(let name, let inspection, let sentAt):
      deliver(.sentinelInspected(id, inspection, sentAt: sentAt), name)
    case .failoverAnswered(let name, let answer): deliver(.failoverAnswered(id, answer), name)
    case .sentNonsense(let name, let text):
      members[index].words[name, default: Words()].refusal = text
      complain(index, "\(name): \(text)")
    case .needsAddress(let host): needAddress(host)
    }
  }

  private func connected(_ index: Int, runID: String) {
    let id = members[index].link.id
    if members[index].link.hasStandIn, let listed = listedID(at: id) {
      return members[index].link.learn(runID: listed)
    }
    members[index].hasLoggedLoss = false
    logger.info("Sentinel \(id) is in contact")
    let wasTwin = members[index].twinOf != nil
    let names = members[index].link.masterNames
    // It may be another endpoint of one that is asked already; then no group hears of it.
    regroup()
    guard let index = self.index(of: id), members[index].twinOf == nil else { return }
    if wasTwin { logger.notice("Sentinel \(id) has an id of its own now, and counts") }
    for name in names { deliver(.sentinelConnected(id, runID: runID), name) }
  }

  private func lost(_ index: Int, _ loss: ConnectionLoss, _ text: String) {
    let member = members[index]
    let id = member.link.id
    if !member.hasLoggedLoss {
      members[index].hasLoggedLoss = true
      logger.warning("Sentinel \(id) is out of contact: \(text)")
    }
    // A Sentinel that has never told its id may be another name for one that is counted already,
    // and one process that is gone must not pass for two. One that moved is not gone either.
    let runID = member.link.hasStandIn ? nil : member.link.runID
    let isCertain = loss != .refused || runID.map { !hasMoved($0, from: id) } ?? false
    for name in member.link.masterNames {
      deliver(.sentinelDisconnected(id, isCertain ? loss : .unreachable), name)
    }
    regroup()
  }

  /// The run id that others give to who says hello from an endpoint, for one that does not tell it.
  private func listedID(at id: SentinelID) -> String? {
    for entries in members.flatMap(\.lists.values) {
      for entry in entries where entry.endpoint == id && !entry.runID.isEmpty {
        if entry.helloAge.map({ $0 < Timing.helloLifetime }) ?? true { return entry.runID }
      }
    }
    return nil
  }

  /// Whether another Sentinel lists an id at another endpoint.
  private func hasMoved(_ runID: String, from id: SentinelID) -> Bool {
    members.contains { member in
      member.lists.values.contains { entries in
        entries.contains { $0.runID == runID && $0.endpoint != nil && $0.endpoint != id }
      }
    }
  }

  private func listed(
    _ entries: [ListedSentinel], by index: Int, for name: String, sentAt: Instant
  ) {
    let id = members[index].link.id
    members[index].lists[name] = Array(entries.prefix(Self.limit))
    for entry in entries.prefix(Self.limit) {
      guard let endpoint = entry.endpoint, self.index(of: endpoint) == nil else { continue }
      // A Sentinel that answers is left where it is: this may be another of its addresses.
      let isReached = members.contains {
        $0.link.isConnected && !entry.runID.isEmpty && $0.link.runID == entry.runID
      }
      if !isReached { add(endpoint) }
    }
    refreshNaming()
    for index in members.indices { refreshGroups(index) }
    deliver(.sentinelListed(id, entries, sentAt: sentAt), name)
    for link in links where link.hidesRunID {
      if let runID = listedID(at: link.id) { link.learn(runID: runID) }
    }
  }

  /// Keeps what was left out of an answer, and logs what is new of it.
  private func note(_ flaws: [SentinelReplyDecoder.Flaw], _ index: Int, about name: String) {
    // As a rule there is nothing, many times a second.
    if flaws.isEmpty, members[index].words[name] == nil { return }
    let texts = flaws.prefix(16).map(\.text)
    let before = members[index].words[name]?.leftOut ?? []
    members[index].words[name] = flaws.isEmpty ? nil : Words(leftOut: texts)
    nonsenseCount += flaws.count
    for text in texts where !before.contains(text) {
      logger.info("Sentinel \(members[index].link.id), \(name): \(text); it is left out")
    }
  }

  private func complain(_ index: Int, _ text: String) {
    nonsenseCount += 1
    let name = "Sentinel \(members[index].link.id)"
    failureLog.warning("\(name) answered what can't be used: \(text)", about: name)
  }
}
