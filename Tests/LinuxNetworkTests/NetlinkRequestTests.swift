import Addresses
import Testing

@testable import LinuxNetwork

/// Each message is compared with what `ip` or `ss` of iproute2 6.1 sent, taken with
/// `strace -e write=3,4`; sequence number and interface index are set to the recorded ones.
@Suite("Netlink requests")
struct NetlinkRequestTests {
  static let sequence: UInt32 = 0x6b01_2a29
  static let interface = InterfaceIndex(rawValue: 3)

  @Test("Adding IPv4: ip addr replace 10.77.0.100/32 dev v0 valid_lft 5 preferred_lft 5")
  func replaceIPv4() throws {
    let virtual = try address("10.77.0.100")
    let message = unsafe built { buffer in
      unsafe NetlinkRequest.change(
        .replace(virtual, on: Self.interface, lifetime: .seconds(5)), flags: Kernel.acknowledge,
        sequence: Self.sequence, into: buffer)
    }
    let expected = bytes(
      "3c 00 00 00",  // nlmsg_len: 60
      "14 00",  // nlmsg_type: RTM_NEWADDR
      "05 05",  // nlmsg_flags: REQUEST, ACK, REPLACE, CREATE
      "29 2a 01 6b",  // nlmsg_seq
      "00 00 00 00",  // nlmsg_pid
      "02",  // ifa_family: AF_INET
      "20",  // ifa_prefixlen: 32
      "00",  // ifa_flags
      "00",  // ifa_scope: universe
      "03 00 00 00",  // ifa_index
      "08 00 02 00 0a 4d 00 64",  // IFA_LOCAL
      "08 00 01 00 0a 4d 00 64",  // IFA_ADDRESS
      "14 00 06 00",  // IFA_CACHEINFO
      "05 00 00 00",  // ifa_prefered
      "05 00 00 00",  // ifa_valid
      "00 00 00 00",  // cstamp
      "00 00 00 00")  // tstamp
    #expect(message == expected)
  }

  @Test("Adding IPv6: ip addr replace fd77::100/128 dev v0 nodad valid_lft 5 preferred_lft 0")
  func replaceIPv6() throws {
    let virtual = try address("fd77::100")
    let message = unsafe built { buffer in
      unsafe NetlinkRequest.change(
        .replace(virtual, on: Self.interface, lifetime: .seconds(5)), flags: Kernel.acknowledge,
        sequence: Self.sequence, into: buffer)
    }
    let expected = bytes(
      "54 00 00 00",  // nlmsg_len: 84
      "14 00 05 05 29 2a 01 6b 00 00 00 00",  // RTM_NEWADDR, flags, sequence, port
      "0a",  // ifa_family: AF_INET6
      "80",  // ifa_prefixlen: 128
      "02",  // ifa_flags: IFA_F_NODAD
      "00",  // ifa_scope: universe
      "03 00 00 00",  // ifa_index
      "14 00 02 00 fd 77 00 00 00 00 00 00 00 00 00 00 00 00 01 00",  // IFA_LOCAL
      "14 00 01 00 fd 77 00 00 00 00 00 00 00 00 00 00 00 00 01 00",  // IFA_ADDRESS
      "14 00 06 00",  // IFA_CACHEINFO
      "00 00 00 00",  // ifa_prefered: never chosen as a source
      "05 00 00 00",  // ifa_valid
      "00 00 00 00",  // cstamp
      "00 00 00 00")  // tstamp
    #expect(message == expected)
  }

  @Test("Deleting IPv4: ip addr del 10.77.0.100/32 dev v0")
  func deleteIPv4() throws {
    let virtual = try address("10.77.0.100")
    let message = unsafe built { buffer in
      unsafe NetlinkRequest.change(
        .delete(virtual, on: Self.interface), flags: Kernel.acknowledge,
        sequence: Self.sequence, into: buffer)
    }
    let expected = bytes(
      "28 00 00 00",  // nlmsg_len: 40
      "15 00",  // nlmsg_type: RTM_DELADDR
      "05 00",  // nlmsg_flags: REQUEST, ACK
      "29 2a 01 6b 00 00 00 00",  // nlmsg_seq, nlmsg_pid
      "02 20 00 00 03 00 00 00",  // AF_INET, /32, interface
      "08 00 02 00 0a 4d 00 64",  // IFA_LOCAL
      "08 00 01 00 0a 4d 00 64")  // IFA_ADDRESS
    #expect(message == expected)
  }

