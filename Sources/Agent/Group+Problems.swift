import Configuration
import FailoverCore
import Logging

/// Something wrong with a group that an operator should look at now: `status` exits with 3.
///
/// Unlike an alarm, which tells what happened, it stands as long as it is so.
struct GroupProblem: Equatable, Sendable {
  /// The label of the metric, and the id in the JSON; never changed once released.
  let label: String
  /// The cause, then what to do, in one sentence or two.
  let sentence: String
}

extension Group {
  /// What is wrong with the group now, as far as this host knows; empty if all is well.
  var problems: [GroupProblem] {
    nameProblems + wordProblems + instanceProblems + countProblems + ruleProblems + hostProblems
      + claimProblems + secondDaemonProblems
  }

  /// Whoever keeps the addresses from the master that is named.
  private var claimProblems: [GroupProblem] {
    let status = status
    guard status.state == .standby, status.localRole == .master else { return [] }
    let address = status.virtualAddresses.first.map { "\($0.address)" } ?? "the address"
    return status.obstacles.compactMap { obstacle in
      guard case .addressInUse(let mac) = obstacle else { return nil }
      return GroupProblem(
        label: "address-in-use",
        sentence: "\(mac) answers for \(address), so it is not taken here: find that machine (ip "
          + "neigh, the switch's table) and remove the address there; where it answers for every "
          + "address, as LVS and proxy ARP do, write 'probe \(masterName) ignore \(mac)'")
    }
  }

  /// What keeps the addresses from serving on this host, now or once they come.
  var hostProblems: [GroupProblem] {
    AddressTrouble.grouped(section.virtualAddresses, services.network.troubles).map {
      let isHere = $0.addresses.contains(where: services.network.isPresent)
      return GroupProblem(
        label: $0.trouble.label,
        sentence: $0.trouble.sentence(
          of: $0.addresses, move: isHere ? "vipctl move \(masterName)" : nil))
    }
  }

  /// Takes in that the interface of some addresses can't carry traffic any more.
  func lostLink(of addresses: [VirtualAddress]) {
    let own = section.virtualAddresses.filter(addresses.contains)
    guard !own.isEmpty else { return }
    carrier.lose(own, at: services.clock.now())
    handle(.linkLost(own))
    // The others must not choose this host now.
    stateLineAt = nil
  }

  /// Takes in that it can again.
  func restoredLink(of addresses: [VirtualAddress]) {
    let own = section.virtualAddresses.filter(addresses.contains)
    guard !own.isEmpty else { return }
    carrier.restore(own)
    handle(.linkRestored(own))
    stateLineAt = nil
  }
}
