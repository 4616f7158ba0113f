import Addresses
import CMnl

/// The requests that this layer sends, each built in a caller's buffer with libmnl.
///
/// Every function returns the octets written, or nothing if the buffer is too small.
enum NetlinkRequest {
  /// The most that one request takes, octets: `RTM_NEWADDR` for IPv6 takes 84.
  static let longest = 128

  /// A change of an address (rtnetlink(7)), octet for octet as ip-address(8) sends it.
  static func change(
    _ change: AddressChange, flags: UInt16, sequence: UInt32,
    into buffer: UnsafeMutableRawBufferPointer
  ) -> Int? {
    switch change {
    case .add(let address, let interface, let lifetime):
      unsafe newAddress(
        address, on: interface, lifetime: lifetime,
        flags: Kernel.request | flags | Kernel.create | Kernel.exclusive, sequence: sequence,
        into: buffer)
    case .replace(let address, let interface, let lifetime):
      unsafe newAddress(
        address, on: interface, lifetime: lifetime,
        flags: Kernel.request | flags | Kernel.create | Kernel.replace, sequence: sequence,
        into: buffer)
    case .delete(let address, let length, let interface):
      unsafe message(
        type: Kernel.deleteAddress, flags: Kernel.request | flags, sequence: sequence, into: buffer
      ) { header in
        unsafe putAddress(address, length: length, on: interface, flags: 0, into: header)
      }
    }
  }

  /// A dump of all addresses of both families.
  static func dumpAddresses(
    sequence: UInt32, into buffer: UnsafeMutableRawBufferPointer
  ) -> Int? {
    unsafe message(
      type: Kernel.getAddress, flags: Kernel.request | Kernel.dump, sequence: sequence, into: buffer
    ) { header in
      _ = unsafe mnl_nlmsg_put_extra_header(header, MemoryLayout<ifaddrmsg>.size)
    }
  }

  /// A dump of all links, without the statistics that nobody here reads.
  static func dumpLinks(sequence: UInt32, into buffer: UnsafeMutableRawBufferPointer) -> Int? {
    unsafe message(
      type: Kernel.getLink, flags: Kernel.request | Kernel.dump, sequence: sequence, into: buffer
    ) { header in
      _ = unsafe mnl_nlmsg_put_extra_header(header, MemoryLayout<ifinfomsg>.size)
      unsafe mnl_attr_put_u32(header, Kernel.linkExtendedMask, Kernel.skipStatistics)
    }
  }

  /// Starts a message at the front of a buffer and lets the caller fill it.
  ///
  /// The room is checked once for the longest of all requests, so the fillers need not check.
  static func message(
    type: UInt16, flags: UInt16, sequence: UInt32, into buffer: UnsafeMutableRawBufferPointer,
    fill: (UnsafeMutablePointer<nlmsghdr>) -> Void
  ) -> Int? {
    guard let start = buffer.baseAddress, buffer.count >= longest,
      let header = unsafe mnl_nlmsg_put_header(start)
    else { return nil }
    unsafe header.pointee.nlmsg_type = type
    unsafe header.pointee.nlmsg_flags = flags
    unsafe header.pointee.nlmsg_seq = sequence
    unsafe fill(header)
    return unsafe Int(header.pointee.nlmsg_len)
  }

  /// `RTM_NEWADDR` for a host prefix.
  ///
  /// IPv6 goes without duplicate address detection, which the caller has done before in less time,
  /// and with no preferred lifetime: the host must not choose the VIP as the source of its own
  /// connections (RFC 6724 §5 rule 3), or Sentinel takes it for another replica. IPv4 has no such
  /// choice and keeps both lifetimes equal.
  private static func newAddress(
    _ address: IPAddress, on interface: InterfaceIndex, lifetime: AddressLifetime, flags: UInt16,
    sequence: UInt32, into buffer: UnsafeMutableRawBufferPointer
  ) -> Int? {
    unsafe message(
      type: Kernel.newAddress, flags: flags, sequence: sequence, into: buffer
    ) { header in
      let valid = lifetime.kernelSeconds
      let isIPv6 = address.hostPrefixLength == 128
      unsafe putAddress(
        address, length: address.hostPrefixLength, on: interface,
        flags: isIPv6 ? UInt8(AssignedAddress.Flags.noDuplicateDetection.rawValue) : 0,
        into: header)
      let lifetimes = ifa_cacheinfo(
        ifa_prefered: isIPv6 ? 0 : valid, ifa_valid: valid, cstamp: 0, tstamp: 0)
      unsafe withUnsafeBytes(of: lifetimes) { bytes in
        unsafe mnl_attr_put(header, Kernel.addressCacheInfo, bytes.count, bytes.baseAddress)
      }
    }
  }

  /// The header of an address message, and the address as `IFA_LOCAL` and `IFA_ADDRESS`.
  private static func putAddress(
    _ address: IPAddress, length: UInt8, on interface: InterfaceIndex, flags: UInt8,
    into header: UnsafeMutablePointer<nlmsghdr>
  ) {
    let family = address.hostPrefixLength == 128 ? Kernel.ipv6Family : Kernel.ipv4Family
    let fields = ifaddrmsg(
      ifa_family: family, ifa_prefixlen: length, ifa_flags: flags, ifa_scope: 0,
      ifa_index: interface.rawValue)
    let size = MemoryLayout<ifaddrmsg>.size
    unsafe mnl_nlmsg_put_extra_header(header, size)?.storeBytes(of: fields, as: ifaddrmsg.self)
    let octets = address.octets
    unsafe octets.withUnsafeBytes { bytes in
      unsafe mnl_attr_put(header, Kernel.addressLocal, bytes.count, bytes.baseAddress)
      unsafe mnl_attr_put(header, Kernel.addressAddress, bytes.count, bytes.baseAddress)
    }
  }
}
