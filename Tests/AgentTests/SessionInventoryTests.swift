import Addresses
import ChannelMessages
import FailoverCore
import Testing

@testable import Agent

private let node = Endpoint(address: .v4(IPv4Address(10, 77, 0, 1)), port: 6379)
private let other = Endpoint(address: .v4(IPv4Address(10, 77, 0, 2)), port: 6379)

private func news(
  _ step: UInt64, table: UInt64 = 7, from: Endpoint = node, of address: IPAddress? = ipv4VIP,
  added: [PackedEndpoint] = [], removed: [PackedEndpoint] = [], isWhole: Bool = true
) -> SessionNews {
  SessionNews(
    node: from, table: table, step: step, isWhole: isWhole, address: address, added: added,
    removed: removed)
}

@Suite struct SessionInventoryTests {
  var inventory = SessionInventory(addresses: [ipv4VIP, ipv6VIP], limit: 1_000)

  private var clients: Set<PackedEndpoint> {
    var copy = inventory
    return Set(copy.take().first { $0.address == ipv4VIP }?.clients ?? [])
  }

  @Test mutating func `A gap is noticed, and the whole table mends it`() {
    #expect(inventory.apply(news(1, added: sampleClients(0..<3))) == .current)
    #expect(inventory.isComplete(of: node))
    #expect(inventory.apply(news(3, added: sampleClients(3..<4))) == .gap)
    #expect(!inventory.isComplete(of: node))
    // What follows a gap can't be applied either, but what is known is better than nothing.
    #expect(inventory.apply(news(4, removed: sampleClients(0..<3))) == .gap)
    #expect(clients == Set(sampleClients(0..<3)))
    #expect(inventory.apply(news(1, table: 8, added: sampleClients(3..<5))) == .current)
    #expect(inventory.isComplete(of: node))
    #expect(clients == Set(sampleClients(3..<5)))
  }

  @Test mutating func `A mark tells of a step that was missed`() {
    #expect(inventory.apply(news(1, added: sampleClients(0..<3))) == .current)
    #expect(inventory.apply(news(1, of: nil)) == .current)
    #expect(inventory.apply(news(2, of: nil)) == .current)
    #expect(inventory.apply(news(4, of: nil)) == .gap)
    #expect(!inventory.isComplete(of: node))
  }

  @Test mutating func `A table whose beginning was missed is a gap`() {
    #expect(inventory.apply(news(5, added: sampleClients(0..<3))) == .gap)
    #expect(inventory.count == 0)
  }

  @Test mutating func `The old table counts until the new one is whole`() {
    #expect(inventory.apply(news(1, added: sampleClients(0..<3))) == .current)
    #expect(
      inventory.apply(news(1, table: 8, added: sampleClients(2..<5), isWhole: false)) == .current)
    #expect(inventory.isComing(from: node))
    #expect(clients == Set(sampleClients(0..<5)))
    #expect(inventory.apply(news(2, table: 8, added: sampleClients(5..<6))) == .current)
    #expect(clients == Set(sampleClients(2..<6)))
    #expect(!inventory.isComing(from: node))
  }

  @Test mutating func `A list is used once`() {
    _ = inventory.apply(news(1, added: sampleClients(0..<3)))
    #expect(inventory.take().map(\.clients.count) == [3, 0])
    #expect(inventory.take().map(\.clients.count) == [0, 0])
    #expect(!inventory.isComplete(of: node))
  }

  @Test mutating func `The clients that this node had are known beside the holder's`() {
    inventory.keep([(ipv4VIP, sampleClients(0..<2)), (.v4(IPv4Address(1, 1, 1, 1)), [])])
    _ = inventory.apply(news(1, from: other, added: sampleClients(1..<3)))
    #expect(clients == Set(sampleClients(0..<3)))
    #expect(inventory.isComplete(of: other))
    #expect(!inventory.isComplete(of: node))
  }

  // MARK: - What an intruder may send

  @Test(arguments: [
    "0.0.0.0:1", "0.1.2.3:1", "127.0.0.1:1", "224.0.0.1:1", "239.255.255.255:1", "240.0.0.1:1",
    "255.255.255.255:1", "10.77.0.7:0", "10.77.0.100:5", "[::]:1", "[::1]:1", "[ff02::1]:1",
    "[fd77::100]:5", "[fd77::7]:5",
  ])
  mutating func `Clients that can't be are refused, and nothing of the message is taken`(
    text: String
  ) throws {
    let client = PackedEndpoint(try #require(Endpoint(text)))
    let message = news(1, added: sampleClients(0..<2) + [client])
    #expect(inventory.apply(message) == .refused)
    #expect(inventory.apply(news(1, removed: [client])) == .refused)
    #expect(inventory.count == 0)
  }

  @Test mutating func `An IPv6 address has no clients of IPv4`() throws {
    #expect(
      inventory.apply(news(1, of: ipv6VIP, added: [PackedEndpoint(ipv4: 0x0a4d_0007, port: 1)]))
        == .refused)
    let client = PackedEndpoint(try #require(Endpoint("[fd77::7]:1")))
    #expect(inventory.apply(news(1, of: ipv6VIP, added: [client])) == .current)
  }

  @Test mutating func `Clients of an address that is not ours are refused`() {
    let foreign = IPAddress.v4(IPv4Address(10, 77, 0, 101))
    #expect(inventory.apply(news(1, of: foreign, added: sampleClients(0..<2))) == .refused)
    #expect(inventory.count == 0)
  }

  @Test mutating func `A list of 100,000 is cut off at the limit, and the rest is counted`() {
    var step: UInt64 = 0
    for start in stride(from: 0, to: 100_000, by: 400) {
      step += 1
      #expect(
        inventory.apply(news(step, added: sampleClients(start..<start + 400), isWhole: false))
          == .current)
    }
    #expect(inventory.count == 1_000)
    #expect(inventory.excess == 99_000)
  }

  @Test mutating func `Tables that never become whole don't add up`() {
    for table in 1...500 as ClosedRange<UInt64> {
      _ = inventory.apply(
        news(1, table: table, added: sampleClients(0..<400), isWhole: false))
    }
    #expect(inventory.count == 400)
  }

  @Test mutating func `The last step there is has none after it`() {
    _ = inventory.apply(news(1, added: sampleClients(0..<1)))
    #expect(inventory.apply(news(.max, added: sampleClients(1..<2))) == .gap)
    #expect(inventory.apply(news(0, added: sampleClients(1..<2))) == .gap)
    #expect(clients == Set(sampleClients(0..<1)))
  }
}

@Suite struct SessionBoundsTests {
  @Test func `A thousand messages about clients are read in a second, and no more`() {
    var intake = MessageIntake(limit: SessionKeeper.messagesInSecond)
    let start = Instant(nanoseconds: 5_000_000_000)
    let admitted = (0...1_000).filter { _ in intake.admits(at: start) }
    #expect(admitted.count == 1_000)
    let (late, next) = (
      intake.admits(at: start + .milliseconds(999)), intake.admits(at: start + .seconds(1))
    )
    #expect(!late && next)
  }

  @Test func `A holder that never tells is asked ever more rarely`() {
    var asking = SessionAsking()
    var questions: [Int] = []
    for second in 0..<300 {
      let now = Instant(nanoseconds: Int64(second) * 1_000_000_000)
      if asking.ask(at: now) { questions.append(second) }
    }
    #expect(questions == [1, 2, 4, 8, 16, 32, 62, 92, 122, 152, 182, 212, 242, 272])
  }
}
