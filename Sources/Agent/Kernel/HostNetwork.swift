import Addresses
import FailoverCore
import LinuxNetwork
import Packets

/// The host's addresses, as a group's orders need them.
///
/// The kernel behind it, or a fake in tests. Every call is carried out inline on the event loop.
/// Nothing here decides; failures come back as values.
protocol HostNetwork: AnyObject {
  /// Installs addresses, or renews those that are there.
  ///
  /// - Returns: those for which it failed, with the reason.
  func install(_ addresses: [VirtualAddress], for lifetime: KernelLifetime) -> [AddressProblem]
  /// Removes addresses from whichever interface has them.
  ///
  /// - Returns: those for which it failed, with the reason.
  func remove(_ addresses: [VirtualAddress]) -> [AddressProblem]
  /// Ends the TCP sessions of clients that hang on the addresses.
  ///
  /// - Returns: how many were ended; nothing if this kernel can't.
  func endSessions(of addresses: [VirtualAddress]) -> Int?
  /// Ends connections to another node that the local Redis closed, with what they would still send.
  func endClosedConnections(to node: Endpoint)
  /// Waits until nobody is connected to the addresses that are here, or the time is over.
  ///
  /// It blocks the loop, so the time is a few milliseconds at most.
  func waitForSessionsToEnd(of addresses: [VirtualAddress], port: UInt16, for time: Duration)
  /// How many connections came and are there: while it is the same, nobody has come or gone.
  ///
  /// - Returns: nothing if this kernel can't tell.
  func connectionTally() -> ConnectionTally?
  /// Begins to read who is connected to an address and port; what was begun before is given up.
  ///
  /// - Returns: whether this kernel can tell.
  func beginReadingClients(of endpoint: Endpoint) -> Bool
  /// Reads on.
  ///
  /// - Returns: whether the end was reached, and how many clients beyond the limit there were;
  ///   nothing if it failed.
  func readClients(
    datagrams: Int, into clients: inout [PackedEndpoint], limit: Int
  ) -> (isComplete: Bool, excess: Int)?
  /// Sends a tickle from an address to a client of it, once.
  ///
  /// - Returns: whether it could be sent.
  func tickle(
    _ client: PackedEndpoint, from source: PackedEndpoint, of address: VirtualAddress,
    _ variant: TickleSegment.Variant
  ) -> Bool
  /// How many connections to an address and port wait for the server to accept them.
  ///
  /// - Returns: nothing if this kernel can't tell, or nobody listens.
  func acceptQueue(of endpoint: Endpoint) -> AcceptQueue?
  /// Whether the kernel answers for an address by now.
  func isReachable(_ address: VirtualAddress) -> Bool
  /// Tells the link where an address is, once: an ARP pair, or a neighbour advertisement.
  func announce(_ address: VirtualAddress) -> AddressProblem?
  /// Asks the link once who has an address; answers arrive as claims.
  func probe(_ address: VirtualAddress) -> AddressProblem?
  /// Which of the addresses the kernel has, and for how long.
  func present(among addresses: [VirtualAddress]) -> [StartupFacts.PresentAddress]
  /// Whether the kernel has an address, as far as is known.
  func isPresent(_ address: VirtualAddress) -> Bool
  /// What keeps an address from serving on this host, once it comes or now.
  func troubles(of address: VirtualAddress) -> [AddressTrouble]
  /// Whether the interface of an address can carry traffic, as far as is known.
  func canCarry(_ address: VirtualAddress) -> Bool
  /// The interface that an address belongs to; nothing if that can't be told.
  func interfaceName(of address: VirtualAddress) -> String?
  /// What is known of the settings of interfaces; whoever reads them keeps them here.
  var settings: HostSettings { get set }
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
  /// Whether an Ethernet address is one of the host's own.
  func isOwn(_ macAddress: MACAddress) -> Bool
}

/// An order for one address that failed.
struct AddressProblem: Equatable {
  var address: VirtualAddress
  var failure: AddressFailure
}

/// What the host's network reports by itself.
enum HostNetworkEvent: Equatable {
  /// The kernel has a watched address now.
  case appeared(VirtualAddress)
  /// The kernel no longer has a watched address.
  case vanished(VirtualAddress)
  /// Another machine claims a watched address.
  case claimed(IPAddress, by: MACAddress)
  /// The interface of watched addresses can't carry traffic any more.
  case linkLost([VirtualAddress])
  /// The interface of watched addresses can carry traffic again, or its Ethernet address changed.
  case linkRestored([VirtualAddress])
  /// Another machine asks who has a watched address, and is about to take it; `own` is this host's
  /// Ethernet address on the same link.
  case probed(IPAddress, by: MACAddress, own: MACAddress)
  /// The host's own addresses changed.
  case ownAddressesChanged
}

/// Why the host's network can't be used at all.
struct HostNetworkError: Error, Equatable {
  let text: String
}
