import Addresses
import FailoverCore
import FuzzKit
import Glibc
import RESP
import Testing

@testable import Links

/// Replies of Sentinel of which one entry or field is spoiled as a real world spoils it: ports of 0,
/// empty and unknown names, ages below zero and absurd ones, flags of newer versions, doubled entries.
///
/// `VIPD_FUZZ_ROUNDS` asks for more of them than a run of all tests can take.
@Suite struct SpoiledReplyTests {
  private static let rounds: Int = {
    let text = unsafe getenv("VIPD_FUZZ_ROUNDS").map { unsafe String(cString: $0) }
    return text.flatMap(Int.init) ?? 1_500
  }()

  private let decoder = SentinelReplyDecoder { $0 == "node1" ? IPAddress("10.77.0.1") : nil }

  private typealias Fields = [(name: String, value: String)]

  private static let usual: Fields = [
    ("name", "mymaster"), ("ip", "10.77.0.1"), ("port", "6379"), ("runid", "88411ed64d21"),
    ("flags", "master"), ("link-pending-commands", "0"), ("last-ping-sent", "0"),
    ("last-ok-ping-reply", "8"), ("down-after-milliseconds", "3000"), ("role-reported", "master"),
    ("config-epoch", "7"), ("num-slaves", "1"), ("num-other-sentinels", "2"), ("quorum", "2"),
    ("failover-timeout", "180000"), ("slave-priority", "100"), ("last-hello-message", "1783"),
  ]

  private static let odd = [
    "", "0", "-1", "-600000", "65536", "99999999999999999999", "9223372036854775807", "node1",
    "node-2.example", "?", "nan", "1e3", "0x10", "10.77.0.256", "::", "fd77::1", "s_down,,o_down",
    "master,faster_than_light", "\u{0}", "ja", "слон", String(repeating: "x", count: 300),
  ]

  private func entry(_ dice: inout SeededGenerator, place: Int) -> Fields {
    Self.usual.map { field in
      switch field.name {
      case "ip": ("ip", "10.77.0.\(place + 2)")
      case "runid": ("runid", "88411ed64d2\(place)")
      case "last-ok-ping-reply": (field.name, "\(dice.next() % 3_000)")
      default: field
      }
    }
  }

  private func token(_ entries: [Fields], isMap: Bool) throws -> RESPToken {
    var writer = RESPWriter(version: isMap ? .three : .two)
    writer.array(count: entries.count)
    for fields in entries {
      if isMap { writer.map(count: fields.count) } else { writer.array(count: fields.count * 2) }
      for field in fields {
        writer.bulkString(field.name)
        writer.bulkString(field.value)
      }
    }
    var parser = RESPParser()
    parser.append(writer.bytes)
    return try #require(try parser.next())
  }

  /// Spoils the address of an entry, so that it can't be used.
  private func spoilAddress(_ fields: Fields, _ dice: inout SeededGenerator) -> Fields {
    let name = dice.pick(["ip", "port"])
    let value =
      name == "ip"
      ? dice.pick(["", "?", "node-2.example", "10.77.0.256", "слон"])
      : dice.pick(["", "0", "-1", "65536", "nan", "99999999999999999999"])
    // A field that is missing, or there with a value that is none.
    if dice.next() % 4 == 0 { return fields.filter { $0.name != name } }
    return fields.map { $0.name == name ? (name, value) : $0 }
  }

  @Test("Replicas of which one has no usable address are those without it")
  func replicas() throws {
    var dice = SeededGenerator(seed: 1)
    for _ in 0..<Self.rounds {
      let count = Int(dice.next() % 4) + 1
      let entries = (0..<count).map { entry(&dice, place: $0) }
      let place = Int(dice.next() % UInt64(count))
      var (spoiled, without) = (entries, entries)
      spoiled[place] = spoilAddress(entries[place], &dice)
      without.remove(at: place)
      let isMap = dice.next() % 2 == 0
      var (flaws, none): ([SentinelReplyDecoder.Flaw], [SentinelReplyDecoder.Flaw]) = ([], [])
      let read = try decoder.replicas(token(spoiled, isMap: isMap), &flaws)
      #expect(try read == decoder.replicas(token(without, isMap: isMap), &none))
      #expect(flaws.count == 1 && none.isEmpty)
    }
  }

