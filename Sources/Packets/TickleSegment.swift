public import Addresses

/// A *tickle*: a TCP segment without data that makes a client show what it believes in.
///
/// Its sequence number is a constant, so it lies outside of the window of the connection that the
/// client has, and the client answers with an acknowledgement of its own (RFC 9293 §3.10.7.4). Where the address has moved to another host since, no socket there knows
/// of that and the kernel answers with a reset, which is in order and ends the client's
/// connection. A client without such a connection answers with a reset and that is all.
///
/// The idea and the numbers are those of CTDB (`ctdb/common/system_socket.c`): an operator who
/// knows them finds these segments in a capture by their window of 1234.
public struct TickleSegment: Hashable, Sendable {
  /// The greatest packet, octets: with the header of IPv6.
  public static let maxLength = 60
  /// The numbers of a segment.
  ///
  /// To the client all are alike. A firewall that follows connections (`nf_conntrack`) calls a
  /// number that is ahead of the connection's *invalid*, and one that is behind, on recent
  /// kernels, late, and lets it through. Half of all numbers are behind another one (RFC 1982), so
  /// of these four segments one is behind in both its numbers whatever the connection's are.
  public enum Variant: Hashable, Sendable, CaseIterable {
    /// Sequence and acknowledgement number 0, as CTDB sends it.
    case lowLow
    /// Sequence number 0, acknowledgement number 2³¹.
    case lowHigh
    /// Sequence number 2³¹, acknowledgement number 0.
    case highLow
    /// Sequence and acknowledgement number 2³¹.
    case highHigh

    /// The sequence number.
    var sequence: UInt32 { self == .lowLow || self == .lowHigh ? 0 : 0x8000_0000 }
    /// The acknowledgement number.
    var acknowledgement: UInt32 { self == .lowLow || self == .highLow ? 0 : 0x8000_0000 }
  }

  /// The window, which nobody uses.
  public static let window: UInt16 = 1234

  /// The address and port that the client is connected to.
  public var source: PackedEndpoint
  /// The client; of the same IP version as the source.
  public var destination: PackedEndpoint
  /// The numbers.
  public var variant: Variant

  /// Makes a segment.
  public init(
    source: PackedEndpoint, destination: PackedEndpoint, variant: Variant = .lowLow
  ) {
    self.source = source
    self.destination = destination
    self.variant = variant
  }

  /// Octets in a TCP header without options.
  private static let segmentLength = 20
  /// The protocol number of TCP.
  private static let protocolNumber: UInt8 = 6

  /// Writes the whole IP packet, header and segment, with its checksums.
  ///
  /// - Parameter buffer: where the packet goes; octets after it stay as they are.
  /// - Returns: the octets written, 40 or 60.
  /// - Throws: `bufferTooSmall`, or `mixedVersions` if the ends are of two versions.
  public func encodePacket(into buffer: inout MutableSpan<UInt8>) throws(PacketError) -> Int {
    guard source.isIPv4 == destination.isIPv4 else { throw .mixedVersions }
    let header = source.isIPv4 ? 20 : 40
    try buffer.require(header + Self.segmentLength)
    if source.isIPv4 { storeIPv4Header(into: &buffer) } else { storeIPv6Header(into: &buffer) }
    storeSegment(into: &buffer, at: header)
    return header + Self.segmentLength
  }

  /// The IPv4 header (RFC 791 §3.1): no fragmentation, time to live 255.
  ///
  /// The kernel fills in the identification if it is 0, and the checksum always (raw(7)).
  private func storeIPv4Header(into buffer: inout MutableSpan<UInt8>) {
    buffer.store(0x4500 as UInt16, at: 0)
    buffer.store(40 as UInt16, at: 2)
    buffer.store(0 as UInt32, at: 4)
    buffer[8] = 255
    buffer[9] = Self.protocolNumber
    buffer.store(0 as UInt16, at: 10)
    buffer.store(UInt32(truncatingIfNeeded: source.low), at: 12)
    buffer.store(UInt32(truncatingIfNeeded: destination.low), at: 16)
    var sum = InternetChecksum()
    sum.add(buffer.span.extracting(0..<20))
    buffer.store(sum.value, at: 10)
  }

  /// The IPv6 header (RFC 8200 §3): hop limit 64.
  private func storeIPv6Header(into buffer: inout MutableSpan<UInt8>) {
    buffer.store(0x6000_0000 as UInt32, at: 0)
    buffer.store(UInt16(Self.segmentLength), at: 4)
    buffer[6] = Self.protocolNumber
    buffer[7] = 64
    buffer.store(source.high, at: 8)
    buffer.store(source.low, at: 16)
    buffer.store(destination.high, at: 24)
    buffer.store(destination.low, at: 32)
  }

  /// The TCP header (RFC 9293 §3.1), with the checksum over it and the pseudo-header.
  private func storeSegment(into buffer: inout MutableSpan<UInt8>, at start: Int) {
    buffer.store(source.port, at: start)
    buffer.store(destination.port, at: start + 2)
    buffer.store(variant.sequence, at: start + 4)
    buffer.store(variant.acknowledgement, at: start + 8)
    // Five words long; of the flags, ACK alone.
    buffer.store(0x5010 as UInt16, at: start + 12)
    buffer.store(Self.window, at: start + 14)
    buffer.store(0 as UInt32, at: start + 16)
    var sum = InternetChecksum()
    // Both pseudo-headers sum up alike: the addresses, the protocol and the length. What IPv4
    // mapped addresses add, twice 0xffff, is 0 in one's complement.
    for half in [source.high, source.low, destination.high, destination.low] { sum.add(half) }
    sum.add(UInt64(Self.protocolNumber) + UInt64(Self.segmentLength))
    sum.add(buffer.span.extracting(start..<start + Self.segmentLength))
    buffer.store(sum.value, at: start + 16)
  }
}
