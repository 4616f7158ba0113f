import Testing

@testable import Lab

@Suite("What the watchers read")
struct WatchTests {
  private let stamp = Stamp(nanoseconds: 7)

  @Test func `A new IPv4 address with a lifetime is read from netlink`() {
    // Captured from a kernel 6.18: ip addr add 10.77.0.100/32 dev eth0 valid_lft 3 preferred_lft 3
    let message: [UInt8] =
      [72, 0, 0, 0, 20, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0]  // nlmsghdr: RTM_NEWADDR
      + [2, 32, 0, 0, 2, 0, 0, 0]  // ifaddrmsg: AF_INET, /32, index 2
      + [8, 0, 1, 0, 10, 77, 0, 100]  // IFA_ADDRESS
      + [8, 0, 2, 0, 10, 77, 0, 100]  // IFA_LOCAL
      + [9, 0, 3, 0, 101, 116, 104, 48, 0, 0, 0, 0]  // IFA_LABEL eth0, padded
      + [20, 0, 6, 0, 3, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]  // IFA_CACHEINFO
    #expect(
      AddressWatch.changes(in: message, at: stamp) == [
        AddressChange(
          stamp: stamp, host: 0, address: "10.77.0.100", isPresent: true, lifetimeSeconds: 3,
          prefixLength: 32)
      ])
  }

  @Test func `A message that ends early is not read`() {
    #expect(AddressWatch.changes(in: [72, 0, 0, 0, 20, 0], at: stamp).isEmpty)
    let short: [UInt8] = [72, 0, 0, 0, 20, 0, 0, 0] + [UInt8](repeating: 0, count: 20)
    #expect(AddressWatch.changes(in: short, at: stamp).isEmpty)
  }

  @Test func `A gratuitous ARP is an announcement and a question isn't`() {
    let sender: [UInt8] = [10, 77, 0, 100]
    func frame(target: [UInt8]) -> [UInt8] {
      [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x08, 0x06]  // Ethernet
        + [0, 1, 8, 0, 6, 4, 0, 2]  // hardware, protocol, lengths, operation: reply
        + [2, 0, 0, 0, 0, 1] + sender + [2, 0, 0, 0, 0, 1] + target
    }
    #expect(
      AnnouncementWatch.announcement(in: frame(target: sender), at: stamp)
        == Announcement(
          stamp: stamp, kind: "arp-reply", address: "10.77.0.100",
          hardwareAddress: "02:00:00:00:00:01"))
    #expect(
      AnnouncementWatch.announcement(in: frame(target: [10, 77, 0, 1]), at: stamp) == nil)
  }

  @Test func `Lines of the client's program read back as what was written`() {
    let attempt = ProbeAttempt(start: stamp, end: stamp, outcome: "ok", host: 2)
    #expect(ProbeAttempt(line: attempt.line[...]) == attempt)
    #expect(ProbeAttempt(line: "ready") == nil)
    let change = AddressChange(
      stamp: stamp, host: 3, address: "fd77::100", isPresent: false, lifetimeSeconds: nil)
    #expect(AddressChange(line: change.line[...], host: 3) == change)
    #expect(AddressChange(line: "7 ready - -", host: 3) == nil)
  }

  @Test func `A reply is read at every split point`() throws {
    let text = Array("*3\r\n$3\r\nabc\r\n:42\r\n*1\r\n+OK\r\n".utf8)
    for split in 0...text.count {
      var reader = ReplyReader()
      reader.append(Array(text[..<split]))
      if split < text.count { #expect(try reader.next() == nil) }
      reader.append(Array(text[split...]))
      #expect(
        try reader.next()
          == .array([.bulk("abc"), .integer(42), .array([.status("OK")])]))
    }
  }
}
