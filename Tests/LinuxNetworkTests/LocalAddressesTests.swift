import Addresses
import LinuxNetwork
import Testing

@Suite("Local addresses")
struct LocalAddressesTests {
  private func assigned(_ text: String, on interface: UInt32) throws -> AssignedAddress {
    let prefix = try #require(Prefix(text))
    return AssignedAddress(
      address: prefix.address, prefixLength: prefix.length,
      interface: InterfaceIndex(rawValue: interface), validLifetime: .infinite,
      preferredLifetime: .infinite)
  }

  @Test("An address is local when an interface has it, and a loopback one always")
  func contains() throws {
    let local = LocalAddresses([try assigned("10.77.0.1/24", on: 2)])
    #expect(local.contains(try address("10.77.0.1")))
    #expect(!local.contains(try address("10.77.0.2")))
    #expect(local.contains(try address("127.0.0.1")))
    #expect(local.contains(try address("::1")))
    #expect(local.interfaces(with: try address("10.77.0.1")).map(\.rawValue) == [2])
  }

  @Test("A subnet counts on its own interface, and a host prefix never does")
  func subnets() throws {
    let local = LocalAddresses([
      try assigned("10.77.0.1/24", on: 2), try assigned("10.78.0.100/32", on: 3),
      try assigned("fd77::1/64", on: 3),
    ])
    let (left, right) = (InterfaceIndex(rawValue: 2), InterfaceIndex(rawValue: 3))
    #expect(local.hasSubnet(containing: try address("10.77.0.100"), on: left))
    #expect(!local.hasSubnet(containing: try address("10.77.0.100"), on: right))
    #expect(!local.hasSubnet(containing: try address("10.77.1.100"), on: left))
    #expect(!local.hasSubnet(containing: try address("10.78.0.100"), on: right))
    #expect(local.hasSubnet(containing: try address("fd77::100"), on: right))
  }

  @Test("Errors name the call or request, the error and the object")
  func descriptions() {
    let call = SystemCallError(call: .send, errno: .networkDown, object: "a frame on eth0")
    #expect("\(call)" == "send failed for a frame on eth0: Network is down (errno 100)")
    #expect("\(NetlinkError.callFailed(call))" == "\(call)")
    let refusal = KernelRefusal(
      request: "RTM_NEWADDR 10.77.0.100/32 on interface 3", errno: .notPermitted, message: nil)
    #expect(
      "\(NetlinkError.refused(refusal))"
        == "the kernel refused RTM_NEWADDR 10.77.0.100/32 on interface 3: "
        + "Operation not permitted (errno 1)")
    #expect(
      "\(LinkLayerError.unsuitable(link: "tun0", .noARP))"
        == "tun0 does no address resolution (NOARP)")
  }
}
