import Addresses
import Glibc
import LinuxNetwork
import Testing

@Suite("Session table", .enabled(if: isRoot, "needs root"))
struct SessionTableTests {
  struct Case: Sendable, CustomStringConvertible {
    var virtual: String
    var own: String
    var isDualStack = false
    var description: String { isDualStack ? "\(virtual) on a dual-stack socket" : virtual }

    /// Runs a body on a host that has both addresses, with the endpoint of a server at the virtual one.
    func onHost(
      _ body: @Sendable (_ service: Endpoint, _ own: IPAddress) throws -> Void
    ) async throws {
      let (virtual, own) = (try address(virtual), try address(own))
      try await Namespace.withCable { host in
        try host.assign([virtual, own], to: "left")
        try body(Endpoint(address: virtual, port: 6379), own)
      }
    }
  }

  static let cases = [
    Case(virtual: "10.77.0.100", own: "10.77.0.1"),
    Case(virtual: "10.77.0.100", own: "10.77.0.1", isDualStack: true),
    Case(virtual: "fd77::100", own: "fd77::1"),
  ]

  @Test(
    "The sessions of an address are listed and ended, and those of others live", arguments: cases)
  func end(of test: Case) async throws {
    try await Namespace.withCable { host in
      let (virtual, own) = (try address(test.virtual), try address(test.own))
      let (service, other) = (
        Endpoint(address: virtual, port: 6379), Endpoint(address: own, port: 6380)
      )
      try host.assign([virtual, own], to: "left")
      let session = try Connection(from: own, to: service, dualStack: test.isDualStack)
      let bystander = try Connection(from: own, to: other)

      var table = try SessionTable()
      let sessions = try table.establishedSessions(to: virtual)
      #expect(sessions.map(\.local) == [service])
      #expect(sessions.map(\.remote.address) == [own])
      #expect(sessions.map(\.state) == [.established])
      #expect(try table.establishedSessions(to: virtual, port: 6379) == sessions)
      #expect(try table.establishedSessions(to: virtual, port: 6380) == [])

      #expect(try table.endSessions(of: virtual, port: 6380) == .ended(0))
      #expect(session.errorOfRead(at: session.client) == EAGAIN)
      #expect(try table.endSessions(of: virtual) == .ended(1))
      #expect(session.errorOfRead(at: session.client) == ECONNRESET)
      #expect(session.errorOfRead(at: session.server) == ECONNABORTED)
      #expect(bystander.errorOfRead(at: bystander.client) == EAGAIN)
      #expect(try table.endSessions(of: virtual) == .ended(0))
    }
  }

  @Test("What a closed connection would still send to a host that is cut off is never sent")
  func endClosed() async throws {
    try await Namespace.withCable { host in
      let (near, far) = (try address("10.77.0.1"), try address("10.77.0.2"))
      let service = Endpoint(address: far, port: 6379)
      try host.assign([near, far], to: "left")
      var connection = try Connection(from: near, to: service)
      var table = try SessionTable()
      // One that is in use stays.
      #expect(try table.endClosedConnections(to: service) == .ended(0))

      try host.nft("add table inet cut")
      try host.nft("add chain inet cut in { type filter hook input priority 0 ; }")
      try host.nft("add rule inet cut in tcp dport 6379 drop")
      connection.sendAndCloseClient([0x41])
      #expect(try table.endClosedConnections(to: Endpoint(address: far, port: 6380)) == .ended(0))
      #expect(try table.endClosedConnections(to: service) == .ended(1))
      try host.nft("flush ruleset")
      #expect(try table.endClosedConnections(to: service) == .ended(0))
      #expect(connection.errorOfRead(at: connection.server) == EAGAIN)
    }
  }

  @Test("A listener on the address goes on listening after its sessions have ended")
  func listener() async throws {
    try await Namespace.withCable { host in
      let (virtual, own) = (try address("10.77.0.100"), try address("10.77.0.1"))
      let service = Endpoint(address: virtual, port: 6379)
      try host.assign([virtual, own], to: "left")
      let session = try Connection(from: own, to: service)
      var table = try SessionTable()
      #expect(try table.endSessions(of: virtual) == .ended(1))
      #expect(listens(session.listener))
    }
  }

  @Test("No more sessions are ended than the limit allows")
  func limit() async throws {
    try await Namespace.withCable { host in
      let (virtual, own) = (try address("10.77.0.100"), try address("10.77.0.1"))
      try host.assign([virtual, own], to: "left")
      let first = try Connection(from: own, to: Endpoint(address: virtual, port: 6379))
      let second = try Connection(from: own, to: Endpoint(address: virtual, port: 6380))
      var table = try SessionTable()
      #expect(try table.endSessions(of: virtual, limit: 1) == .ended(1))
      #expect(try table.establishedSessions(to: virtual).count == 1)
      #expect(try table.endSessions(of: virtual) == .ended(1))
      let errors = [first.errorOfRead(at: first.client), second.errorOfRead(at: second.client)]
      #expect(errors == [ECONNRESET, ECONNRESET])
    }
  }

  /// Whether a socket is listening (socket(7), `SO_ACCEPTCONN`).
  private func listens(_ descriptor: Int32) -> Bool {
    var value: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    return unsafe getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) == 0
      && value == 1
  }
}