  @Test("Sentinels of which one has no usable address keep its id, and all others as they are")
  func sentinels() throws {
    var dice = SeededGenerator(seed: 2)
    for _ in 0..<Self.rounds {
      let count = Int(dice.next() % 4) + 1
      let entries = (0..<count).map { entry(&dice, place: $0) }
      let place = Int(dice.next() % UInt64(count))
      var spoiled = entries
      spoiled[place] = spoilAddress(entries[place], &dice)
      let isMap = dice.next() % 2 == 0
      var (flaws, none): ([SentinelReplyDecoder.Flaw], [SentinelReplyDecoder.Flaw]) = ([], [])
      var read = try decoder.sentinels(token(spoiled, isMap: isMap), &flaws)
      var whole = try decoder.sentinels(token(entries, isMap: isMap), &none)
      #expect(read[place].endpoint == nil && read[place].runID == whole[place].runID)
      read.remove(at: place)
      whole.remove(at: place)
      #expect(read == whole && flaws.count == 1 && none.isEmpty)
    }
  }

  @Test("One odd field of a master costs nothing but itself, and what rests on it")
  func master() throws {
    var dice = SeededGenerator(seed: 3)
    for _ in 0..<Self.rounds {
      let fields = entry(&dice, place: 0)
      let name = dice.pick(fields.map(\.name))
      let value = dice.pick(Self.odd)
      let spoiled = fields.map { $0.name == name ? (name, value) : $0 }
      var (flaws, none): ([SentinelReplyDecoder.Flaw], [SentinelReplyDecoder.Flaw]) = ([], [])
      let isMap = dice.next() % 2 == 0
      let read = try decoder.master(only(token([spoiled], isMap: isMap)), &flaws)
      let whole = try decoder.master(only(token([fields], isMap: isMap)), &none)
      #expect(none.isEmpty && flaws.count <= 1)
      let isKept = [
        ("ip", read.endpoint == whole.endpoint), ("port", read.endpoint == whole.endpoint),
        ("flags", read.flags == whole.flags),
        ("last-ok-ping-reply", read.lastOkPingReply == whole.lastOkPingReply),
        ("down-after-milliseconds", read.downAfter == whole.downAfter),
        ("failover-timeout", read.failoverTimeout == whole.failoverTimeout),
        ("config-epoch", read.configEpoch == whole.configEpoch),
        ("quorum", read.quorum == whole.quorum),
        ("num-other-sentinels", read.otherSentinels == whole.otherSentinels),
      ]
      let touched = ["ip", "port"].contains(name) ? ["ip", "port"] : [name]
      for (field, isSame) in isKept where !touched.contains(field) {
        #expect(isSame, "\(name)=\(value) changed \(field)")
      }
    }
  }

  private func only(_ token: RESPToken) throws -> RESPToken {
    var elements = try #require(token.elements)
    let first = elements.next()
    return try #require(first)
  }

  @Test("Bytes that are spoiled anywhere are read or refused, and nothing traps")
  func bytes() throws {
    var dice = SeededGenerator(seed: 4)
    for _ in 0..<Self.rounds {
      var writer = RESPWriter(version: .two)
      let fields = entry(&dice, place: 0)
      writer.array(count: fields.count * 2)
      for field in fields {
        writer.bulkString(field.name)
        writer.bulkString(field.value)
      }
      var bytes = writer.bytes
      for _ in 0...(dice.next() % 3) {
        bytes[Int(dice.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: dice.next())
      }
      var parser = RESPParser()
      parser.append(bytes)
      guard let token = try? parser.next() else { continue }
      var flaws: [SentinelReplyDecoder.Flaw] = []
      _ = try? decoder.named(token)
      _ = try? decoder.master(token, &flaws)
      _ = try? decoder.replicas(token, &flaws)
      _ = try? decoder.sentinels(token, &flaws)
      _ = SentinelFacts(token, wallNanoseconds: 0)
    }
  }
}

extension SeededGenerator {
  fileprivate mutating func pick<Value>(_ values: [Value]) -> Value {
    values[Int(next() % UInt64(values.count))]
  }
}
