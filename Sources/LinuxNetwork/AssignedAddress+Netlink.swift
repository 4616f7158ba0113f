import Addresses
import CMnl

extension AssignedAddress {
  /// Reads `RTM_NEWADDR` or `RTM_DELADDR` (rtnetlink(7)); nothing for a family that isn't IP.
  ///
  /// `IFA_LOCAL` is the host's address; `IFA_ADDRESS` is the peer's on a point-to-point link and
  /// the host's own elsewhere. IPv6 sends `IFA_LOCAL` only with a peer.
  init?(payload: Span<UInt8>) throws(NetlinkError) {
    let fixed = MemoryLayout<ifaddrmsg>.size
    guard payload.count >= fixed else { throw .malformed(.truncated) }
    guard payload[0] == Kernel.ipv4Family || payload[0] == Kernel.ipv6Family else { return nil }
    var local: IPAddress?
    var peer: IPAddress?
    var flags = UInt32(payload[2])
    var preferred = AddressLifetime.infinite
    var valid = AddressLifetime.infinite
    try NetlinkReader.forEachAttribute(in: payload, after: fixed) {
      type, value throws(NetlinkError) in
      switch type {
      case Kernel.addressLocal: local = try value.addressValue(type: type)
      case Kernel.addressAddress: peer = try value.addressValue(type: type)
      case Kernel.addressFlags: flags = try value.uint32Value(type: type)
      case Kernel.addressCacheInfo:
        guard value.count >= 8 else { throw .malformed(.badAttribute(type: type)) }
        preferred = AddressLifetime(kernelSeconds: value.hostUInt32(at: 0))
        valid = AddressLifetime(kernelSeconds: value.hostUInt32(at: 4))
      default: break
      }
    }
    guard let address = local ?? peer else { throw .malformed(.truncated) }
    self.init(
      address: address, prefixLength: payload[1],
      interface: InterfaceIndex(rawValue: payload.hostUInt32(at: 4)), validLifetime: valid,
      preferredLifetime: preferred, flags: Flags(rawValue: flags))
  }
}
