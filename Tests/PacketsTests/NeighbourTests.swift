import Addresses
import Packets
import Testing

@Suite("Neighbour discovery")
struct NeighbourTests {
  static let address = IPv6Address(high: 0xfd77_0000_0000_0000, low: 0x100)
  static let mac = MACAddress(rawValue: 0x0200_0a4d_0001)

  /// What Linux 6.18 sent for its address when it was probed, captured on a cable.
  static let advertisement = bytes(
    "33 33 00 00 00 01",  // destination: group of ff02::1
    "02 00 0a 4d 00 01",  // source
    "86 dd",  // type: IPv6
    "60 00 00 00",  // version, traffic class, flow label
    "00 20",  // payload length: 32
    "3a",  // next header: ICMPv6
    "ff",  // hop limit: 255
    "fd 77 00 00 00 00 00 00 00 00 00 00 00 00 01 00",  // source: fd77::100
    "ff 02 00 00 00 00 00 00 00 00 00 00 00 00 00 01",  // destination: ff02::1
    "88",  // type: neighbour advertisement
    "00",  // code
    "4d 62",  // checksum
    "20 00 00 00",  // flags: override
    "fd 77 00 00 00 00 00 00 00 00 00 00 00 00 01 00",  // target
    "02 01",  // option: target link-layer address, 8 octets
    "02 00 0a 4d 00 01")  // the address

  /// The duplicate probe, with the checksum that a Python script computed.
  static let probe = bytes(
    "33 33 ff 00 01 00",  // destination: group of ff02::1:ff00:100
    "02 00 0a 4d 00 01",  // source
    "86 dd",  // type: IPv6
    "60 00 00 00",  // version, traffic class, flow label
    "00 18",  // payload length: 24
    "3a",  // next header: ICMPv6
    "ff",  // hop limit: 255
    "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",  // source: ::
    "ff 02 00 00 00 00 00 00 00 00 00 01 ff 00 01 00",  // destination: ff02::1:ff00:100
    "87",  // type: neighbour solicitation
    "00",  // code
    "7b 30",  // checksum
    "00 00 00 00",  // reserved
    "fd 77 00 00 00 00 00 00 00 00 00 00 00 00 01 00")  // target

  /// What Linux 6.18 sends before it takes an address: a probe with a nonce (RFC 7527).
  static let probeWithNonce = bytes(
    "33 33 ff 00 01 00 02 00 0a 4d 00 01 86 dd",  // Ethernet
    "60 00 00 00 00 20 3a ff",  // IPv6, payload length 32
    "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",  // source: ::
    "ff 02 00 00 00 00 00 00 00 00 00 01 ff 00 01 00",  // destination: ff02::1:ff00:100
    "87 00 65 e5 00 00 00 00",  // neighbour solicitation
    "fd 77 00 00 00 00 00 00 00 00 00 00 00 00 01 00",  // target
    "0e 01 14 90 e3 50 0f 61")  // option: nonce

  @Test("An unsolicited advertisement is what the kernel itself sends, and nothing after it")
  func encodeAdvertisement() throws {
    let written = try encoded { buffer throws(PacketError) in
      try NeighbourAdvertisement(unsolicitedFor: Self.address, from: Self.mac)
        .encodeFrame(into: &buffer)
    }
    #expect(written == Self.advertisement)
    #expect(written.count == NeighbourAdvertisement.frameLength)
  }

  @Test("A router says so in its advertisement")
  func encodeRouter() throws {
    let written = try encoded { buffer throws(PacketError) in
      try NeighbourAdvertisement(unsolicitedFor: Self.address, from: Self.mac, isRouter: true)
        .encodeFrame(into: &buffer)
    }
    #expect(Array(written[56..<62]) == bytes("cd 61", "a0 00 00 00"))
  }

  @Test("A duplicate probe comes from nowhere and goes to the address's group")
  func encodeProbe() throws {
    let written = try encoded { buffer throws(PacketError) in
      try NeighbourSolicitation(probeFor: Self.address, from: Self.mac).encodeFrame(into: &buffer)
    }
    #expect(written == Self.probe)
    #expect(written.count == NeighbourSolicitation.probeFrameLength)
  }

