import Addresses
import ChannelMessages
import FailoverCore
import FuzzKit
import Testing

private let node = Endpoint(address: .v4(IPv4Address(10, 77, 0, 1)), port: 6379)
private let other = Endpoint("[fd77::2]:6380") ?? node
private let examples: [ChannelMessage] = [
  ChannelMessage(
    sender: 0xc0ffee, sequence: 1,
    body: .state(
      NodeState(
        node: node, isHolding: true, leaseRemaining: .milliseconds(2140), fence: .armed,
        version: "0.1.0-rc.1", isPaused: true, configEpoch: 12))),
  ChannelMessage(
    sender: .max, sequence: .max,
    body: .state(NodeState(node: nil, isHolding: false, version: "1"))),
  ChannelMessage(
    sender: 0, sequence: 7,
    body: .notice(.yielded(from: node, target: other, epoch: 3, nonce: 0xfeed))),
  ChannelMessage(
    sender: 1, sequence: 8, body: .notice(.selected(from: other, epoch: .max, nonce: .max))),
  ChannelMessage(
    sender: 2, sequence: 9,
    body: .notice(
      .moveOffered(
        MoveOffer(
          from: node, target: other, id: 0xabc, round: 12, through: "c0ffee", prefers: true,
          armed: FenceSetting(minReplicas: 2, maxLagSeconds: 1))))),
  ChannelMessage(
    sender: 2, sequence: 10,
    body: .notice(
      .moveOffered(
        MoveOffer(
          from: node, target: other, id: .max, round: .max, through: "", prefers: false,
          armed: FenceSetting(minReplicas: 0, maxLagSeconds: 0))))),
  ChannelMessage(
    sender: 2, sequence: 11,
    body: .notice(.moveAnswered(from: other, id: 1, round: 12, refusal: nil))),
  ChannelMessage(
    sender: 2, sequence: 12,
    body: .notice(.moveAnswered(from: other, id: 1, round: 12, refusal: .configRefused))),
  ChannelMessage(sender: 2, sequence: 13, body: .notice(.moveEnded(from: node, id: 1))),
  ChannelMessage(sender: 2, sequence: 14, body: .notice(.moveArrived(from: other, id: 1))),
  ChannelMessage(sender: 2, sequence: 7, body: .notice(.replicaStops(other))),
  ChannelMessage(
    sender: 2, sequence: 8, body: .notice(.replicaDismissed(other, from: node))),
  ChannelMessage(
    sender: 2, sequence: 9, body: .notice(.replicaAwaited(other, from: node))),
  ChannelMessage(
    sender: 2, sequence: 15,
    body: .move(
      ForwardedMove(
        id: 0xab, driver: 0xcd, from: node, target: other, timeout: .seconds(60),
        acceptsLoss: true, heard: 3))),
  ChannelMessage(
    sender: 2, sequence: 16,
    body: .move(
      ForwardedMove(
        id: .max, driver: 0, from: nil, target: nil, timeout: .milliseconds(1), isDryRun: true,
        isCancelled: true))),
  ChannelMessage(
    sender: 3, sequence: 17,
    body: .moveLine(
      ForwardedLine(id: 0xab, asker: 2, number: 4, isLast: true, text: "{\"é\": \"100 %\"}\n"))),
  ChannelMessage(
    sender: 3, sequence: 2,
    body: .state(NodeState(node: node, isHolding: false, version: "1", areLinksUp: true))),
  ChannelMessage(
    sender: 3, sequence: 3,
    body: .state(NodeState(node: node, isHolding: false, version: "1", areLinksUp: false))),
  ChannelMessage(
    sender: 3, sequence: 4,
    body: .state(
      NodeState(node: node, isHolding: false, version: "1", rules: "vip:1f3c,blind:02aa"))),
  ChannelMessage(sender: 3, sequence: 5, body: .sentinelForgotten(runID: "f00dcafe")),
  ChannelMessage(sender: 3, sequence: 6, body: .sentinelForgotten(runID: "")),
]

private func key(_ secret: String = "0123456789abcdef") throws -> ChannelKey {
  try #require(ChannelKey(fileContent: Array(secret.utf8)))
}

