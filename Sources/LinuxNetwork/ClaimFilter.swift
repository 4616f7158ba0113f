import Addresses
import Packets

/// Programs that let in only frames in which another host claims a watched address.
///
/// The kernel runs them on each ARP or IPv6 frame, so that ordinary traffic never wakes the daemon.
/// What they let in is read and checked again.
enum ClaimFilter {
  /// Comparisons in one block: a conditional jump reaches 255 instructions.
  static let blockLength = 250

  /// Accepts ARP from another host whose sender address is watched, and probes for a watched one.
  ///
  /// - Parameters:
  ///   - addresses: the watched addresses; nothing for all.
  ///   - own: the interface's own Ethernet address.
  /// - Returns: the program.
  static func arp(_ addresses: [IPv4Address]?, own: MACAddress) -> [FilterInstruction] {
    var program: [FilterInstruction] = []
    program += require16(12, equals: UInt32(EthernetHeader.arpType))
    program += require16(16, equals: 0x0800)  // protocol type: IPv4
    program += require16(18, equals: 0x0604)  // lengths of the addresses: 6 and 4
    program += dropHardwareAddress(own, at: 22)
    guard let addresses else { return program + [.accept] }
    // The address claimed is the sender's, or in a probe, whose sender is 0.0.0.0, the target's.
    program += [.load32(28), .ifEqual(0, skip: 0, else: 4)]
    program += require16(20, equals: UInt32(ARPPacket.Operation.request.rawValue))
    program += [.load32(38)]
    return program + acceptAny(of: addresses.map(\.rawValue)) + [.drop]
  }

  /// Accepts neighbour advertisements from another host for a watched address, and its probes.
  ///
  /// A solicitation with a source is a client that resolves the address, and is dropped.
  ///
  /// - Parameters:
  ///   - addresses: the watched addresses; nothing for all.
  ///   - own: the interface's own Ethernet address.
  /// - Returns: the program.
  static func neighbour(_ addresses: [IPv6Address]?, own: MACAddress) -> [FilterInstruction] {
    var program: [FilterInstruction] = []
    program += require16(12, equals: UInt32(EthernetHeader.ipv6Type))
    program += require16(20, equals: 0x3aff)  // next header: ICMPv6; hop limit: 255
    program += dropHardwareAddress(own, at: 6)
    let fromUnspecified = stride(from: 22, to: 38, by: 4).flatMap { offset in
      [.load32(offset)] + require(0)
    }
    program += [
      .load8(54),
      .ifEqual(
        UInt32(NeighbourAdvertisement.messageType), skip: UInt8(2 + fromUnspecified.count), else: 0),
    ]
    program += require(UInt32(NeighbourSolicitation.messageType)) + fromUnspecified
    guard let addresses else { return program + [.accept] }
    return program + acceptTarget(among: addresses) + [.drop]
  }

  /// Drops every frame.
  static let nothing: [FilterInstruction] = [.drop]

  /// Compares the target of a neighbour message, first the 96 bits that many addresses share.
  private static func acceptTarget(among addresses: [IPv6Address]) -> [FilterInstruction] {
    struct Network: Hashable {
      var high: UInt64
      var low: UInt32
    }
    let groups = Dictionary(grouping: addresses) {
      Network(high: $0.high, low: UInt32($0.low >> 32))
    }
    return groups.flatMap { network, members in
      let last =
        [.load32(74)] + acceptAny(of: members.map { UInt32(truncatingIfNeeded: $0.low) })
        + [.drop]
      let words = [
        UInt32(network.high >> 32), UInt32(truncatingIfNeeded: network.high), network.low,
      ]
      return words.enumerated().flatMap { index, word -> [FilterInstruction] in
        let rest = (words.count - 1 - index) * 3 + last.count
        return [.load32(62 + index * 4), .ifEqual(word, skip: 1, else: 0), .skip(rest)]
      } + last
    }
  }

  /// Accepts if the loaded value is one of these, and goes on otherwise.
  ///
  /// Each block ends in an `accept` that its comparisons can reach and the others skip.
  private static func acceptAny(of values: [UInt32]) -> [FilterInstruction] {
    stride(from: 0, to: values.count, by: blockLength).flatMap { start in
      let block = values[start..<min(start + blockLength, values.count)]
      let comparisons = block.enumerated().map { index, value in
        FilterInstruction.ifEqual(value, skip: UInt8(block.count - index), else: 0)
      }
      return comparisons + [.skip(1), .accept]
    }
  }

  /// Drops unless 16 bits of the frame have a value.
  private static func require16(_ offset: Int, equals value: UInt32) -> [FilterInstruction] {
    [.load16(offset)] + require(value)
  }

  /// Drops unless the loaded value is this one.
  private static func require(_ value: UInt32) -> [FilterInstruction] {
    [.ifEqual(value, skip: 1, else: 0), .drop]
  }

  /// Drops if an Ethernet address of the frame is this one.
  private static func dropHardwareAddress(
    _ address: MACAddress, at offset: Int
  ) -> [FilterInstruction] {
    [
      .load32(offset),
      .ifEqual(UInt32(truncatingIfNeeded: address.rawValue >> 16), skip: 0, else: 3),
      .load16(offset + 4),
      .ifEqual(UInt32(address.rawValue & 0xffff), skip: 0, else: 1),
      .drop,
    ]
  }
}
