package import Addresses
package import FailoverCore
package import LinuxNetwork
package import Packets

/// The TCP sessions of clients with the virtual addresses.
package protocol HostSessions: AnyObject {
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
  /// What processes of this host have of an endpoint's port.
  ///
  /// - Returns: nothing if this kernel can't tell.
  func use(of endpoint: Endpoint) -> PortUse?
}
