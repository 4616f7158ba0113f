import Addresses
import Glibc
import Packets
import Testing

@testable import LinuxNetwork

/// The kernel itself runs each program, on a pair of local sockets: no link and no rights needed.
@Suite("Claim filters")
struct ClaimFilterTests {
  static let own = MACAddress(rawValue: 0x0200_0a4d_0001)
  static let other = MACAddress(rawValue: 0x0200_0a4d_0002)

  static func ipv4(_ number: Int) -> IPv4Address {
    IPv4Address(rawValue: 0x0a4d_0000 + UInt32(number))
  }

  /// Addresses spread over several networks, with the lowest bits in common.
  static func ipv6(_ number: Int) -> IPv6Address {
    IPv6Address(high: 0xfd77_0000_0000_0000 + UInt64(number % 3), low: UInt64(number / 3 + 256))
  }

  @Test(
    "ARP: each watched address passes in every form of a claim, whatever their number",
    arguments: [1, 2, 249, 250, 251, 500, 1000])
  func arpClaims(count: Int) throws {
    let watched = (1...count).map(Self.ipv4)
    let filter = try FilterPair(ClaimFilter.arp(watched, own: Self.own))
    for address in [1, 2, count / 2, count - 1, count].map(Self.ipv4) {
      guard watched.contains(address) else { continue }
      for packet in claims(to: address) {
        #expect(try filter.passes(frame(packet)), "\(packet)")
      }
    }
    for address in [Self.ipv4(0), Self.ipv4(count + 1)] {
      for packet in claims(to: address) {
        #expect(try !filter.passes(frame(packet)), "\(packet)")
      }
    }
  }

  @Test("ARP: a client that resolves a watched address, and an answer to it, don't pass")
  func arpOrdinary() throws {
    let filter = try FilterPair(ClaimFilter.arp([Self.ipv4(1)], own: Self.own))
    let client = Self.ipv4(2)
    let question = ARPPacket(
      operation: .request, senderHardwareAddress: Self.other, senderAddress: client,
      targetHardwareAddress: .zero, targetAddress: Self.ipv4(1))
    let answer = ARPPacket(
      operation: .reply, senderHardwareAddress: Self.other, senderAddress: client,
      targetHardwareAddress: Self.own, targetAddress: Self.ipv4(1))
    let replyFromNowhere = ARPPacket(
      operation: .reply, senderHardwareAddress: Self.other,
      senderAddress: IPv4Address(rawValue: 0), targetHardwareAddress: Self.own,
      targetAddress: Self.ipv4(1))
    for packet in [question, answer, replyFromNowhere] {
      #expect(try !filter.passes(frame(packet)), "\(packet)")
    }
  }

  @Test("ARP: this host's own packets don't pass, those of a host that differs in one octet do")
  func arpOwn() throws {
    let filter = try FilterPair(ClaimFilter.arp([Self.ipv4(1)], own: Self.own))
    #expect(try !filter.passes(frame(.gratuitousReply(for: Self.ipv4(1), from: Self.own))))
    for octet in 0..<6 {
      let near = MACAddress(rawValue: Self.own.rawValue ^ 1 << UInt64(octet * 8))
      #expect(try filter.passes(frame(.gratuitousReply(for: Self.ipv4(1), from: near))))
    }
  }

