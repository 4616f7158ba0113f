/// What `SENTINELS` answers.
public struct SentinelsDocument: ControlDocument {
  /// 1; another number for one in which a member has changed its meaning.
  public var schema = 1
  /// The groups that were asked for.
  public var groups: [Group] = []

  /// Makes one to be filled in.
  public init() {}

  /// One group.
  public struct Group: ControlDocument {
    /// The master name.
    public var master = ""
    /// How many Sentinels count: N of the rules.
    public var sentinels = 0
    /// m: more than half of them.
    public var majority = 0
    /// q: so many must agree before the master is objectively down.
    public var quorum = 0
    /// k: so many must confirm a holder.
    public var confirmationsNeeded = 0
    /// How many Sentinels may fail before the address is let go.
    public var toleratedSentinelLosses = 0
    /// What the configuration names.
    public var lines: [Line] = []
    /// The Sentinels that are followed.
    public var members: [Member] = []
    /// Every Sentinel that was ever met or listed.
    public var known: [Known] = []

    /// Makes one to be filled in.
    public init() {}
  }

  /// A line of the configuration.
  public struct Line: ControlDocument {
    /// What stands there.
    public var text = ""
    /// The addresses that it stands for; none while a name is not resolved.
    public var addresses: [String] = []

    /// Makes one to be filled in.
    public init() {}
  }

  /// A Sentinel that is followed.
  public struct Member: ControlDocument {
    /// Its endpoint.
    public var address = ""
    /// Its run id; nil before it said so.
    public var runId: String?
    /// The version of its server.
    public var version: String?
    /// Whether its connection stands.
    public var connected = false
    /// Whether it counts; those that are gone for good are still tried.
    public var counts: Bool?
    /// Why it is out of contact, in its own words or the system's.
    public var loss: String?
    /// Whom it names.
    public var names: String?
    /// At which config epoch.
    public var configEpoch: UInt64?
    /// Its quorum.
    public var quorum: Int?
    /// Its `down-after-milliseconds`.
    public var downAfterMs: Int64?
    /// Its `failover-timeout`.
    public var failoverTimeoutMs: Int64?
    /// Whether it distrusts its clock.
    public var tilt: Bool?
    /// By how much its clock is ahead of this host's; negative if behind.
    public var clockOffsetMs: Int64?
    /// By how much its clock was set back, as far as its ages show.
    public var clockSetBackMs: Int64?
    /// For how long it confirms this node as holder, 0 if no longer; nil if it does not.
    public var confirmsForMs: Int64?
    /// Whether it monitors the group.
    public var monitors = false
    /// Why its last answer can't be used, as a sentence.
    public var unusable: String?
    /// What of its last answer was left out, as sentences.
    public var leftOut: [String] = []
    /// The others that it lists.
    public var lists: [Entry] = []

    /// Makes one to be filled in.
    public init() {}

    /// What an older server does not tell.
    public var membersLeftOut: Set<String> { ["tilt"] }
  }

  /// A Sentinel in another's list.
  public struct Entry: ControlDocument {
    /// Its run id.
    public var runId = ""
    /// Its endpoint.
    public var address: String?
    /// How long ago it said hello to the one that lists it.
    public var helloMsAgo: Int64?

    /// Makes one to be filled in.
    public init() {}
  }

  /// A Sentinel that was ever met or listed.
  public struct Known: ControlDocument {
    /// Its run id; empty for those of which only the number is remembered.
    public var runId = ""
    /// Its endpoint.
    public var address: String?
    /// `counted`, or what became of it.
    public var fate = ""
    /// Whether it is in contact.
    public var inContact = false
    /// Whether it counts and is not there.
    public var missing = false
    /// How long ago it said hello to one that lists it; nil if none tells.
    public var helloMsAgo: Int64?
    /// Who lists it.
    public var listedBy: [String] = []

    /// Makes one to be filled in.
    public init() {}
  }
}
