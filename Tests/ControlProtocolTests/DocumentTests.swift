import ControlProtocol
import Foundation
import Testing

/// A document, read again by the type that wrote it.
private func again<Document: ControlDocument>(_ document: Document) throws -> Document {
  try JSONDecoder().decode(Document.self, from: Data(document.json.utf8))
}

private func phase(_ name: String, _ time: Double) -> PhaseDocument {
  PhaseDocument { ($0.name, $0.atMs) = (name, time) }
}

private struct Sample: ControlDocument {
  struct Part: ControlDocument {
    var n = 0
  }

  var a = 1
  var b = [Part { $0.n = 1 }, Part { $0.n = -2 }]
  var c: String?
  var d = true
  var e: [String] = []
  var f: Part?
  var g: Part?
  var membersLeftOut: Set<String> { ["g"] }
}

@Suite struct JSONTests {
  @Test func `JSON escapes what RFC 8259 wants escaped`() {
    var sample = Sample()
    sample.c = "a\"b\\c\n\t\u{1}\u{7f}é"
    #expect(sample.json.contains(#","c":"a\"b\\c\n\t\u0001\u007fé","#))
  }

  @Test func `JSON has its commas between members, elements and nested values, and nowhere else`()
    throws
  {
    var sample = Sample()
    #expect(sample.json == #"{"a":1,"b":[{"n":1},{"n":-2}],"c":null,"d":true,"e":[],"f":null}"#)
    (sample.b, sample.f, sample.g) = ([], Sample.Part { $0.n = 3 }, Sample.Part { $0.n = 4 })
    #expect(
      sample.json == #"{"a":1,"b":[],"c":null,"d":true,"e":[],"f":{"n":3},"g":{"n":4}}"#)
    #expect(try again(sample) == sample)
  }

  @Test(arguments: [
    (0, "0.000"), (3.072, "3.072"), (-0.25, "-0.250"), (312.9, "312.900"), (1_000, "1000.000"),
    (1e300, "9007199254740.992"), (.nan, "0.000"),
  ])
  func `Milliseconds have three decimals`(time: Double, text: String) {
    #expect(phase("flip", time).json == #"{"name":"flip","atMs":\#(text)}"#)
  }
}