  @Test("Deleting IPv6: ip addr del fd77::100/128 dev v0")
  func deleteIPv6() throws {
    let virtual = try address("fd77::100")
    let message = unsafe built { buffer in
      unsafe NetlinkRequest.change(
        .delete(virtual, on: Self.interface), flags: Kernel.acknowledge,
        sequence: Self.sequence, into: buffer)
    }
    let expected = bytes(
      "40 00 00 00",  // nlmsg_len: 64
      "15 00 05 00 29 2a 01 6b 00 00 00 00",  // RTM_DELADDR, flags, sequence, port
      "0a 80 00 00 03 00 00 00",  // AF_INET6, /128, interface
      "14 00 02 00 fd 77 00 00 00 00 00 00 00 00 00 00 00 00 01 00",  // IFA_LOCAL
      "14 00 01 00 fd 77 00 00 00 00 00 00 00 00 00 00 00 00 01 00")  // IFA_ADDRESS
    #expect(message == expected)
  }

  @Test("Only an exclusive addition sets the flag for it")
  func addFlags() throws {
    let virtual = try address("10.77.0.100")
    let message = unsafe built { buffer in
      unsafe NetlinkRequest.change(
        .add(virtual, on: Self.interface, lifetime: .infinite), flags: 0, sequence: 1,
        into: buffer)
    }
    #expect(Array(message[6..<8]) == bytes("01 06"))  // REQUEST, EXCL, CREATE
    #expect(Array(message[44..<52]) == bytes("ff ff ff ff", "ff ff ff ff"))  // both lifetimes
  }

  @Test(
    "A lifetime that the kernel would take for another is kept from it",
    arguments: [
      (AddressLifetime.seconds(0), UInt32(1)), (.seconds(7), 7), (.seconds(.max), .max - 1),
      (.infinite, .max),
    ])
  func lifetimes(lifetime: AddressLifetime, seconds: UInt32) {
    #expect(lifetime.kernelSeconds == seconds)
  }

  @Test("Dumping addresses: ip addr show")
  func dumpAddresses() {
    let message = unsafe built { buffer in
      unsafe NetlinkRequest.dumpAddresses(sequence: Self.sequence, into: buffer)
    }
    let expected = bytes(
      "18 00 00 00",  // nlmsg_len: 24
      "16 00",  // nlmsg_type: RTM_GETADDR
      "01 03",  // nlmsg_flags: REQUEST, DUMP
      "29 2a 01 6b 00 00 00 00",  // nlmsg_seq, nlmsg_pid
      "00 00 00 00 00 00 00 00")  // ifaddrmsg: every family, every interface
    #expect(message == expected)
  }

  @Test("Dumping links: ip link show, but without statistics")
  func dumpLinks() {
    let message = unsafe built { buffer in
      unsafe NetlinkRequest.dumpLinks(sequence: Self.sequence, into: buffer)
    }
    let expected = bytes(
      "28 00 00 00",  // nlmsg_len: 40
      "12 00",  // nlmsg_type: RTM_GETLINK
      "01 03",  // nlmsg_flags: REQUEST, DUMP
      "29 2a 01 6b 00 00 00 00",  // nlmsg_seq, nlmsg_pid
      "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",  // ifinfomsg
      "08 00 1d 00 08 00 00 00")  // IFLA_EXT_MASK: SKIP_STATS
    #expect(message == expected)
  }

  @Test("Dumping sessions: ss -tn state established src 10.77.0.1, the port in the same condition")
  func dumpSessions() throws {
    let local = try address("10.77.0.1")
    let message = unsafe built { buffer in
      unsafe NetlinkRequest.dumpSessions(
        .local, at: local, port: 6379, family: Kernel.ipv4Family, states: 1 << 1, sequence: 123_456,
        into: buffer)
    }
    let expected = bytes(
      "5c 00 00 00",  // nlmsg_len: 92
      "14 00",  // nlmsg_type: SOCK_DIAG_BY_FAMILY
      "01 03",  // nlmsg_flags: REQUEST, DUMP
      "40 e2 01 00 00 00 00 00",  // nlmsg_seq, nlmsg_pid
      "02 06 00 00",  // AF_INET, IPPROTO_TCP
      "02 00 00 00",  // idiag_states: established
      "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",  // inet_diag_sockid: any
      "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
      "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
      "14 00 01 00",  // INET_DIAG_REQ_BYTECODE
      "07 10 14 00",  // S_COND, on yes 16 further: the end, on no 20: past it
      "02 20 00 00",  // AF_INET, /32
      "eb 18 00 00",  // port 6379
      "0a 4d 00 01")  // address
    #expect(message == expected)
  }

