import Addresses
import FailoverCore

/// Finds out which of the instances that Sentinel names is this host's own.
///
/// The configuration may say it; otherwise it is the one whose address the host has. A virtual
/// address does not count: Sentinel names it as a replica after a client of the old master was
/// reconfigured through it (redis#6536), and it belongs to whoever holds it. Nor does a loopback
/// address, which every host has.
struct InstanceFinder {
  private(set) var fixed: Endpoint?
  /// What each Sentinel named last.
  private var words: [SentinelID: Word] = [:]
  /// The instances of this host: first the one that is followed, then the others in a fixed order.
  private(set) var own: [Endpoint] = []
  /// Virtual addresses that a Sentinel names as an instance.
  private(set) var namedVirtual: Set<Endpoint> = []

  /// What one Sentinel named.
  private struct Word: Equatable {
    /// The master; nil if this Sentinel holds it down, or is out of contact.
    var vote: Endpoint?
    /// What it monitors and names as the master.
    var masters: Set<Endpoint>
    /// The replica that it is about to promote.
    var promoted: Endpoint?
    var replicas: Set<Endpoint>
    /// What it holds down.
    var down: Set<Endpoint>
  }

  /// Every instance that a Sentinel names, in a fixed order.
  var known: [Endpoint] {
    words.values.reduce(into: Set<Endpoint>()) { all, word in
      all.formUnion(word.masters)
      all.formUnion(word.replicas)
    }.sorted()
  }

  /// The instance of this host whose role counts.
  var followed: Endpoint? { own.first }

  /// Takes the configuration's word for it.
  mutating func fix(_ endpoint: Endpoint?) {
    fixed = endpoint
    own = endpoint.map { [$0] } ?? []
  }

  /// Takes in what a Sentinel names; true if that changed.
  mutating func learn(_ view: SentinelView, from sentinel: SentinelID) -> Bool {
    let isDown = !view.flags.isDisjoint(with: .down)
    var down = Set(view.replicas.filter { !$0.flags.isDisjoint(with: .down) }.map(\.endpoint))
    if isDown, let master = view.master { down.insert(master) }
    let word = Word(
      vote: isDown && view.named == view.master ? nil : view.named,
      masters: Set([view.named, view.master].compactMap { $0 }),
      promoted: view.replicas.first { $0.flags.contains(.promoted) }?.endpoint,
      replicas: Set(view.replicas.map(\.endpoint)), down: down)
    if words[sentinel] == word { return false }
    words[sentinel] = word
    return true
  }

  /// Counts a Sentinel no more that is out of contact; what it named is still known.
  mutating func silence(_ sentinel: SentinelID) {
    words[sentinel]?.vote = nil
    words[sentinel]?.promoted = nil
  }

  /// Forgets a Sentinel.
  mutating func forget(_ sentinel: SentinelID) {
    words[sentinel] = nil
  }

  /// Looks again which instances are this host's, and which is followed; true if that changed.
  ///
  /// A host that forgot its address for a moment keeps its instances: an interface that goes
  /// down must not look like another host.
  mutating func refresh(isOwn: (IPAddress) -> Bool, virtual: Set<IPAddress>) -> Bool {
    let all = known
    namedVirtual = Set(all.filter { virtual.contains($0.address) })
    guard fixed == nil else { return false }
    let found = all.filter { endpoint in
      isOwn(endpoint.address) && !virtual.contains(endpoint.address)
        && !endpoint.address.isLoopback
    }
    guard let first = choose(among: found) else { return false }
    let ordered = [first] + found.filter { $0 != first }
    guard ordered != own else { return false }
    own = ordered
    return true
  }

  /// Which of several instances of this host is followed.
  ///
  /// The master, by the word of more than half of the Sentinels; while they agree on none of
  /// this host, the one that is about to be promoted. Otherwise it stays the one that it is, as
  /// long as it is alive: an instance that comes and goes beside it changes nothing.
  private func choose(among found: [Endpoint]) -> Endpoint? {
    guard found.count > 1 else { return found.first }
    let named = found.first { endpoint in
      words.values.count { $0.vote == endpoint } * 2 > words.count
    }
    let promoted = found.first { endpoint in words.values.contains { $0.promoted == endpoint } }
    let present = own.first { found.contains($0) }
    let alive = found.filter { !isDown($0) }
    let living = present.flatMap { alive.contains($0) ? $0 : nil } ?? alive.first
    return named ?? promoted ?? living ?? present ?? found.first
  }

  /// Whether more than half of the Sentinels hold an instance down.
  private func isDown(_ endpoint: Endpoint) -> Bool {
    words.values.count { $0.down.contains(endpoint) } * 2 > words.count
  }
}

// MARK: - What Sentinel should not name

extension InstanceFinder {
  /// Whether an endpoint stands for no node of its own: a virtual address, or a loopback address.
  ///
  /// Only where this host's own instance is named so, every node is a port of one host.
  func isNobody(_ endpoint: Endpoint) -> Bool {
    if namedVirtual.contains(endpoint) { return true }
    return endpoint.address.isLoopback && fixed?.address.isLoopback != true
  }

  /// The Sentinels that have such an endpoint as their master, with it, in a fixed order.
  func masters(where isWrong: (Endpoint) -> Bool) -> [(by: SentinelID, named: Endpoint)] {
    words.keys.sorted().compactMap { sentinel in
      words[sentinel]?.masters.filter(isWrong).min().map { (sentinel, $0) }
    }
  }

  /// The Sentinels that list such an endpoint as a replica, with it, in a fixed order.
  func replicas(where isWrong: (Endpoint) -> Bool) -> [(by: SentinelID, named: Endpoint)] {
    words.keys.sorted().compactMap { sentinel in
      words[sentinel]?.replicas.filter(isWrong).min().map { (sentinel, $0) }
    }
  }

  /// The address by which an instance is known whose host name stands for several.
  ///
  /// The host's own if it is one of them, else the lowest: a name server that turns its answers
  /// round must not make another instance of it.
  static func address(
    among addresses: [IPAddress], isOwn: (IPAddress) -> Bool
  ) -> IPAddress? {
    let usable = addresses.filter { !$0.isLoopback }
    return usable.filter(isOwn).min() ?? usable.min() ?? addresses.min()
  }
}
