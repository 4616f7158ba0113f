import Addresses
import Configuration

/// Where the virtual address belongs, and whose it is now.
extension SetupPlan {
  /// Finds the smallest subnet of an interface that holds the address, as `dev auto` does.
  mutating func decidePlace() {
    let subnets = facts.interfaces.filter {
      $0.prefix.length < $0.prefix.address.hostPrefixLength
        && $0.prefix.address != request.address && $0.prefix.contains(request.address)
    }
    let named = request.interface.map { name in subnets.filter { $0.name == name } } ?? subnets
    guard let longest = named.map(\.prefix.length).max() else { return complainOfPlace() }
    let best = named.filter { $0.prefix.length == longest }
    let names = Set(best.map(\.name)).sorted()
    guard names.count == 1, let place = best.first else {
      return object(
        "\(list(names)) are alike in a subnet that holds \(request.address)",
        "say which: dev \(names[0])")
    }
    settle(place)
    if let length = request.length, !named.contains(where: { $0.prefix.length == length }) {
      object(
        "\(place.name) is in \(place.prefix.network), and the address is to have /\(length)",
        "leave the length out, or say /\(place.prefix.length)")
    }
  }

  private mutating func complainOfPlace() {
    let own = facts.interfaces.map { "\($0.name) \($0.prefix)" }
    if let name = request.interface, !facts.interfaces.contains(where: { $0.name == name }) {
      // Another name of an interface is known to the kernel, which vipd --check asks.
      if request.length != nil { return }
      return object(
        "no interface '\(name)' has an address: this host has \(own.joined(separator: ", "))",
        "say one of these; where '\(name)' is another name of one, say the length as well: VIP/LEN")
    }
    object(
      "no subnet of this host holds \(request.address): it has \(own.joined(separator: ", "))",
      "choose a free address in one of these, or give an interface an address in that subnet")
  }

  /// Whether it can be a virtual address at all, and belongs to no node.
  mutating func checkAddress() {
    let length = request.length ?? place?.prefix.length ?? request.address.hostPrefixLength
    let probe = "sentinel sentinel.invalid 1\nvip m \(request.address)/\(length) dev auto\n"
    do throws(ConfigurationError) {
      _ = try Configuration(parsing: probe, file: "")
    } catch {
      for problem in error.problems {
        object("\(request.address)/\(length): \(problem.message)", "choose another address")
      }
    }
    if sentinels.contains(where: { $0.address == request.address }) {
      object(
        "\(request.address) is the address of a Sentinel: a virtual address belongs to no node",
        "choose a free address")
    }
    let servers = [source?.master?.node].compactMap { $0 } + (source?.replicas ?? [])
    if let server = servers.first(where: { $0.address == request.address }) {
      object(
        "Sentinel names a Redis at \(server): a virtual address belongs to no node",
        server == source?.master?.node
          ? "choose a free address; where it is to be the one that clients use now, let Sentinel monitor"
            + " the master at an address of its host (SENTINEL REMOVE and MONITOR, on each)"
          : "choose a free address, or take the replica that announces it away")
    }
    if let own = mainAddress {
      object(
        "\(own.prefix) is \(own.name)'s own address on this host, the only one in that subnet",
        "choose a free address, or give \(own.name) another first")
    }
  }

  /// The virtual address where it is the first of its subnet on an interface of this host.
  private var mainAddress: InterfaceFacts? {
    guard
      let own = facts.interfaces.first(where: {
        $0.prefix.address == request.address
          && $0.prefix.length < request.address.hostPrefixLength
      })
    else { return nil }
    let hasOther = facts.interfaces.contains {
      $0.name == own.name && $0.prefix.address != request.address
        && $0.prefix.contains(request.address)
    }
    return hasOther ? nil : own
  }

  /// Whether somebody has the address whom nobody knows.
  mutating func checkClaim() {
    switch facts.claim {
    case .nobody: break
    case .here:
      if !facts.unit.isRunning {
        note(
          "this host has \(request.address) already, by another program or by hand; vipd adopts it",
          "take it out of what put it there, or there will be two who mean it")
      }
    case .elsewhere(let mac, let masterMAC, let runID):
      let master = source?.master
      let file = ExistingFile(facts.existing ?? "")
      if file.ignores(mac, for: request.master) { return }
      let isMasters = mac != nil && mac == masterMAC || runID != nil && runID == master?.runID
      let who = mac.map { " (\($0))" } ?? ""
      if isMasters {
        note(
          "the master's host has \(request.address) already\(who): a vipd there, or another program"
        )
      } else {
        object(
          "another machine answers for \(request.address)\(who), and it is not the master's host",
          "find it and take the address away there; where a machine answers for every address, write"
            + " 'probe \(request.master) ignore \(mac ?? "MAC")' into \(request.path) first")
      }
    }
  }
}
