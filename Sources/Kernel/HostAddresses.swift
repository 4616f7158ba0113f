package import Addresses
package import FailoverCore

/// The addresses that the kernel has: the virtual ones, and the host's own.
///
/// Every call is carried out inline on the event loop. Nothing here decides; failures come back as
/// values.
package protocol HostAddresses: AnyObject {
  /// Installs addresses, or renews those that are there.
  ///
  /// - Returns: those for which it failed, with the reason.
  func install(_ addresses: [VirtualAddress], for lifetime: KernelLifetime) -> [AddressProblem]
  /// Removes addresses from whichever interface has them.
  ///
  /// - Returns: those for which it failed, with the reason.
  func remove(_ addresses: [VirtualAddress]) -> [AddressProblem]
  /// Which of the addresses the kernel has, and for how long.
  func present(among addresses: [VirtualAddress]) -> [StartupFacts.PresentAddress]
  /// Whether the kernel has an address, as far as is known.
  func isPresent(_ address: VirtualAddress) -> Bool
  /// Whether the kernel answers for an address by now.
  func isReachable(_ address: VirtualAddress) -> Bool
  /// Reads again what the kernel has, and reports what changed.
  func reread()
  /// Listens to the kernel again, if an order of the last event interrupted that; whatever has come
  /// in meanwhile is reported now.
  func listenAgain()
  /// Watches these addresses from now on: for claims of others, and for changes in the kernel.
  func watch(_ addresses: [VirtualAddress])
  /// Whether an address is one of the host's own, and not a virtual one.
  func isOwn(_ address: IPAddress) -> Bool
  /// The host's own addresses, without the virtual ones.
  var ownAddresses: Set<IPAddress> { get }
}