  @Test("Dumping by the other end: ss -tn dst 10.77.0.1 differs by the condition alone")
  func dumpByRemote() throws {
    let end = try address("10.77.0.1")
    let messages = [NetlinkRequest.End.local, .remote].map { side in
      unsafe built { buffer in
        unsafe NetlinkRequest.dumpSessions(
          side, at: end, port: 6379, family: Kernel.ipv4Family, states: 1 << 4,
          sequence: 123_456, into: buffer)
      }
    }
    var expected = messages[0]
    // INET_DIAG_BC_S_COND becomes INET_DIAG_BC_D_COND.
    let place = expected.count - 16
    #expect(expected[place] == 7)
    expected[place] = 8
    #expect(messages[1] == expected)
  }

  @Test("Dumping the listeners of a port: ss -tln sport 6379")
  func dumpPort() {
    let message = unsafe built { buffer in
      unsafe NetlinkRequest.dumpPort(
        6379, family: Kernel.ipv6Family, states: 1 << 10, sequence: 123_456, into: buffer)
    }
    let expected = bytes(
      "48 00 00 00",  // nlmsg_len: 72
      "14 00",  // nlmsg_type: SOCK_DIAG_BY_FAMILY
      "01 03",  // nlmsg_flags: REQUEST, DUMP
      "40 e2 01 00 00 00 00 00",  // nlmsg_seq, nlmsg_pid
      "0a 06 00 00",  // AF_INET6, IPPROTO_TCP
      "00 04 00 00",  // idiag_states: listening
      "18 eb 00 00",  // inet_diag_sockid: source port 6379, else any
      "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
      "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
      "00 00 00 00 00 00 00 00 00 00 00 00")
    #expect(message == expected)
  }

  @Test("Ending a session: ss -K")
  func destroy() throws {
    let identity = bytes(
      "c2 dc 18 eb",  // ports
      "0a 4d 00 01 00 00 00 00 00 00 00 00 00 00 00 00",  // source
      "0a 4d 00 01 00 00 00 00 00 00 00 00 00 00 00 00",  // destination
      "00 00 00 00",  // interface
      "34 00 00 00 00 00 00 00")  // cookie
    let header = bytes("02 01 00 00")  // AF_INET, established
    let dumped = header + identity + [UInt8](repeating: 0, count: 20)
    let socket = try #require(try DiagnosedSocket(payload: dumped.span))
    let message = unsafe built { buffer in
      unsafe NetlinkRequest.destroy(
        socket, flags: Kernel.acknowledge, sequence: Self.sequence, into: buffer)
    }
    let expected =
      bytes(
        "48 00 00 00",  // nlmsg_len: 72
        "15 00",  // nlmsg_type: SOCK_DESTROY
        "05 00",  // nlmsg_flags: REQUEST, ACK
        "29 2a 01 6b 00 00 00 00",  // nlmsg_seq, nlmsg_pid
        "02 06 00 00",  // AF_INET, IPPROTO_TCP
        "00 00 00 00")  // idiag_states
      + identity
    #expect(message == expected)
  }

  @Test("A buffer that is too small is left alone", arguments: [0, 16, 83, 127])
  func noRoom(count: Int) throws {
    let virtual = try address("fd77::100")
    var buffer = [UInt8](repeating: 0xa5, count: count)
    let octets = unsafe buffer.withUnsafeMutableBytes { buffer in
      unsafe NetlinkRequest.change(
        .delete(virtual, on: Self.interface), flags: 0, sequence: 1, into: buffer)
    }
    #expect(octets == nil)
    #expect(buffer.allSatisfy { $0 == 0xa5 })
  }

  /// What a function writes into a buffer full of `0xa5`, which must still stand after the message.
  private func built(_ build: (UnsafeMutableRawBufferPointer) -> Int?) -> [UInt8] {
    var buffer = [UInt8](repeating: 0xa5, count: 256)
    let count = unsafe buffer.withUnsafeMutableBytes { unsafe build($0) } ?? 0
    #expect(buffer[count...].allSatisfy { $0 == 0xa5 })
    return Array(buffer[..<count])
  }
}
