import Addresses
import FailoverCore
import Glibc
import LinuxNetwork
import Logging
import Packets
import Platform

/// The sessions of clients, over socket diagnosis and raw sockets.
///
/// A socket is opened when it is first needed; that something can't be done is logged once.
final class LinuxSessions: HostSessions {
  /// Sessions that are ended before an address is removed: some 5 ms.
  private static let sessionsBeforeRemoval = 500

  private let host: LinuxHost
  /// Nothing on a kernel without socket diagnosis.
  private var sessions = try? SessionTable()
  private var reader: SessionReader?
  private var tally: ConnectionTallyReader?
  private var tickler: TickleSocket?
  private var queues: AcceptQueueReader?
  private var ports: PortUseReader?

  /// What fails; the raw values are the beginnings of the lines.
  private enum Complaint: String {
    case ending = "The sessions of a virtual address can't be ended"
    case reading = "The clients of a virtual address can't be read"
    case waking = "A client can't be woken"
    case lookingForSockets = "Whether the local Redis still has a socket can't be read"
    case counting = "How many connections wait to be accepted can't be read"
  }

  init(of host: LinuxHost) { self.host = host }

  private func complain(_ complaint: Complaint, _ text: String) {
    host.failureLog.warning("\(complaint.rawValue): \(text)")
  }

  // MARK: - Ending sessions

  func endSessions(of addresses: [VirtualAddress]) -> Int? {
    guard sessions != nil else { return nil }
    var ended = 0
    for address in addresses {
      // Thousands of sessions must not keep the address here: the rest ends after its removal.
      let limit = host.isPresent(address) ? Self.sessionsBeforeRemoval : .max
      do {
        switch try sessions?.endSessions(of: address.address, limit: limit) {
        case .ended(let count): ended += count
        case .unsupported, nil:
          complain(.ending, "this kernel can't (CONFIG_INET_DIAG_DESTROY); Redis is asked to")
          return nil
        }
      } catch {
        complain(.ending, error.description)
      }
    }
    return ended
  }

  func endClosedConnections(to node: Endpoint) {
    do {
      // A kernel that can't has said so at the first session.
      _ = try sessions?.endClosedConnections(to: node)
    } catch {
      complain(.ending, error.description)
    }
  }

  func waitForSessionsToEnd(
    of addresses: [VirtualAddress], port: UInt16, for time: Duration
  ) {
    for _ in 0..<max(1, time.wholeMilliseconds) {
      let remain = addresses.contains { address in
        guard host.isPresent(address) else { return false }
        let sessions = try? sessions?.establishedSessions(to: address.address, port: port)
        return sessions.map { !$0.isEmpty } ?? false
      }
      guard remain else { return }
      poll(nil, 0, 1)
    }
  }

  // MARK: - Reading clients and waking them

  func connectionTally() -> ConnectionTally? {
    if tally == nil { tally = ConnectionTallyReader() }
    return tally?.read()
  }

  func beginReadingClients(of endpoint: Endpoint) -> Bool {
    do {
      if reader == nil { reader = try SessionReader() }
      try reader?.begin(endpoint)
      return true
    } catch {
      complain(.reading, error.description)
      return false
    }
  }

  func readClients(
    datagrams: Int, into clients: inout [PackedEndpoint], limit: Int
  ) -> (isComplete: Bool, excess: Int)? {
    do {
      return try reader?.read(datagrams: datagrams, into: &clients, limit: limit)
    } catch {
      complain(.reading, error.description)
      return nil
    }
  }

  func tickle(
    _ client: PackedEndpoint, from source: PackedEndpoint, of address: VirtualAddress,
    _ variant: TickleSegment.Variant
  ) -> Bool {
    guard let link = host.link(of: address) else { return false }
    do {
      if tickler == nil { tickler = try TickleSocket() }
      try tickler?.send(from: source, to: client, variant, on: link.index)
      return true
    } catch {
      complain(.waking, "\(error)")
      return false
    }
  }

  func acceptQueue(of endpoint: Endpoint) -> AcceptQueue? {
    do {
      if queues == nil { queues = try AcceptQueueReader() }
      return try queues?.queue(of: endpoint)
    } catch {
      complain(.counting, "\(error)")
      return nil
    }
  }

  func use(of endpoint: Endpoint) -> PortUse? {
    do {
      if ports == nil { ports = try PortUseReader() }
      return try ports?.use(of: endpoint)
    } catch {
      complain(.lookingForSockets, "\(error)")
      return nil
    }
  }
}
