import Addresses
import Glibc
import LinuxNetwork
import Testing

@Suite("Accept queue", .enabled(if: isRoot, "needs root"))
struct AcceptQueueTests {
  @Test(
    "Connections wait in the queue until they are accepted", arguments: SessionTableTests.cases)
  func waiting(of test: SessionTableTests.Case) async throws {
    try await test.onHost { service, own in
      var reader = try AcceptQueueReader()
      #expect(try reader.queue(of: service) == nil)
      let listener = try Connection.listen(at: service, dualStack: test.isDualStack)
      defer { close(listener) }
      #expect(try reader.queue(of: service) == AcceptQueue(waiting: 0, limit: 8))
      let clients = try (0..<3).map { _ in try Connection.connect(from: own, to: service) }
      defer { for client in clients { close(client) } }
      #expect(try reader.queue(of: service) == AcceptQueue(waiting: 3, limit: 8))
      let server = accept(listener, nil, nil)
      defer { close(server) }
      #expect(try reader.queue(of: service) == AcceptQueue(waiting: 2, limit: 8))
      #expect(try reader.queue(of: Endpoint(address: service.address, port: 6380)) == nil)
    }
  }

  @Test(
    "A queue has room up to its limit", arguments: [(0, 8, 8), (7, 8, 1), (8, 8, 0), (9, 8, 0)])
  func room(waiting: Int, limit: Int, room: Int) {
    #expect(AcceptQueue(waiting: waiting, limit: limit).room == room)
  }
}
