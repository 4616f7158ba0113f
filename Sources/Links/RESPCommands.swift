import RESP

/// Commands that leave in one segment, of which each is answered.
package struct RESPCommands: Equatable {
  let bytes: [UInt8]
  let count: Int

  package init(_ commands: [[String]]) {
    bytes = commands.flatMap(RESPWriter.command)
    count = commands.count
  }

  /// `PUBLISH` of a message that need not be text.
  package init(publishing message: [UInt8], on channel: String) {
    var writer = RESPWriter()
    writer.array(count: 3)
    writer.bulkString("PUBLISH")
    writer.bulkString(channel)
    writer.bulkString(message)
    bytes = writer.bytes
    count = 1
  }
}
