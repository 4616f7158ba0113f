import Addresses
import FuzzKit
import Testing

@testable import LinuxNetwork

@Suite("Netlink answers")
struct NetlinkReaderTests {
  /// `RTM_NEWADDR` as Linux 6.18 sent it for a VIP with 5 seconds to live.
  static let newAddress = bytes(
    "4c 00 00 00",  // nlmsg_len: 76
    "14 00",  // nlmsg_type: RTM_NEWADDR
    "00 00",  // nlmsg_flags
    "6a 35 01 6b 42 21 00 00",  // nlmsg_seq, nlmsg_pid
    "02 20 00 00 03 00 00 00",  // AF_INET, /32, universe, interface 3
    "08 00 01 00 0a 4d 00 64",  // IFA_ADDRESS
    "08 00 02 00 0a 4d 00 64",  // IFA_LOCAL
    "07 00 03 00 76 30 00 00",  // IFA_LABEL: v0
    "08 00 08 00 00 00 00 00",  // IFA_FLAGS
    "14 00 06 00",  // IFA_CACHEINFO
    "05 00 00 00 05 00 00 00",  // ifa_prefered, ifa_valid
    "b2 ef 05 00 b2 ef 05 00")  // cstamp, tstamp

  /// `NLMSG_ERROR` with extended text, the request capped to its header.
  static let refusal = bytes(
    "ed ff ff ff",  // error: -19
    "3c 00 00 00 14 00 05 05 02 00 00 00 00 00 00 00",  // header of the request
    "1b 00 01 00 69 70 76 34 3a 20 44 65 76 69 63 65",  // NLMSGERR_ATTR_MSG: ipv4: Device
    "20 6e 6f 74 20 66 6f 75 6e 64 00 00")  //  not found

  @Test("An address is read with its lifetime and its flags")
  func readAddress() throws {
    let expected = AssignedAddress(
      address: try address("10.77.0.100"), prefixLength: 32,
      interface: InterfaceIndex(rawValue: 3), validLifetime: .seconds(5),
      preferredLifetime: .seconds(5))
    #expect(try NetworkEvent.decode(Self.newAddress.span) == [.addressUpdated(expected)])
    var removal = Self.newAddress
    removal[4] = 0x15  // RTM_DELADDR
    #expect(
      try NetworkEvent.decode((Self.newAddress + removal).span)
        == [.addressUpdated(expected), .addressRemoved(expected)])
  }

  @Test("A datagram that is cut off anywhere is an error, never a trap")
  func truncated() {
    for length in 1..<Self.newAddress.count {
      #expect(throws: NetlinkError.malformed(.truncated)) {
        try NetworkEvent.decode(Self.newAddress.span.extracting(first: length))
      }
    }
    #expect(throws: Never.self) { try NetworkEvent.decode([UInt8]().span) }
  }

  @Test("A payload that is cut off anywhere gives no address with a wrong value")
  func truncatedPayload() {
    let payload = Array(Self.newAddress[16...])
    for length in payload.indices {
      let read = try? AssignedAddress(payload: payload.span.extracting(first: length))
      #expect(read == nil || read?.address == IPAddress("10.77.0.100"))
    }
  }

  @Test("A refusal is read with the kernel's words, whether the request is echoed or capped")
  func readRefusal() throws {
    let capped = try NetlinkReader.refusal(
      in: Self.refusal.span, flags: Kernel.capped | Kernel.acknowledgementAttributes)
    #expect(capped?.errno == .noDevice)
    #expect(capped?.message == "ipv4: Device not found")

    var echoed = Self.refusal
    echoed.insert(contentsOf: [UInt8](repeating: 0, count: 44), at: 20)
    let whole = try NetlinkReader.refusal(
      in: echoed.span, flags: Kernel.acknowledgementAttributes)
    #expect(whole?.message == "ipv4: Device not found")

    let wordless = try NetlinkReader.refusal(in: Self.refusal.span, flags: Kernel.capped)
    #expect(wordless?.errno == .noDevice)
    #expect(wordless?.message == nil)
  }

  @Test("An acknowledgement is no refusal")
  func acknowledgement() throws {
    let payload = bytes("00 00 00 00", "3c 00 00 00 14 00 05 05 02 00 00 00 00 00 00 00")
    #expect(try NetlinkReader.refusal(in: payload.span, flags: Kernel.capped) == nil)
  }

  @Test("A refusal that is cut off, or that lies about the request's length, is an error")
  func badRefusal() {
    let flags = Kernel.capped | Kernel.acknowledgementAttributes
    for length in 0..<20 {
      #expect(throws: NetlinkError.malformed(.truncated)) {
        try NetlinkReader.refusal(in: Self.refusal.span.extracting(first: length), flags: flags)
      }
    }
    for request in [UInt8(0x00), 0x03, 0x30, 0xff] {
      var lying = Self.refusal
      lying.replaceSubrange(4..<8, with: [request, request, request, request])
      _ = try? NetlinkReader.refusal(in: lying.span, flags: Kernel.acknowledgementAttributes)
    }
  }

  @Test("A session is read, an IPv4-mapped address as the IPv4 one that it is")
  func readSession() throws {
    let payload =
      bytes(
        "0a 01 00 00",  // AF_INET6, established
        "18 eb c2 dc",  // ports 6379 and 49884
        "00 00 00 00 00 00 00 00 00 00 ff ff 0a 4d 00 64",  // source
        "00 00 00 00 00 00 00 00 00 00 ff ff 0a 4d 00 09",  // destination
        "00 00 00 00 34 00 00 00 00 00 00 00")  // interface, cookie
      + [UInt8](repeating: 0, count: 20)
    let socket = try #require(try DiagnosedSocket(payload: payload.span))
    #expect(socket.session.local == Endpoint("10.77.0.100:6379"))
    #expect(socket.session.remote == Endpoint("10.77.0.9:49884"))
    #expect(socket.session.state == .established)
    for length in payload.indices {
      #expect(throws: NetlinkError.malformed(.truncated)) {
        try DiagnosedSocket(payload: payload.span.extracting(first: length))
      }
    }
  }

  @Test("No answer makes a reader trap", arguments: 1...8 as ClosedRange<UInt64>)
  func fuzz(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let seeds = [Self.newAddress, Self.newAddress + Self.newAddress, Self.refusal]
    for _ in 0..<4000 {
      var octets = seeds.randomElement(using: &generator) ?? []
      for _ in 0..<Int.random(in: 0...4, using: &generator) {
        let offset = Int.random(in: 0..<octets.count, using: &generator)
        octets[offset] = UInt8.random(in: 0...255, using: &generator)
      }
      if Bool.random(using: &generator) {
        octets = Array(octets.prefix(Int.random(in: 0...octets.count, using: &generator)))
      }
      _ = try? NetworkEvent.decode(octets.span)
      _ = try? AssignedAddress(payload: octets.span)
      _ = try? Link(payload: octets.span)
      _ = try? DiagnosedSocket(payload: octets.span)
      _ = try? NetlinkReader.refusal(
        in: octets.span, flags: UInt16.random(in: 0...0x0fff, using: &generator))
    }
  }
}
