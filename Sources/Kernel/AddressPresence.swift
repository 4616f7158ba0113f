import Addresses
import FailoverCore
import LinuxNetwork

/// Which watched addresses the kernel has, and which addresses are the host's own.
///
/// Groups share it, and each learns of its addresses from the differences alone. So whatever is
/// found, on whoever's question, is told to all: what is taken in without a word is no difference
/// any more when the kernel's own notification comes.
struct AddressPresence {
  /// The watched addresses that the kernel has.
  private(set) var present: Set<VirtualAddress> = []
  /// The host's own addresses, without the watched ones.
  private(set) var own: Set<IPAddress> = []
  private var watched: [IPAddress: VirtualAddress] = [:]

  /// The addresses that are watched.
  var watchedAddresses: Set<IPAddress> { Set(watched.keys) }

  /// The watched address of a number; nil if it is not watched.
  func watched(_ address: IPAddress) -> VirtualAddress? { watched[address] }

  /// Watches these addresses, and no other.
  ///
  /// - Returns: those that were not watched before: of them nothing was ever told.
  mutating func watch(_ addresses: [VirtualAddress]) -> Set<VirtualAddress> {
    let before = Set(watched.values)
    watched = Dictionary(addresses.map { ($0.address, $0) }) { first, _ in first }
    present.formIntersection(addresses)
    return Set(addresses).subtracting(before)
  }

  /// Whether an address is one of the host's own.
  func isOwn(_ address: IPAddress) -> Bool {
    own.contains(address) && watched[address] == nil
  }

  /// Takes in that an address was installed here.
  ///
  /// - Returns: whether it was not there before.
  mutating func installed(_ address: VirtualAddress) -> Bool {
    present.insert(address).inserted
  }

  /// Takes in that an address was removed here.
  ///
  /// - Returns: whether it was there before.
  mutating func removed(_ address: VirtualAddress) -> Bool {
    present.remove(address) != nil
  }

  /// Takes in all addresses that the kernel has.
  ///
  /// - Parameters:
  ///   - assigned: the addresses.
  ///   - asked: those of whoever asked, who reads the answer and is told nothing besides.
  /// - Returns: what is to be told.
  mutating func take(
    _ assigned: [AssignedAddress], askedFor asked: Set<VirtualAddress>
  ) -> [HostNetworkEvent] {
    let now = Set(assigned.movable(watchedAddresses).compactMap { watched[$0.address] })
    let ownNow = Set(assigned.map(\.address)).subtracting(watched.keys)
    let vanished = present.subtracting(now).subtracting(asked)
    let appeared = now.subtracting(present).subtracting(asked)
    let hasOwnChanged = ownNow != own
    present = now
    own = ownNow
    return vanished.map(HostNetworkEvent.vanished) + appeared.map(HostNetworkEvent.appeared)
      + (hasOwnChanged ? [.ownAddressesChanged] : [])
  }

  /// Whether news that ``take(_:askedFor:)`` found still hold.
  ///
  /// Whoever is told of one lost address puts all of its group back at once: the loss of the next is
  /// over then before it is told, and nothing would ever tell that it is.
  func holds(_ event: HostNetworkEvent) -> Bool {
    switch event {
    case .vanished(let address): !present.contains(address)
    case .appeared(let address): present.contains(address)
    case .claimed, .linkLost, .linkRestored, .probed, .ownAddressesChanged: true
    }
  }
}
