import Addresses
import ChannelMessages

/// What this daemon knows of the clients of another holder.
///
/// A value without a clock. Only news that were checked come in: from the node that is named and
/// says that it holds. What is wrong with them all the same is counted, and changes nothing.
struct SessionInventory {
  /// What came of a message.
  enum Outcome: Equatable {
    /// It was taken in, or was known.
    case current
    /// Something before it is missing: the whole table is wanted.
    case gap
    /// It says what can't be; it was dropped.
    case refused
  }

  /// The table of one node under one number.
  private struct Table {
    let node: Endpoint
    let number: UInt64
    var step: UInt64
    var hasGap = false
    var clients: [IPAddress: Set<PackedEndpoint>] = [:]
  }

  /// The last table that was whole once.
  private var whole: Table?
  /// The one that comes in, to replace it.
  private var coming: Table?
  /// Clients of this node itself, from when it held the addresses last.
  private var kept: [IPAddress: Set<PackedEndpoint>] = [:]
  private let addresses: [IPAddress]
  private let limit: Int
  /// Clients that found no room.
  private(set) var excess = 0

  init(addresses: [IPAddress], limit: Int = SessionShare.limit) {
    self.addresses = addresses
    self.limit = limit
  }

  /// Clients known; those that two tables name count twice.
  var count: Int {
    [whole?.clients, coming?.clients, kept].reduce(0) { sum, clients in
      sum + (clients?.values.reduce(0) { $0 + $1.count } ?? 0)
    }
  }

  /// Whether the table of a node is known, and nothing of it is missing.
  func isComplete(of node: Endpoint) -> Bool {
    whole.map { $0.node == node && !$0.hasGap } ?? false
  }

  /// Whether a whole table of a node is coming in.
  func isComing(from node: Endpoint) -> Bool {
    coming.map { $0.node == node && !$0.hasGap } ?? false
  }

  /// Takes in news.
  mutating func apply(_ news: SessionNews) -> Outcome {
    guard isSensible(news) else { return .refused }
    if var table = coming, table.node == news.node, table.number == news.table {
      coming = nil
      let outcome = advance(&table, by: news)
      if outcome == .current, news.isWhole {
        whole = table
        coming = nil
      } else {
        coming = table
      }
      return outcome
    }
    if var table = whole, table.node == news.node, table.number == news.table {
      whole = nil
      let outcome = advance(&table, by: news)
      whole = table
      return outcome
    }
    guard news.step == 1 else { return .gap }
    var table = Table(node: news.node, number: news.table, step: 0)
    coming = nil
    let outcome = advance(&table, by: news)
    if news.isWhole { whole = table } else { coming = table }
    return outcome
  }

  /// Keeps the clients that this node had, once it no longer holds.
  mutating func keep(_ content: [(address: IPAddress, clients: [PackedEndpoint])]) {
    kept = [:]
    for (address, clients) in content where addresses.contains(address) {
      kept[address] = Set(clients.prefix(limit))
    }
  }

  /// Hands over everything that is known of each address; it is then known no longer.
  mutating func take() -> [(address: IPAddress, clients: [PackedEndpoint])] {
    let sources = [whole?.clients ?? [:], coming?.clients ?? [:], kept]
    let taken = addresses.map { address in
      let clients = sources.compactMap { $0[address] }
      return (address, Array(clients.dropFirst().reduce(clients.first ?? []) { $0.union($1) }))
    }
    self = SessionInventory(addresses: addresses, limit: limit)
    return taken
  }

  /// Takes one step.
  private mutating func advance(_ table: inout Table, by news: SessionNews) -> Outcome {
    // A message that repeats the last step says that there was nothing since.
    if news.step == table.step, news.address == nil { return table.hasGap ? .gap : .current }
    guard !table.hasGap, table.step < .max, news.step == table.step + 1 else {
      table.hasGap = true
      return .gap
    }
    table.step = news.step
    guard let address = news.address else { return .current }
    var clients = table.clients.removeValue(forKey: address) ?? []
    for client in news.removed { clients.remove(client) }
    for client in news.added {
      if clients.count < limit { clients.insert(client) } else { excess += 1 }
    }
    table.clients[address] = clients
    return .current
  }

  /// Whether news speak of our addresses, and of clients that can be.
  private func isSensible(_ news: SessionNews) -> Bool {
    guard let address = news.address else { return true }
    guard addresses.contains(address) else { return false }
    return (news.added + news.removed).allSatisfy { client in
      client.canBeClient && client.isIPv4 == (address.hostPrefixLength == 32)
        && !addresses.contains(client.endpoint.address)
    }
  }
}

extension PackedEndpoint {
  /// Whether a connection can come from here: one host, and a port.
  var canBeClient: Bool {
    if port == 0 { return false }
    guard isIPv4 else {
      return high >> 56 != 0xff && !(high == 0 && low <= 1)
    }
    let address = UInt32(truncatingIfNeeded: low)
    // 0.0.0.0/8, 127.0.0.0/8, and from 224.0.0.0 on multicast, reserved and broadcast.
    return address >> 24 != 0 && address >> 24 != 127 && address >> 28 < 0xe
  }
}
