import Addresses
import Packets
import Testing

@Suite("ARP packets")
struct ARPPacketTests {
  static let address = IPv4Address(10, 77, 0, 100)
  static let mac = MACAddress(rawValue: 0x0200_0a4d_0001)

  /// A frame in the fields of RFC 826 that don't change.
  static func frame(
    operation: String, senderAddress: String, targetHardwareAddress: String
  ) -> [UInt8] {
    bytes(
      "ff ff ff ff ff ff",  // destination: all
      "02 00 0a 4d 00 01",  // source
      "08 06",  // type: ARP
      "00 01",  // ar$hrd: Ethernet
      "08 00",  // ar$pro: IPv4
      "06",  // ar$hln
      "04",  // ar$pln
      operation,  // ar$op
      "02 00 0a 4d 00 01",  // ar$sha
      senderAddress,  // ar$spa
      targetHardwareAddress,  // ar$tha
      "0a 4d 00 64")  // ar$tpa
  }

  static let request = frame(
    operation: "00 01", senderAddress: "0a 4d 00 64", targetHardwareAddress: "00 00 00 00 00 00")
  static let reply = frame(
    operation: "00 02", senderAddress: "0a 4d 00 64", targetHardwareAddress: "02 00 0a 4d 00 01")
  static let probe = frame(
    operation: "00 01", senderAddress: "00 00 00 00", targetHardwareAddress: "00 00 00 00 00 00")

  static let known: [(ARPPacket, [UInt8])] = [
    (.gratuitousRequest(for: address, from: mac), request),
    (.gratuitousReply(for: address, from: mac), reply),
    (.probe(for: address, from: mac), probe),
  ]

  @Test("Each packet is written as its RFC wants it, and nothing after it", arguments: known)
  func encode(packet: ARPPacket, frame: [UInt8]) throws {
    let written = try encoded { buffer throws(PacketError) in
      try packet.encodeFrame(into: &buffer)
    }
    #expect(written == frame)
    #expect(written.count == ARPPacket.frameLength)
  }

  @Test("Each packet is read as what was written, with padding and without", arguments: known)
  func decode(packet: ARPPacket, frame: [UInt8]) throws {
    #expect(try ARPPacket(decodingFrame: frame.span) == packet)
    let padded = frame + [UInt8](repeating: 0xa5, count: 60 - frame.count)
    #expect(try ARPPacket(decodingFrame: padded.span) == packet)
  }

  @Test("Gratuitous packets and probes are told apart")
  func kinds() {
    let packets = Self.known.map(\.0)
    #expect(packets.map(\.isGratuitous) == [true, true, false])
    #expect(packets.map(\.isProbe) == [false, false, true])
    var question = packets[2]
    question.senderAddress = IPv4Address(10, 77, 0, 1)
    #expect(!question.isProbe && !question.isGratuitous)
  }

  @Test("A frame cut off anywhere is an error", arguments: 0..<ARPPacket.frameLength)
  func truncated(length: Int) throws {
    let needed = ARPPacket.frameLength
    #expect(throws: PacketError.truncated(needed: needed, available: length)) {
      try ARPPacket(decodingFrame: Self.reply.span.extracting(first: length))
    }
  }

  @Test("A buffer without room is an error and stays as it was", arguments: 0..<42)
  func noRoom(length: Int) {
    var buffer = [UInt8](repeating: 0xa5, count: length)
    #expect(throws: PacketError.bufferTooSmall(needed: 42, available: length)) {
      var span = buffer.mutableSpan
      _ = try ARPPacket.probe(for: Self.address, from: Self.mac).encodeFrame(into: &span)
    }
    #expect(buffer.allSatisfy { $0 == 0xa5 })
  }

  @Test(
    "A packet for another kind of network is refused by the field that says so",
    arguments: [
      (13, 0x00, PacketField.etherType, 0x0800), (15, 0x06, .hardwareType, 6),
      (17, 0x06, .protocolType, 0x0806), (18, 0x08, .hardwareLength, 8),
      (19, 0x10, .protocolLength, 16),
    ] as [(Int, UInt8, PacketField, UInt32)])
  func foreign(offset: Int, octet: UInt8, field: PacketField, value: UInt32) {
    var frame = Self.reply
    frame[offset] = octet
    #expect(throws: PacketError.unexpected(field, value: value)) {
      try ARPPacket(decodingFrame: frame.span)
    }
  }
}
