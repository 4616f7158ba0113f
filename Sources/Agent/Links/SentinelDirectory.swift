import Addresses
import FailoverCore
import Logging
import NIOCore

/// The Sentinels that are followed: those of the configuration and those that they name.
///
/// One Sentinel may be reached by several endpoints; it is told apart by its run id, and counted
/// once.
final class SentinelDirectory {
  /// Sentinels that are followed at most; more are named only by a liar or by mistake.
  static let limit = 64
  /// How long a Sentinel that nobody names any more, and that does not answer, is followed.
  static let forgetAfter = Duration.seconds(60)

  private let loop: any EventLoop
  private let clock: HostClock
  private let logger: Logger
  private let decoder: SentinelReplyDecoder
  private let deliver: (Event, _ masterName: String) -> Void
  private let needAddress: (String) -> Void
  private var login: Login?
  private var masterNames: [String] = []
  private var members: [Member] = []
  /// Endpoints that turned out to be another name for a Sentinel that is followed.
  private var aliases: [SentinelID: SentinelID] = [:]
  private var hasLoggedLimit = false
  /// Replies that could not be used, since the start.
  private(set) var nonsenseCount = 0

  /// A Sentinel and for which groups it is asked.
  private struct Member {
    let link: SentinelLink
    var isConfigured: Bool
    /// For a discovered one: when each group's list named it last.
    var namedAt: [String: Instant] = [:]
    var complainedAt: Instant?
    var hasLoggedLoss = false
  }

  init(
    loop: any EventLoop, clock: HostClock, logger: Logger, decoder: SentinelReplyDecoder,
    needAddress: @escaping (String) -> Void,
    deliver: @escaping (Event, _ masterName: String) -> Void
  ) {
    self.loop = loop
    self.clock = clock
    self.logger = logger
    self.decoder = decoder
    self.needAddress = needAddress
    self.deliver = deliver
  }

  /// The Sentinels that are followed, in the order in which they were learned.
  var links: [SentinelLink] { members.map(\.link) }

  /// Follows these Sentinels for these groups from now on, beside those that they name.
  func configure(_ endpoints: [Endpoint], login: Login?, masterNames: [String]) {
    if login != self.login {
      for id in members.map(\.link.id) { forget(id) }
    }
    self.login = login
    self.masterNames = masterNames
    for index in members.indices {
      members[index].isConfigured = endpoints.contains(members[index].link.id)
    }
    for endpoint in endpoints where aliases[endpoint] == nil {
      if index(of: endpoint) == nil { add(endpoint, isConfigured: true) }
    }
    for index in members.indices { refreshGroups(index) }
  }

  /// Does what is due; called on every tick.
  func tick(at now: Instant) {
    for member in members { member.link.tick(at: now) }
    let lost = members.filter { member in
      !member.isConfigured && !member.link.isConnected
        && member.namedAt.values.allSatisfy { now - $0 > Self.forgetAfter }
    }
    for member in lost { forget(member.link.id) }
  }

  /// Polls every Sentinel in contact about a group, at once.
  func poll(_ masterName: String) {
    for member in members { member.link.poll(masterName) }
  }

  /// Asks every Sentinel in contact about itself, for a move of a group.
  func inspect(_ masterName: String) {
    for member in members { member.link.inspect(masterName) }
  }

  /// Tells one Sentinel to fail over, once.
  func commandFailover(_ id: SentinelID, _ masterName: String) {
    guard let index = index(of: id) else {
      return deliver(.failoverAnswered(id, .refused("it is not followed any more")), masterName)
    }
    members[index].link.commandFailover(masterName)
  }

  /// Ends every link.
  func end() {
    for member in members { member.link.end() }
    members = []
  }

  // MARK: - Members

  private func index(of id: SentinelID) -> Int? {
    members.firstIndex { $0.link.id == id }
  }

  private func add(_ id: SentinelID, isConfigured: Bool) {
    guard members.count < Self.limit else {
      if !hasLoggedLimit {
        hasLoggedLimit = true
        logger.warning("More than \(Self.limit) Sentinels are named; \(id) is not followed")
      }
      return
    }
    let link = SentinelLink(
      to: id, login: login, loop: loop, clock: clock, decoder: decoder
    ) { [weak self] report in self?.take(report, from: id) }
    members.append(Member(link: link, isConfigured: isConfigured))
    link.tick(at: clock.now())
  }

