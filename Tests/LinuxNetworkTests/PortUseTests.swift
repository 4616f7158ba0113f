import Addresses
import Glibc
import LinuxNetwork
import Testing

@Suite("Who uses a port", .enabled(if: isRoot, "needs root"))
struct PortUseTests {
  @Test(
    "A port is listened on, then only connected, then unused",
    arguments: SessionTableTests.cases)
  func life(of test: SessionTableTests.Case) async throws {
    try await test.onHost { service, own in
      var reader = try PortUseReader()
      try expect(service, .unused, &reader)
      let listener = try Connection.listen(at: service, dualStack: test.isDualStack)
      try expect(service, .listened, &reader)
      let client = try Connection.connect(from: own, to: service)
      let server = accept(listener, nil, nil)
      try expect(service, .listened, &reader)
      // As after CONFIG SET port: nobody listens, and the process serves whom it has.
      close(listener)
      try expect(service, .connected, &reader)
      // A process that has not noticed that its client left.
      close(client)
      try expect(service, .connected, &reader)
      close(server)
      try expect(service, .unused, &reader)
      try expect(Endpoint(address: service.address, port: 6380), .unused, &reader)
    }
  }

  @Test("A listener on another address of the port is another server's")
  func otherAddress() async throws {
    try await Namespace.withCable { host in
      let (virtual, own) = (try address("10.77.0.100"), try address("10.77.0.1"))
      try host.assign([virtual, own], to: "left")
      let other = try Connection.listen(at: Endpoint(address: own, port: 6379))
      defer { close(other) }
      var reader = try PortUseReader()
      let service = Endpoint(address: virtual, port: 6379)
      try expect(service, .unused, &reader)
      var queues = try AcceptQueueReader()
      #expect(try queues.queue(of: service) == nil)
    }
  }

  private func expect(
    _ endpoint: Endpoint, _ use: PortUse, _ reader: inout PortUseReader,
    _ place: SourceLocation = #_sourceLocation
  ) throws {
    var found = try reader.use(of: endpoint)
    // A program that another test starts may have inherited what is closed here, for a moment.
    for _ in 0..<5_000 where found != use {
      usleep(1_000)
      found = try reader.use(of: endpoint)
    }
    #expect(found == use, sourceLocation: place)
  }
}
