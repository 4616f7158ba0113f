import Addresses
import FailoverCore
import NIOCore
import Packets
import Testing

@testable import Agent

@Suite struct TickleRunTests {
  private let virtual = VirtualAddress(
    address: ipv4VIP, interface: "eth0", subnetPrefixLength: 24)

  private func run(_ count: Int) -> TickleRun {
    let source = PackedEndpoint(Endpoint(address: ipv4VIP, port: 6379))
    return TickleRun(
      sampleClients(0..<count).map {
        TickleRun.Target(virtualAddress: virtual, source: source, client: $0)
      })
  }

  /// The clients of a whole round, slice by slice.
  private func round(_ run: inout TickleRun) -> [[PackedEndpoint]] {
    var slices: [[PackedEndpoint]] = []
    while !run.isRoundOver { slices.append(run.nextSlice().map(\.client)) }
    return slices
  }

  @Test func `Three rounds reach every client, in slices`() {
    var run = run(120)
    for number in 1...TickleRun.rounds {
      #expect(!run.isOver)
      run.beginRound(without: [:])
      #expect(run.roundsBegun == number)
      let slices = round(&run)
      #expect(slices.map(\.count) == [100, 20, 100, 20])
      #expect(Set(slices.joined()) == Set(sampleClients(0..<120)))
    }
    #expect(run.isOver)
    #expect(run.nextSlice().isEmpty)
  }

  @Test func `Who speaks to this node gets nothing, by address and port`() {
    var run = run(10)
    run.beginRound(
      without: [ipv6VIP: Set(sampleClients(0..<10)), ipv4VIP: Set(sampleClients(2..<5))])
    #expect(Set(round(&run).joined()) == Set(sampleClients(0..<2) + sampleClients(5..<10)))
    run.beginRound(without: [ipv4VIP: Set(sampleClients(0..<10))])
    #expect(run.isOver)
  }

  @Test func `Two rounds bring every variant to everybody`() {
    var run = run(1)
    var variants: [TickleSegment.Variant] = []
    for _ in 1...2 {
      run.beginRound(without: [:])
      while !run.isRoundOver {
        #expect(run.nextSlice().count == 1)
        variants.append(run.variant)
      }
    }
    #expect(variants == [.lowLow, .highHigh, .lowHigh, .highLow])
  }

  @Test(arguments: [(1, 100), (10_000, 100), (40_000, 200), (100_000, 300)])
  func `The more clients, the greater a slice, up to a limit`(count: Int, slice: Int) {
    #expect(run(count).slice == slice)
  }

  @Test func `Ten thousand clients have their first tickle within half a second`() {
    let run = run(10_000)
    let slices = run.targets.count / run.slice
    #expect(TickleRun.pause.nanoseconds * Int64(slices) <= 500_000_000)
  }
}
