import Testing

@testable import Lab

/// The judge of all tests about lost writes: it must tell, and not only keep silent.
@Suite struct WriterTests {
  private func acknowledgment(_ milliseconds: Int64, _ count: Int) -> String {
    WriterLine.acknowledged(count: count).text(
      connection: 0, at: Stamp(nanoseconds: milliseconds * 1_000_000))
  }

  @Test func `A line is read as it was written`() throws {
    let lines: [WriterLine] = [
      .acknowledged(count: 7), .opened(host: 2), .opened(host: nil), .failed(kind: "noreplicas"),
      .overran(milliseconds: 230),
    ]
    for line in lines {
      let text = line.text(connection: 3, at: Stamp(nanoseconds: 12))
      let read = try #require(WriterLine.read(Substring(text)))
      #expect(read.connection == 3)
      #expect(read.stamp == Stamp(nanoseconds: 12))
      #expect(read.line == line)
    }
    #expect(WriterLine.read("ready") == nil)
    #expect(WriterLine.read("0 12 acknowledged seven") == nil)
  }

  @Test func `A missing bit is a lost write, with the time of its acknowledgement`() {
    let text = [
      "ready", acknowledgment(1000, 1), acknowledgment(1002, 10), acknowledgment(1004, 20), "",
    ].joined(separator: "\n")
    let record = WriterRecord(key: "k", connections: 1, text: text).connections[0]
    #expect(record.acknowledged == 20)
    // Bits 0 to 19, and more that nobody acknowledged.
    #expect(record.losses(bits: [0xff, 0xff, 0xff], fromByte: 0) == Losses())
    #expect(record.losses(bits: [0xff, 0xff, 0xf0], fromByte: 0) == Losses())
    // Bits 9 and 12 are missing: of the second line and of the third.
    let losses = record.losses(bits: [0xff, 0b1011_0111, 0xf0], fromByte: 0)
    #expect(losses.count == 2)
    #expect(losses.first == Stamp(nanoseconds: 1_002_000_000))
    #expect(losses.last == Stamp(nanoseconds: 1_004_000_000))
    // The last piece alone, with nothing there.
    #expect(record.losses(bits: [0], fromByte: 2).count == 4)
  }

  @Test func `A gap is between two acknowledged writes, and what was cut off is left out`() {
    let text = [
      "ready", acknowledgment(1000, 1), acknowledgment(1010, 2), acknowledgment(1200, 3),
      acknowledgment(1201, 4), "0 1300000000 acknow",
    ].joined(separator: "\n")
    let record = WriterRecord(key: "k", connections: 1, text: text)
    #expect(record.acknowledged == 4)
    #expect(record.maxGap(after: Stamp(nanoseconds: 0)) == 190)
    #expect(record.maxGap(after: Stamp(nanoseconds: 1_200_000_000)) == 1)
    #expect(record.maxGap(after: Stamp(nanoseconds: 1_201_000_000)) == .infinity)
    let (start, end) = (Stamp(nanoseconds: 0), Stamp(nanoseconds: 1_005_000_000))
    #expect(record.maxGap(after: start, until: end) == 10)
  }

  @Test func `Acknowledgements belong to the host that was connected`() {
    let first = WriterLine.opened(host: 1).text(connection: 0, at: Stamp(nanoseconds: 1))
    let second = WriterLine.opened(host: 2).text(connection: 0, at: Stamp(nanoseconds: 1_500_000))
    let failure = WriterLine.failed(kind: "reset")
      .text(connection: 0, at: Stamp(nanoseconds: 1_400_000))
    let text = [
      first, acknowledgment(1, 1), failure, second, acknowledgment(2, 2), "",
    ].joined(separator: "\n")
    let record = WriterRecord(key: "k", connections: 1, text: text)
    #expect(record.lastAcknowledgment(by: 1)?.count == 1)
    #expect(record.lastAcknowledgment()?.host == 2)
    #expect(
      record.firstAcknowledgment(after: Stamp(nanoseconds: 0), by: 2)?.stamp
        == Stamp(nanoseconds: 2_000_000))
    #expect(record.disconnections(after: Stamp(nanoseconds: 0)) == 1)
    #expect(record.failures(after: Stamp(nanoseconds: 0)) == ["reset": 1])
  }
}
