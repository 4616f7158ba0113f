import RESP
import Testing

/// Feeds a parser everything at once and collects what comes out.
func parse(_ text: String, limits: RESPLimits = RESPLimits()) throws(RESPError) -> [RESPToken] {
  var parser = RESPParser(limits: limits)
  parser.append(text.utf8)
  return try drain(&parser)
}

func drain(_ parser: inout RESPParser) throws(RESPError) -> [RESPToken] {
  var tokens: [RESPToken] = []
  while let token = try parser.next() { tokens.append(token) }
  return tokens
}

/// One value of every type, as a server could send them one after the other.
let oneOfEach = [
  "+OK\r\n", "-ERR no such master\r\n", ":-42\r\n", "$5\r\na\r\nbc\r\n", "$0\r\n\r\n", "$-1\r\n",
  "*-1\r\n", "*0\r\n", "*2\r\n$1\r\na\r\n*1\r\n:1\r\n", "_\r\n", "#t\r\n", "#f\r\n", ",1.5\r\n",
  ",-inf\r\n", "(3492890328409238509324850943850943825024385\r\n", "!5\r\nERR x\r\n",
  "=6\r\ntxt:hi\r\n", "%1\r\n+key\r\n:1\r\n", "~1\r\n+a\r\n", ">2\r\n+message\r\n+x\r\n",
  "|1\r\n+ttl\r\n:9\r\n+described\r\n",
]

@Suite struct RESPParserTests {
  @Test("Every type is read alike wherever the stream is split")
  func splitAnywhere() throws {
    let bytes = Array(oneOfEach.joined().utf8)
    let whole = try parse(oneOfEach.joined())
    #expect(whole.count == oneOfEach.count)
    for split in 0...bytes.count {
      var parser = RESPParser()
      parser.append(bytes[..<split])
      var tokens = try drain(&parser)
      parser.append(bytes[split...])
      tokens += try drain(&parser)
      #expect(tokens == whole, "split at \(split)")
    }
  }

  @Test("A stream that arrives byte by byte gives the same values")
  func byteByByte() throws {
    var parser = RESPParser()
    var tokens: [RESPToken] = []
    for byte in oneOfEach.joined().utf8 {
      parser.append(CollectionOfOne(byte))
      tokens += try drain(&parser)
    }
    #expect(try tokens == parse(oneOfEach.joined()))
    #expect(parser.pendingBytes == 0)
  }

  @Test("Each type gives the value that it carries")
  func values() throws {
    let tokens = try parse(oneOfEach.joined())
    #expect(tokens[0].text == "OK" && tokens[0].reads("OK"))
    #expect(tokens[1].errorText == "ERR no such master" && tokens[1].text == nil)
    #expect(tokens[2].integer == -42)
    #expect(tokens[3].text == "a\r\nbc")
    #expect(tokens[4].text == "" && !tokens[4].isNull)
    #expect(tokens[5].isNull && tokens[5].text == nil)
    #expect(tokens[6].isNull && tokens[6].elements == nil)
    #expect(tokens[7].elements.map(Array.init) == [])
    #expect(tokens[9].isNull && tokens[9].text == nil)
    #expect(tokens[10].boolean == true && tokens[11].boolean == false)
    #expect(tokens[12].double == 1.5 && tokens[13].double == -.infinity)
    #expect(tokens[14].text == "3492890328409238509324850943850943825024385")
    #expect(tokens[15].errorText == "ERR x")
    #expect(tokens[16].text == "hi")
  }

  @Test("An aggregate gives its elements, and a map its keys and values by turns")
  func aggregates() throws {
    let tokens = try parse(oneOfEach.joined())
    let nested = try #require(tokens[8].elements.map(Array.init))
    #expect(nested.map(\.text) == ["a", nil])
    #expect(nested[1].elements?.map(\.integer) == [1])
    #expect(tokens[17].kind == .map)
    #expect(tokens[17].elements?.map(\.text) == ["key", "1"])
    #expect(tokens[18].elements?.map(\.text) == ["a"])
    #expect(tokens[19].kind == .push)
    #expect(tokens[19].elements?.map(\.text) == ["message", "x"])
  }

  @Test("Attributes are dropped at the top and inside aggregates")
  func attributes() throws {
    let top = try parse("|1\r\n+a\r\n*1\r\n:1\r\n:7\r\n")
    #expect(top.map(\.integer) == [7])
    let inside = try parse("*2\r\n|1\r\n+a\r\n+b\r\n:1\r\n|0\r\n:2\r\n")
    #expect(inside[0].elements?.map(\.integer) == [1, 2])
  }

  @Test("A number in a string is read as Sentinel sends its numbers")
  func numberInString() throws {
    let tokens = try parse("$5\r\n26379\r\n$3\r\n1x2\r\n$20\r\n99999999999999999999\r\n")
    #expect(tokens.map(\.integer) == [26379, nil, nil])
  }

  @Test("Text that is not UTF-8 is repaired and keeps its bytes")
  func notUTF8() throws {
    var parser = RESPParser()
    parser.append([0x24, 0x32, 0x0d, 0x0a, 0xff, 0x41, 0x0d, 0x0a])
    let token = try #require(try parser.next())
    #expect(token.text == "\u{fffd}A")
    #expect(token.payload.map(Array.init) == [0xff, 0x41])
  }
}
