import Addresses
import Testing

@Suite struct AddressTests {
  @Test(
    "An IPv4 address is read strictly and written back",
    arguments: ["0.0.0.0", "10.77.0.100", "255.255.255.255", "127.0.0.1"])
  func ipv4RoundTrip(text: String) {
    #expect(IPv4Address(text)?.description == text)
  }

  @Test(
    "What is not a dotted quad is refused",
    arguments: [
      "", "1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1..2.3", "01.2.3.4", "1.2.3.4 ", "0x1.2.3.4",
      "1.2.3.", ".1.2.3", "1.2.3.-4", "1.2.3.00",
    ])
  func ipv4Refused(text: String) {
    #expect(IPv4Address(text) == nil)
  }

  @Test(
    "An IPv6 address is written in the canonical form of RFC 5952",
    arguments: [
      ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("2001:0DB8::0001", "2001:db8::1"),
      ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("fd77::10", "fd77::10"),
      ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("::ffff:10.0.0.1", "::ffff:10.0.0.1"),
      ("0:0:0:0:0:0:0:0", "::"), ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
      ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
    ])
  func ipv6Canonical(text: String, canonical: String) {
    #expect(IPv6Address(text)?.description == canonical)
  }

  @Test(
    "What is not an IPv6 address is refused",
    arguments: [
      "", ":", ":::", "1:::2", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::",
      "g::1", "fe80::1%eth0", "1:2:3:4:5:6:7:8::", "::1.2.3", "1.2.3.4::", ":1:2:3:4:5:6:7:8",
    ])
  func ipv6Refused(text: String) {
    #expect(IPv6Address(text) == nil)
  }

  @Test("An IPv4-mapped address is the same host as the IPv4 one")
  func mapped() {
    #expect(IPAddress("::FFFF:10.0.0.1") == IPAddress("10.0.0.1"))
  }

  @Test("A prefix contains its own network and no other version")
  func prefixContains() throws {
    let prefix = try #require(Prefix("10.77.0.100/20"))
    #expect(prefix.contains(try #require(IPAddress("10.77.15.255"))))
    #expect(!prefix.contains(try #require(IPAddress("10.77.16.0"))))
    #expect(!prefix.contains(try #require(IPAddress("::1"))))
    let six = try #require(Prefix("fd77::1/64"))
    #expect(six.contains(try #require(IPAddress("fd77::ffff:ffff:ffff:ffff"))))
    #expect(!six.contains(try #require(IPAddress("fd77:0:0:1::1"))))
  }

  @Test(
    "A prefix length beyond the address is refused",
    arguments: ["1.2.3.4/33", "::1/129", "1.2.3.4/", "1.2.3.4/+8"])
  func prefixRefused(text: String) {
    #expect(Prefix(text) == nil)
  }

  @Test(
    "An endpoint is read and written in both forms",
    arguments: ["10.0.0.1:6379", "[fd77::1]:26379"])
  func endpoint(text: String) {
    #expect(Endpoint(text)?.description == text)
  }

  @Test("An IPv6 endpoint without brackets is ambiguous and refused")
  func endpointAmbiguous() {
    #expect(Endpoint("fd77::1:6379") == nil)
  }

  @Test("Multicast addresses are derived as RFC 4291 and RFC 2464 say")
  func multicast() throws {
    let address = try #require(IPv6Address("fd77::12:3456"))
    #expect(address.solicitedNodeMulticast.description == "ff02::1:ff12:3456")
    let mac = MACAddress(multicastFor: address.solicitedNodeMulticast)
    #expect(mac.description == "33:33:ff:12:34:56")
    #expect(MACAddress("33:33:FF:12:34:56") == mac)
  }
}
