import Addresses
import ChannelMessages
import Testing

@testable import Agent

private let node = Endpoint(address: .v4(IPv4Address(10, 77, 0, 1)), port: 6379)
let ipv4VIP = IPAddress.v4(IPv4Address(10, 77, 0, 100))
let ipv6VIP = IPAddress.v6(IPv6Address(high: 0xfd77 << 48, low: 0x100))

/// As many different clients as are wanted.
func sampleClients(_ range: Range<Int>) -> [PackedEndpoint] {
  range.map {
    PackedEndpoint(ipv4: 0x0a4d_1000 + UInt32($0 / 60_000), port: UInt16($0 % 60_000 + 1))
  }
}

extension SessionShare {
  /// Everything that waits.
  mutating func allNews() -> [SessionNews] {
    var all: [SessionNews] = []
    while let news = next() { all.append(news) }
    return all
  }
}

@Suite struct SessionChangeTests {
  static let changes: [(old: [Int], new: [Int], added: [Int], removed: [Int])] = [
    ([], [], [], []), ([], [1, 2], [1, 2], []), ([1, 2], [], [], [1, 2]),
    ([1, 2, 3], [1, 2, 3], [], []), ([1, 3, 5], [2, 3, 6], [2, 6], [1, 5]),
    ([1], [0, 1, 2], [0, 2], []), ([5, 6, 7], [6], [], [5, 7]),
  ]

  @Test(arguments: changes)
  func `What came and what went is found`(old: [Int], new: [Int], added: [Int], removed: [Int]) {
    let ends: ([Int]) -> [PackedEndpoint] = { $0.flatMap { sampleClients($0..<$0 + 1) } }
    let change = SessionChange(from: ends(old), to: ends(new))
    #expect(change.added == ends(added))
    #expect(change.removed == ends(removed))
  }

  @Test func `Random changes lead from one list to the other`() {
    for _ in 0..<200 {
      let pool = sampleClients(0..<40)
      let old = pool.filter { _ in Bool.random() }
      let new = pool.filter { _ in Bool.random() }
      let change = SessionChange(from: old, to: new)
      #expect(Set(old).subtracting(change.removed).union(change.added) == Set(new))
      #expect(Set(change.added).isDisjoint(with: old))
      #expect(Set(change.removed).isDisjoint(with: new))
    }
  }

  @Test func `What the kernel says twice counts once`() {
    let clients = sampleClients(0..<5)
    #expect((clients.reversed() + clients).sortedWithoutRepeats() == clients)
    #expect([PackedEndpoint]().sortedWithoutRepeats() == [])
  }
}

@Suite struct SessionShareTests {
  private func share(_ addresses: [IPAddress] = [ipv4VIP]) -> SessionShare {
    SessionShare(node: node, addresses: addresses, table: 7)
  }

  @Test func `Nothing is told before the first reading, and then the whole table`() {
    var share = share()
    #expect(!share.hasBegun && !share.hasNews)
    share.update([sampleClients(0..<3)], excess: 0)
    #expect(
      share.allNews() == [
        SessionNews(node: node, table: 7, step: 1, address: ipv4VIP, added: sampleClients(0..<3))
      ])
    #expect(share.mark == SessionNews(node: node, table: 7, step: 1))
  }

  @Test func `A table without clients is told of too`() {
    var share = share()
    share.update([[]], excess: 0)
    #expect(share.allNews() == [SessionNews(node: node, table: 7, step: 1)])
  }

  @Test func `Later only what has changed is told, and nothing if nothing has`() {
    var share = share([ipv4VIP, ipv6VIP])
    share.update([sampleClients(0..<3), []], excess: 0)
    _ = share.allNews()
    share.update([sampleClients(0..<3), []], excess: 0)
    share.update([sampleClients(0..<3).reversed(), []], excess: 0)
    #expect(!share.hasNews)
    share.update([sampleClients(1..<5), []], excess: 2)
    #expect(
      share.allNews() == [
        SessionNews(
          node: node, table: 7, step: 2, address: ipv4VIP, added: sampleClients(3..<5),
          removed: sampleClients(0..<1))
      ])
    #expect(share.count == 4)
    #expect(share.excess == 2)
  }

  @Test func `A long table goes out in several messages, the last of which makes it whole`() {
    var share = share()
    let capacity = SessionNews.capacity(of: ipv4VIP)
    share.update([sampleClients(0..<2 * capacity + 1)], excess: 0)
    let news = share.allNews()
    #expect(news.map(\.step) == [1, 2, 3])
    #expect(news.map(\.isWhole) == [false, false, true])
    #expect(news.map(\.added.count) == [capacity, capacity, 1])
    #expect(share.toldMessages == 3)
  }

  @Test func `A table that is told anew has another number and begins at step 1`() {
    var share = share()
    share.update([sampleClients(0..<2)], excess: 0)
    _ = share.allNews()
    share.update([sampleClients(1..<3)], excess: 0)
    share.beginAnew(8)
    #expect(
      share.allNews() == [
        SessionNews(node: node, table: 8, step: 1, address: ipv4VIP, added: sampleClients(1..<3))
      ])
    share.update([sampleClients(1..<2)], excess: 0)
    #expect(
      share.allNews() == [
        SessionNews(
          node: node, table: 8, step: 2, address: ipv4VIP, removed: sampleClients(2..<3))
      ])
  }

  @Test func `Whatever changes, whoever listens knows the same in the end`() {
    var share = share([ipv4VIP])
    var inventory = SessionInventory(addresses: [ipv4VIP])
    for round in 0..<100 {
      let clients = sampleClients(0..<2_000).filter { _ in Bool.random() }.shuffled()
      share.update([clients], excess: 0)
      if round % 17 == 5 { share.beginAnew(UInt64(100 + round)) }
      for news in share.allNews() { #expect(inventory.apply(news) == .current) }
      #expect(inventory.apply(share.mark) == .current)
      #expect(inventory.isComplete(of: node))
      var copy = inventory
      #expect(Set(copy.take()[0].clients) == Set(clients))
    }
  }
}
