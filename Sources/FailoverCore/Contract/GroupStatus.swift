public import Addresses

/// What one machine knows and does, for `status` and `why`.
public struct GroupStatus: Equatable, Sendable {
  /// The master name.
  public var masterName: String
  /// The state.
  public var state: StateName
  /// The reason of the last transition.
  public var reason: Reason
  /// When the state was entered.
  public var since: Instant
  /// The virtual addresses in the order of the configuration, and whether the kernel has each.
  public var addresses: [(virtualAddress: VirtualAddress, isPresent: Bool)] {
    zip(virtualAddresses, presence).map { ($0, $1) }
  }
  /// The virtual addresses in the order of the configuration.
  public var virtualAddresses: [VirtualAddress]
  /// For each virtual address, whether the kernel has it.
  public var presence: [Bool]
  /// The local instance as Sentinel names it; nil while no Sentinel names one.
  public var localInstance: Endpoint?
  /// The role of the local Redis; nil while it does not answer.
  public var localRole: LocalRole?
  /// Its role by its last answer, also of a Redis that is gone; nil if it never answered.
  public var lastRole: LocalRole?
  /// The node that most Sentinels in contact name; nil if none is in contact.
  public var named: Naming?
  /// The node that a majority has begun to name since this one became a master; nil if there is none.
  public var successor: Endpoint?
  /// What the holding rests on.
  public var basis: LeaseBasis
  /// When the lease ends; nil if there is none or it has no end.
  public var leaseEnds: Instant?
  /// When the kernel removes the addresses by itself; nil if they are not there.
  public var kernelEnds: Instant?
  /// What can be promised with this group's settings.
  public var guarantee: Guarantee
  /// Why it is no better; empty for `strict`.
  public var guaranteeLosses: [GuaranteeLoss]
  /// How many Sentinels may fail before the address is let go.
  public var toleratedSentinelLosses: Int
  /// The Sentinels that count: N of the rules.
  public var sentinelCount: Int
  /// The pause in force, if any.
  public var pause: Pause?
  /// What the fence does.
  public var fence: FenceStatus
  /// The least `down-after-milliseconds` that a Sentinel reports; nil while none did.
  public var minDownAfter: Duration?
  /// The move that this node drives, or is the target of.
  public var move: MoveStatus?
  /// What a known death of the local master leads to.
  public var deathPolicy: DeathPolicy
  /// What is done about a known death of the local master; nil while it lives.
  public var death: DeathStatus?
  /// What the local master lacks since its restart of what a replica had; nil if nothing is known.
  public var emptied: DataLoss?
  /// The policy for blindness.
  public var blindPolicy: GroupConfiguration.BlindPolicy
  /// Whether a Sentinel in contact runs a failover whose promotion may still come.
  public var isFailoverUnderWay: Bool
  /// What each Sentinel said.
  public var sentinels: [SentinelStatus]
  /// How the Sentinels are counted, and whom that concerns.
  public var counts: CountStatus
  /// What is missing to hold or to take; empty while it is held.
  public var obstacles: [Obstacle]
  /// The last claim of another machine to an address that is held here; nil without one.
  public var lastClaim: AddressClaimSeen?

  /// How the Sentinels are counted.
  public struct CountStatus: Equatable, Sendable {
    /// m: more than half of them.
    public var majority: Int
    /// q: so many must agree before the master is objectively down; the least that is reported.
    public var quorum: Int
    /// k: so many must confirm a holder.
    public var confirmations: Int
    /// How many confirm this node, the holder; on another how many are in contact, and could.
    public var able: Int
    /// How many different Sentinels the configuration names, as far as is known.
    public var configured: Int
    /// Every Sentinel that was ever met or listed.
    public var known: [KnownStatus]
  }

  /// What is known of one Sentinel, in contact or not.
  public struct KnownStatus: Equatable, Sendable {
    /// Its run id, its address, and whether it counts.
    public var sentinel: KnownSentinel
    /// Whether it is in contact.
    public var isInContact = false
    /// Who lists it.
    public var listedBy: [SentinelID] = []
    /// How long ago it said hello to one that lists it; nil if none tells.
    public var helloAge: Duration?

    /// Makes the record of a Sentinel that nobody lists.
    public init(sentinel: KnownSentinel) {
      self.sentinel = sentinel
    }
  }

