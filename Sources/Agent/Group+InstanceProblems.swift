import Addresses
import FailoverCore

/// What is wrong with how Sentinel names the instances, as seen from this host.
extension Group {
  /// What is wrong, the worst first; empty if all is well.
  var instanceProblems: [GroupProblem] {
    let isLoopback: (Endpoint) -> Bool = { $0.address.isLoopback }
    let isVirtual: (Endpoint) -> Bool = instances.namedVirtual.contains
    return [
      problem(
        "monitors-loopback", of: instances.masters(where: isLoopback), monitorsLoopback),
      problem(
        "monitors-virtual-address", of: instances.masters(where: isVirtual),
        monitorsVirtualAddress),
      problem("names-loopback", of: instances.replicas(where: isLoopback), namesLoopback),
      problem(
        "names-virtual-address", of: instances.replicas(where: isVirtual), namesVirtualAddress),
      notInGroup,
    ].compactMap { $0 }
  }

  private func problem(
    _ label: String, of names: [(by: SentinelID, named: Endpoint)],
    _ sentence: (_ by: Subject, _ named: Endpoint) -> String
  ) -> GroupProblem? {
    guard let named = names.first?.named else { return nil }
    let by = Subject(sentinels: names.filter { $0.named == named }.map(\.by))
    return GroupProblem(label: label, sentence: sentence(by, named))
  }

  private func monitorsLoopback(_ by: Subject, _ named: Endpoint) -> String {
    "\(by.doing("monitor")) \(masterName) at \(named), which every host takes for itself"
      + "\(Self.hostNameHint(named)): on each Sentinel SENTINEL REMOVE \(masterName), then "
      + "SENTINEL MONITOR \(masterName) ADDRESS PORT QUORUM with an address that all hosts reach"
  }

  private func namesLoopback(_ by: Subject, _ named: Endpoint) -> String {
    "\(by.doing("list")) a replica at \(named), which every host takes for itself"
      + "\(Self.hostNameHint(named)); it is not followed. Set replica-announce-ip in its "
      + "redis.conf to an address that all hosts reach, then SENTINEL RESET \(masterName)"
  }

  private func monitorsVirtualAddress(_ by: Subject, _ named: Endpoint) -> String {
    "\(by.doing("monitor")) the virtual address \(named.address) as the master: SENTINEL REMOVE "
      + "\(masterName), then SENTINEL MONITOR \(masterName) NODE PORT QUORUM on each Sentinel"
  }

  private func namesVirtualAddress(_ by: Subject, _ named: Endpoint) -> String {
    "\(by.doing("list")) the virtual address \(named) as a replica; it is not followed. Remove it "
      + "with SENTINEL RESET \(masterName) once no replica uses that address"
  }

  /// The Sentinels of which a sentence speaks.
  private struct Subject {
    var sentinels: [SentinelID]

    /// The beginning of the sentence, up to its verb.
    func doing(_ verb: String) -> String {
      let names = sentinels.map(\.description).joined(separator: ", ")
      return sentinels.count == 1 ? "Sentinel \(names) \(verb)s" : "Sentinels \(names) \(verb)"
    }
  }

  /// Debian gives a host's own name this address (`/etc/hosts`, Debian reference §5.1.1).
  private static func hostNameHint(_ named: Endpoint) -> String {
    guard named.address == .v4(IPv4Address(127, 0, 1, 1)) else { return "" }
    return " (/etc/hosts often gives it to a host's own name: give that name its real address)"
  }

  private var notInGroup: GroupProblem? {
    let named = instances.known.filter { !instances.isNobody($0) }
    guard instances.own.isEmpty, !named.isEmpty else { return nil }
    let here = services.network.ownAddresses.filter { !$0.isLoopback && !$0.isLinkLocal }.sorted()
    return GroupProblem(
      label: "not-in-group",
      sentence: "no Sentinel names an instance of this host: they name \(Self.list(named)); "
        + "this host has \(here.isEmpty ? "no address" : Self.list(here)). "
        + "Add: redis \(masterName) ADDRESS PORT (as Sentinel names it)")
  }

  /// The first few of a list, which a message of a stranger must not make endless.
  private static func list(_ items: [some CustomStringConvertible]) -> String {
    let shown = items.prefix(8).map(\.description).joined(separator: ", ")
    return items.count > 8 ? "\(shown) and \(items.count - 8) more" : shown
  }
}
