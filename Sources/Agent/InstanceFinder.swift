import Addresses
import FailoverCore

/// Finds out which of the instances that Sentinel names is this host's own.
///
/// The configuration may say it; otherwise it is the one whose address the host has. A virtual
/// address does not count: Sentinel names it as a replica after a client of the old master was
/// reconfigured through it (redis#6536), and it belongs to whoever holds it.
struct InstanceFinder {
  private(set) var fixed: Endpoint?
  /// What each Sentinel named last.
  private var named: [SentinelID: Set<Endpoint>] = [:]
  /// The instances of this host, in a fixed order.
  private(set) var own: [Endpoint] = []
  /// Virtual addresses that a Sentinel names as an instance.
  private(set) var namedVirtual: Set<Endpoint> = []

  /// Every instance that a Sentinel names, in a fixed order.
  var known: [Endpoint] {
    named.values.reduce(into: Set<Endpoint>()) { $0.formUnion($1) }.sorted()
  }

  /// Takes the configuration's word for it.
  mutating func fix(_ endpoint: Endpoint?) {
    fixed = endpoint
    own = endpoint.map { [$0] } ?? []
  }

  /// Takes in what a Sentinel names; true if the set of names changed.
  mutating func learn(_ view: SentinelView, from sentinel: SentinelID) -> Bool {
    var endpoints = Set(view.replicas.map(\.endpoint))
    endpoints.insert(view.named)
    if let master = view.master { endpoints.insert(master) }
    if named[sentinel] == endpoints { return false }
    named[sentinel] = endpoints
    return true
  }

  /// Forgets a Sentinel.
  mutating func forget(_ sentinel: SentinelID) {
    named[sentinel] = nil
  }

  /// Looks again which instances are this host's; true if they changed.
  ///
  /// A host that forgot its address for a moment keeps its instances: an interface that goes
  /// down must not look like another host.
  mutating func refresh(isOwn: (IPAddress) -> Bool, virtual: Set<IPAddress>) -> Bool {
    let all = known
    namedVirtual = Set(all.filter { virtual.contains($0.address) })
    guard fixed == nil else { return false }
    let found = all.filter { isOwn($0.address) && !virtual.contains($0.address) }
    guard !found.isEmpty, found != own else { return false }
    own = found
    return true
  }
}
