import Addresses
import ChannelMessages
import Testing

private let node = Endpoint(address: .v4(IPv4Address(10, 77, 0, 2)), port: 6379)
private let key = ChannelKey(fileContent: Array("0123456789abcdef0123456789abcdef".utf8))

private func part(_ number: Int, of count: Int, _ octets: [UInt8]) -> ChannelMessage.Body {
  .facts(
    HostFactsPart(
      node: node, asker: 0xc0ffee, nonce: 0xfeed, number: number, count: count, octets: octets))
}

private let examples: [ChannelMessage.Body] = [
  .factsWanted(HostFactsQuestion(node: node, nonce: 0xfeed)), part(2, of: 3, Array("{\"a\"".utf8)),
]

private func decode(_ text: String) throws(ChannelMessageError) -> ChannelMessage.Body {
  try ChannelMessage(decoding: Array(text.utf8), masterName: "m", key: nil).body
}

private func encoded(_ body: ChannelMessage.Body) -> String {
  ChannelMessage(sender: 1, sequence: 2, body: body).encoded(masterName: "m", key: nil)
}

@Suite struct HostFactsNewsTests {
  @Test func `A question and a part are a line each`() {
    #expect(
      examples.map(encoded) == [
        "vipd1 facts-wanted id=0000000000000001 seq=2 node=10.77.0.2:6379 nonce=000000000000feed",
        "vipd1 facts id=0000000000000001 seq=2 node=10.77.0.2:6379 for=0000000000c0ffee part=2"
          + " of=3 data=eyJhIg nonce=000000000000feed",
      ])
  }

  @Test(arguments: examples)
  func `They are read again as they were written, and refused where they are cut off`(
    body: ChannelMessage.Body
  ) throws {
    let text = encoded(body)
    #expect(try decode(text) == body)
    for length in 0..<text.utf8.count {
      #expect(throws: ChannelMessageError.self) { try decode(String(text.prefix(length))) }
    }
  }

  @Test func `The longest part fits into a message, with a code and the longest numbers`() throws {
    let body = ChannelMessage.Body.facts(
      HostFactsPart(
        node: Endpoint(address: .v6(IPv6Address(high: .max, low: .max)), port: .max), asker: .max,
        nonce: .max, number: HostFactsPart.maxParts, count: HostFactsPart.maxParts,
        octets: [UInt8](repeating: 0xa5, count: HostFactsPart.longest)))
    let text = ChannelMessage(sender: .max, sequence: .max, body: body).encoded(
      masterName: "m", key: key)
    #expect(text.utf8.count <= ChannelMessage.longest)
    let read = try ChannelMessage(decoding: Array(text.utf8), masterName: "m", key: key)
    #expect(read.body == body)
  }

  @Test(arguments: [1, 2_699, 2_700, 2_701, 5_400, 43_200])
  func `The parts of a document are the document`(length: Int) {
    let document = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let parts = HostFactsPart.parts(of: document, node: node, asker: 1, nonce: 2)
    #expect(parts.map(\.number) == Array(1...parts.count))
    #expect(parts.allSatisfy { $0.count == parts.count && $0.octets.count <= 2_700 })
    #expect(parts.flatMap(\.octets) == document)
  }

  @Test func `What is empty or too long has no parts`() {
    #expect(HostFactsPart.parts(of: [], node: node, asker: 1, nonce: 2).isEmpty)
    let long = [UInt8](repeating: 1, count: 43_201)
    #expect(HostFactsPart.parts(of: long, node: node, asker: 1, nonce: 2).isEmpty)
  }

  @Test(arguments: ["part=0 of=3", "part=4 of=3", "part=1 of=17", "part=1 of=0"])
  func `A part that can't be is refused`(words: String) {
    let text =
      "vipd1 facts id=0000000000000001 seq=2 node=10.77.0.2:6379 for=0000000000c0ffee \(words)"
      + " data=eyJhIg nonce=000000000000feed"
    #expect(throws: ChannelMessageError.self) { try decode(text) }
  }
}
