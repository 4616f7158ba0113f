public import Addresses

/// A network interface as the kernel describes it (rtnetlink(7), `RTM_NEWLINK`).
public struct Link: Hashable, Sendable {
  /// The flags of an interface (`IFF_…`, netdevice(7)).
  public struct Flags: OptionSet, Hashable, Sendable {
    /// The kernel's bits.
    public let rawValue: UInt32

    /// Makes flags from the kernel's bits.
    public init(rawValue: UInt32) {
      self.rawValue = rawValue
    }

    /// An operator has set the interface up.
    public static let up = Flags(rawValue: 0x1)
    /// The interface can send to all.
    public static let broadcast = Flags(rawValue: 0x2)
    /// The interface is a loopback.
    public static let loopback = Flags(rawValue: 0x8)
    /// The interface has one peer.
    public static let pointToPoint = Flags(rawValue: 0x10)
    /// The interface can pass traffic: its operational state is up or not known.
    public static let running = Flags(rawValue: 0x40)
    /// There is no ARP on the interface.
    public static let noARP = Flags(rawValue: 0x80)
    /// The interface can send to groups.
    public static let multicast = Flags(rawValue: 0x1000)
    /// The driver has a carrier.
    public static let carrier = Flags(rawValue: 0x10000)
  }

  /// The operational state (RFC 2863 §3.1.14, linux/if.h `IF_OPER_…`).
  public enum OperationalState: UInt8, Hashable, Sendable {
    /// The driver does not say.
    case unknown = 0
    /// A part of the hardware is missing.
    case notPresent = 1
    /// It passes no traffic.
    case down = 2
    /// An interface below it passes no traffic.
    case lowerLayerDown = 3
    /// It is being tested.
    case testing = 4
    /// It waits for an event from outside, as for 802.1X.
    case dormant = 5
    /// It passes traffic.
    case up = 6
  }

  /// The kernel's number.
  public var index: InterfaceIndex
  /// The name, as in `eth0`.
  public var name: String
  /// Other names that it goes by (`ip link property add dev eth0 altname enp1s0`).
  public var alternativeNames: [String]
  /// The Ethernet address; none on an interface of another kind.
  public var macAddress: MACAddress?
  /// The greatest packet, octets.
  public var mtu: UInt32
  /// The flags.
  public var flags: Flags
  /// The operational state.
  public var operationalState: OperationalState
  /// The bridge, bond or VRF that this interface is a port of.
  public var master: InterfaceIndex?

  /// Makes a link.
  public init(
    index: InterfaceIndex, name: String, macAddress: MACAddress?, mtu: UInt32, flags: Flags,
    operationalState: OperationalState, master: InterfaceIndex? = nil,
    alternativeNames: [String] = []
  ) {
    self.index = index
    self.name = name
    self.macAddress = macAddress
    self.mtu = mtu
    self.flags = flags
    self.operationalState = operationalState
    self.master = master
    self.alternativeNames = alternativeNames
  }

  /// Whether it is up and can pass traffic.
  public var isUsable: Bool { flags.contains([.up, .running]) }
}
