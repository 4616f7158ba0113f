public import Addresses
public import FailoverCore

/// What the `vipd`s of a group say to each other on `__vipd__:<master name>`.
///
/// A message is one line of text, so that `redis-cli SUBSCRIBE` shows an operator what goes on:
///
///     vipd1 state id=00c0ffee00c0ffee seq=17 node=10.77.0.1:6379 holds=yes lease=2140 …
///
/// `vipd1` is the version of the format. Fields stand in any order, each once; those that are not
/// known are skipped, so that a newer daemon may say more. A message is a hint, or, in the case of
/// `yielded`, evidence that makes a take quicker; none ever gives the right to hold.
public struct ChannelMessage: Equatable, Sendable {
  /// The longest message in bytes; longer ones are neither written nor read.
  public static let longest = 4096

  /// A random number that the sender drew when its daemon started.
  public var sender: UInt64
  /// The number of the message among its sender's, from 1; see `ReplayFilter`.
  public var sequence: UInt64
  /// What is said.
  public var body: Body

  /// What is said.
  public enum Body: Equatable, Sendable {
    /// How the sender is; each second.
    case state(NodeState)
    /// Something that the machines act on.
    case notice(Notice)
    /// A planned move is asked for, or cancelled.
    case move(ForwardedMove)
    /// How a planned move goes on.
    case moveLine(ForwardedLine)
    /// Who is connected to the sender's addresses; as it changes.
    case sessions(SessionNews)
    /// The sender lacks something of a node's table of sessions, and asks for the whole.
    case sessionsWanted(from: Endpoint)
    /// The sender has taken the addresses, and asks whether they answer others.
    case check(AddressCheck)
    /// The operator says that a Sentinel is gone for good: its run id, or nothing for those of which
    /// only the number is remembered.
    case sentinelForgotten(runID: String)
    /// Whether the addresses of a node that took them answer the sender.
    case checked(AddressCheckAnswer)
    /// An operator at the sender's host wants to know how every host is.
    case factsWanted(HostFactsQuestion)
    /// A part of how the sender's host is.
    case facts(HostFactsPart)
  }

  /// Makes a message.
  public init(sender: UInt64, sequence: UInt64, body: Body) {
    self.sender = sender
    self.sequence = sequence
    self.body = body
  }

  /// The channel of a group.
  public static func channel(masterName: String) -> String {
    "__vipd__:\(masterName)"
  }
}

/// How a node of the group is, by its own daemon's word.
public struct NodeState: Equatable, Sendable {
  /// The local instance as Sentinel names it; nothing while none does.
  public var node: Endpoint?
  /// Whether the kernel has the group's addresses here.
  public var isHolding: Bool
  /// What is left of the lease; nothing if there is none or it has no end.
  public var leaseRemaining: Duration?
  /// The state of the fence.
  public var fence: FenceState
  /// The version of the daemon: letters, digits, and `.-+_~`, at most 64 bytes.
  public var version: String
  /// Whether the group is paused here.
  public var isPaused: Bool
  /// The greatest config epoch at which this daemon saw a master named.
  public var configEpoch: UInt64
  /// Whether the interfaces of the addresses can carry traffic here; nothing if the daemon, an older
  /// one, does not say.
  public var areLinksUp: Bool?
  /// Marks of what the configuration must say alike on every host, one word of at most 256 bytes;
  /// nil if the daemon, an older one, does not say.
  public var rules: String?

  /// Makes a state.
  public init(
    node: Endpoint?, isHolding: Bool, leaseRemaining: Duration? = nil, fence: FenceState = .off,
    version: String, isPaused: Bool = false, configEpoch: UInt64 = 0,
    areLinksUp: Bool? = nil, rules: String? = nil
  ) {
    self.node = node
    self.isHolding = isHolding
    self.leaseRemaining = leaseRemaining
    self.fence = fence
    self.version = version
    self.isPaused = isPaused
    self.configEpoch = configEpoch
    self.areLinksUp = areLinksUp
    self.rules = rules
  }
}

/// Why a text is no message.
public enum ChannelMessageError: Error, Equatable, Sendable {
  /// More bytes than any message has.
  case tooLong(Int)
  /// It doesn't begin with `vipd1 `, or holds other than printable ASCII.
  case notAMessage
  /// A format of another version.
  case unsupportedVersion
  /// A kind of message that this version doesn't know.
  case unknownKind(String)
  /// A field that is needed isn't there.
  case missing(String)
  /// A field stands twice.
  case repeated(String)
  /// A field has a value that it can't have, or isn't a field.
  case malformed(String)
  /// A key is set, and the message has no code.
  case unauthenticated
  /// The code is wrong: another key, another group, or a forgery.
  case forged
}