  private func forget(_ id: SentinelID) {
    guard let index = index(of: id) else { return }
    let member = members.remove(at: index)
    member.link.end()
    for name in member.link.masterNames { deliver(.sentinelForgotten(id), name) }
  }

  private func refreshGroups(_ index: Int) {
    let names =
      members[index].isConfigured
      ? masterNames : masterNames.filter { members[index].namedAt[$0] != nil }
    let link = members[index].link
    let added = names.filter { !link.masterNames.contains($0) }
    link.follow(names)
    guard link.isConnected, let runID = link.runID else { return }
    for name in added { deliver(.sentinelConnected(link.id, runID: runID), name) }
  }

  // MARK: - Reports

  private func take(_ report: SentinelLinkReport, from id: SentinelID) {
    guard let index = index(of: id) else { return }
    switch report {
    case .connected(let runID): connected(index, runID: runID)
    case .lost(let loss, let text): lost(index, loss, text)
    case .replied(let name, let view, let sentAt):
      deliver(.sentinelReplied(id, view, sentAt: sentAt), name)
    case .lacksMaster(let name, let sentAt):
      deliver(.sentinelLacksMaster(id, sentAt: sentAt), name)
    case .hinted(let name, let hint):
      if let name {
        deliver(.sentinelHinted(id, hint), name)
      } else {
        for name in members[index].link.masterNames { deliver(.sentinelHinted(id, hint), name) }
      }
    case .listed(let name, let entries): listed(entries, for: name)
    case .inspected(let name, let inspection, let sentAt):
      deliver(.sentinelInspected(id, inspection, sentAt: sentAt), name)
    case .failoverAnswered(let name, let answer): deliver(.failoverAnswered(id, answer), name)
    case .sentNonsense(let name, let text): complain(index, "\(name): \(text)")
    case .needsAddress(let host): needAddress(host)
    }
  }

  private func connected(_ index: Int, runID: String) {
    let id = members[index].link.id
    if let twin = members.first(where: { $0.link.id != id && $0.link.runID == runID }) {
      return merge(members[index], twin)
    }
    members[index].hasLoggedLoss = false
    logger.info("Sentinel \(id) is in contact")
    for name in members[index].link.masterNames {
      deliver(.sentinelConnected(id, runID: runID), name)
    }
  }

  /// Follows only one of two endpoints of one Sentinel: the configured one, or the older.
  private func merge(_ member: Member, _ twin: Member) {
    let keepsNew = member.isConfigured && !twin.isConfigured
    let (kept, dropped) = keepsNew ? (member, twin) : (twin, member)
    aliases[dropped.link.id] = kept.link.id
    logger.info("Sentinel \(dropped.link.id) is Sentinel \(kept.link.id), and counts once")
    forget(dropped.link.id)
    if let index = index(of: kept.link.id) {
      members[index].namedAt.merge(dropped.namedAt) { max($0, $1) }
      refreshGroups(index)
      if keepsNew, let runID = kept.link.runID { connected(index, runID: runID) }
    }
  }

  private func lost(_ index: Int, _ loss: ConnectionLoss, _ text: String) {
    let id = members[index].link.id
    if !members[index].hasLoggedLoss {
      members[index].hasLoggedLoss = true
      logger.warning("Sentinel \(id) is out of contact: \(text)")
    }
    // A Sentinel that has never told its id may be another name for one that is counted already,
    // and one process that is gone must not pass for two.
    let certain = members[index].link.runID == nil && loss == .refused ? .unreachable : loss
    for name in members[index].link.masterNames {
      deliver(.sentinelDisconnected(id, certain), name)
    }
  }

  private func listed(_ entries: [SentinelReplyDecoder.SentinelEntry], for name: String) {
    let now = clock.now()
    for entry in entries.prefix(Self.limit) {
      let known = members.first { !entry.runID.isEmpty && $0.link.runID == entry.runID }
      let id = known?.link.id ?? aliases[entry.endpoint] ?? entry.endpoint
      if index(of: id) == nil { add(id, isConfigured: false) }
      guard let index = index(of: id) else { continue }
      members[index].namedAt[name] = now
      refreshGroups(index)
    }
  }

  private func complain(_ index: Int, _ text: String) {
    nonsenseCount += 1
    let now = clock.now()
    if let last = members[index].complainedAt, now - last < .seconds(60) { return }
    members[index].complainedAt = now
    logger.warning("Sentinel \(members[index].link.id) answered what can't be used: \(text)")
  }
}