private func decode(_ text: String, key: ChannelKey? = nil) throws(ChannelMessageError)
  -> ChannelMessage
{
  try ChannelMessage(decoding: Array(text.utf8), masterName: "m", key: key)
}

@Suite struct ChannelMessageTests {
  @Test func `A message is a line that a person can read`() {
    #expect(ChannelMessage.channel(masterName: "mymaster") == "__vipd__:mymaster")
    #expect(
      examples.map { $0.encoded(masterName: "m", key: nil) } == [
        "vipd1 state id=0000000000c0ffee seq=1 node=10.77.0.1:6379 holds=yes lease=2140"
          + " fence=armed version=0.1.0-rc.1 epoch=12 paused=yes",
        "vipd1 state id=ffffffffffffffff seq=18446744073709551615 holds=no fence=off version=1"
          + " epoch=0 paused=no",
        "vipd1 yielded id=0000000000000000 seq=7 node=10.77.0.1:6379 target=[fd77::2]:6380"
          + " epoch=3 nonce=000000000000feed",
        "vipd1 selected id=0000000000000001 seq=8 node=[fd77::2]:6380"
          + " epoch=18446744073709551615 nonce=ffffffffffffffff",
        "vipd1 move-offered id=0000000000000002 seq=9 node=10.77.0.1:6379 target=[fd77::2]:6380"
          + " round=12 through=c0ffee prefers=yes armed=2 lag=1 move=0000000000000abc",
        "vipd1 move-offered id=0000000000000002 seq=10 node=10.77.0.1:6379 target=[fd77::2]:6380"
          + " round=18446744073709551615 through= prefers=no armed=0 lag=0 move=ffffffffffffffff",
        "vipd1 move-answered id=0000000000000002 seq=11 node=[fd77::2]:6380 round=12 answer=ready"
          + " move=0000000000000001",
        "vipd1 move-answered id=0000000000000002 seq=12 node=[fd77::2]:6380 round=12"
          + " answer=config-refused move=0000000000000001",
        "vipd1 move-ended id=0000000000000002 seq=13 node=10.77.0.1:6379 move=0000000000000001",
        "vipd1 move-arrived id=0000000000000002 seq=14 node=[fd77::2]:6380 move=0000000000000001",
        "vipd1 replica-stops id=0000000000000002 seq=7 replica=[fd77::2]:6380 whole=yes",
        "vipd1 replica-dismissed id=0000000000000002 seq=8 replica=[fd77::2]:6380"
          + " node=10.77.0.1:6379 whole=yes",
        "vipd1 replica-awaited id=0000000000000002 seq=9 replica=[fd77::2]:6380"
          + " node=10.77.0.1:6379 whole=yes",
        "vipd1 move id=0000000000000002 seq=15 move=00000000000000ab for=00000000000000cd"
          + " node=10.77.0.1:6379 target=[fd77::2]:6380 timeout=60000 loss=yes dry=no heard=3"
          + " cancel=no",
        "vipd1 move id=0000000000000002 seq=16 move=ffffffffffffffff for=0000000000000000"
          + " timeout=1 loss=no dry=yes heard=0 cancel=yes",
        "vipd1 move-line id=0000000000000003 seq=17 move=00000000000000ab for=0000000000000002"
          + #" line=4 text={"%c3%a9":%20"100%20%25"}%0a last=yes"#,
        "vipd1 state id=0000000000000003 seq=2 node=10.77.0.1:6379 holds=no fence=off version=1"
          + " epoch=0 links=up paused=no",
        "vipd1 state id=0000000000000003 seq=3 node=10.77.0.1:6379 holds=no fence=off version=1"
          + " epoch=0 links=down paused=no",
        "vipd1 state id=0000000000000003 seq=4 node=10.77.0.1:6379 holds=no fence=off version=1"
          + " epoch=0 rules=vip:1f3c,blind:02aa paused=no",
        "vipd1 sentinel-forgotten id=0000000000000003 seq=5 run-id=f00dcafe whole=yes",
        "vipd1 sentinel-forgotten id=0000000000000003 seq=6 run-id=- whole=yes",
      ])
  }

  @Test(arguments: examples)
  func `What is written is read again`(message: ChannelMessage) throws {
    #expect(try decode(message.encoded(masterName: "m", key: nil)) == message)
    let key = try key()
    let text = message.encoded(masterName: "m", key: key)
    #expect(try decode(text, key: key) == message)
    #expect(try decode(text) == message)
    #expect(text.utf8.count <= ChannelMessage.longest)
  }

  @Test(arguments: examples)
  func `A message that is cut off anywhere is refused`(message: ChannelMessage) throws {
    let key = try key()
    let plain = message.encoded(masterName: "m", key: nil)
    for length in 0..<plain.utf8.count {
      #expect(throws: ChannelMessageError.self) { try decode(String(plain.prefix(length))) }
    }
    let signed = message.encoded(masterName: "m", key: key)
    for length in 0..<signed.utf8.count {
      #expect(throws: ChannelMessageError.unauthenticated) {
        try decode(String(signed.prefix(length)), key: key)
      }
    }
  }

  @Test func `A message with one bit changed isn't believed`() throws {
    let key = try key()
    let text = Array(examples[2].encoded(masterName: "m", key: key).utf8)
    for bit in 0..<text.count * 8 {
      var forged = text
      forged[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(throws: ChannelMessageError.self) {
        try ChannelMessage(decoding: forged, masterName: "m", key: key)
      }
    }
  }

  @Test func `Another key, another group and no code are told apart`() throws {
    let text = examples[0].encoded(masterName: "m", key: try key())
    #expect(throws: ChannelMessageError.forged) {
      try decode(text, key: try key("another key, as long"))
    }
    #expect(throws: ChannelMessageError.forged) {
      try ChannelMessage(decoding: Array(text.utf8), masterName: "n", key: try key())
    }
    let plain = examples[0].encoded(masterName: "m", key: nil)
    #expect(throws: ChannelMessageError.unauthenticated) { try decode(plain, key: try key()) }
    #expect(throws: ChannelMessageError.unauthenticated) {
      try decode(text + " x=1", key: try key())
    }
  }

  @Test func `Fields may stand in any order, and unknown ones are skipped`() throws {
    let message = try decode(
      "vipd1 selected nonce=ffffffffffffffff sessions=7 node=[fd77::2]:6380 seq=8 x="
        + " epoch=18446744073709551615 id=0000000000000001")
    #expect(message == examples[3])
  }

  @Test func `What a later daemon says of its interfaces is no word of them`() throws {
    let texts = examples.map { $0.encoded(masterName: "m", key: nil) }
    let text = try #require(texts.first { $0.contains("links=down") })
    guard case .state(let state) = try decode(text.replacing("links=down", with: "links=half")).body
    else { throw ChannelMessageError.notAMessage }
    #expect(state.areLinksUp == nil)
  }

  @Test func `A version that is no word is written as one`() throws {
    let message = ChannelMessage(
      sender: 1, sequence: 1,
      body: .state(
        NodeState(
          node: nil, isHolding: false, version: "1 holds=yes\n" + String(repeating: "é", count: 99))
      ))
    let read = try decode(message.encoded(masterName: "m", key: nil))
    guard case .state(let state) = read.body else {
      Issue.record("not a state")
      return
    }
    #expect(!state.isHolding)
    #expect(state.version == "1_holds_yes_" + String(repeating: "_", count: 52))
  }

  @Test(arguments: [
    ("", ChannelMessageError.notAMessage),
    ("hello", .notAMessage),
    ("vipd", .notAMessage),
    ("vipd1", .notAMessage),
    ("vipdx state", .notAMessage),
    ("vipd1 state\u{7}", .notAMessage),
    ("vipd1 stat\u{e9}", .notAMessage),
    ("vipd2 state", .unsupportedVersion),
    ("vipd01 state", .unsupportedVersion),
    ("vipd1 dance id=0000000000000001 seq=1", .unknownKind("dance")),
    ("vipd1 selected  seq=1", .malformed("")),
    ("vipd1 selected =1", .malformed("=1")),
    ("vipd1 selected seq", .malformed("seq")),
    ("vipd1 selected seq=1 seq=1", .repeated("seq")),
    ("vipd1 selected seq=1", .missing("node")),
    ("vipd1 selected node=10.0.0.1 epoch=1", .malformed("node")),
    ("vipd1 selected node=10.0.0.1:1 epoch=+1", .malformed("epoch")),
    ("vipd1 selected node=10.0.0.1:1 epoch=18446744073709551616", .malformed("epoch")),
    ("vipd1 selected node=10.0.0.1:1 epoch=1 nonce=1", .malformed("nonce")),
    ("vipd1 selected node=10.0.0.1:1 epoch=1 nonce=000000000000000A", .malformed("nonce")),
    ("vipd1 selected node=10.0.0.1:1 epoch=1 nonce=0000000000000001", .missing("id")),
    (
      "vipd1 selected node=10.0.0.1:1 epoch=1 nonce=0000000000000001 id=0000000000000001 seq=0",
      .malformed("seq")
    ),
    ("vipd1 state version=a/b", .malformed("version")),
    ("vipd1 state version=1 fence=high", .malformed("fence")),
    ("vipd1 state version=1 fence=off holds=perhaps", .malformed("holds")),
    ("vipd1 move timeout=0", .malformed("timeout")),
    ("vipd1 move timeout=3600001", .malformed("timeout")),
    (
      "vipd1 move timeout=1 move=0000000000000001 for=0000000000000001 loss=no dry=no"
        + " heard=2147483648", .malformed("heard")
    ),
    (
      "vipd1 move-line move=0000000000000001 for=0000000000000001 text= line=2147483648",
      .malformed("line")
    ),
    ("vipd1 move-line text=%2", .malformed("text")),
    ("vipd1 move-line text=%zz", .malformed("text")),
    ("vipd1 move-line text=%ff", .malformed("text")),
  ])
  func `What is no message is refused with its reason`(text: String, reason: ChannelMessageError) {
    #expect(throws: reason) { try decode(text) }
  }

  @Test func `A message that is too long is refused before it is read`() {
    #expect(throws: ChannelMessageError.tooLong(4097)) {
      try decode(String(repeating: "x", count: 4097))
    }
  }

  @Test func `The longest line of a move is no longer than a message may be`() throws {
    let line = ForwardedLine(
      id: .max, asker: .max, number: Int(Int32.max), isLast: false,
      text: String(repeating: " ", count: ForwardedLine.maxText / 3))
    let message = ChannelMessage(sender: .max, sequence: .max, body: .moveLine(line))
    let text = message.encoded(masterName: "m", key: try key())
    #expect(text.utf8.count <= ChannelMessage.longest)
    #expect(try decode(text) == message)
  }

  @Test func `A lease of absurd length overflows nothing`() throws {
    let message = try decode(
      "vipd1 state id=0000000000000001 seq=1 holds=yes lease=18446744073709551615 fence=off"
        + " version=1 epoch=0 paused=no")
    guard case .state(let state) = message.body else {
      Issue.record("not a state")
      return
    }
    #expect(state.leaseRemaining == .seconds(86_400))
  }

  @Test(arguments: 0..<200 as Range<UInt64>)
  func `No bytes trap, and nothing but a message is read`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let key = try key()
    for _ in 0..<20 {
      var text = Array(examples[Int(seed) % examples.count].encoded(masterName: "m", key: nil).utf8)
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let index = Int.random(in: 0..<text.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: text[index] = UInt8.random(in: .min ... .max, using: &random)
        case 1: text.insert(UInt8.random(in: 0x20...0x7e, using: &random), at: index)
        case 2: text.removeSubrange(index...min(index + 3, text.count - 1))
        default: text.append(contentsOf: text[index...].prefix(40))
        }
        if text.isEmpty { text = [0x20] }
      }
      if let message = try? ChannelMessage(decoding: text, masterName: "m", key: nil) {
        #expect(try decode(message.encoded(masterName: "m", key: nil)) == message)
      }
      #expect(throws: ChannelMessageError.self) {
        try ChannelMessage(decoding: text, masterName: "m", key: key)
      }
    }
  }
}
