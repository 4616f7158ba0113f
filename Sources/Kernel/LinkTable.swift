package import Addresses
package import FailoverCore
package import LinuxNetwork

/// The host's interfaces and addresses, and which interface a virtual address belongs to.
package struct LinkTable {
  /// Where a virtual address belongs.
  package enum Choice: Equatable {
    /// On this interface.
    case link(Link)
    /// Nothing has the name that the configuration says.
    case missing
    /// `dev auto`: no interface has an address in a subnet that holds it.
    case noSubnet
    /// `dev auto`: these interfaces have such an address, none of a smaller subnet than the others.
    case several([String])

    /// The interface, if there is one.
    package var link: Link? {
      if case .link(let link) = self { link } else { nil }
    }
  }

  /// The interfaces.
  package var links: [InterfaceIndex: Link] = [:]
  /// All addresses, as last read.
  package var assigned: [AssignedAddress] = [] { didSet { sort() } }
  /// The virtual addresses: they are nobody's own, so they say nothing of a subnet.
  package var virtual: Set<IPAddress> = [] { didSet { sort() } }
  /// The host's own addresses that have a subnet.
  private var subnets: [AssignedAddress] = []

  /// The copies of virtual addresses that can't be removed without harm to others.
  private(set) var staticCopies: [AssignedAddress] = []

  package init() {}

  /// Whether an interface has an address in a subnet that holds another.
  func hasSubnet(containing address: IPAddress, on interface: InterfaceIndex) -> Bool {
    subnets.contains { $0.interface == interface && $0.prefix?.contains(address) == true }
  }

  private mutating func sort() {
    staticCopies = assigned.filter { virtual.contains($0.address) && !assigned.isMovable($0) }
    subnets = assigned.filter {
      !virtual.contains($0.address) && $0.prefixLength < $0.address.hostPrefixLength
    }
  }

  /// Which interface an address belongs to: by name, by another name, or by its subnet.
  package func choice(for address: VirtualAddress) -> Choice {
    if address.interface == VirtualAddress.automaticInterface { return choice(bySubnetOf: address) }
    return link(named: address.interface).map(Choice.link) ?? .missing
  }

  /// Where each of many addresses belongs; an interface is looked for once.
  func choices(for addresses: [VirtualAddress]) -> [VirtualAddress: Choice] {
    var known: [String: Choice] = [:]
    var choices: [VirtualAddress: Choice] = [:]
    for address in addresses {
      let choice = known[address.interface] ?? self.choice(for: address)
      if address.interface != VirtualAddress.automaticInterface {
        known[address.interface] = choice
      }
      choices[address] = choice
    }
    return choices
  }

  private func link(named name: String) -> Link? {
    links.values.first { $0.name == name }
      ?? links.values.first { $0.alternativeNames.contains(name) }
  }

  private func choice(bySubnetOf address: VirtualAddress) -> Choice {
    let subnets = subnets.filter { $0.prefix?.contains(address.address) == true }
    guard let longest = subnets.map(\.prefixLength).max() else { return .noSubnet }
    let indices = Set(subnets.filter { $0.prefixLength == longest }.map(\.interface))
    let found = indices.compactMap { links[$0] }.sorted { $0.name < $1.name }
    guard let first = found.first else { return .noSubnet }
    return found.count == 1 ? .link(first) : .several(found.map(\.name))
  }
}

extension [AssignedAddress] {
  /// The copies of virtual addresses, among those that may be removed, that stand beside the one
  /// that is leased: with another prefix length, or on another interface.
  func strayCopies(of places: [IPAddress: InterfaceIndex]) -> [AssignedAddress] {
    movable(Set(places.keys)).filter { copy in
      copy.prefixLength != copy.address.hostPrefixLength || copy.interface != places[copy.address]
    }
  }
}
