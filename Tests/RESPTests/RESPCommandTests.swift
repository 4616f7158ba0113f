import RESP
import Testing

@Suite struct RESPCommandTests {
  private func commands(_ text: String) throws -> [[String]] {
    var parser = RESPCommandParser()
    parser.append(text.utf8)
    var commands: [[String]] = []
    while let command = try parser.next() { commands.append(command) }
    return commands
  }

  @Test("Arrays and lines of words may follow each other on one connection")
  func arraysAndLines() throws {
    let text = "*2\r\n$6\r\nSTATUS\r\n$2\r\na b\r\n".replacing("$2", with: "$3")
    let all = "PING\n" + text + "  WHY\tmymaster \r\n"
    #expect(try commands(all) == [["PING"], ["STATUS", "a b"], ["WHY", "mymaster"]])
  }

  @Test("Empty lines and empty arrays are no commands")
  func empty() throws {
    #expect(try commands("\r\n\n*0\r\n*-1\r\n  \nPING\n") == [["PING"]])
  }

  @Test("Commands are read alike wherever the stream is split")
  func splitAnywhere() throws {
    let bytes = Array("PING\r\n*2\r\n$3\r\nWHY\r\n$2\r\nmm\r\nQUIT\n".utf8)
    for split in 0...bytes.count {
      var parser = RESPCommandParser()
      var commands: [[String]] = []
      for part in [bytes[..<split], bytes[split...]] {
        parser.append(part)
        while let command = try parser.next() { commands.append(command) }
      }
      #expect(commands == [["PING"], ["WHY", "mm"], ["QUIT"]], "split at \(split)")
    }
  }

  @Test("An array of anything but bulk strings is no command")
  func notACommand() {
    #expect(throws: RESPError.notACommand) { try commands("*1\r\n:1\r\n") }
    #expect(throws: RESPError.tooDeep(limit: 1)) { try commands("*1\r\n*1\r\n+a\r\n") }
  }

  @Test("A line that never ends and a line of too many words are refused")
  func longLines() {
    #expect(throws: RESPError.tooLong(limit: 65_536)) {
      try commands(String(repeating: "x", count: 65_536))
    }
    #expect(throws: RESPError.tooMany(limit: 256)) {
      try commands(String(repeating: "x ", count: 257) + "\n")
    }
  }

  @Test("A command is written as an array of bulk strings")
  func writeCommand() {
    #expect(
      String(decoding: RESPWriter.command(["SENTINEL", "MASTER", "é"]), as: UTF8.self)
        == "*3\r\n$8\r\nSENTINEL\r\n$6\r\nMASTER\r\n$2\r\né\r\n")
  }

  @Test("Replies take the form of the version that the client asked for")
  func writeReplies() {
    func reply(_ version: RESPVersion) -> String {
      var writer = RESPWriter(version: version)
      writer.map(count: 1)
      writer.bulkString("a")
      writer.null()
      writer.push(count: 0)
      writer.integer(-7)
      return String(decoding: writer.bytes, as: UTF8.self)
    }
    #expect(reply(.two) == "*2\r\n$1\r\na\r\n$-1\r\n*0\r\n:-7\r\n")
    #expect(reply(.three) == "%1\r\n$1\r\na\r\n_\r\n>0\r\n:-7\r\n")
  }

  @Test("A line break in a simple string or an error cannot begin another reply")
  func lineBreak() {
    var writer = RESPWriter()
    writer.error("ERR a\r\n+OK")
    #expect(String(decoding: writer.bytes, as: UTF8.self) == "-ERR a  +OK\r\n")
  }

  @Test("What the writer writes, the parser reads")
  func roundTrip() throws {
    var writer = RESPWriter(version: .three)
    writer.array(count: 4)
    writer.bulkString("x\r\ny")
    writer.simpleString("OK")
    writer.null()
    writer.map(count: 1)
    writer.bulkString("key")
    writer.integer(.min)
    var parser = RESPParser()
    parser.append(writer.bytes)
    let token = try #require(try parser.next())
    let elements = try #require(token.elements.map(Array.init))
    #expect(elements.map(\.text) == ["x\r\ny", "OK", nil, nil])
    #expect(elements[2].isNull)
    #expect(elements[3].elements.map(Array.init)?.last?.integer == .min)
  }
}