  /// A named master and who names it.
  public struct Naming: Equatable, Sendable {
    /// The master.
    public var endpoint: Endpoint
    /// The greatest config epoch at which it is named.
    public var configEpoch: UInt64
    /// How many Sentinels in contact name it.
    public var by: Int
    /// How many Sentinels count.
    public var of: Int
  }

  /// What one Sentinel said.
  public struct SentinelStatus: Equatable, Sendable {
    /// The Sentinel.
    public var id: SentinelID
    /// Whether its connection stands.
    public var isConnected: Bool
    /// Why not, as of the last attempt.
    public var loss: ConnectionLoss?
    /// Whom it names.
    public var named: Endpoint?
    /// At which config epoch.
    public var configEpoch: UInt64?
    /// When its last answer was asked for.
    public var provenAt: Instant?
    /// Until when it confirms this node as holder; nil if it does not.
    public var confirmsUntil: Instant?
    /// The flags that it gives the master.
    public var flags: InstanceFlags?
    /// Its whole last answer.
    public var view: SentinelView?
    /// Its run id.
    public var runID: String?
    /// The others that it lists; nil before it was asked.
    public var list: [ListedSentinel]?
    /// Whether it said that it does not monitor the group.
    public var lacksMaster = false
    /// Whether it is out of contact and counts no more.
    public var isLeftOut = false

    /// By how much its wall clock was set back, as far as its ages show; nil if they don't.
    public var clockSetBack: Duration? {
      let ages = [view?.lastOkPingReply] + (view?.replicas.map(\.lastOkPingReply) ?? [])
      guard isConnected, let least = ages.compactMap({ $0 }).min(), least < .seconds(-1) else {
        return nil
      }
      return .zero - least
    }
  }
}

extension GroupStatus {
  /// Whether the local Redis may become the master any moment: it is a replica while a Sentinel runs a
  /// failover, or is selected already.
  public var mayBePromoted: Bool {
    guard state != .prepared else { return true }
    guard isFailoverUnderWay, case .replica = localRole else { return false }
    return true
  }
}

/// A packet in which another machine claims an address.
public struct AddressClaimSeen: Equatable, Sendable {
  /// The address.
  public var address: IPAddress
  /// The machine's Ethernet address.
  public var mac: MACAddress
  /// When it was seen.
  public var at: Instant
}

/// What the settings of a group allow to promise.
public enum Guarantee: String, Equatable, Sendable, CaseIterable {
  /// Never two holders, whatever a single fault does.
  case strict
  /// Two holders are possible for a bounded time.
  case bounded
  /// Two holders are possible.
  case none
}

/// A setting or a state that weakens the guarantee.
public enum GuaranteeLoss: Equatable, Sendable {
  /// `down-after-milliseconds` is so short that Sentinel's ping period or the kernel's whole
  /// seconds eat the lease.
  case shortDownAfter(Duration)
  /// Sentinels differ in `down-after-milliseconds`.
  case differingDownAfter(least: Duration, greatest: Duration)
  /// The quorum is below the majority: a minority can declare the master down.
  case quorumBelowMajority(quorum: Int, majority: Int)
  /// More Sentinels are out of contact than the group tolerates.
  case tooFewSentinels(inContact: Int, needed: Int)
  /// `blind replicas` or `blind hold` trades safety for availability.
  case blindPolicy(GroupConfiguration.BlindPolicy)
  /// `probe off`: nobody is asked who has an address before it is taken.
  case probesOff
  /// The operator forgot so many Sentinels that they could elect another master if they live.
  case forgottenMayElect(count: Int, quorum: Int)
}

/// What is missing to hold or to take.
public enum Obstacle: Equatable, Sendable {
  /// No Sentinel names the local instance, so this node is not one of the group.
  case notInGroup
  /// Fewer Sentinels than a majority name this node.
  case notNamed(by: Int, needed: Int)
  /// Fewer Sentinels than needed confirm this node.
  case notConfirmed(by: Int, needed: Int)
  /// The local Redis is not a master.
  case notMaster(LocalRole?)
  /// The naming must last a while, because nothing shows that the old holder is gone.
  case settling(until: Instant)
  /// A failover is under way at a Sentinel.
  case failoverInProgress(SentinelID)
  /// So many Sentinels mark this node down.
  case heldDown(by: Int, quorum: Int)
  /// Another machine answers for the address.
  case addressInUse(MACAddress)
  /// The duplicate probe has not finished.
  case probing
  /// Another node is named in a newer epoch.
  case newerEpoch(Endpoint, UInt64)
  /// The group is paused.
  case paused
}
