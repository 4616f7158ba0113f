import Addresses
import CMnl
import Testing

@testable import LinuxNetwork

@Suite("Netlink socket", .enabled(if: isRoot, "needs root"))
struct NetlinkSocketTests {
  @Test("A dump that was given up doesn't stand in the way of the next")
  func abandonedDump() async throws {
    try await Namespace.withCable { host in
      try host.assign(
        (0..<1000).map { .v4(IPv4Address(rawValue: 0x0a4d_1000 + UInt32($0))) }, to: "left")
      var socket = try NetlinkSocket(bus: NETLINK_ROUTE, object: "a test")
      #expect(throws: NetlinkError.malformed(.truncated)) {
        _ = try dumpAddresses(with: &socket) { _ throws(NetlinkError) in
          throw .malformed(.truncated)
        }
      }
      let count = try dumpAddresses(with: &socket) { _ throws(NetlinkError) in }
      #expect(count >= 1000)
    }
  }

  @Test("A refused dump is told with the kernel's error")
  func refusedDump() async throws {
    try await Namespace.withCable { host in
      var socket = try NetlinkSocket(bus: NETLINK_SOCK_DIAG, object: "a test")
      let refusal = KernelRefusal(request: "an odd family", errno: .noEntry, message: nil)
      let expected = NetlinkError.refused(refusal)
      #expect(throws: expected) {
        _ = try unsafe socket.dump(name: "an odd family") { sequence, buffer in
          unsafe NetlinkRequest.dumpSessions(
            .local, at: .v4(IPv4Address(10, 77, 0, 1)), port: nil, family: 39, states: 2,
            sequence: sequence, into: buffer)
        } decode: { _, _ throws(NetlinkError) in
          ()
        }
      }
    }
  }

  @Test("A request that is not acknowledged is an error, and so is one that does not fit")
  func missingEnd() async throws {
    try await Namespace.withCable { host in
      var socket = try NetlinkSocket(bus: NETLINK_ROUTE, object: "a test")
      let change = AddressChange.replace(
        .v4(IPv4Address(10, 77, 0, 100)), on: try host.link("left").index, lifetime: .infinite)
      #expect(throws: NetlinkError.malformed(.missingEnd)) {
        _ = try unsafe socket.transact(count: 1, name: { _ in "" }) { _, _, sequence, buffer in
          unsafe NetlinkRequest.change(change, flags: 0, sequence: sequence, into: buffer)
        }
      }
      let error = SystemCallError(
        call: .send, errno: Errno(rawValue: 90), object: "a test")  // EMSGSIZE
      #expect(throws: NetlinkError.callFailed(error)) {
        _ = try unsafe socket.transact(count: 1, name: { _ in "" }) { _, _, _, _ in nil }
      }
    }
  }

  /// Dumps the addresses and gives each to a closure; returns how many messages there were.
  private func dumpAddresses(
    with socket: inout NetlinkSocket,
    _ body: (AssignedAddress?) throws(NetlinkError) -> Void
  ) throws(NetlinkError) -> Int {
    try unsafe socket.dump(name: "RTM_GETADDR") { sequence, buffer in
      unsafe NetlinkRequest.dumpAddresses(sequence: sequence, into: buffer)
    } decode: { _, payload throws(NetlinkError) in
      try body(try AssignedAddress(payload: payload))
    }.count
  }
}
