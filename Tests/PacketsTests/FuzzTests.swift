import Addresses
import FuzzKit
import Packets
import Testing

@Suite("Hostile frames")
struct FuzzTests {
  static let seeds: [[UInt8]] = [
    ARPPacketTests.request, ARPPacketTests.reply, ARPPacketTests.probe,
    NeighbourTests.advertisement, NeighbourTests.probe, NeighbourTests.probeWithNonce,
  ]

  @Test(
    "No frame makes a decoder trap, and what one accepts is written back the same",
    arguments: 1...8 as ClosedRange<UInt64>)
  func mutated(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var accepted = 0
    for _ in 0..<4000 {
      let frame = mutate(Self.seeds.randomElement(using: &generator) ?? [], using: &generator)
      accepted += try rewritten(frame)
    }
    #expect(accepted > 0)
  }

  @Test("No noise makes a decoder trap")
  func noise() throws {
    var generator = SeededGenerator(seed: 9)
    for _ in 0..<4000 {
      let length = Int.random(in: 0...200, using: &generator)
      let frame = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
      _ = try rewritten(frame)
    }
  }

  /// Changes some octets, cuts the frame or makes it longer.
  private func mutate(_ frame: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
    var frame = frame
    for _ in 0..<Int.random(in: 0...3, using: &generator) {
      let offset = Int.random(in: 0..<frame.count, using: &generator)
      frame[offset] = UInt8.random(in: 0...255, using: &generator)
    }
    switch Int.random(in: 0..<4, using: &generator) {
    case 0: frame = Array(frame.prefix(Int.random(in: 0...frame.count, using: &generator)))
    case 1: frame += [UInt8](repeating: UInt8.random(in: 0...255, using: &generator), count: 9)
    default: break
    }
    return frame
  }

  /// Gives a frame to each decoder and what it accepts to the encoder; returns how many accept it.
  private func rewritten(_ frame: [UInt8]) throws -> Int {
    var accepted = 0
    if let packet = try? ARPPacket(decodingFrame: frame.span) {
      let written = try encoded { buffer throws(PacketError) in
        try packet.encodeFrame(into: &buffer)
      }
      #expect(try ARPPacket(decodingFrame: written.span) == packet)
      accepted += 1
    }
    if let advertisement = try? NeighbourAdvertisement(decodingFrame: frame.span) {
      let written = try encoded { buffer throws(PacketError) in
        try advertisement.encodeFrame(into: &buffer)
      }
      #expect(try NeighbourAdvertisement(decodingFrame: written.span) == advertisement)
      accepted += 1
    }
    if let solicitation = try? NeighbourSolicitation(decodingFrame: frame.span) {
      let written = try encoded { buffer throws(PacketError) in
        try solicitation.encodeFrame(into: &buffer)
      }
      #expect(try NeighbourSolicitation(decodingFrame: written.span) == solicitation)
      accepted += 1
    }
    return accepted
  }
}
