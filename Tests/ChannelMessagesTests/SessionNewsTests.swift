import Addresses
import ChannelMessages
import Testing

private let node = Endpoint(address: .v4(IPv4Address(10, 77, 0, 1)), port: 6379)
private let ipv4 = IPAddress.v4(IPv4Address(10, 77, 0, 100))
private let ipv6 = IPAddress.v6(IPv6Address(high: 0xfd77 << 48, low: 0x100))

/// As many different clients of an address as are wanted.
private func clients(_ count: Int, of address: IPAddress) -> [PackedEndpoint] {
  (0..<count).map { index in
    address == ipv4
      ? PackedEndpoint(ipv4: 0x0a4d_0100 + UInt32(index), port: UInt16(65_535 - index))
      : PackedEndpoint(high: 0xfd77 << 48, low: UInt64.max - UInt64(index), port: UInt16(index))
  }
}

private func message(_ body: ChannelMessage.Body) -> ChannelMessage {
  ChannelMessage(sender: .max, sequence: .max, body: body)
}

private func decode(_ text: String) throws(ChannelMessageError) -> ChannelMessage.Body {
  try ChannelMessage(decoding: Array(text.utf8), masterName: "m", key: nil).body
}

private let examples: [ChannelMessage.Body] = [
  .sessions(
    SessionNews(
      node: node, table: 0xc0ffee, step: 1, isWhole: false, address: ipv4,
      added: clients(3, of: ipv4))),
  .sessions(
    SessionNews(
      node: node, table: 1, step: 2, address: ipv6, added: clients(2, of: ipv6),
      removed: clients(1, of: ipv6))),
  .sessions(SessionNews(node: node, table: .max, step: .max)),
  .sessionsWanted(from: node),
]

@Suite struct SessionNewsTests {
  @Test func `News of sessions are a line`() {
    #expect(
      examples.map { message($0).encoded(masterName: "m", key: nil) } == [
        "vipd1 sessions id=ffffffffffffffff seq=18446744073709551615 node=10.77.0.1:6379"
          + " table=0000000000c0ffee step=1 vip=10.77.0.100 add=Ck0BAP//Ck0BAf/+Ck0BAv/9 whole=no",
        "vipd1 sessions id=ffffffffffffffff seq=18446744073709551615 node=10.77.0.1:6379"
          + " table=0000000000000001 step=2 vip=fd77::100"
          + " add=/XcAAAAAAAD//////////wAA/XcAAAAAAAD//////////gAB"
          + " drop=/XcAAAAAAAD//////////wAA whole=yes",
        "vipd1 sessions id=ffffffffffffffff seq=18446744073709551615 node=10.77.0.1:6379"
          + " table=ffffffffffffffff step=18446744073709551615 whole=yes",
        "vipd1 sessions-wanted id=ffffffffffffffff seq=18446744073709551615"
          + " node=10.77.0.1:6379 whole=yes",
      ])
  }

  @Test(arguments: examples)
  func `News are read again as they were written`(body: ChannelMessage.Body) throws {
    #expect(try decode(message(body).encoded(masterName: "m", key: nil)) == body)
  }

  @Test(arguments: examples)
  func `News that are cut off anywhere are refused`(body: ChannelMessage.Body) {
    let text = message(body).encoded(masterName: "m", key: nil)
    for length in 0..<text.utf8.count {
      #expect(throws: ChannelMessageError.self) { try decode(String(text.prefix(length))) }
    }
  }

  @Test(arguments: [ipv4, ipv6])
  func `As many clients as the capacity says fit the longest message`(
    address: IPAddress
  ) throws {
    let key = try #require(ChannelKey(fileContent: Array(repeating: 0x61, count: 32)))
    let greatest = try #require(Endpoint("[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535"))
    let all = clients(SessionNews.capacity(of: address), of: address)
    for count in [0, 1, all.count / 2, all.count] {
      let body = ChannelMessage.Body.sessions(
        SessionNews(
          node: greatest, table: .max, step: .max, isWhole: true, address: address,
          added: Array(all[..<count]), removed: Array(all[count...])))
      let text = message(body).encoded(masterName: "m", key: key)
      #expect(text.utf8.count <= ChannelMessage.longest)
      #expect(try decode(text) == body)
    }
  }

  @Test(arguments: [
    // The text ends within a client, or within an octet.
    "vip=10.77.0.100 add=Ck0BAP8", "vip=10.77.0.100 add=Ck0BAP//C",
    // An octet's worth of bits too many.
    "vip=10.77.0.100 add=Ck0BAP//AA",
    // Bits that stand for nothing are not 0.
    "vip=fd77::100 add=/XcAAAAAAAD//////////wAAB",
    // No digits.
    "vip=10.77.0.100 add=Ck0BAP/=", "vip=10.77.0.100 drop=Ck0BAP-_",
    // Clients of the other version.
    "vip=fd77::100 add=Ck0BAP//",
    // No address.
    "vip=here", "vip=",
  ])
  func `Nonsense in place of clients is refused`(fields: String) {
    let text =
      "vipd1 sessions id=0000000000000001 seq=1 node=10.77.0.1:6379 table=0000000000000001"
      + " step=1 \(fields) whole=yes"
    #expect(throws: ChannelMessageError.self) { try decode(text) }
  }

  @Test(arguments: ["step=0", "step=-1", "step=18446744073709551616", "step=1 step=2"])
  func `A step is a number from 1, and stands once`(step: String) {
    let text =
      "vipd1 sessions id=0000000000000001 seq=1 node=10.77.0.1:6379 table=0000000000000001"
      + " \(step) whole=yes"
    #expect(throws: ChannelMessageError.self) { try decode(text) }
  }

  @Test func `Clients without an address are not looked at`() throws {
    let text =
      "vipd1 sessions id=0000000000000001 seq=1 node=10.77.0.1:6379 table=0000000000000001"
      + " step=4 add=!!! whole=yes"
    #expect(try decode(text) == .sessions(SessionNews(node: node, table: 1, step: 4)))
  }
}
