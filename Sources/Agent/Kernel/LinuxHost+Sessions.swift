import Addresses
import FailoverCore
import Glibc
import LinuxNetwork
import Logging
import Packets

// MARK: - Ending sessions

extension LinuxHost {
  func endSessions(of addresses: [VirtualAddress]) -> Int? {
    guard sessions != nil else { return nil }
    var ended = 0
    for address in addresses {
      // Thousands of sessions must not keep the address here: the rest ends after its removal.
      let limit = present.contains(address) ? Self.sessionsBeforeRemoval : .max
      do {
        switch try sessions?.endSessions(of: address.address, limit: limit) {
        case .ended(let count): ended += count
        case .unsupported, nil:
          complainOfSessions("this kernel can't (CONFIG_INET_DIAG_DESTROY); Redis is asked to")
          return nil
        }
      } catch {
        complainOfSessions(error.description)
      }
    }
    return ended
  }

  func endClosedConnections(to node: Endpoint) {
    do {
      // A kernel that can't has said so at the first session.
      _ = try sessions?.endClosedConnections(to: node)
    } catch {
      complainOfSessions(error.description)
    }
  }

  func waitForSessionsToEnd(
    of addresses: [VirtualAddress], port: UInt16, for time: Duration
  ) {
    for _ in 0..<max(1, time.wholeMilliseconds) {
      let remain = addresses.contains { address in
        guard present.contains(address) else { return false }
        let sessions = try? sessions?.establishedSessions(to: address.address, port: port)
        return sessions.map { !$0.isEmpty } ?? false
      }
      guard remain else { return }
      poll(nil, 0, 1)
    }
  }

  private func complainOfSessions(_ text: String) {
    failureLog.warning("The sessions of a virtual address can't be ended: \(text)")
  }
}

// MARK: - Reading clients and waking them

extension LinuxHost {
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
      complainOfReading(error.description)
      return false
    }
  }

  func readClients(
    datagrams: Int, into clients: inout [PackedEndpoint], limit: Int
  ) -> (isComplete: Bool, excess: Int)? {
    do {
      return try reader?.read(datagrams: datagrams, into: &clients, limit: limit)
    } catch {
      complainOfReading(error.description)
      return nil
    }
  }

  private func complainOfReading(_ text: String) {
    failureLog.warning("The clients of a virtual address can't be read: \(text)")
  }

  func tickle(
    _ client: PackedEndpoint, from source: PackedEndpoint, of address: VirtualAddress,
    _ variant: TickleSegment.Variant
  ) -> Bool {
    guard let link = link(of: address) else { return false }
    do {
      if tickler == nil { tickler = try TickleSocket() }
      try tickler?.send(from: source, to: client, variant, on: link.index)
      return true
    } catch {
      failureLog.warning("A client can't be woken: \(error)")
      return false
    }
  }

  func isPresent(_ address: VirtualAddress) -> Bool { present.contains(address) }

  func isReachable(_ address: VirtualAddress) -> Bool {
    present.contains(address) && !awaited.contains(address)
  }
}
