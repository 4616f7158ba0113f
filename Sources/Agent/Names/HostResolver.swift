import Addresses
import FailoverCore
import Logging
import NIOCore
import Platform

/// Turns host names into addresses, off the event loop, and keeps asking.
///
/// The names of the configuration are asked again until they are known and refreshed as long as
/// they stand there. Other names come from Sentinels with `resolve-hostnames` and from operators;
/// they are refreshed while somebody uses them. A silent name server makes nobody wait but those
/// who need the very name.
final class HostResolver {
  /// Blocks until a host's addresses are known, or until it is known that there are none.
  typealias Lookup = @Sendable (String) -> Result<[IPAddress], LookupFailure>

  /// How often names are asked for.
  struct Pace {
    /// How long an answer is used before the name is asked again.
    var keepFor = Duration.seconds(60)
    /// How long a failure is not asked again; doubled with each further one.
    var retryAfter = Duration.seconds(2)
    /// The longest wait after failures: a name server that is late at boot is noticed soon.
    var maxRetry = Duration.seconds(10)
    /// Whoever can't reach a host makes its name be asked again, so often at most.
    var refreshGap = Duration.seconds(5)
    /// How long the first answer may take before people are told that there is none.
    var patience = Duration.seconds(2)
  }

  /// Names beside those of the configuration that are kept at most; a Sentinel that invents names
  /// must not fill the memory.
  static let limit = 256

  /// Names that are asked for at a time; a silent name server holds each for 10 s and more
  /// (resolv.conf(5)).
  static let threadCount = 4

  private let threads: BlockingThreads
  private let clock: HostClock
  private let logger: Logger
  private let lookUp: Lookup
  private var entries: [String: Entry] = [:]
  private var configured: Set<String> = []
  /// Names to be asked once a thread is free: those of the configuration, then the others.
  private var urgent: CircularBuffer<String> = []
  private var others: CircularBuffer<String> = []
  private var running = 0
  private var hasEnded = false
  var pace = Pace()
  /// Called after the addresses of a name changed.
  var resolved: () -> Void = {}

  private struct Entry {
    var addresses: [IPAddress] = []
    var failure: LookupFailure?
    var failures = 0
    /// Since when the name is known here.
    let since: Instant
    var usedAt: Instant
    /// When it was handed to a thread last.
    var askedAt: Instant?
    /// When to ask again; nothing while it waits for its answer.
    var dueAt: Instant?
  }

  init(
    loop: any EventLoop, clock: HostClock, logger: Logger,
    lookUp: @escaping Lookup = HostLookup.addresses
  ) {
    threads = BlockingThreads(Self.threadCount, loop: loop)
    self.clock = clock
    self.logger = logger
    self.lookUp = lookUp
  }

  /// The addresses of a host as far as they are known by now; asks for them otherwise.
  func addresses(of host: String) -> [IPAddress] {
    if let address = IPAddress(host) { return [address] }
    guard host.utf8.count <= 253, !host.isEmpty else { return [] }
    let now = clock.now()
    if entries[host] == nil, !configured.contains(host), !makeRoom() { return [] }
    entries[host, default: Entry(since: now, usedAt: now, dueAt: now)].usedAt = now
    askIfDue(host, at: now)
    return entries[host]?.addresses ?? []
  }

  /// The first address of a host, if it is known by now; asks for it otherwise.
  func address(of host: String) -> IPAddress? {
    addresses(of: host).first
  }

  /// The names that stand for an address, of the configuration or of all that are known here.
  func names(of address: IPAddress, areConfigured: Bool) -> [String] {
    entries.filter { host, entry in
      entry.addresses.contains(address) && (!areConfigured || configured.contains(host))
    }.map(\.key).sorted()
  }

  /// Keeps these names, and asks for them before all others.
  func configure(_ hosts: [String]) {
    configured = Set(hosts)
    for host in hosts { _ = addresses(of: host) }
  }

  /// Whether the configuration names any host.
  var hasConfigured: Bool { !configured.isEmpty }

