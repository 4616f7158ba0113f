import Addresses
import FailoverCore
import LinuxNetwork
import Packets

@testable import Agent

/// A network that does what it is told, in memory.
final class FakeNetwork: HostNetwork {
  private(set) var installed: [VirtualAddress] = []
  private(set) var watched: [VirtualAddress] = []
  private(set) var announced: [VirtualAddress] = []
  var calls: [String] = []
  var own: Set<IPAddress> = []
  /// Who is connected to which address and port, and how many of them a datagram holds.
  var clients: [Endpoint: [PackedEndpoint]] = [:]
  var clientsInDatagram = 2
  var canReadClients = true
  var canEndSessions = true
  private var unread: [PackedEndpoint] = []
  private(set) var tickles: [TickleSegment] = []
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

  func endSessions(of addresses: [VirtualAddress]) -> Int? {
    calls.append("end sessions")
    defer { sessions = 0 }
    return canEndSessions ? sessions : nil
  }

  func endClosedConnections(to node: Endpoint) { calls.append("end closed to \(node)") }

  func waitForSessionsToEnd(
    of addresses: [VirtualAddress], port: UInt16, for time: Duration
  ) {
    calls.append("wait for sessions")
  }

  /// What the kernel counts of connections; nothing if it can't.
  var tally: ConnectionTally?
  private(set) var readings = 0

  func connectionTally() -> ConnectionTally? { tally }

  func beginReadingClients(of endpoint: Endpoint) -> Bool {
    guard canReadClients else { return false }
    readings += 1
    unread = clients[endpoint] ?? []
    return true
  }

  func readClients(
    datagrams: Int, into clients: inout [PackedEndpoint], limit: Int
  ) -> (isComplete: Bool, excess: Int)? {
    let part = unread.prefix(datagrams * clientsInDatagram)
    unread = Array(unread.dropFirst(part.count))
    let room = max(0, limit - clients.count)
    clients += part.prefix(room)
    return (unread.isEmpty, max(0, part.count - room))
  }

  func tickle(
    _ client: PackedEndpoint, from source: PackedEndpoint, of address: VirtualAddress,
    _ variant: TickleSegment.Variant
  ) -> Bool {
    tickles.append(
      TickleSegment(source: source, destination: client, variant: variant))
    return true
  }

  /// How many connections wait to be accepted; nothing if the kernel can't tell.
  var queue: AcceptQueue?
  private(set) var queueReadings = 0

  func acceptQueue(of endpoint: Endpoint) -> AcceptQueue? {
    queueReadings += 1
    return queue
  }

  func isReachable(_ address: VirtualAddress) -> Bool { installed.contains(address) }

  func announce(_ address: VirtualAddress) -> AddressProblem? {
    announced.append(address)
    return nil
  }

  /// Who answers when it is asked who has an address.
  var claimants: [IPAddress: [MACAddress]] = [:]
  /// Ethernet addresses of the host's own.
  var ownMACs: Set<MACAddress> = []
  private(set) var probed: [VirtualAddress] = []

  func probe(_ address: VirtualAddress) -> AddressProblem? {
    probed.append(address)
    for mac in claimants[address.address] ?? [] { report(.claimed(address.address, by: mac)) }
    return nil
  }

  func present(among addresses: [VirtualAddress]) -> [StartupFacts.PresentAddress] {
    installed.filter(addresses.contains).map {
      StartupFacts.PresentAddress(virtualAddress: $0, remaining: .seconds(2))
    }
  }

  func isPresent(_ address: VirtualAddress) -> Bool { installed.contains(address) }

  /// What keeps addresses from serving here.
  var troubles: [VirtualAddress: [AddressTrouble]] = [:]
  var settings = HostSettings()

  func troubles(of address: VirtualAddress) -> [AddressTrouble] { troubles[address] ?? [] }

  func canCarry(_ address: VirtualAddress) -> Bool {
    !troubles(of: address).contains(where: \.isOfLink)
  }

  func interfaceName(of address: VirtualAddress) -> String? { address.interface }

  func reread() {}

  private(set) var listenings = 0

  func listenAgain() { listenings += 1 }

  func watch(_ addresses: [VirtualAddress]) { watched = addresses }

  func isOwn(_ address: IPAddress) -> Bool { own.contains(address) }

  var ownAddresses: Set<IPAddress> { own.subtracting(watched.map(\.address)) }

  func isOwn(_ macAddress: MACAddress) -> Bool { ownMACs.contains(macAddress) }
}