  @Test("Both messages are read as what was written, with padding and without")
  func decode() throws {
    for padding in [0, 1, 46] {
      let tail = [UInt8](repeating: 0xa5, count: padding)
      #expect(
        try NeighbourAdvertisement(decodingFrame: (Self.advertisement + tail).span)
          == NeighbourAdvertisement(unsolicitedFor: Self.address, from: Self.mac))
      #expect(
        try NeighbourSolicitation(decodingFrame: (Self.probe + tail).span)
          == NeighbourSolicitation(probeFor: Self.address, from: Self.mac))
    }
  }

  @Test("An option that nobody here knows is skipped")
  func nonce() throws {
    let solicitation = try NeighbourSolicitation(decodingFrame: Self.probeWithNonce.span)
    #expect(solicitation == NeighbourSolicitation(probeFor: Self.address, from: Self.mac))
    #expect(solicitation.isProbe)
  }

  @Test("A solicitation with a source is no probe")
  func resolution() throws {
    var question = NeighbourSolicitation(probeFor: Self.address, from: Self.mac)
    question.source = IPv6Address(high: 0xfd77_0000_0000_0000, low: 7)
    question.sourceHardwareAddress = Self.mac
    let frame = try encoded { buffer throws(PacketError) in
      try question.encodeFrame(into: &buffer)
    }
    let read = try NeighbourSolicitation(decodingFrame: frame.span)
    #expect(read == question)
    #expect(!read.isProbe)
  }

  @Test("A frame cut off anywhere is an error")
  func truncated() {
    for length in Self.advertisement.indices {
      #expect(throws: PacketError.self) {
        try NeighbourAdvertisement(decodingFrame: Self.advertisement.span.extracting(first: length))
      }
    }
    for length in Self.probe.indices {
      #expect(throws: PacketError.truncated(needed: 78, available: length)) {
        try NeighbourSolicitation(decodingFrame: Self.probe.span.extracting(first: length))
      }
    }
  }

  @Test("A buffer without room is an error and stays as it was", arguments: 0..<86)
  func noRoom(length: Int) {
    var buffer = [UInt8](repeating: 0xa5, count: length)
    #expect(throws: PacketError.bufferTooSmall(needed: 86, available: length)) {
      var span = buffer.mutableSpan
      _ = try NeighbourAdvertisement(unsolicitedFor: Self.address, from: Self.mac)
        .encodeFrame(into: &span)
    }
    #expect(buffer.allSatisfy { $0 == 0xa5 })
  }

  @Test("Any wrong bit in what the checksum covers is an error", arguments: 22..<86)
  func damaged(offset: Int) {
    for bit in 0..<8 {
      var frame = Self.advertisement
      frame[offset] ^= 1 << UInt8(bit)
      #expect(throws: PacketError.self) { try NeighbourAdvertisement(decodingFrame: frame.span) }
    }
  }

  @Test("The checksum that was found and the one that was due are both named")
  func checksumMismatch() {
    var frame = Self.advertisement
    frame[57] = 0x63
    #expect(throws: PacketError.checksumMismatch(found: 0x4d63, computed: 0x4d62)) {
      try NeighbourAdvertisement(decodingFrame: frame.span)
    }
  }

  @Test(
    "A message that RFC 4861 says to drop is refused by the field that says so",
    arguments: [
      (13, 0x00, PacketField.etherType, 0x8600), (14, 0x40, .version, 4),
      (20, 0x00, .nextHeader, 0), (21, 0xfe, .hopLimit, 254), (54, 0x87, .messageType, 135),
      (55, 0x01, .messageCode, 1), (62, 0xff, .multicastTarget, 0xff77),
    ] as [(Int, UInt8, PacketField, UInt32)])
  func dropped(offset: Int, octet: UInt8, field: PacketField, value: UInt32) {
    var frame = Self.advertisement
    frame[offset] = octet
    #expect(throws: PacketError.unexpected(field, value: value)) {
      try NeighbourAdvertisement(decodingFrame: frame.span)
    }
  }

  @Test("A payload length that is too small or too great is an error", arguments: [0, 23, 33, 255])
  func payloadLength(length: UInt8) {
    var frame = Self.advertisement
    frame[19] = length
    #expect(throws: PacketError.self) { try NeighbourAdvertisement(decodingFrame: frame.span) }
  }

  @Test("An option of no length, or past the end, is an error", arguments: [(0, 0x63), (2, 0x61)])
  func optionLength(length: UInt8, checksum: UInt8) {
    var frame = Self.advertisement
    frame[79] = length
    frame[57] = checksum  // makes up for the length, so that only the option is wrong
    #expect(throws: PacketError.unexpected(.optionLength, value: UInt32(length))) {
      try NeighbourAdvertisement(decodingFrame: frame.span)
    }
  }

  @Test("A probe with a link-layer address, or to another group, is an error")
  func badProbe() throws {
    var named = NeighbourSolicitation(probeFor: Self.address, from: Self.mac)
    named.sourceHardwareAddress = Self.mac
    var elsewhere = NeighbourSolicitation(probeFor: Self.address, from: Self.mac)
    elsewhere.destination = NeighbourAdvertisement.allNodes
    for (probe, error) in [
      (named, PacketError.unexpected(.sourceLinkLayerOption, value: 1)),
      (elsewhere, .unexpected(.destination, value: 0xff02_0000)),
    ] {
      let frame = try encoded { buffer throws(PacketError) in
        try probe.encodeFrame(into: &buffer)
      }
      #expect(throws: error) { try NeighbourSolicitation(decodingFrame: frame.span) }
    }
  }

  @Test("An advertisement to all that says it was asked for is an error")
  func solicitedToAll() throws {
    var advertisement = NeighbourAdvertisement(unsolicitedFor: Self.address, from: Self.mac)
    advertisement.flags = [.solicited, .override]
    let frame = try encoded { buffer throws(PacketError) in
      try advertisement.encodeFrame(into: &buffer)
    }
    #expect(throws: PacketError.unexpected(.destination, value: 0xff02_0000)) {
      try NeighbourAdvertisement(decodingFrame: frame.span)
    }
  }
}
