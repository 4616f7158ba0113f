import Addresses
import Configuration
import Control
import ControlProtocol
import FailoverCore
import Kernel
import Links
import Logging
import NIOCore
import Platform
import Store
import Wording

/// What a group needs of the daemon around it.
struct GroupServices {
  let loop: any EventLoop
  let clock: HostClock
  let logger: Logger
  let addresses: any HostAddresses
  let links: any HostLinks
  let sessions: any HostSessions
  let store: StateStore
  let history: HistoryStore
  let census: SessionCensus
  let resolver: HostResolver
  /// The names of a group's Sentinels that can't be resolved, each with the reason.
  let unresolvedSentinels: (_ masterName: String) -> [(host: String, reason: String)]
  /// What a group's Sentinels refuse, in their own words.
  let sentinelProblems: (_ masterName: String) -> [GroupProblem]
  /// The Sentinels; nil before the start.
  var sentinelDirectory: () -> SentinelDirectory? = { nil }
  /// Polls every Sentinel about a group.
  var pollSentinels: (_ masterName: String) -> Void
  /// Asks every Sentinel about itself, for a move of a group.
  let inspectSentinels: (_ masterName: String) -> Void
  /// Tells one Sentinel to fail over.
  let commandFailover: (SentinelID, _ masterName: String) -> Void
  /// Looks at the clock before a timer of the group does anything.
  let noticeStall: () -> Void
  /// Writes down every fact and order of a group, for developers; nil as a rule.
  var record: (GroupConfiguration, Logger) -> EventRecorder? = { _, _ in nil }
  /// Reads how this host is.
  var readFacts: (GroupSection, @escaping (HostFactsDocument) -> Void) -> Void = { _, done in
    done(HostFactsDocument())
  }
  /// Told of every report of a group, after it was logged.
  let publishReport: (GroupReport) -> Void
}

extension HostResolver {
  /// The address by which an instance is known that Sentinel names by a host name.
  func address(ofInstance host: String, isOwn: (IPAddress) -> Bool) -> IPAddress? {
    InstanceFinder.address(among: addresses(of: host), isOwn: isOwn)
  }
}

extension GroupServices {
  /// Does something on the loop after a while.
  @discardableResult
  func schedule(in delay: TimeAmount, _ work: @escaping () -> Void) -> Scheduled<Void> {
    loop.assumeIsolated().scheduleTask(in: delay, work)
  }

  /// Does something on the loop after the call in hand, and all that this leads to.
  func afterwards(_ work: @escaping () -> Void) { loop.assumeIsolated().execute(work) }

  /// The address by which an instance is known that Redis or Sentinel names by a host name.
  func address(ofInstance host: String) -> IPAddress? {
    resolver.address(ofInstance: host, isOwn: addresses.isOwn)
  }
}
