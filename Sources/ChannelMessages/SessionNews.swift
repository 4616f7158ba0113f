public import Addresses

/// What the holder of an address tells of its clients, so that whoever holds it next can wake them.
///
/// The holder keeps a table of the connections to each virtual address and the port of its Redis.
/// Every message is a step of the table's history: the first ones, from step 1, bring the whole
/// table, the later ones what changed. Steps are numbered without a gap, so one that is missed is
/// noticed, and the whole table is asked for, which then begins under another number.
public struct SessionNews: Equatable, Sendable {
  /// The node that holds the addresses; the connections are to its port.
  public var node: Endpoint
  /// The number of the table, drawn at random for each that is sent from the start.
  public var table: UInt64
  /// The number of the step, from 1.
  ///
  /// A message without an address repeats the last one, to show whoever missed it that there was
  /// one.
  public var step: UInt64
  /// Whether the table is whole after this step; if not, more follows at once.
  public var isWhole: Bool
  /// The virtual address that the connections are to.
  public var address: IPAddress?
  /// Clients that have connected; all of the address's version.
  public var added: [PackedEndpoint]
  /// Clients that are gone; all of the address's version.
  public var removed: [PackedEndpoint]

  /// Makes news.
  public init(
    node: Endpoint, table: UInt64, step: UInt64, isWhole: Bool = true,
    address: IPAddress? = nil, added: [PackedEndpoint] = [], removed: [PackedEndpoint] = []
  ) {
    self.node = node
    self.table = table
    self.step = step
    self.isWhole = isWhole
    self.address = address
    self.added = added
    self.removed = removed
  }

  /// How many clients fit one message, whatever its other fields are.
  ///
  /// Those take 331 bytes at most, the code included; a client takes 6 or 18 octets, of which
  /// three make four bytes of text.
  public static func capacity(of address: IPAddress) -> Int {
    (ChannelMessage.longest - 340) / 4 * 3 / entryLength(of: address)
  }

  /// The octets that a client of an address takes: its address and port.
  static func entryLength(of address: IPAddress) -> Int {
    Int(address.hostPrefixLength) / 8 + 2
  }
}

extension SessionNews {
  /// The clients as octets in base64 (RFC 4648 §4), without padding.
  static func text(_ clients: [PackedEndpoint], of address: IPAddress) -> String {
    var octets: [UInt8] = []
    octets.reserveCapacity(clients.count * entryLength(of: address))
    for client in clients {
      if address.hostPrefixLength == 128 { append(client.high, 8, to: &octets) }
      append(client.low, address.hostPrefixLength == 128 ? 8 : 4, to: &octets)
      append(UInt64(client.port), 2, to: &octets)
    }
    return Base64.text(of: octets)
  }

  /// Reads clients of an address; nothing if the text isn't such.
  static func clients(_ text: Substring, of address: IPAddress) -> [PackedEndpoint]? {
    let length = entryLength(of: address)
    guard let octets = Base64.octets(of: text), octets.count % length == 0 else { return nil }
    return stride(from: 0, to: octets.count, by: length).map { start in
      let port = UInt16(number(octets[(start + length - 2)..<(start + length)]))
      guard length > 6 else {
        return PackedEndpoint(ipv4: UInt32(number(octets[start..<start + 4])), port: port)
      }
      return PackedEndpoint(
        high: number(octets[start..<start + 8]), low: number(octets[start + 8..<start + 16]),
        port: port)
    }
  }

  private static func append(_ value: UInt64, _ count: Int, to octets: inout [UInt8]) {
    for index in (0..<count).reversed() {
      octets.append(UInt8(truncatingIfNeeded: value >> UInt64(index * 8)))
    }
  }

  private static func number(_ octets: ArraySlice<UInt8>) -> UInt64 {
    octets.reduce(0) { $0 << 8 | UInt64($1) }
  }
}
