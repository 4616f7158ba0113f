/// What `STATUS` answers.
public struct StatusDocument: ControlDocument {
  /// 1; another number for one in which a member has changed its meaning.
  public var schema = 1
  /// The version of the daemon.
  public var version = ""
  /// The name of its host.
  public var node: String?
  /// What is wrong with the daemon itself, as sentences.
  public var problems: [String]?
  /// The groups that were asked for.
  public var groups: [Group] = []

  /// Makes one to be filled in.
  public init() {}

  /// One group.
  public struct Group: ControlDocument {
    /// The master name.
    public var master = ""
    /// `standby`, `prepared`, `holding`, `blind`, `yielding` or `paused`.
    public var state = ""
    /// Why, as a clause for people.
    public var reason = ""
    /// Why, as a label.
    public var reasonLabel: String?
    /// The virtual addresses in the order of the configuration.
    public var vips: [Address] = []
    /// The Redis of this host.
    public var local = Instance()
    /// Whom most Sentinels in contact name.
    public var named: Naming?
    /// What the holding rests on.
    public var lease = Lease()
    /// Whether Redis refuses writes.
    public var fence: Fence?
    /// A planned move under way, at its driver and at its target.
    public var move: Move?
    /// What is done about the dead master of this host, as a sentence; nil while it lives.
    public var death: String?
    /// What a known death of this host's master leads to: `failover` or `wait`.
    public var onDeath: String?
    /// `strict`, `bounded` or `none`.
    public var guarantee = ""
    /// Why it is not `strict`, as sentences.
    public var guaranteeLosses: [String]?
    /// How many Sentinels may fail before the address is let go.
    public var toleratedSentinelLosses = 0
    /// When the state was entered.
    public var since = ""
    /// When the pause in force ends, or `resumed`: only then.
    public var pausedUntil: String?
    /// How long the kernel keeps the addresses if nobody renews them.
    public var kernelRemainingMs: Int64?
    /// `release`, `replicas` or `hold`.
    public var blindPolicy = ""
    /// The node that holds the addresses, as far as is known.
    public var holder: String?
    /// What is missing to hold or to take, as sentences.
    public var obstacles: [String]?
    /// What is known of the clients.
    public var sessions: Sessions?
    /// Whether the addresses answer since they were taken.
    public var selfCheck: SelfCheck?
    /// What an operator should look at now.
    public var problems: [Problem]?
    /// What each Sentinel says.
    public var sentinels: [Sentinel] = []

    /// Makes one to be filled in.
    public init() {}
  }

  /// Something wrong with a group.
  public struct Problem: ControlDocument {
    /// A label, which is also that of the metric.
    public var id = ""
    /// A sentence: what is wrong, and what to do.
    public var text = ""

    /// Makes one to be filled in.
    public init() {}
  }

  /// A virtual address.
  public struct Address: ControlDocument {
    /// The address.
    public var address = ""
    /// The interface that it belongs to.
    public var interface = ""
    /// Whether the kernel has it.
    public var present = false

    /// Makes one to be filled in.
    public init() {}
  }

  /// The local Redis.
  public struct Instance: ControlDocument {
    /// As Sentinel names it.
    public var address: String?
    /// `master` or `replica`; nil while it does not answer.
    public var role: String?

    /// Makes one to be filled in.
    public init() {}
  }

  /// A named master, and who names it.
  public struct Naming: ControlDocument {
    /// The master.
    public var address = ""
    /// The greatest config epoch at which it is named.
    public var configEpoch: UInt64 = 0
    /// How many Sentinels in contact name it.
    public var by = 0
    /// How many Sentinels count.
    public var of = 0

    /// Makes one to be filled in.
    public init() {}
  }

  /// What the holding rests on.
  public struct Lease: ControlDocument {
    /// `sentinels`, `refusals`, `replicas`, `provisional`, `follower`, `policy` or `none`.
    public var basis = ""
    /// How long it lasts without another confirmation; nil where it has no end, or there is none.
    public var remainingMs: Int64?

    /// Makes one to be filled in.
    public init() {}
  }

  /// The fence: whether Redis itself refuses writes.
  public struct Fence: ControlDocument {
    /// `off`, `armed`, `open`, `closed` or `half`.
    public var state = ""
    /// `min-replicas-to-write`; nil while it is not known.
    public var minReplicas: Int?
    /// `min-replicas-max-lag` in seconds.
    public var maxLag: Int?
    /// What is wrong with it, as a sentence.
    public var problem: String?
    /// Why it may close too late, as a sentence.
    public var doubt: String?
    /// Replicas that are known and do not acknowledge.
    public var missing: [String]?

    /// Makes one to be filled in.
    public init() {}

    /// What an older daemon did not have.
    public var membersLeftOut: Set<String> { ["problem", "doubt", "missing"] }
  }

  /// A planned move under way.
  public struct Move: ControlDocument {
    /// The driver: the present master.
    public var from: String?
    /// The node that is to become the master; nil before one is chosen.
    public var target: String?
    /// The phase, at the driver.
    public var phase: String?
    /// Why it is being undone, as a sentence.
    public var undoing: String?

    /// Makes one to be filled in.
    public init() {}
  }

  /// What is counted of the clients since the daemon started.
  public struct Sessions: ControlDocument {
    /// Clients of the addresses that this node knows of now: its own, or the holder's.
    public var known = 0
    /// Clients beyond what is kept of one address.
    public var excess = 0
    /// Messages about clients that were sent.
    public var told = 0
    /// Messages about clients that were taken in.
    public var taken = 0
    /// Messages about clients that were dropped: not from the holder, senseless, or too many.
    public var dropped = 0
    /// Clients that got tickles.
    public var tickled = 0
    /// Tickles sent.
    public var tickles = 0
    /// Tickles that could not be sent.
    public var failed = 0

    /// Makes one to be filled in.
    public init() {}
  }

  /// Whether the addresses answer since they were taken.
  public struct SelfCheck: ControlDocument {
    /// `outside`, `local`, `failed` or `foreign-mac`.
    public var result = ""
    /// From the take until every address answered.
    public var afterMs: Int64?
    /// Who looked from outside.
    public var by: String?
    /// Who answers on the link, if it was heard.
    public var mac: String?
    /// What was found, as a sentence.
    public var text = ""

    /// Makes one to be filled in.
    public init() {}
  }

  /// What one Sentinel says.
  public struct Sentinel: ControlDocument {
    /// Its endpoint.
    public var address = ""
    /// Whether its connection stands.
    public var connected = false
    /// Whether it counts; those that are gone for good are still tried.
    public var counts: Bool?
    /// Why it is out of contact: `refused`, `closed` or `unreachable`.
    public var loss: String?
    /// Whom it names.
    public var names: String?
    /// At which config epoch.
    public var configEpoch: UInt64?
    /// How long ago its last answer was asked for.
    public var provenMsAgo: Int64?
    /// For how long it confirms this node as holder, 0 if no longer; nil if it does not.
    public var confirmsForMs: Int64?
    /// The flags that it gives the master, parted by commas.
    public var flags: String?
    /// Why it is out of contact, in its own words or the system's.
    public var lossText: String?

    /// Makes one to be filled in.
    public init() {}
  }
}
