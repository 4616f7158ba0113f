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
  /// A renewed lifetime is no new holding: the kernel reports it as the address being there.
  public init(of address: String, in changes: [AddressChange]) {
    var open: [Int: Stamp] = [:]
    var holdings: [Holding] = []
    for change in changes.sorted(by: { $0.stamp < $1.stamp }) where change.address == address {
      if change.isPresent {
        open[change.host] = open[change.host] ?? change.stamp
      } else if let start = open.removeValue(forKey: change.host) {
        holdings.append(Holding(host: change.host, start: start, end: change.stamp))
      }
    }
    holdings += open.map { Holding(host: $0.key, start: $0.value, end: nil) }
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
