import Addresses
import CMnl
import Glibc

extension Link {
  /// Reads `RTM_NEWLINK` or `RTM_DELLINK` (rtnetlink(7)).
  ///
  /// Nothing for a message that does not describe the whole link: of another family, as a bridge
  /// sends about its ports (`AF_BRIDGE`), or with a wireless event alone.
  init?(payload: Span<UInt8>) throws(NetlinkError) {
    let fixed = MemoryLayout<ifinfomsg>.size
    guard payload.count >= fixed else { throw .malformed(.truncated) }
    guard payload[0] == UInt8(AF_UNSPEC) else { return nil }
    self.init(
      index: InterfaceIndex(rawValue: payload.hostUInt32(at: 4)), name: "", macAddress: nil, mtu: 0,
      flags: Flags(rawValue: payload.hostUInt32(at: 8)), operationalState: .unknown)
    let isEthernet = payload.hostUInt16(at: 2) == UInt16(ARPHRD_ETHER)
    try NetlinkReader.forEachAttribute(in: payload, after: fixed) {
      type, value throws(NetlinkError) in
      switch type {
      case Kernel.linkName: name = value.text
      case Kernel.linkAddress where isEthernet: macAddress = MACAddress(octets: value.octets)
      case Kernel.linkMTU: mtu = try value.uint32Value(type: type)
      case Kernel.linkMaster: master = InterfaceIndex(rawValue: try value.uint32Value(type: type))
      case Kernel.linkProperties: alternativeNames = try Self.alternativeNames(in: value)
      case Kernel.linkOperationalState:
        guard value.count == 1 else { throw .malformed(.badAttribute(type: type)) }
        operationalState = OperationalState(rawValue: value[0]) ?? .unknown
      default: break
      }
    }
    if name.isEmpty || mtu == 0 { return nil }
  }

  /// The names in an `IFLA_PROP_LIST`.
  private static func alternativeNames(in list: Span<UInt8>) throws(NetlinkError) -> [String] {
    var names: [String] = []
    try NetlinkReader.forEachAttribute(in: list, after: 0) { type, value throws(NetlinkError) in
      if type == Kernel.linkAlternativeName { names.append(value.text) }
    }
    return names
  }
}
