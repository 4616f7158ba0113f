import Addresses
import FailoverCore
import LinuxNetwork
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

  @Test(arguments: [
    // Redis' own backlog: an empty queue takes a whole slice, a fuller one less.
    (0, 511, 100), (55, 511, 100), (155, 511, 50), (253, 511, 1), (254, 511, 1),
    // Half full, full, and beyond.
    (255, 511, 0), (511, 511, 0), (600, 511, 0),
    // Shorter backlogs, down to one that holds a single connection.
    (0, 128, 32), (0, 2, 1), (0, 1, 1), (1, 1, 0),
  ])
  func `The fuller the queue of new connections, the fewer are woken`(
    waiting: Int, limit: Int, count: Int
  ) {
    var run = run(1_000)
    run.beginRound(without: [:])
    #expect(run.nextSlice(AcceptQueue(waiting: waiting, limit: limit)).count == count)
  }

  @Test func `Clients that were put off come later, each once in a pass`() {
    var run = run(250)
    run.beginRound(without: [:])
    var queue = AcceptQueue(waiting: 0, limit: 128)
    var woken: [PackedEndpoint] = []
    while woken.count < 250 {
      let slice = run.nextSlice(queue).map(\.client)
      woken += slice
      // The server accepts twenty at a time.
      queue.waiting = max(0, queue.waiting + slice.count - 20)
      #expect(queue.waiting < queue.limit)
    }
    #expect(woken == sampleClients(0..<250))
    #expect(!run.isRoundOver)
  }

  @Test func `A server that accepts nobody holds them up for a second at most`() {
    var run = run(150)
    run.beginRound(without: [:])
    let full = AcceptQueue(waiting: 511, limit: 511)
    for _ in 0..<TickleRun.patience { #expect(run.nextSlice(full).isEmpty) }
    #expect(run.nextSlice(full).count == 100)
    #expect(run.nextSlice(full).isEmpty)
    #expect(TickleRun.pause.nanoseconds * Int64(TickleRun.patience) <= 1_000_000_000)
  }

  @Test func `The queue that counts is that of the server whose client is next`() {
    var run = run(120)
    #expect(run.server == Endpoint(address: ipv4VIP, port: 6379))
    run.beginRound(without: [:])
    _ = round(&run)
    #expect(run.server == Endpoint(address: ipv4VIP, port: 6379))
    run.beginRound(without: [ipv4VIP: Set(sampleClients(0..<120))])
    #expect(run.server == nil)
  }
}
