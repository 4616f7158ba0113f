import Addresses
import Packets
import Testing

@Suite("Tickle segments")
struct TickleSegmentTests {
  static func packed(_ text: String) throws -> PackedEndpoint {
    PackedEndpoint(try #require(Endpoint(text)))
  }

  /// Encodes into a poisoned buffer; whatever follows the packet has to stay as it was.
  static func encode(
    _ source: String, _ destination: String, _ variant: TickleSegment.Variant = .lowLow,
    room: Int = 80
  ) throws -> [UInt8] {
    let segment = TickleSegment(
      source: try packed(source), destination: try packed(destination), variant: variant)
    var buffer = [UInt8](repeating: 0xa5, count: room)
    var span = buffer.mutableSpan
    let count = try segment.encodePacket(into: &span)
    #expect(buffer[count...].allSatisfy { $0 == 0xa5 })
    return Array(buffer[..<count])
  }

  @Test("An IPv4 tickle, byte for byte")
  func ipv4() throws {
    #expect(
      try Self.encode("10.77.0.100:6379", "10.77.0.11:40000")
        == bytes(
          "45 00 00 28",  // version 4, 5 words, 40 octets
          "00 00 00 00",  // identification and fragmentation: the kernel's
          "ff 06 a6 c7",  // time to live 255, TCP, header checksum
          "0a 4d 00 64",  // from 10.77.0.100
          "0a 4d 00 0b",  // to 10.77.0.11
          "18 eb 9c 40",  // ports 6379 and 40000
          "00 00 00 00",  // sequence number 0
          "00 00 00 00",  // acknowledgement number 0
          "50 10 04 d2",  // 5 words, ACK, window 1234
          "e0 ce 00 00"))  // checksum, no urgent data
  }

  @Test("An IPv6 tickle, byte for byte")
  func ipv6() throws {
    #expect(
      try Self.encode("[fd77::100]:6379", "[fd77::b]:40000")
        == bytes(
          "60 00 00 00",  // version 6
          "00 14 06 40",  // 20 octets, TCP, hop limit 64
          "fd 77 00 00 00 00 00 00 00 00 00 00 00 00 01 00",  // from fd77::100
          "fd 77 00 00 00 00 00 00 00 00 00 00 00 00 00 0b",  // to fd77::b
          "18 eb 9c 40",  // ports 6379 and 40000
          "00 00 00 00 00 00 00 00",  // sequence and acknowledgement number 0
          "50 10 04 d2",  // 5 words, ACK, window 1234
          "f9 dc 00 00"))  // checksum, no urgent data
  }

  @Test(
    "The four variants differ in the high bits of their two numbers, and in the checksum",
    arguments: [
      (TickleSegment.Variant.lowLow, "00 00 00 00 00 00 00 00", "e0 ce"),
      (.lowHigh, "00 00 00 00 80 00 00 00", "60 ce"),
      (.highLow, "80 00 00 00 00 00 00 00", "60 ce"),
      (.highHigh, "80 00 00 00 80 00 00 00", "e0 cd"),
    ])
  func variants(_ variant: TickleSegment.Variant, numbers: String, checksum: String) throws {
    let packet = try Self.encode("10.77.0.100:6379", "10.77.0.11:40000", variant)
    #expect(Array(packet[24..<32]) == bytes(numbers))
    #expect(Array(packet[36..<38]) == bytes(checksum))
  }

  /// The one's complement sum of what a checksum covers, with the pseudo-header built here.
  static func sum(of packet: [UInt8]) -> UInt32 {
    let isIPv4 = packet[0] >> 4 == 4
    let segment = Array(packet.suffix(20))
    let addresses = isIPv4 ? packet[12..<20] : packet[8..<40]
    var sum: UInt32 = 0
    let covered = Array(addresses) + [0, 6, 0, 20] + segment
    for index in stride(from: 0, to: covered.count, by: 2) {
      sum += UInt32(covered[index]) << 8 | UInt32(covered[index + 1])
    }
    while sum > 0xffff { sum = sum & 0xffff + sum >> 16 }
    return sum
  }

  @Test("Whatever the ends are, the receiver's sum over the segment is all ones")
  func checksums() throws {
    var generator = SystemRandomNumberGenerator()
    for index in 0..<2_000 {
      let isIPv4 = index % 2 == 0
      let ends = (0..<2).map { _ in
        let (high, low) = (generator.next(), generator.next())
        let port = UInt16(truncatingIfNeeded: generator.next())
        return isIPv4
          ? PackedEndpoint(ipv4: UInt32(truncatingIfNeeded: low), port: port)
          : PackedEndpoint(high: high | 1 << 60, low: low, port: port)
      }
      var buffer = [UInt8](repeating: 0xa5, count: TickleSegment.maxLength)
      var span = buffer.mutableSpan
      let count = try TickleSegment(
        source: ends[0], destination: ends[1],
        variant: TickleSegment.Variant.allCases[index / 2 % 4]
      ).encodePacket(into: &span)
      #expect(count == (isIPv4 ? 40 : 60))
      #expect(Self.sum(of: Array(buffer[..<count])) == 0xffff, "\(ends)")
    }
  }

  @Test("A buffer that is too small is refused, and left alone", arguments: 0..<40)
  func tooSmall(room: Int) throws {
    #expect(throws: PacketError.bufferTooSmall(needed: 40, available: room)) {
      try Self.encode("10.77.0.100:6379", "10.77.0.11:40000", room: room)
    }
    #expect(throws: PacketError.bufferTooSmall(needed: 60, available: room + 20)) {
      try Self.encode("[fd77::100]:6379", "[fd77::b]:40000", room: room + 20)
    }
  }

  @Test("Two ends of two versions are refused")
  func mixed() throws {
    #expect(throws: PacketError.mixedVersions) {
      try Self.encode("10.77.0.100:6379", "[fd77::b]:40000")
    }
    #expect(throws: PacketError.mixedVersions) {
      try Self.encode("[fd77::100]:6379", "10.77.0.11:40000")
    }
  }
}
