import Addresses
import FailoverCore

@testable import Agent
@testable import Kernel

/// The interfaces of virtual addresses, in memory.
final class FakeLinks: HostLinks {
  private(set) var announced: [VirtualAddress] = []
  /// Who answers when it is asked who has an address.
  var claimants: [IPAddress: [MACAddress]] = [:]
  /// Ethernet addresses of the host's own.
  var ownMACs: Set<MACAddress> = []
  private(set) var probed: [VirtualAddress] = []
  /// What keeps addresses from serving here.
  var troubles: [VirtualAddress: [AddressTrouble]] = [:]
  var settings = HostSettings()
  var report: (HostNetworkEvent) -> Void = { _ in }

  func announce(_ address: VirtualAddress) -> AddressProblem? {
    announced.append(address)
    return nil
  }

  func probe(_ address: VirtualAddress) -> AddressProblem? {
    probed.append(address)
    for mac in claimants[address.address] ?? [] { report(.claimed(address.address, by: mac)) }
    return nil
  }

  func troubles(of address: VirtualAddress) -> [AddressTrouble] { troubles[address] ?? [] }

  func canCarry(_ address: VirtualAddress) -> Bool {
    !troubles(of: address).contains(where: \.isOfLink)
  }

  func interfaceName(of address: VirtualAddress) -> String? { address.interface }

  func isOwn(_ macAddress: MACAddress) -> Bool { ownMACs.contains(macAddress) }
}
