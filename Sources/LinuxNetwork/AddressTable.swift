public import Addresses
import CMnl
import Glibc

/// The kernel's table of addresses (rtnetlink(7)), over one netlink socket.
///
/// Every call is made and answered inline: adding an address takes some microseconds. Adding and
/// deleting needs `CAP_NET_ADMIN`.
public struct AddressTable: ~Copyable {
  private var socket: NetlinkSocket

  /// Opens a socket to the kernel's routing part, in the network namespace of this thread.
  public init() throws(NetlinkError) {
    do {
      self.socket = try NetlinkSocket(bus: NETLINK_ROUTE, object: "the address table")
    } catch {
      throw .callFailed(error)
    }
  }

  /// Makes changes in order, many in one datagram, and says of each what came of it.
  ///
  /// One refused change does not keep the others from being made. An error that is thrown leaves
  /// open which were made: read the addresses again.
  ///
  /// - Parameter changes: the changes.
  /// - Returns: as many outcomes, in the same order.
  /// - Throws: `callFailed` or `malformed`.
  public mutating func apply(
    _ changes: [AddressChange]
  ) throws(NetlinkError) -> [AddressChangeOutcome] {
    let refusals = try unsafe socket.transact(count: changes.count) { index in
      changes[index].description
    } encode: { index, flags, sequence, buffer in
      unsafe NetlinkRequest.change(changes[index], flags: flags, sequence: sequence, into: buffer)
    }
    return zip(changes, refusals).map { AddressChangeOutcome(of: $0, refusal: $1) }
  }

  /// Makes one change.
  ///
  /// - Returns: what came of it; never `refused`, which is thrown.
  @discardableResult
  public mutating func apply(_ change: AddressChange) throws(NetlinkError) -> AddressChangeOutcome {
    guard let outcome = try apply([change]).first else { return .done }
    if case .refused(let refusal) = outcome { throw .refused(refusal) }
    return outcome
  }

  /// Removes addresses from whichever interface has them, with whatever prefix length.
  ///
  /// - Parameter addresses: the addresses.
  /// - Returns: what was there, each with what came of removing it.
  /// - Throws: any `NetlinkError`.
  @discardableResult
  public mutating func deleteEverywhere(
    _ addresses: Set<IPAddress>
  ) throws(NetlinkError) -> [(AssignedAddress, AddressChangeOutcome)] {
    let present = try self.addresses().filter { addresses.contains($0.address) }
    let outcomes = try apply(
      present.map { .delete($0.address, prefixLength: $0.prefixLength, on: $0.interface) })
    return Array(zip(present, outcomes))
  }

  /// All addresses of all interfaces.
  public mutating func addresses() throws(NetlinkError) -> [AssignedAddress] {
    try unsafe socket.dump(name: "RTM_GETADDR") { sequence, buffer in
      unsafe NetlinkRequest.dumpAddresses(sequence: sequence, into: buffer)
    } decode: { type, payload throws(NetlinkError) in
      type == Kernel.newAddress ? try AssignedAddress(payload: payload) : nil
    }
  }

  /// All interfaces.
  public mutating func links() throws(NetlinkError) -> [Link] {
    try unsafe socket.dump(name: "RTM_GETLINK") { sequence, buffer in
      unsafe NetlinkRequest.dumpLinks(sequence: sequence, into: buffer)
    } decode: { type, payload throws(NetlinkError) in
      type == Kernel.newLink ? try Link(payload: payload) : nil
    }
  }
}

extension AddressChangeOutcome {
  /// Sorts a refusal into the outcomes that a caller expects and those that it doesn't.
  ///
  /// An interface that is gone has taken its addresses along: for a deletion that is as good.
  init(of change: AddressChange, refusal: KernelRefusal?) {
    switch (change, refusal?.errno) {
    case (_, nil): self = .done
    case (.add, .exists): self = .alreadyPresent
    case (.delete, .addressNotAvailable), (.delete, .noDevice), (.delete, .noSuchDeviceOrAddress):
      self = .absent
    case (_, .some):
      self = refusal.map(Self.refused) ?? .done
    }
  }
}
