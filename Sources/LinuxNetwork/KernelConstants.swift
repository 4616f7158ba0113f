import CMnl
import Glibc

/// The kernel's constants, each converted once.
///
/// The C headers bring them as `Int32`, `Int`, `UInt32` or an enumeration's struct, as the header's
/// author happened to write them.
enum Kernel {
  // netlink(7): types of messages.
  static let messageError = UInt16(NLMSG_ERROR)
  static let messageDone = UInt16(NLMSG_DONE)
  static let messageOverrun = UInt16(NLMSG_OVERRUN)

  // netlink(7): flags of messages.
  static let request = UInt16(NLM_F_REQUEST)
  static let acknowledge = UInt16(NLM_F_ACK)
  static let dump = UInt16(NLM_F_DUMP)
  static let dumpInterrupted = UInt16(NLM_F_DUMP_INTR)
  static let create = UInt16(NLM_F_CREATE)
  static let exclusive = UInt16(NLM_F_EXCL)
  static let replace = UInt16(NLM_F_REPLACE)
  static let capped = UInt16(NLM_F_CAPPED)
  static let acknowledgementAttributes = UInt16(NLM_F_ACK_TLVS)

  // linux/netlink.h: attributes of an extended acknowledgement, and bits of an attribute's type.
  static let errorMessage = UInt16(NLMSGERR_ATTR_MSG.rawValue)
  static let attributeTypeMask: UInt16 = 0x3fff

  // rtnetlink(7): types of messages.
  static let newLink = UInt16(RTM_NEWLINK)
  static let deleteLink = UInt16(RTM_DELLINK)
  static let getLink = UInt16(RTM_GETLINK)
  static let newAddress = UInt16(RTM_NEWADDR)
  static let deleteAddress = UInt16(RTM_DELADDR)
  static let getAddress = UInt16(RTM_GETADDR)

  // rtnetlink(7): attributes of an address.
  static let addressAddress = UInt16(IFA_ADDRESS)
  static let addressLocal = UInt16(IFA_LOCAL)
  static let addressCacheInfo = UInt16(IFA_CACHEINFO)
  static let addressFlags = UInt16(IFA_FLAGS)

  // rtnetlink(7): attributes of a link.
  static let linkAddress = UInt16(IFLA_ADDRESS)
  static let linkName = UInt16(IFLA_IFNAME)
  static let linkProperties = UInt16(IFLA_PROP_LIST)
  static let linkAlternativeName = UInt16(IFLA_ALT_IFNAME)
  static let linkMTU = UInt16(IFLA_MTU)
  static let linkMaster = UInt16(IFLA_MASTER)
  static let linkOperationalState = UInt16(IFLA_OPERSTATE)
  static let linkExtendedMask = UInt16(IFLA_EXT_MASK)
  static let skipStatistics = UInt32(RTEXT_FILTER_SKIP_STATS)

  // sock_diag(7): types of messages, and the attribute that carries a program.
  static let socketByFamily = UInt16(SOCK_DIAG_BY_FAMILY)
  static let tcpSockets = UInt16(TCPDIAG_GETSOCK)
  static let socketDestroy = UInt16(SOCK_DESTROY)
  static let socketBytecode = UInt16(INET_DIAG_REQ_BYTECODE)

  // packet(7): how the kernel classes a frame.
  static let packetOutgoing = UInt8(PACKET_OUTGOING)
  static let packetLoopback = UInt8(PACKET_LOOPBACK)

  // socket(2).
  static let ipv4Family = UInt8(AF_INET)
  static let ipv6Family = UInt8(AF_INET6)
  static let packetFamily = Int32(AF_PACKET)
  static let rawSocket = Int32(SOCK_RAW.rawValue)
  static let closeOnExecNonBlocking = Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
}