  @Test("ARP: a frame that is cut off, or of another network, doesn't pass")
  func arpForeign() throws {
    let filter = try FilterPair(ClaimFilter.arp([Self.ipv4(1)], own: Self.own))
    let claim = try frame(.gratuitousRequest(for: Self.ipv4(1), from: Self.other))
    for length in 1..<32 { #expect(try !filter.passes(Array(claim.prefix(length)))) }
    for offset in [12, 13, 16, 17, 18, 19] {
      var frame = claim
      frame[offset] ^= 0xff
      #expect(try !filter.passes(frame))
    }
  }

  @Test(
    "IPv6: each watched address passes as advertisement and probe, whatever their number",
    arguments: [1, 2, 3, 250, 749, 750, 753, 1000])
  func neighbourClaims(count: Int) throws {
    let watched = (1...count).map(Self.ipv6)
    let filter = try FilterPair(ClaimFilter.neighbour(watched, own: Self.own))
    for address in [1, 2, count / 2, count - 1, count].map(Self.ipv6) {
      guard watched.contains(address) else { continue }
      #expect(try filter.passes(advertisement(of: address)))
      #expect(try filter.passes(solicitation(probeFor: address)))
    }
    let strangers = [
      Self.ipv6(0), Self.ipv6(count + 1),
      IPv6Address(high: Self.ipv6(1).high + 7, low: Self.ipv6(1).low),
      IPv6Address(high: Self.ipv6(1).high, low: Self.ipv6(1).low | 1 << 40),
      IPv6Address(high: Self.ipv6(1).high | 1 << 40, low: Self.ipv6(1).low),
    ]
    for address in strangers {
      #expect(try !filter.passes(advertisement(of: address)), "\(address)")
      #expect(try !filter.passes(solicitation(probeFor: address)), "\(address)")
    }
  }

  @Test("IPv6: a client that resolves a watched address doesn't pass, nor do own or odd frames")
  func neighbourOrdinary() throws {
    let watched = Self.ipv6(1)
    let filter = try FilterPair(ClaimFilter.neighbour([watched], own: Self.own))
    for source in [
      IPv6Address(high: 1 << 63, low: 0), IPv6Address(high: 1, low: 0),
      IPv6Address(high: 0, low: 1 << 63), IPv6Address(high: 0, low: 1),
    ] {
      #expect(try !filter.passes(solicitation(probeFor: watched, source: source)))
    }
    #expect(try !filter.passes(advertisement(of: watched, from: Self.own)))
    let claim = try advertisement(of: watched)
    for offset in [12, 13, 20, 21, 54] {
      var frame = claim
      frame[offset] ^= 0x40
      #expect(try !filter.passes(frame))
    }
    for length in 1..<78 { #expect(try !filter.passes(Array(claim.prefix(length)))) }
  }

  @Test("Without a list every claim passes, but nothing of this host's own")
  func everything() throws {
    let arp = try FilterPair(ClaimFilter.arp(nil, own: Self.own))
    let neighbour = try FilterPair(ClaimFilter.neighbour(nil, own: Self.own))
    #expect(try arp.passes(frame(.probe(for: Self.ipv4(9), from: Self.other))))
    #expect(try !arp.passes(frame(.probe(for: Self.ipv4(9), from: Self.own))))
    #expect(try neighbour.passes(advertisement(of: Self.ipv6(9))))
    #expect(try !neighbour.passes(advertisement(of: Self.ipv6(9), from: Self.own)))
    let nothing = try FilterPair(ClaimFilter.nothing)
    #expect(try !nothing.passes(advertisement(of: Self.ipv6(9))))
  }

  @Test("Programs for a thousand addresses in one network fit into the kernel's limit")
  func size() {
    let ipv4 = (1...1000).map(Self.ipv4)
    let ipv6 = (1...1000).map(Self.ipv6)
    #expect(ClaimFilter.arp(ipv4, own: Self.own).count < FilterInstruction.maxCount)
    #expect(ClaimFilter.neighbour(ipv6, own: Self.own).count < FilterInstruction.maxCount)
  }

  // MARK: - Frames

  private func claims(to address: IPv4Address) -> [ARPPacket] {
    let peer = IPv4Address(10, 99, 0, 1)
    return [
      .gratuitousRequest(for: address, from: Self.other),
      .gratuitousReply(for: address, from: Self.other),
      .probe(for: address, from: Self.other),
      ARPPacket(
        operation: .request, senderHardwareAddress: Self.other, senderAddress: address,
        targetHardwareAddress: .zero, targetAddress: peer),
      ARPPacket(
        operation: .reply, senderHardwareAddress: Self.other, senderAddress: address,
        targetHardwareAddress: Self.own, targetAddress: peer),
    ]
  }

  private func frame(_ packet: ARPPacket) throws -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: ARPPacket.frameLength)
    var span = buffer.mutableSpan
    _ = try packet.encodeFrame(into: &span)
    return buffer
  }

  private func advertisement(
    of address: IPv6Address, from hardwareAddress: MACAddress = other
  ) throws -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: NeighbourAdvertisement.frameLength)
    var span = buffer.mutableSpan
    let advertisement = NeighbourAdvertisement(unsolicitedFor: address, from: hardwareAddress)
    _ = try advertisement.encodeFrame(into: &span)
    return buffer
  }

  private func solicitation(
    probeFor address: IPv6Address, source: IPv6Address = IPv6Address(high: 0, low: 0)
  ) throws -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: NeighbourSolicitation.probeFrameLength)
    var span = buffer.mutableSpan
    var solicitation = NeighbourSolicitation(probeFor: address, from: Self.other)
    solicitation.source = source
    _ = try solicitation.encodeFrame(into: &span)
    return buffer
  }
}

/// Two ends of a local datagram connection, one of them behind a program.
private final class FilterPair {
  let sender: Int32
  let receiver: Int32

  init(_ program: [FilterInstruction]) throws {
    var ends: [Int32] = [0, 0]
    let type = Int32(SOCK_DGRAM.rawValue) | Kernel.closeOnExecNonBlocking
    let made = unsafe socketpair(AF_UNIX, type, 0, &ends)
    try #require(made == 0)
    sender = ends[0]
    receiver = ends[1]
    try PacketSocket.attach(program, to: receiver, of: "a pair")
  }

  deinit {
    close(sender)
    close(receiver)
  }

  /// Whether the program lets a frame through.
  func passes(_ frame: [UInt8]) throws -> Bool {
    var received = [UInt8](repeating: 0, count: 300)
    let sent = unsafe send(sender, frame, frame.count, 0)
    // A local socket reports a frame that the filter of the other end has dropped.
    try #require(sent == frame.count || (sent < 0 && errno == EPERM))
    return unsafe recv(receiver, &received, received.count, 0) == frame.count
  }
}
