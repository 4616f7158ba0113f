/// A message that a Sentinel published.
public struct SentinelEvent: Codable, Equatable, Sendable {
  /// When it arrived at the recorder.
  public let stamp: Stamp
  /// The Sentinel's host.
  public let host: Int
  /// The event, such as `+sdown`.
  public let name: String
  /// The rest, such as `mymaster 10.77.0.1 6379 10.77.0.2 6379`.
  public let message: String
}

/// A moment at which a Redis was seen to have another role.
public struct RoleChange: Codable, Equatable, Sendable {
  /// When the answer to `ROLE` arrived.
  public let stamp: Stamp
  /// The host.
  public let host: Int
  /// The master name of the group.
  public let group: String
  /// `master` or `slave`.
  public let role: String
}

/// An address that came to a host or left it.
public struct AddressChange: Codable, Equatable, Sendable {
  /// When the kernel told; rtnetlink(7).
  public let stamp: Stamp
  /// The host.
  public let host: Int
  /// The address, without prefix length.
  public let address: String
  /// Whether the host has it from now on.
  public let isPresent: Bool
  /// For how many seconds the kernel keeps it; nothing if for ever.
  public let lifetimeSeconds: Int?
  /// The length of the prefix, by which the kernel tells copies of one address apart.
  public var prefixLength: Int?
}

/// One try of the client to write through a VIP.
public struct ProbeAttempt: Codable, Equatable, Sendable {
  /// When the try began, connecting included.
  public let start: Stamp
  /// When it had succeeded or failed.
  public let end: Stamp
  /// `ok`, `refused`, `timeout`, `readonly`, `reset`, `unreachable` or another word.
  public let outcome: String
  /// The host that answered.
  public let host: Int?
}

/// A gratuitous ARP or an unsolicited neighbour advertisement that the client's host heard.
public struct Announcement: Codable, Equatable, Sendable {
  /// When the frame arrived.
  public let stamp: Stamp
  /// `arp-request`, `arp-reply` or `na`.
  public let kind: String
  /// The address that is announced.
  public let address: String
  /// The hardware address behind it.
  public let hardwareAddress: String
}

/// A time during which the machine let the recorder wait.
public struct Stall: Codable, Equatable, Sendable {
  /// When it was over.
  public let stamp: Stamp
  /// How long it was, in milliseconds.
  public let milliseconds: Double
}

/// All that was seen during a run, in order of time within each list.
public struct Recording: Sendable {
  /// What the Sentinels published.
  public var events: [SentinelEvent] = []
  /// Which Redis became what.
  public var roles: [RoleChange] = []
  /// Which host had which address.
  public var addresses: [AddressChange] = []
  /// What the client met.
  public var attempts: [ProbeAttempt] = []
  /// What was announced on the wire.
  public var announcements: [Announcement] = []
  /// Where the machine itself stood still.
  public var stalls: [Stall] = []
  /// Where a client waited longer than it had set itself: it was kept from the processor.
  public var overruns: [Stall] = []

  /// An empty recording.
  public init() {}

  /// Why the run says nothing about the agent: a Sentinel in TILT, a stalled machine or client.
  ///
  /// Such runs are repeated, and counted. 150 ms is more than any bar's slack and less than what
  /// the host of a virtual machine steals on a bad day.
  public var disturbance: String? {
    if events.contains(where: { $0.name == "+tilt" }) { return "a Sentinel was in TILT" }
    if let worst = overruns.map(\.milliseconds).max() {
      return "a client overran its own time-out: it waited \(Int(worst)) ms"
    }
    guard let worst = stalls.map(\.milliseconds).max(), worst > 150 else { return nil }
    return "the machine stalled for \(Int(worst)) ms"
  }

  /// What of it was seen after a moment.
  public func since(_ start: Stamp) -> Recording {
    var rest = self
    rest.events.removeAll { $0.stamp < start }
    rest.roles.removeAll { $0.stamp < start }
    rest.addresses.removeAll { $0.stamp < start }
    rest.attempts.removeAll { $0.end < start }
    rest.announcements.removeAll { $0.stamp < start }
    rest.stalls.removeAll { $0.stamp < start }
    rest.overruns.removeAll { $0.stamp < start }
    return rest
  }

  /// When a host other than the given one was first seen as master after a moment.
  public func promotion(
    of group: String, after stamp: Stamp, exceptFor old: Int
  ) -> RoleChange? {
    roles.first {
      $0.group == group && $0.role == "master" && $0.host != old && $0.stamp > stamp
    }
  }

  /// The client's first success at a host after a moment.
  public func firstSuccess(at host: Int, after stamp: Stamp) -> ProbeAttempt? {
    attempts.first { $0.outcome == "ok" && $0.host == host && $0.end > stamp }
  }

  /// The longest time between two successes of the client, in milliseconds, after a moment.
  ///
  /// - Parameter stamp: where to begin; nothing for the whole recording.
  /// - Returns: infinity if there are no two successes.
  public func maxOutage(after stamp: Stamp? = nil) -> Double {
    let start = stamp ?? Stamp(nanoseconds: .min)
    let good = attempts.filter { $0.outcome == "ok" && $0.end > start }
    return zip(good.dropFirst(), good).map { $0.end.milliseconds(since: $1.end) }.max() ?? .infinity
  }
}
