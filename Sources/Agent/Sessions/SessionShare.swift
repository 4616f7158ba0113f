import Addresses
import ChannelMessages

/// The holder's table of its clients, and what the other daemons still have to be told of it.
///
/// A value without a clock: readings go in, messages come out, in order. What was put out counts
/// as told; whoever missed some of it asks, and gets everything anew.
struct SessionShare {
  /// Clients of one address that are kept and told; further ones are counted.
  ///
  /// Redis itself takes 10,000 unless `maxclients` says more. So many take 2.4 MB here.
  static let limit = 100_000

  let node: Endpoint
  let addresses: [IPAddress]
  /// Clients that found no room at the last reading.
  private(set) var excess = 0
  /// Messages put out so far.
  private(set) var toldMessages = 0

  private var table: UInt64
  private var step: UInt64 = 0
  /// For each address what the kernel said last, in its order, and the same sorted: what others
  /// know once everything that waits has gone out.
  private var raw: [[PackedEndpoint]]
  private var clients: [[PackedEndpoint]]
  private var waiting: [SessionNews] = []
  private var nextWaiting = 0

  init(node: Endpoint, addresses: [IPAddress], table: UInt64) {
    self.node = node
    self.addresses = addresses
    self.table = table
    raw = addresses.map { _ in [] }
    clients = raw
  }

  /// Clients known.
  var count: Int { clients.reduce(0) { $0 + $1.count } }

  /// Whether messages wait to be put out.
  var hasNews: Bool { nextWaiting < waiting.count }

  /// Whether the table has been put out as a whole since it began.
  var hasBegun: Bool { step > 0 }

  /// The clients of each address.
  var content: [(address: IPAddress, clients: [PackedEndpoint])] {
    Array(zip(addresses, clients))
  }

  /// Takes in what the kernel says, in the order of the addresses.
  mutating func update(_ readings: [[PackedEndpoint]], excess: Int) {
    self.excess = excess
    var changes: [SessionNews] = []
    for (index, reading) in readings.enumerated() where index < addresses.count {
      // The kernel's order stays as long as nothing changes, and so nothing is sorted at rest.
      guard reading != raw[index] else { continue }
      raw[index] = reading
      let sorted = reading.sortedWithoutRepeats()
      let change = SessionChange(from: clients[index], to: sorted)
      clients[index] = sorted
      if hasBegun { changes += messages(change, of: addresses[index]) }
    }
    if hasBegun { putOut(changes) } else { beginAnew(table) }
  }

  /// Puts out the whole table under a new number; what waits is dropped.
  mutating func beginAnew(_ table: UInt64) {
    self.table = table
    step = 0
    waiting = []
    nextWaiting = 0
    let whole = zip(addresses, clients).flatMap { address, clients in
      messages(SessionChange(from: [], to: clients), of: address)
    }
    putOut(whole.isEmpty ? [SessionNews(node: node, table: table, step: 1)] : whole)
  }

  /// The next message that waits.
  mutating func next() -> SessionNews? {
    guard hasNews else { return nil }
    let news = waiting[nextWaiting]
    nextWaiting += 1
    if !hasNews {
      waiting = []
      nextWaiting = 0
    }
    toldMessages += 1
    return news
  }

  /// A message that says how far the table has come.
  var mark: SessionNews { SessionNews(node: node, table: table, step: step) }

  /// Numbers messages and lets them wait.
  private mutating func putOut(_ messages: [SessionNews]) {
    for (index, message) in messages.enumerated() {
      step += 1
      var message = message
      message.table = table
      message.step = step
      message.isWhole = index == messages.count - 1
      waiting.append(message)
    }
  }

  /// The messages of a change, each as full as it can be.
  private func messages(_ change: SessionChange, of address: IPAddress) -> [SessionNews] {
    var messages: [SessionNews] = []
    let capacity = SessionNews.capacity(of: address)
    var added = change.added[...]
    var removed = change.removed[...]
    while !added.isEmpty || !removed.isEmpty {
      var news = SessionNews(node: node, table: table, step: 1, address: address)
      news.removed = Array(removed.prefix(capacity))
      removed = removed.dropFirst(news.removed.count)
      news.added = Array(added.prefix(capacity - news.removed.count))
      added = added.dropFirst(news.added.count)
      messages.append(news)
    }
    return messages
  }
}

/// What lies between two sorted lists of clients.
struct SessionChange: Equatable {
  private(set) var added: [PackedEndpoint] = []
  private(set) var removed: [PackedEndpoint] = []

  /// Compares two lists, each sorted and without repeats.
  init(from old: [PackedEndpoint], to new: [PackedEndpoint]) {
    var (oldIndex, newIndex) = (0, 0)
    while oldIndex < old.count, newIndex < new.count {
      let (before, now) = (old[oldIndex], new[newIndex])
      if before == now {
        oldIndex += 1
        newIndex += 1
      } else if before < now {
        removed.append(before)
        oldIndex += 1
      } else {
        added.append(now)
        newIndex += 1
      }
    }
    removed += old[oldIndex...]
    added += new[newIndex...]
  }
}

extension [PackedEndpoint] {
  /// The elements in ascending order, each once.
  func sortedWithoutRepeats() -> [PackedEndpoint] {
    var sorted = self.sorted()
    var kept = 0
    for element in sorted where kept == 0 || sorted[kept - 1] != element {
      sorted[kept] = element
      kept += 1
    }
    sorted.removeSubrange(kept...)
    return sorted
  }
}
