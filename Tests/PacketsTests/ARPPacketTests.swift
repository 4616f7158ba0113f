import Addresses
import Packets
import Testing

@Suite("ARP packets")
struct ARPPacketTests {
  static let address = IPv4Address(10, 77, 0, 100)
  static let mac = MACAddress(rawValue: 0x0200_0a4d_0001)

  @Test("A gratuitous request has the address twice and no target hardware address")
  func gratuitousRequest() throws {
    let frame = try encoded {
      buffer throws(PacketError) in
      try ARPPacket.gratuitousRequest(for: Self.address, from: Self.mac).encodeFrame(into: &buffer)
    }
    let expected = bytes(
      "ff ff ff ff ff ff",  // destination
      "02 00 0a 4d 00 01",  // source
      "08 06",  // type: ARP
      "00 01",  // hardware type: Ethernet
      "08 00",  // protocol type: IPv4
      "06 04",  // lengths of the addresses
      "00 01",  // operation: request
      "02 00 0a 4d 00 01",  // sender hardware address
      "0a 4d 00 64",  // sender address
      "00 00 00 00 00 00",  // target hardware address
      "0a 4d 00 64")  // target address
    #expect(frame == expected)
  }
}
