/// What the operator decided for one group: one master name that Sentinel monitors.
public struct GroupConfiguration: Equatable, Sendable {
  /// What to do when fewer Sentinels confirm than the lease needs and none names another master.
  public enum BlindPolicy: String, Equatable, Sendable, CaseIterable {
    /// Let the lease end, unless so many Sentinels refuse connections that no majority is left.
    case release
    /// Keep the address while every replica acknowledges this master's stream.
    ///
    /// More available when hosts go dark; two holders for up to 1.0 s are possible.
    case replicas
    /// Keep the address. Unsafe: an isolated master holds it until the partition heals.
    case hold
  }

  /// The name under which Sentinel monitors the master.
  public var masterName: String
  /// The addresses that follow it; at least one.
  public var virtualAddresses: [VirtualAddress]
  /// The number of Sentinels that the configuration file lists.
  public var configuredSentinels: Int
  /// A lease shorter than Sentinel's `down-after-milliseconds` allows; nil for the longest.
  public var leaseLimit: Duration?
  /// The policy for blindness.
  public var blindPolicy: BlindPolicy
  /// Whether and how Redis itself refuses writes.
  public var fence: FencePolicy
  /// What to do when the local master is known to be dead.
  public var deathPolicy: DeathPolicy
  /// How often and how far apart the address is announced.
  public var announcement: AnnouncementPlan
  /// Whether another node may hold on a lease that runs out by itself, so that a take without
  /// evidence has to wait for its end; false where addresses are held without leases.
  public var waitsForLeases: Bool
  /// Whether the link is asked who has the addresses before they are taken.
  public var probesForDuplicates: Bool

  /// Makes a configuration; all but the name and the addresses have the defaults of the file.
  public init(
    masterName: String, virtualAddresses: [VirtualAddress], configuredSentinels: Int = 0,
    leaseLimit: Duration? = nil, blindPolicy: BlindPolicy = .release, fence: FencePolicy = .off,
    deathPolicy: DeathPolicy = .wait, announcement: AnnouncementPlan = AnnouncementPlan(),
    waitsForLeases: Bool = true,
    probesForDuplicates: Bool = true
  ) {
    self.masterName = masterName
    self.virtualAddresses = virtualAddresses
    self.configuredSentinels = configuredSentinels
    self.leaseLimit = leaseLimit
    self.blindPolicy = blindPolicy
    self.fence = fence
    self.deathPolicy = deathPolicy
    self.announcement = announcement
    self.waitsForLeases = waitsForLeases
    self.probesForDuplicates = probesForDuplicates
  }
}
