import Glibc

/// Watches the wire for gratuitous ARP and unsolicited neighbour advertisements; packet(7).
public struct AnnouncementWatch: ~Copyable {
  private let socket: FileDescriptor

  /// Opens a socket that sees every frame.
  public init() throws(LabError) {
    let type = Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue)
    // ETH_P_ALL (3) of linux/if_ether.h, in network byte order.
    socket = FileDescriptor(Glibc.socket(AF_PACKET, type, Int32(UInt16(3).bigEndian)))
    if socket.number < 0 { throw systemCallError("socket", "AF_PACKET") }
  }

  /// Prints each announcement, for ever.
  public func run() throws(LabError) {
    beUrgent()
    printLine("ready")
    while true {
      let frame = try socket.read("the packet socket")
      let stamp = Stamp.now()
      if let announcement = AnnouncementWatch.announcement(in: frame, at: stamp) {
        printLine(announcement.line)
      }
    }
  }

  /// The announcement in a frame, if it is one.
  static func announcement(in frame: [UInt8], at stamp: Stamp) -> Announcement? {
    guard frame.count >= 42 else { return nil }
    switch (frame[12], frame[13]) {
    case (0x08, 0x06): return addressResolution(frame, stamp)
    case (0x86, 0xdd): return neighbourAdvertisement(frame, stamp)
    default: return nil
    }
  }

  /// RFC 826: sender and target protocol address are the same; RFC 5227 §3.
  private static func addressResolution(_ frame: [UInt8], _ stamp: Stamp) -> Announcement? {
    guard frame[28..<32] == frame[38..<42] else { return nil }
    return Announcement(
      stamp: stamp, kind: frame[21] == 1 ? "arp-request" : "arp-reply",
      address: text(Array(frame[28..<32])), hardwareAddress: hardware(frame[22..<28]))
  }

  /// RFC 4861 §4.4: ICMPv6 type 136 without the Solicited flag; the option holds the MAC.
  private static func neighbourAdvertisement(_ frame: [UInt8], _ stamp: Stamp) -> Announcement? {
    guard frame.count >= 78, frame[20] == 58, frame[54] == 136, frame[58] & 0x40 == 0 else {
      return nil
    }
    let hasOption = frame.count >= 86 && frame[78] == 2
    return Announcement(
      stamp: stamp, kind: "na", address: text(Array(frame[62..<78])),
      hardwareAddress: hardware(hasOption ? frame[80..<86] : frame[6..<12]))
  }

  private static func hardware(_ bytes: ArraySlice<UInt8>) -> String {
    bytes.map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined(separator: ":")
  }
}
