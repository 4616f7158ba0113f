import Addresses
import ChannelMessages
import Testing

private let node = Endpoint(address: .v4(IPv4Address(10, 77, 0, 2)), port: 6379)
private let caller = Endpoint(
  address: .v6(IPv6Address(high: 0xfd77 << 48, low: 3)), port: 6380)
private let ipv4 = IPAddress.v4(IPv4Address(10, 77, 0, 100))
private let ipv6 = IPAddress.v6(IPv6Address(high: 0xfd77 << 48, low: 0x100))
private let longest = IPAddress.v6(IPv6Address(high: .max, low: .max))

private let examples: [ChannelMessage.Body] = [
  .check(AddressCheck(node: node, nonce: 0xfeed)),
  .checked(
    AddressCheckAnswer(
      node: caller, asker: 0xc0ffee, nonce: 0xfeed, reached: 2,
      claimants: [.init(address: ipv4, macAddress: MACAddress(rawValue: 0x0200_0a4d_0002))],
      after: .microseconds(1_480), held: .milliseconds(49))),
  .checked(
    AddressCheckAnswer(
      node: node, asker: .max, nonce: .max, reached: 0,
      missed: [
        .init(address: ipv4, reason: .replica), .init(address: ipv6, reason: .silent),
      ],
      claimants: [
        .init(address: ipv4, macAddress: .zero), .init(address: ipv6, macAddress: .broadcast),
      ], after: .seconds(3), held: .zero)),
]

private func message(_ body: ChannelMessage.Body) -> ChannelMessage {
  ChannelMessage(sender: 1, sequence: 2, body: body)
}

private func decode(_ text: String) throws(ChannelMessageError) -> ChannelMessage.Body {
  try ChannelMessage(decoding: Array(text.utf8), masterName: "m", key: nil).body
}

@Suite struct AddressCheckTests {
  @Test func `A question and its answers are a line each`() {
    #expect(
      examples.map { message($0).encoded(masterName: "m", key: nil) } == [
        "vipd1 check id=0000000000000001 seq=2 node=10.77.0.2:6379 nonce=000000000000feed",
        "vipd1 checked id=0000000000000001 seq=2 node=[fd77::3]:6380 for=0000000000c0ffee"
          + " reached=2 macs=10.77.0.100/02:00:0a:4d:00:02 afterUs=1480 heldUs=49000"
          + " nonce=000000000000feed",
        "vipd1 checked id=0000000000000001 seq=2 node=10.77.0.2:6379 for=ffffffffffffffff"
          + " reached=0 missed=10.77.0.100/replica,fd77::100/silent"
          + " macs=10.77.0.100/00:00:00:00:00:00,fd77::100/ff:ff:ff:ff:ff:ff"
          + " afterUs=3000000 heldUs=0 nonce=ffffffffffffffff",
      ])
  }

  @Test(arguments: examples)
  func `They are read again as they were written`(body: ChannelMessage.Body) throws {
    #expect(try decode(message(body).encoded(masterName: "m", key: nil)) == body)
  }

  @Test(arguments: examples)
  func `What is cut off anywhere is refused`(body: ChannelMessage.Body) {
    let text = message(body).encoded(masterName: "m", key: nil)
    for length in 0..<text.utf8.count {
      #expect(throws: ChannelMessageError.self) { try decode(String(text.prefix(length))) }
    }
  }

  @Test func `The longest answer fits a message, and more than it tells is left out`() throws {
    let key = try #require(ChannelKey(fileContent: Array(repeating: 0x61, count: 32)))
    let greatest = Endpoint(address: longest, port: .max)
    func body(_ count: Int) -> ChannelMessage.Body {
      .checked(
        AddressCheckAnswer(
          node: greatest, asker: .max, nonce: .max, reached: Int(Int32.max),
          missed: Array(repeating: .init(address: longest, reason: .occupied), count: count),
          claimants: Array(
            repeating: .init(address: longest, macAddress: .broadcast), count: count),
          after: .seconds(60), held: .seconds(60)))
    }
    let text = ChannelMessage(sender: .max, sequence: .max, body: body(100))
      .encoded(masterName: "m", key: key)
    #expect(text.utf8.count <= ChannelMessage.longest)
    #expect(try decode(text) == body(AddressCheckAnswer.maxParts))
  }

  @Test func `Times are told and believed between nothing and a minute`() throws {
    let answer = AddressCheckAnswer(
      node: node, asker: 1, nonce: 1, reached: 0, after: .seconds(-1), held: .seconds(61))
    let text = message(.checked(answer)).encoded(masterName: "m", key: nil)
    #expect(text.contains(" afterUs=0 heldUs=60000000 "))
    let longer = text.replacing("heldUs=60000000", with: "heldUs=18446744073709551615")
    guard case .checked(let read) = try decode(longer) else { return #expect(Bool(false)) }
    #expect(read.held == .seconds(60))
  }

  @Test(arguments: [
    // Lists without an entry, with an empty one, with too many.
    "reached=0 missed=", "reached=0 missed=10.77.0.100/silent,",
    "reached=0 missed=" + Array(repeating: "::1/silent", count: 9).joined(separator: ","),
    // No address, no reason, one that isn't known.
    "reached=0 missed=silent", "reached=0 missed=10.77.0.100", "reached=0 missed=here/silent",
    "reached=0 missed=10.77.0.100/", "reached=0 missed=10.77.0.100/slow",
    // No Ethernet address.
    "reached=0 macs=10.77.0.100/02:00:0a:4d:00", "reached=0 macs=02:00:0a:4d:00:02",
    // No number of addresses.
    "reached=-1", "reached=2147483648", "reached=", "",
  ])
  func `Nonsense in an answer is refused`(fields: String) {
    let text =
      "vipd1 checked id=0000000000000001 seq=1 node=10.77.0.1:6379 for=0000000000000001"
      + " \(fields) afterUs=1 heldUs=1 nonce=0000000000000001"
    #expect(throws: ChannelMessageError.self) { try decode(text) }
  }

  @Test(arguments: ["afterUs=1", "heldUs=1", "afterUs=1 heldUs=-1", "afterUs=1.5 heldUs=1"])
  func `Both times stand in an answer, in whole microseconds`(fields: String) {
    let text =
      "vipd1 checked id=0000000000000001 seq=1 node=10.77.0.1:6379 for=0000000000000001"
      + " reached=1 \(fields) nonce=0000000000000001"
    #expect(throws: ChannelMessageError.self) { try decode(text) }
  }
}
