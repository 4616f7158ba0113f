import Addresses
import Glibc
import LinuxNetwork
import Packets
import Testing

@Suite("Tickles", .enabled(if: isRoot, "needs root"))
struct TickleTests {
  struct Case: Sendable, CustomStringConvertible {
    var virtual: String
    var own: String
    var description: String { virtual }

    func service() throws -> Endpoint { Endpoint(address: try address(virtual), port: 6379) }
  }

  static let cases = [
    Case(virtual: "10.77.0.100", own: "10.77.0.1"), Case(virtual: "fd77::100", own: "fd77::1"),
  ]

  @Test("A client whose server vanished is woken by a tickle, and only by one", arguments: cases)
  func wakes(_ test: Case) async throws {
    try await Namespace.withCable { host in
      let service = try test.service()
      let own = try address(test.own)
      try host.assign([service.address, own], to: "left")
      var session = try Connection(from: own, to: service)
      let bystander = try Connection(from: own, to: Endpoint(address: own, port: 6380))
      let client = try session.clientEnd()
      try session.loseServer()
      #expect(session.errorOfRead(at: session.client) == EAGAIN)

      var socket = try TickleSocket()
      // The kernel answers a segment that is out of the window once in 500 ms at most
      // (ip-sysctl, tcp_invalid_ratelimit), so that on a slow machine one may stay unanswered.
      var error = ETIMEDOUT
      for _ in 0..<10 where error == ETIMEDOUT {
        try socket.send(
          from: PackedEndpoint(service), to: client, on: try host.link("left").index)
        error = session.errorOfBlockingRead(at: session.client, milliseconds: 1_000)
      }
      #expect(error == ECONNRESET)
      #expect(bystander.errorOfRead(at: bystander.client) == EAGAIN)
    }
  }

  @Test("A tickle does nothing to a session whose server lives", arguments: cases)
  func spares(_ test: Case) async throws {
    try await Namespace.withCable { host in
      let service = try test.service()
      let own = try address(test.own)
      try host.assign([service.address, own], to: "left")
      let session = try Connection(from: own, to: service)
      var socket = try TickleSocket()
      try socket.send(
        from: PackedEndpoint(service), to: session.clientEnd(),
        on: try host.link("left").index)
      try session.talk()
    }
  }

  @Test(
    "A firewall that drops invalid packets lets one variant of four through, or none",
    arguments: cases)
  func firewall(_ test: Case) async throws {
    try await Namespace.withCable { host in
      try host.nft("add table inet t")
      try host.nft("add chain inet t input { type filter hook input priority 0 ; }")
      try host.nft("add rule inet t input ct state invalid counter drop")
      let service = try test.service()
      let own = try address(test.own)
      try host.assign([service.address, own], to: "left")
      let left = try host.link("left").index
      var socket = try TickleSocket()
      // The connection's own numbers are drawn at random, so ask several.
      var dropped = 0
      var woken = 0
      let limit = ContinuousClock.now + .seconds(50)
      for index in 0..<16 {
        let service = Endpoint(address: service.address, port: 7_000 + UInt16(index))
        var session = try Connection(from: own, to: service)
        let client = try session.clientEnd()
        try session.loseServer()
        for variant in TickleSegment.Variant.allCases where !session.isReset {
          try socket.send(from: PackedEndpoint(service), to: client, variant, on: left)
          // The kernel gets to it later on a busy machine.
          while !session.isReset, try host.droppedPackets() == dropped {
            try #require(ContinuousClock.now < limit)
          }
          dropped += session.isReset ? 0 : 1
        }
        woken += session.isReset ? 1 : 0
      }
      #expect(try host.droppedPackets() == dropped)
      // Older kernels call every number outside of the window invalid.
      #expect(woken == 16 ? dropped <= 48 : woken == 0 && dropped == 64)
    }
  }

  @Test("The rule of the manual lets every tickle through such a firewall", arguments: cases)
  func exception(_ test: Case) async throws {
    try await Namespace.withCable { host in
      try host.nft("add table inet t")
      try host.nft("add chain inet t input { type filter hook input priority 0 ; }")
      try host.nft(
        "add rule inet t input tcp sport 7000-7003 tcp flags == ack tcp window 1234 accept")
      try host.nft("add rule inet t input ct state invalid drop")
      let (virtual, own) = (try address(test.virtual), try address(test.own))
      try host.assign([virtual, own], to: "left")
      let index = try host.link("left").index
      var socket = try TickleSocket()
      for (number, variant) in TickleSegment.Variant.allCases.enumerated() {
        let service = Endpoint(address: virtual, port: 7_000 + UInt16(number))
        var session = try Connection(from: own, to: service)
        let client = try session.clientEnd()
        try session.loseServer()
        try socket.send(from: PackedEndpoint(service), to: client, variant, on: index)
        #expect(session.errorOfBlockingRead(at: session.client) == ECONNRESET, "\(variant)")
      }
    }
  }

  @Test("Two ends of two versions are refused")
  func mixed() async throws {
    try await Namespace.withCable { host in
      var socket = try TickleSocket()
      let index = try host.link("left").index
      let (ipv4, ipv6) = (try #require(Endpoint("10.77.0.1:1")), try #require(Endpoint("[::1]:1")))
      let error = #expect(throws: SystemCallError.self) {
        try socket.send(from: PackedEndpoint(ipv4), to: PackedEndpoint(ipv6), on: index)
      }
      #expect(error?.errno == Errno(rawValue: EINVAL))
    }
  }
}

extension Namespace {
  /// What the rule with a counter has dropped.
  fileprivate func droppedPackets() throws -> Int {
    let words = try nftOutput("list chain inet t input").split(separator: " ")
    let place = try #require(words.firstIndex(of: "packets"))
    return try #require(Int(words[place + 1]))
  }
}
