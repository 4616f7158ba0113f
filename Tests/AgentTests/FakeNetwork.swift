import Addresses
import FailoverCore

@testable import Agent

/// A network that does what it is told, in memory.
final class FakeNetwork: HostNetwork {
  private(set) var installed: [VirtualAddress] = []
  private(set) var watched: [VirtualAddress] = []
  private(set) var announced: [VirtualAddress] = []
  private(set) var calls: [String] = []
  var own: Set<IPAddress> = []
  /// What the kernel refuses.
  var failure: AddressFailure?
  var report: (HostNetworkEvent) -> Void = { _ in }

  func install(_ addresses: [VirtualAddress], for lifetime: KernelLifetime) -> [AddressProblem] {
    calls.append("install \(lifetime)")
    if let failure { return addresses.map { AddressProblem(address: $0, failure: failure) } }
    for address in addresses where !installed.contains(address) {
      installed.append(address)
      report(.appeared(address))
    }
    return []
  }

  func remove(_ addresses: [VirtualAddress]) -> [AddressProblem] {
    calls.append("remove")
    for address in addresses where installed.contains(address) {
      installed.removeAll { $0 == address }
      report(.vanished(address))
    }
    return []
  }

  /// How many sessions the next call ends.
  var sessions = 0

  func endSessions(of addresses: [VirtualAddress]) -> Int {
    calls.append("end sessions")
    defer { sessions = 0 }
    return sessions
  }

  func announce(_ address: VirtualAddress) -> AddressProblem? {
    announced.append(address)
    return nil
  }

  func probe(_ address: VirtualAddress) -> AddressProblem? { nil }

  func present(among addresses: [VirtualAddress]) -> [StartupFacts.PresentAddress] {
    installed.filter(addresses.contains).map {
      StartupFacts.PresentAddress(virtualAddress: $0, remaining: .seconds(2))
    }
  }

  func isPresent(_ address: VirtualAddress) -> Bool { installed.contains(address) }

  func doubts(about address: VirtualAddress) -> [String] { [] }

  func reread() {}

  func watch(_ addresses: [VirtualAddress]) { watched = addresses }

  func isOwn(_ address: IPAddress) -> Bool { own.contains(address) }
}