  /// Asks for a host again soon, for nobody is reached under its addresses.
  func refresh(_ host: String) {
    guard let entry = entries[host], let dueAt = entry.dueAt, let askedAt = entry.askedAt else {
      return
    }
    entries[host]?.dueAt = min(dueAt, askedAt + pace.refreshGap)
    askIfDue(host, at: clock.now())
  }

  /// Asks for the names of the configuration that are due; called on every tick.
  func tick(at now: Instant) {
    for host in configured { askIfDue(host, at: now) }
  }

  /// The names among these that have no address, each with the reason.
  func problems(of hosts: [String]) -> [(host: String, reason: String)] {
    let now = clock.now()
    return hosts.compactMap { host in
      guard let entry = entries[host], entry.addresses.isEmpty else { return nil }
      if let failure = entry.failure { return (host, failure.text) }
      guard now - entry.since > pace.patience else { return nil }
      return (host, "no name server has answered yet")
    }
  }

  /// Asks for nothing more; what is asked is left to itself.
  func end() {
    hasEnded = true
    threads.end()
  }

  // MARK: - Asking

  /// Forgets the name that was used least lately, if there are too many.
  ///
  /// - Returns: false while that many wait for an answer, so that the next one has to come again.
  private func makeRoom() -> Bool {
    let strangers = entries.filter { !configured.contains($0.key) }
    guard strangers.count >= Self.limit else { return true }
    let idle = strangers.filter { $0.value.dueAt != nil }
    guard let oldest = idle.min(by: { $0.value.usedAt < $1.value.usedAt }) else { return false }
    entries[oldest.key] = nil
    return true
  }

  private func askIfDue(_ host: String, at now: Instant) {
    guard !hasEnded, let dueAt = entries[host]?.dueAt, dueAt <= now else { return }
    entries[host]?.dueAt = nil
    if configured.contains(host) { urgent.append(host) } else { others.append(host) }
    runNext()
  }

  private func runNext() {
    guard !hasEnded, running < Self.threadCount,
      let host = urgent.popFirst() ?? others.popFirst()
    else { return }
    running += 1
    entries[host]?.askedAt = clock.now()
    threads.run { [lookUp] in
      lookUp(host)
    } then: { [weak self] result in
      self?.answered(host, result)
    }
  }

  private func answered(_ host: String, _ result: Result<[IPAddress], LookupFailure>) {
    running -= 1
    runNext()
    guard var entry = entries[host] else { return }
    let now = clock.now()
    switch result {
    case .success(let found): take(found, of: host, into: &entry, at: now)
    case .failure(let failure): take(failure, of: host, into: &entry, at: now)
    }
    let hasChanged = entry.addresses != entries[host]?.addresses
    entries[host] = entry
    if hasChanged { resolved() }
  }

  private func take(
    _ found: [IPAddress], of host: String, into entry: inout Entry, at now: Instant
  ) {
    entry.dueAt = now + pace.keepFor
    if entry.failure != nil { logger.info("The host name \(host) is resolved again") }
    entry.failure = nil
    entry.failures = 0
    // A name server may turn the order each time; the first address is to stay the same.
    guard Set(found) != Set(entry.addresses) else { return }
    let list = found.prefix(HostLookup.limit).map(\.description).joined(separator: ", ")
    logger.info("The host name \(host) stands for \(list)")
    entry.addresses = Array(found.prefix(HostLookup.limit))
  }

  private func take(
    _ failure: LookupFailure, of host: String, into entry: inout Entry, at now: Instant
  ) {
    let delay = pace.retryAfter * (1 << min(entry.failures, 8))
    entry.failures += 1
    entry.dueAt = now + min(delay, pace.maxRetry)
    guard failure != entry.failure else { return }
    entry.failure = failure
    // An old answer is better than none: the name server may be behind the dead master.
    let rest = entry.addresses.isEmpty ? "" : "; its last addresses are used"
    logger.warning(
      "The host name \(host) can't be resolved (\(failure.text)); asked again every few seconds\(rest)"
    )
  }
}
