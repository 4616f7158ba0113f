import Configuration
import Control
import ControlProtocol
import FailoverCore
import Kernel
import Platform
import Wording

extension Daemon: ControlledDaemon {
  var controlledGroups: [any ControlledGroup] { groups }

  var followsFile: Bool { reloader != nil }

  func interfaceName(of address: VirtualAddress) -> String? {
    network.links.interfaceName(of: address)
  }

  func countRefusedClient() { counters.refusedClients += 1 }

  func readFileAgain(_ done: @escaping (_ refusal: String?) -> Void) {
    reloader?.request { reasons in done(reasons.isEmpty ? nil : Reloader.list(reasons)) }
  }

  func tellReports(to listener: ((GroupReport) -> Void)?, as key: ObjectIdentifier) {
    reportListeners[key] = listener
  }
}

extension Daemon {
  /// Reads how this host is, for `vipctl doctor`.
  func readFacts(of section: GroupSection, _ done: @escaping (HostFactsDocument) -> Void) {
    let names = section.virtualAddresses.compactMap(network.links.interfaceName)
    let path = reloader?.path ?? ""
    hostFacts.read(
      section, loaded.configuration, path: path, interfaces: Set(names)
    ) { [weak self] facts in
      guard let self else { return }
      var facts = facts
      facts.version = Version.full
      facts.configurationPath = path
      facts.problems = problems.map { problem in
        StatusDocument.Problem { ($0.id, $0.text) = (problem.label, problem.sentence) }
      }
      done(facts)
    }
  }
}
