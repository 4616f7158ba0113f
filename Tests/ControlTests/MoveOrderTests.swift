import Addresses
import FailoverCore
import Testing

@testable import Control

@Suite struct MoveOrderTests {
  @Test func `An order has a master name, and usual values for the rest`() throws {
    let order = try MoveOrder(["m"])
    #expect(order.masterName == "m" && order.place == nil && order.timeout == .seconds(60))
    #expect(!order.acceptsLoss && !order.isDryRun)
  }

  @Test func `Words may stand in any order and case`() throws {
    let order = try MoveOrder(["m", "dryrun", "Timeout", "1500", "ACCEPTLOSS", "to", "h2:6380"])
    #expect(order.isDryRun && order.acceptsLoss && order.timeout == .milliseconds(1_500))
    #expect(order.place == MoveOrder.Place(host: "h2", port: 6_380))
  }

  @Test(arguments: [
    [], ["*"], ["m", "TO"], ["m", "TO", "a", "TO", "b"], ["m", "TO", ""], ["m", "TO", "a:0"],
    ["m", "TO", "a:65536"], ["m", "TO", ":6379"], ["m", "TO", "[fd77::1"], ["m", "TO", "[x]"],
    ["m", "TO", "x::y:1:2"], ["m", "TIMEOUT"], ["m", "TIMEOUT", "999"], ["m", "TIMEOUT", "soon"],
    ["m", "TIMEOUT", "3600001"], ["m", "10.77.0.2"],
    ["m", "TO", String(repeating: "x", count: 256)],
  ])
  func `What is no order is refused with what is expected`(words: [String]) {
    #expect(throws: MoveOrder.Mistake.self) { try MoveOrder(words) }
  }

  @Test(
    arguments: [
      ("10.77.0.2", "10.77.0.2", nil), ("10.77.0.2:6380", "10.77.0.2", 6_380),
      ("fd77::2", "fd77::2", nil), ("[fd77::2]", "fd77::2", nil), ("[fd77::2]:7", "fd77::2", 7),
      ("redis2", "redis2", nil), ("redis2.example:6379", "redis2.example", 6_379),
    ] as [(String, String, UInt16?)])
  func `A place is an address or a name, with or without a port`(
    text: String, host: String, port: UInt16?
  ) {
    #expect(MoveOrder.Place(text) == MoveOrder.Place(host: host, port: port))
  }

  private let one = Endpoint(address: .v4(IPv4Address(10, 77, 0, 1)), port: 6_379)
  private let two = Endpoint(address: .v4(IPv4Address(10, 77, 0, 2)), port: 6_380)
  private let other = Endpoint(address: .v4(IPv4Address(10, 77, 0, 2)), port: 6_381)

  @Test func `A host without a port is the one instance there`() throws {
    let place = MoveOrder.Place(host: "h2", port: nil)
    let found = try place.endpoint(at: two.address, known: [one, two], master: one)
    #expect(found == two)
    #expect(throws: MoveOrder.Mistake.self) {
      try place.endpoint(at: two.address, known: [one, two, other], master: one)
    }
  }

  @Test func `A host that nobody knows gets the master's port, and is refused by the Sentinels`()
    throws
  {
    let place = MoveOrder.Place(host: "h9", port: nil)
    let found = try place.endpoint(at: two.address, known: [one], master: one)
    #expect(found == Endpoint(address: two.address, port: 6_379))
    let named = MoveOrder.Place(host: "h9", port: 7)
    let exact = try named.endpoint(at: two.address, known: [two, other], master: one)
    #expect(exact == Endpoint(address: two.address, port: 7))
  }
}
