/// Why a packet could not be written or read.
public enum PacketError: Error, Equatable, Sendable {
  /// The caller's buffer is too small for the packet; octets.
  case bufferTooSmall(needed: Int, available: Int)
  /// The packet ends before a field that it must have; octets.
  case truncated(needed: Int, available: Int)
  /// A field has a value that this kind of packet can't have.
  case unexpected(PacketField, value: UInt32)
  /// The checksum of the packet is not the one computed over it (RFC 4443 §2.3).
  case checksumMismatch(found: UInt16, computed: UInt16)
  /// The two ends of a segment are of two versions of IP.
  case mixedVersions
}

/// A field whose value decides whether a packet is accepted.
public enum PacketField: Hashable, Sendable {
  /// The type field of the Ethernet header (IEEE 802.3 §3.2.6).
  case etherType
  /// `ar$hrd` (RFC 826): 1 for Ethernet.
  case hardwareType
  /// `ar$pro` (RFC 826): 0x0800 for IPv4.
  case protocolType
  /// `ar$hln` (RFC 826): 6 for Ethernet.
  case hardwareLength
  /// `ar$pln` (RFC 826): 4 for IPv4.
  case protocolLength
  /// The version of the IP header: 6 (RFC 8200 §3).
  case version
  /// The next header of the IPv6 header: 58 for ICMPv6 (RFC 4443 §1).
  case nextHeader
  /// The hop limit: 255, so that no router has passed the packet on (RFC 4861 §7.1).
  case hopLimit
  /// The ICMPv6 type (RFC 4861 §4.3, §4.4).
  case messageType
  /// The ICMPv6 code: 0 (RFC 4861 §7.1).
  case messageCode
  /// The high group of a target that is a multicast address (RFC 4861 §7.1).
  case multicastTarget
  /// The length of a neighbour discovery option, 0 or past the end (RFC 4861 §7.1).
  case optionLength
  /// The destination of a solicitation from `::` or of a solicited advertisement (RFC 4861 §7.1).
  case destination
  /// A source link-layer option in a solicitation from `::` (RFC 4861 §7.1.1).
  case sourceLinkLayerOption
}
