/// How a host is, by the word of its own daemon, for one group: what `vipctl doctor` judges.
///
/// The daemon tells what it saw and judges nothing. What it may not read it names under `unseen`.
public struct HostFactsDocument: ControlDocument {
  /// 1; another number for one in which a member has changed its meaning.
  public var schema = 1
  /// The name of the host.
  public var host = ""
  /// The Redis of the host, as Sentinel names it.
  public var node: String?
  /// The version of the daemon, with its commit where that is known.
  public var version = ""
  /// The wall clock when this was told, in milliseconds since 1970.
  public var wallMs: Int64 = 0
  /// Whether the kernel's clock is kept by a server of time; nil where the kernel does not say.
  public var isClockSynchronized: Bool?
  /// What the daemon has locked in memory, in KiB; nil where the kernel does not say.
  public var lockedKiB: Int64?
  /// The configuration that is in force.
  public var configurationPath = ""
  /// Whether the journal takes lines; nil where systemd does not run.
  public var hasJournal: Bool?
  /// How many interfaces besides loopback have an IPv4 or IPv6 address.
  public var interfaces = 0
  /// Settings of the kernel, by the names of sysctl(8).
  public var settings: [Setting] = []
  /// Lines of other programs' files that name a virtual address.
  public var lines: [Line] = []
  /// The units that run Redis, Valkey or Sentinel.
  public var units: [Unit] = []
  /// Sockets and files of the daemon.
  public var files: [File] = []
  /// What `status` tells as wrong.
  public var problems: [StatusDocument.Problem] = []
  /// What the daemon may not read.
  public var unseen: [Unseen] = []

  /// Makes one to be filled in.
  public init() {}

  /// A setting of the kernel.
  public struct Setting: ControlDocument {
    /// `net.ipv4.conf.eth0.arp_filter`.
    public var name = ""
    /// Its value.
    public var value: Int64 = 0

    /// Makes one to be filled in.
    public init() {}
  }

  /// A line of a file.
  public struct Line: ControlDocument {
    /// The file.
    public var path = ""
    /// The number of the line, from 1.
    public var number = 0
    /// The address that stands in it.
    public var address = ""

    /// Makes one to be filled in.
    public init() {}
  }

  /// A unit of systemd.
  public struct Unit: ControlDocument {
    /// `redis-server.service`.
    public var name = ""
    /// `Restart=` in force; nil where nothing says it, which is `no`.
    public var restart: String?
    /// `User=` in force.
    public var user: String?
    /// Whether it asks vipd before it starts.
    public var hasGuard = false

    /// Makes one to be filled in.
    public init() {}
  }

  /// A socket or a file.
  public struct File: ControlDocument {
    /// What it is: `control`, `hook-socket`, `configuration`, `secret` or `hook`.
    public var kind = ""
    /// Where it is.
    public var path = ""
    /// Its rights as chmod(1) has them; nil if it can't be looked at.
    public var mode: Int?
    /// Why it can't.
    public var problem: String?

    /// Makes one to be filled in.
    public init() {}
  }

  /// What was not seen.
  public struct Unseen: ControlDocument {
    /// What.
    public var what = ""
    /// Why.
    public var why = ""

    /// Makes one to be filled in.
    public init() {}
  }
}

/// What `FACTS` answers: how the hosts of each group are.
public struct FactsDocument: ControlDocument {
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
    /// The hosts whose daemons speak on the channel, this one first.
    public var hosts: [Host] = []

    /// Makes one to be filled in.
    public init() {}
  }

  /// The daemon of one host.
  public struct Host: ControlDocument {
    /// The Redis beside it; nil while Sentinel names none of this host.
    public var node: String?
    /// The version that it says each second.
    public var version = ""
    /// A ``HostFactsDocument`` as JSON, as that host wrote it; nil if it did not answer within 2 s.
    public var facts: String?

    /// Makes one to be filled in.
    public init() {}
  }
}
