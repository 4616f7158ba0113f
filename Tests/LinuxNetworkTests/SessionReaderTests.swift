import Addresses
import Glibc
import LinuxNetwork
import Testing

@Suite("Session reader", .enabled(if: isRoot, "needs root"))
struct SessionReaderTests {
  /// Reads to the end, a datagram at a time.
  static func clients(
    _ reader: inout SessionReader, limit: Int = .max
  ) throws -> (clients: [PackedEndpoint], excess: Int, parts: Int) {
    var result = (clients: [PackedEndpoint](), excess: 0, parts: 0)
    while reader.isReading {
      let part = try reader.read(datagrams: 1, into: &result.clients, limit: limit)
      result.excess += part.excess
      result.parts += 1
      let isReading = reader.isReading
      #expect(part.isComplete == !isReading)
    }
    return result
  }

  @Test(
    "The clients of one address and port are read, and of no other",
    arguments: SessionTableTests.cases)
  func clients(of test: SessionTableTests.Case) async throws {
    try await test.onHost { service, own in
      let session = try Connection(from: own, to: service, dualStack: test.isDualStack)
      let otherPort = try Connection(from: own, to: Endpoint(address: service.address, port: 6380))
      let otherAddress = try Connection(from: own, to: Endpoint(address: own, port: 6381))
      var reader = try SessionReader()
      try reader.begin(service)
      #expect(try Self.clients(&reader).clients == [session.clientEnd()])
      try reader.begin(Endpoint(address: own, port: 6379))
      #expect(try Self.clients(&reader).clients == [])
      // A connection that has begun to close is no client's any more.
      shutdown(session.client, Int32(SHUT_WR))
      try reader.begin(service)
      #expect(try Self.clients(&reader).clients == [])
      try otherPort.talk()
      try otherAddress.talk()
    }
  }

  @Test(
    "What this host itself has to say at an address is no client of it",
    arguments: [
      "10.77.0.100", "fd77::100",
    ])
  func ownConnection(text: String) async throws {
    try await Namespace.withCable { host in
      let virtual = try address(text)
      let service = Endpoint(address: virtual, port: 6379)
      try host.assign([virtual], to: "left")
      let session = try Connection(from: virtual, to: service)
      var reader = try SessionReader()
      try reader.begin(service)
      #expect(try Self.clients(&reader).clients == [])
      try session.talk()
    }
  }

  @Test("A long table comes in parts, and what has no room is counted")
  func parts() async throws {
    try await Namespace.withCable { host in
      let (virtual, own) = (try address("10.77.0.100"), try address("10.77.0.1"))
      let service = Endpoint(address: virtual, port: 6379)
      try host.assign([virtual, own], to: "left")
      let crowd = try Crowd(1_000, from: own, to: service)
      var reader = try SessionReader()
      try reader.begin(service)
      let all = try Self.clients(&reader)
      #expect(all.clients.count == 1_000)
      #expect(Set(all.clients) == Set(try crowd.clients()))
      #expect(all.excess == 0)
      #expect(all.parts > 3)

      try reader.begin(service)
      let some = try Self.clients(&reader, limit: 400)
      #expect(some.clients == Array(all.clients.prefix(400)))
      #expect(some.excess == 600)
    }
  }

  @Test("A reading that was given up does not disturb the next one")
  func givenUp() async throws {
    try await Namespace.withCable { host in
      let (virtual, own) = (try address("10.77.0.100"), try address("10.77.0.1"))
      let service = Endpoint(address: virtual, port: 6379)
      try host.assign([virtual, own], to: "left")
      let crowd = try Crowd(1_000, from: own, to: service)
      var reader = try SessionReader()
      try reader.begin(service)
      var part: [PackedEndpoint] = []
      #expect(try !reader.read(datagrams: 1, into: &part, limit: .max).isComplete)
      #expect((1..<1_000).contains(part.count))
      try reader.begin(service)
      #expect(Set(try Self.clients(&reader).clients) == Set(try crowd.clients()))
    }
  }
}

/// Many connections to one address and port.
struct Crowd: ~Copyable {
  private let listener: Int32
  private let ends: [(client: Int32, server: Int32)]

  init(_ count: Int, from source: IPAddress, to service: Endpoint) throws {
    let listener = try Connection.listen(at: service)
    let ends = try (0..<count).map { _ in
      try Connection.connect(from: source, to: service, over: listener)
    }
    self.listener = listener
    self.ends = ends
  }

  /// The clients, as the server sees them.
  func clients() throws -> [PackedEndpoint] {
    try ends.map { try Connection.end(of: $0.client) }
  }

  deinit {
    for end in ends {
      close(end.client)
      close(end.server)
    }
    close(listener)
  }
}
