/// A time during which a host had an address.
public struct Holding: Equatable, Sendable {
  /// The host.
  public let host: Int
  /// When it got the address.
  public let start: Stamp
  /// When it lost it; nothing if it still has it.
  public let end: Stamp?
}

/// Who had one VIP when, and for how long two had it at once.
public struct HoldingHistory: Equatable, Sendable {
  /// All holdings, in order of their starts.
  public let holdings: [Holding]

  /// The history of one address out of all changes.
  ///
  /// A renewed lifetime is no new holding: the kernel reports it as the address being there. A host
  /// that has it twice, with two prefix lengths, has it until the last copy is gone.
  public init(of address: String, in changes: [AddressChange]) {
    var open: [Int: (start: Stamp, copies: Set<Int?>)] = [:]
    var holdings: [Holding] = []
    for change in changes.sorted(by: { $0.stamp < $1.stamp }) where change.address == address {
      if change.isPresent {
        open[change.host, default: (change.stamp, [])].copies.insert(change.prefixLength)
      } else if var holding = open.removeValue(forKey: change.host) {
        holding.copies.remove(change.prefixLength)
        if holding.copies.isEmpty {
          holdings.append(Holding(host: change.host, start: holding.start, end: change.stamp))
        } else {
          open[change.host] = holding
        }
      }
    }
    holdings += open.map { Holding(host: $0.key, start: $0.value.start, end: nil) }
    self.holdings = holdings.sorted { $0.start < $1.start }
  }

  /// The milliseconds during which at least two hosts had the address, up to the given moment.
  public func overlap(until now: Stamp) -> Double {
    // A sweep over starts and ends; an end at the same moment as a start comes first.
    var edges: [(stamp: Stamp, step: Int)] = []
    for holding in holdings {
      edges.append((holding.start, 1))
      edges.append((holding.end ?? now, -1))
    }
    edges.sort { ($0.stamp, $0.step) < ($1.stamp, $1.step) }
    var holders = 0
    var total = 0.0
    var last: Stamp?
    for edge in edges {
      if holders > 1, let last { total += edge.stamp.milliseconds(since: last) }
      holders += edge.step
      last = edge.stamp
    }
    return total
  }

  /// The hosts that have the address at the end.
  public var holdersAtEnd: [Int] { holdings.filter { $0.end == nil }.map(\.host) }
}
