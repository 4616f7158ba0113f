import Addresses
import Glibc
import Testing

@testable import LinuxNetwork

@Suite struct ConnectionTallyTextTests {
  private static let text = """
    Ip: Forwarding DefaultTTL InReceives
    Ip: 2 64 1754
    Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets \
    CurrEstab InSegs OutSegs
    Tcp: 1 200 120000 -1 46083 5941 40077 632 17 864015 863180
    Udp: InDatagrams NoPorts
    Udp: 1 2

    """

  private func tally(_ text: String) -> ConnectionTally? {
    ConnectionTally(snmp: Array(text.utf8).span)
  }

  @Test func `Three numbers are read, each under its name`() {
    let expected = ConnectionTally(activeOpens: 46_083, passiveOpens: 5_941, established: 17)
    #expect(tally(Self.text) == expected)
  }

  @Test func `Names in another order, or none, are not read`() {
    let exchanged = Self.text.replacing(
      "ActiveOpens PassiveOpens", with: "PassiveOpens ActiveOpens")
    #expect(tally(exchanged) == nil)
    #expect(tally(Self.text.replacing("\nTcp: ", with: "\nSctp: ")) == nil)
    #expect(tally("") == nil)
  }

  @Test func `Numbers that can't be are not read`() {
    #expect(tally(Self.text.replacing("5941", with: "59x41")) == nil)
    #expect(tally(Self.text.replacing("5941", with: "99999999999999999999")) == nil)
    #expect(tally(Self.text.replacing("46083", with: "18446744073709551615"))?.activeOpens == .max)
  }

  @Test func `A text that ends anywhere is no trouble`() {
    let bytes = Array(Self.text.utf8)
    let rest = "864015 863180\nUdp: InDatagrams NoPorts\nUdp: 1 2\n"
    let numbersEnd = bytes.count - rest.utf8.count
    for length in bytes.indices {
      let read = ConnectionTally(snmp: Array(bytes[..<length]).span)
      #expect((read != nil) == (length >= numbersEnd), "\(length)")
    }
  }
}

@Suite("Connection tally", .enabled(if: isRoot, "needs root"))
struct ConnectionTallyTests {
  private static func reader() throws -> ConnectionTallyReader {
    guard let reader = ConnectionTallyReader() else { throw Missing.counters }
    return reader
  }

  private enum Missing: Error { case counters }

  @Test("Whoever comes or goes changes it, also one in the place of another; talk does not")
  func changes() async throws {
    try await Namespace.withCable { host in
      let (virtual, own) = (try address("10.77.0.100"), try address("10.77.0.1"))
      let service = Endpoint(address: virtual, port: 6379)
      try host.assign([virtual, own], to: "left")
      var reader = try Self.reader()
      let empty = reader.read()
      #expect(empty == ConnectionTally(activeOpens: 0, passiveOpens: 0, established: 0))

      var first: Connection? = try Connection(from: own, to: service)
      // Both ends are here.
      let one = ConnectionTally(activeOpens: 1, passiveOpens: 1, established: 2)
      let opened = reader.read()
      #expect(opened == one)
      try first?.talk()
      let talked = reader.read()
      #expect(talked == one)

      first = nil
      let second = try Connection(
        from: own, to: Endpoint(address: virtual, port: 6380))
      let two = reader.read()
      #expect(two != one)
      #expect(two?.passiveOpens == 2)
      try second.talk()
    }
  }

  @Test("Connections in another namespace are not counted")
  func otherNamespace() async throws {
    try await Namespace.withCable { _ in
      var reader = try Self.reader()
      let tally = reader.read()
      #expect(tally == ConnectionTally(activeOpens: 0, passiveOpens: 0, established: 0))
    }
  }
}
