import Addresses
import FailoverCore

@testable import Agent
@testable import Kernel

/// A kernel's addresses, in memory.
final class FakeAddresses: HostAddresses {
  private(set) var installed: [VirtualAddress] = []
  private(set) var watched: [VirtualAddress] = []
  var own: Set<IPAddress> = []
  /// What the kernel refuses.
  var failure: AddressFailure?
  var report: (HostNetworkEvent) -> Void = { _ in }
  private let log: FakeCalls

  init(_ log: FakeCalls) { self.log = log }

  func install(_ addresses: [VirtualAddress], for lifetime: KernelLifetime) -> [AddressProblem] {
    log.calls.append("install \(lifetime)")
    if let failure { return addresses.map { AddressProblem(address: $0, failure: failure) } }
    for address in addresses where !installed.contains(address) {
      installed.append(address)
      report(.appeared(address))
    }
    return []
  }

  func remove(_ addresses: [VirtualAddress]) -> [AddressProblem] {
    log.calls.append("remove")
    for address in addresses where installed.contains(address) {
      installed.removeAll { $0 == address }
      report(.vanished(address))
    }
    return []
  }

  func isReachable(_ address: VirtualAddress) -> Bool { installed.contains(address) }

  func present(among addresses: [VirtualAddress]) -> [StartupFacts.PresentAddress] {
    installed.filter(addresses.contains).map {
      StartupFacts.PresentAddress(virtualAddress: $0, remaining: .seconds(2))
    }
  }

  func isPresent(_ address: VirtualAddress) -> Bool { installed.contains(address) }

  func reread() {}

  private(set) var listenings = 0

  func listenAgain() { listenings += 1 }

  func watch(_ addresses: [VirtualAddress]) { watched = addresses }

  func isOwn(_ address: IPAddress) -> Bool { own.contains(address) }

  var ownAddresses: Set<IPAddress> { own.subtracting(watched.map(\.address)) }
}
