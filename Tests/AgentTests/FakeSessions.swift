import Addresses
import FailoverCore
import Kernel
import LinuxNetwork
import Packets

@testable import Agent

/// The clients of virtual addresses, in memory.
final class FakeSessions: HostSessions {
  /// Who is connected to which address and port, and how many of them a datagram holds.
  var clients: [Endpoint: [PackedEndpoint]] = [:]
  var clientsInDatagram = 2
  var canReadClients = true
  var canEndSessions = true
  /// How many sessions the next call ends.
  var sessions = 0
  /// What the kernel counts of connections; nothing if it can't.
  var tally: ConnectionTally?
  /// How many connections wait to be accepted; nothing if the kernel can't tell.
  var queue: AcceptQueue?
  /// What processes have of any port; nothing if the kernel can't tell.
  var portUse: PortUse? = .listened
  private(set) var portReadings = 0
  private(set) var readings = 0
  private(set) var queueReadings = 0
  private(set) var tickles: [TickleSegment] = []
  private var unread: [PackedEndpoint] = []
  private let log: FakeCalls

  init(_ log: FakeCalls) { self.log = log }

  func endSessions(of addresses: [VirtualAddress]) -> Int? {
    log.calls.append("end sessions")
    defer { sessions = 0 }
    return canEndSessions ? sessions : nil
  }

  func endClosedConnections(to node: Endpoint) { log.calls.append("end closed to \(node)") }

  func waitForSessionsToEnd(
    of addresses: [VirtualAddress], port: UInt16, for time: Duration
  ) {
    log.calls.append("wait for sessions")
  }

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

  func use(of endpoint: Endpoint) -> PortUse? {
    portReadings += 1
    return portUse
  }

  func acceptQueue(of endpoint: Endpoint) -> AcceptQueue? {
    queueReadings += 1
    return queue
  }
}
