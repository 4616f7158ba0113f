import Packets

/// Octets from hexadecimal text, in as many pieces as there are fields.
func bytes(_ fields: String...) -> [UInt8] {
  fields.flatMap { $0.split(separator: " ") }.compactMap { UInt8($0, radix: 16) }
}

/// What an encoder writes into a buffer full of `0xa5`, which must still stand after the packet.
func encoded(
  _ encode: (inout MutableSpan<UInt8>) throws(PacketError) -> Int
) throws(PacketError) -> [UInt8] {
  var buffer = [UInt8](repeating: 0xa5, count: 200)
  var span = buffer.mutableSpan
  let count = try encode(&span)
  precondition(buffer[count...].allSatisfy { $0 == 0xa5 }, "wrote past the packet")
  return Array(buffer[..<count])
}