@Suite struct DocumentTests {
  @Test func `A whole status is read as it was written`() throws {
    var group = StatusDocument.Group()
    group.master = "mymaster"
    group.state = "holding"
    group.reason = "3 of 3 Sentinels name this node in epoch 12, and the old holder is gone"
    group.reasonLabel = "named-by-majority"
    group.vips = [.init { ($0.address, $0.interface, $0.present) = ("10.77.0.100", "eth0", true) }]
    group.local = .init { ($0.address, $0.role) = ("10.77.0.1:6379", "master") }
    group.named = .init { ($0.address, $0.configEpoch, $0.by, $0.of) = ("n", .max, 3, 3) }
    group.lease = .init { ($0.basis, $0.remainingMs) = ("sentinels", 2_140) }
    group.fence = .init { fence in
      (fence.state, fence.minReplicas, fence.maxLag) = ("armed", 2, 1)
      (fence.problem, fence.doubt, fence.missing) = ("p", "d", ["r"])
    }
    group.move = .init { ($0.from, $0.target, $0.phase, $0.undoing) = ("a", "b", "closing", "c") }
    group.guarantee = "strict"
    group.guaranteeLosses = []
    group.toleratedSentinelLosses = 1
    group.since = "2026-11-21T06:25:07.123Z"
    group.pausedUntil = "resumed"
    group.kernelRemainingMs = 3_100
    group.blindPolicy = "release"
    group.holder = "10.77.0.1:6379"
    group.obstacles = ["o"]
    group.sessions = .init()
    group.selfCheck = .init { check in
      (check.result, check.afterMs, check.by) = ("outside", 14, "n")
      (check.mac, check.text) = ("m", "t")
    }
    group.problems = [.init { ($0.id, $0.text) = ("redis-busy", "BUSY") }]
    var sentinel = StatusDocument.Sentinel()
    sentinel.address = "10.77.0.1:26379"
    sentinel.counts = true
    sentinel.confirmsForMs = 0
    group.sentinels = [sentinel]
    var document = StatusDocument()
    (document.version, document.node, document.problems) = ("0.1.0", "h1", ["p"])
    document.groups = [group, .init()]
    #expect(try again(document) == document)
    #expect(
      document.json.hasPrefix(
        #"{"schema":1,"version":"0.1.0","node":"h1","problems":["p"],"groups":[{"master":"#))
    #expect(
      document.json.hasSuffix(
        #""blindPolicy":"","holder":null,"obstacles":null,"sessions":null,"selfCheck":null,"#
          + #""problems":null,"sentinels":[]}]}"#))
  }

  /// Programs read these by their names, people from left to right.
  @Test func `Every member stands where it always stood`() {
    let null = { (names: String) in
      names.split(separator: " ").map { "\"\($0)\":null" }.joined(separator: ",")
    }
    #expect(
      StatusDocument.Group().json
        == #"{"master":"","state":"","reason":"","reasonLabel":null,"vips":[],"local":{"#
        + null("address role") + #"},"named":null,"lease":{"basis":"","remainingMs":null},"#
        + null("fence move death onDeath") + #","guarantee":"","guaranteeLosses":null,"#
        + #""toleratedSentinelLosses":0,"since":"","pausedUntil":null,"kernelRemainingMs":null,"#
        + #""blindPolicy":"","# + null("holder obstacles sessions selfCheck problems")
        + #","sentinels":[]}"#)
    #expect(
      StatusDocument.Sentinel().json
        == #"{"address":"","connected":false,"#
        + null("counts loss names configEpoch provenMsAgo confirmsForMs flags lossText") + "}")
    #expect(
      StatusDocument.Sessions().json
        == #"{"known":0,"excess":0,"told":0,"taken":0,"dropped":0,"tickled":0,"tickles":0,"#
        + #""failed":0}"#)
    #expect(
      SentinelsDocument.Group().json
        == #"{"master":"","sentinels":0,"majority":0,"quorum":0,"confirmationsNeeded":0,"#
        + #""toleratedSentinelLosses":0,"lines":[],"members":[],"known":[]}"#)
    #expect(
      SentinelsDocument.Member().json
        == #"{"address":"","runId":null,"version":null,"connected":false,"#
        + null("counts loss names configEpoch quorum downAfterMs failoverTimeoutMs") + ","
        + null("clockOffsetMs clockSetBackMs confirmsForMs")
        + #","monitors":false,"unusable":null,"leftOut":[],"lists":[]}"#)
    #expect(
      SentinelsDocument.Known().json
        == #"{"runId":"","address":null,"fate":"","inContact":false,"missing":false,"#
        + #""helloMsAgo":null,"listedBy":[]}"#)
  }

  @Test func `Fences, Sentinels and events leave out what they always left out`() {
    #expect(
      StatusDocument.Fence { $0.state = "off" }.json
        == #"{"state":"off","minReplicas":null,"maxLag":null}"#)
    #expect(!SentinelsDocument.Member().json.contains("tilt"))
    #expect(SentinelsDocument.Member().json.contains(#""failoverTimeoutMs":null,"clockOffsetMs":"#))
    let alarm = EventDocument {
      ($0.at, $0.master, $0.kind, $0.reason, $0.text) = ("t", "m", "alarm", "conflict", "x")
    }
    #expect(
      alarm.json == #"{"at":"t","master":"m","kind":"alarm","reason":"conflict","text":"x","#
        + #""afterMs":null}"#)
  }

  @Test func `A report on Sentinels is read as it was written`() throws {
    var group = SentinelsDocument.Group()
    group.lines = [.init { ($0.text, $0.addresses) = ("redis1", ["10.77.0.1:26379"]) }]
    var member = SentinelsDocument.Member()
    member.tilt = false
    member.lists = [.init { ($0.runId, $0.helloMsAgo) = ("c0ffee", 12) }]
    group.members = [member]
    var known = SentinelsDocument.Known()
    known.listedBy = ["10.77.0.1:26379"]
    group.known = [known]
    let document = SentinelsDocument { $0.groups = [group] }
    #expect(try again(document) == document)
  }

  @Test func `Of a move that was done, what is not known is null; else it is left out`() throws {
    var done = MoveDocument { ($0.kind, $0.text) = (.result, "moved") }
    (done.outcome, done.promoted, done.remains) = ("done", "10.77.0.2:6379", [])
    done.phases = [.init { ($0.phase, $0.ms) = ("closing", 3) }]
    #expect(
      done.json
        == #"{"kind":"result","outcome":"done","promoted":"10.77.0.2:6379","writeGapMs":null,"#
        + #""writesLost":null,"writesLostText":null,"phases":[{"phase":"closing","ms":3}],"#
        + #""remains":[],"text":"moved"}"#)
    #expect(try again(done) == done)
    var phase = MoveDocument { ($0.kind, $0.text) = (.phase, "waits") }
    (phase.phase, phase.atMs) = ("draining", 7)
    #expect(phase.json == #"{"kind":"phase","phase":"draining","atMs":7,"text":"waits"}"#)
  }

  @Test func `An entry of the history has its fields in their order, also unknown ones`() throws {
    let entry = HistoryDocument.Entry { entry in
      (entry.at, entry.ageMs, entry.master, entry.kind) = ("t", 5, "m", "later")
      entry.fields = [
        .init(name: "zeal", value: .text("a\"b")), .init(name: "afterMs", value: .number(-3)),
      ]
      entry.phases = [phase("flip", 0.5)]
    }
    var document = HistoryDocument()
    (document.node, document.now, document.entries) = ("h1", "n", [entry])
    (document.omitted, document.skipped, document.unsaved) = (1, 2, 3)
    #expect(
      document.json
        == #"{"schema":1,"node":"h1","now":"n","omitted":1,"skipped":2,"unsaved":3,"#
        + #""problem":null,"entries":[{"at":"t","ageMs":5,"master":"m","kind":"later","#
        + #""zeal":"a\"b","afterMs":-3,"phases":[{"name":"flip","atMs":0.500}]}]}"#)
    var read = try again(document)
    #expect(read.entries[0].text("zeal") == "a\"b" && read.entries[0].number("afterMs") == -3)
    read.entries[0].fields.reverse()
    #expect(read == document)
  }

  @Test func `What a later daemon adds is skipped, and what an older one lacks is nil`() throws {
    let json =
      #"{"schema":1,"version":"0.0.9","groups":[],"fromTheFuture":{"x":[1,null]}}"#
    let document = try JSONDecoder().decode(StatusDocument.self, from: Data(json.utf8))
    #expect(document.node == nil && document.problems == nil)
  }
}
