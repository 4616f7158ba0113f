import FuzzKit
import RESP
import Testing

@Suite struct HostileRESPTests {
  @Test(
    "What is not RESP is refused with its reason",
    arguments: [
      ("GET / HTTP/1.1\r\n", RESPError.unknownType(UInt8(ascii: "G"))),
      (":\r\n", .malformedNumber), (":1a\r\n", .malformedNumber), (":-\r\n", .malformedNumber),
      (":9223372036854775808\r\n", .malformedNumber), ("$-2\r\n", .malformedNumber),
      ("$ 1\r\na\r\n", .malformedNumber), ("*-2\r\n", .malformedNumber),
      ("%-1\r\n", .malformedNumber), ("$1\r\nab\r\n", .missingTerminator),
      ("_x\r\n", .malformedValue), ("#true\r\n", .malformedValue), (",\r\n", .malformedValue),
      (",0x1p3\r\n", .malformedValue), ("(1.5\r\n", .malformedValue),
      ("=3\r\ntxt\r\n", .malformedValue), ("+a\nb\r\n", .malformedValue),
      ("+a\rb\r\n", .malformedValue), ("$?\r\n", .streamedType), ("*?\r\n", .streamedType),
      ("%?\r\n", .streamedType), ("~?\r\n", .streamedType),
      ("*1\r\n!\r\n", .malformedNumber),
    ])
  func refused(text: String, error: RESPError) {
    #expect(throws: error) { try parse(text) }
  }

  @Test("Greed is refused as soon as it is announced, before its bytes arrive")
  func greed() {
    let limits = RESPLimits(depth: 3, length: 1_000, count: 10)
    #expect(throws: RESPError.tooLong(limit: 1_000)) { try parse("$1001\r\n", limits: limits) }
    #expect(throws: RESPError.tooLong(limit: 1_000)) {
      try parse("$9223372036854775807\r\n", limits: limits)
    }
    #expect(throws: RESPError.tooMany(limit: 10)) { try parse("*11\r\n", limits: limits) }
    #expect(throws: RESPError.tooMany(limit: 10)) { try parse("%6\r\n", limits: limits) }
    #expect(throws: RESPError.tooMany(limit: 10)) {
      try parse("*9223372036854775807\r\n", limits: limits)
    }
    #expect(throws: RESPError.tooDeep(limit: 3)) {
      try parse("*1\r\n*1\r\n*1\r\n*1\r\n", limits: limits)
    }
    #expect(throws: RESPError.tooDeep(limit: 3)) {
      try parse("|1\r\n|1\r\n|1\r\n|1\r\n", limits: limits)
    }
  }

  @Test("A line that never ends is cut off at the limit")
  func endlessLine() {
    var parser = RESPParser(limits: RESPLimits(length: 100))
    #expect(throws: RESPError.tooLong(limit: 100)) {
      for _ in 0..<1_000 {
        parser.append("+aaaaaaaaa".utf8)
        _ = try parser.next()
      }
    }
    #expect(parser.pendingBytes == 0)
  }

  @Test("Many small elements are cut off at the length of the whole")
  func manySmallElements() {
    let text = "*10\r\n" + String(repeating: "$20\r\n01234567890123456789\r\n", count: 10)
    #expect(throws: RESPError.tooLong(limit: 100)) {
      try parse(text, limits: RESPLimits(length: 100))
    }
  }

  @Test("After an error nothing more is read")
  func staysFailed() throws {
    var parser = RESPParser()
    parser.append("?\r\n".utf8)
    #expect(throws: RESPError.unknownType(UInt8(ascii: "?"))) { try parser.next() }
    parser.append("+OK\r\n".utf8)
    #expect(throws: RESPError.unknownType(UInt8(ascii: "?"))) { try parser.next() }
  }

  @Test("Flipped, missing and doubled bytes never trap", arguments: 0..<64)
  func mutations(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    let original = Array(oneOfEach.joined().utf8)
    for _ in 0..<200 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: place)
        default: bytes.insert(bytes[place], at: place)
        }
      }
      readEverything(in: bytes)
    }
  }

  /// Reads as a hostile peer would make us read: parse, then look at all of every value.
  private func readEverything(in bytes: [UInt8]) {
    var parser = RESPParser()
    parser.append(bytes)
    var seen = 0
    while let token = try? parser.next() { seen += weigh(token) }
    #expect(seen <= bytes.count)
  }

  private func weigh(_ token: RESPToken) -> Int {
    _ = (token.text, token.errorText, token.integer, token.boolean, token.double, token.isNull)
    return 1 + (token.elements?.reduce(0) { $0 + weigh($1) } ?? 0)
  }
}
