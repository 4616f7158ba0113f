import Control
import FailoverCore
import Kernel

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
