import Addresses
import FailoverCore
import Glibc
import Logging
import NIOCore
import NIOPosix

/// Turns host names into addresses, off the event loop, and remembers them for a while.
///
/// Sentinel names hosts only with `resolve-hostnames`; until a name is resolved, what it stands
/// in is not understood, and looked at again with the next poll.
final class HostResolver {
  /// How long an answer is used, and how long a failure is not tried again.
  static let keepFor = Duration.seconds(60)
  static let retryAfter = Duration.seconds(2)
  /// Names that are kept at most; a Sentinel that invents names must not fill the memory.
  static let limit = 256

  private let pool: NIOThreadPool
  private let loop: any EventLoop
  private let clock: HostClock
  private let logger: Logger
  private var entries: [String: Entry] = [:]
  /// Called after a name was resolved.
  var resolved: () -> Void = {}

  private struct Entry {
    var address: IPAddress?
    var askAgainAt: Instant
    var isAsking: Bool
  }

  init(pool: NIOThreadPool, loop: any EventLoop, clock: HostClock, logger: Logger) {
    self.pool = pool
    self.loop = loop
    self.clock = clock
    self.logger = logger
  }

  /// The address of a host, if it is known by now; asks for it otherwise.
  func address(of host: String) -> IPAddress? {
    if let address = IPAddress(host) { return address }
    let now = clock.now()
    if let entry = entries[host] {
      if !entry.isAsking, entry.askAgainAt <= now { ask(host) }
      return entry.address
    }
    guard host.utf8.count <= 253 else { return nil }
    if entries.count >= Self.limit { entries.removeAll() }
    ask(host)
    return nil
  }

  private func ask(_ host: String) {
    let now = clock.now()
    entries[host, default: Entry(address: nil, askAgainAt: now, isAsking: true)].isAsking = true
    pool.runIfActive(eventLoop: loop) { HostResolver.lookUp(host) }
      .assumeIsolated().whenComplete { [weak self] result in
        self?.answered(host, try? result.get())
      }
  }

  private func answered(_ host: String, _ address: IPAddress?) {
    let delay = address == nil ? Self.retryAfter : Self.keepFor
    let before = entries[host]?.address
    if address == nil, before == nil { logger.warning("The host name \(host) can't be resolved") }
    // An old answer is better than none: the name server may be behind the dead master.
    entries[host] = Entry(
      address: address ?? before, askAgainAt: clock.now() + delay, isAsking: false)
    if address != nil, address != before { resolved() }
  }

  /// Asks the system (getaddrinfo(3)); blocks, so never on the event loop.
  private static func lookUp(_ host: String) -> IPAddress? {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    guard unsafe getaddrinfo(host, nil, &hints, &list) == 0, let first = unsafe list else {
      return nil
    }
    defer { unsafe freeaddrinfo(first) }
    var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let status = unsafe getnameinfo(
      first.pointee.ai_addr, first.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0,
      NI_NUMERICHOST)
    guard status == 0 else { return nil }
    let octets = text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
    return IPAddress(String(decoding: octets, as: UTF8.self))
  }
}
