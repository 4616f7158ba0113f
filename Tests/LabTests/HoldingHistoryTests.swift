import Testing

@testable import Lab

@Suite("The history of holders")
struct HoldingHistoryTests {
  private func change(
    _ milliseconds: Int64, _ host: Int, _ isPresent: Bool, prefixLength: Int? = 32
  ) -> AddressChange {
    AddressChange(
      stamp: Stamp(nanoseconds: milliseconds * 1_000_000), host: host, address: "10.77.0.100",
      isPresent: isPresent, lifetimeSeconds: nil, prefixLength: prefixLength)
  }

  private func overlap(_ changes: [AddressChange], until end: Int64 = 1000) -> Double {
    HoldingHistory(of: "10.77.0.100", in: changes).overlap(
      until: Stamp(nanoseconds: end * 1_000_000))
  }

  @Test func `One holder after another is no overlap`() {
    #expect(
      overlap([change(0, 1, true), change(100, 1, false), change(100, 2, true)]) == 0)
  }

  @Test func `Two holders at once count from the second's start to the first's end`() {
    #expect(
      overlap([change(0, 1, true), change(100, 2, true), change(130, 1, false)]) == 30)
  }

  @Test func `A renewed lifetime is no new holding`() {
    let changes = [
      change(0, 1, true), change(50, 1, true), change(90, 1, false), change(95, 2, true),
    ]
    #expect(overlap(changes) == 0)
    #expect(HoldingHistory(of: "10.77.0.100", in: changes).holdings.count == 2)
  }

  @Test func `A host with two copies of an address holds it until the last is gone`() {
    let changes = [
      change(0, 1, true, prefixLength: 24), change(50, 1, true),
      change(60, 1, false, prefixLength: 24),
    ]
    #expect(HoldingHistory(of: "10.77.0.100", in: changes).holdersAtEnd == [1])
    #expect(HoldingHistory(of: "10.77.0.100", in: changes).holdings.count == 1)
    let gone = changes + [change(90, 1, false)]
    #expect(HoldingHistory(of: "10.77.0.100", in: gone).holdersAtEnd.isEmpty)
  }

  @Test func `A holder that never lets go counts up to the end`() {
    #expect(overlap([change(0, 1, true), change(400, 2, true)], until: 1000) == 600)
  }

  @Test func `Three holders at once are counted once`() {
    let changes = [
      change(0, 1, true), change(10, 2, true), change(20, 3, true), change(40, 1, false),
      change(50, 2, false),
    ]
    #expect(overlap(changes) == 40)
  }

  @Test func `Another address doesn't count`() {
    let other = AddressChange(
      stamp: Stamp(nanoseconds: 5), host: 2, address: "10.77.0.2", isPresent: true,
      lifetimeSeconds: nil)
    #expect(overlap([change(0, 1, true), other]) == 0)
  }
}

@Suite("Statistics")
struct StatisticsTests {
  @Test func `The median of an even number of figures is the mean of the middle two`() {
    #expect(Statistics([4, 1, 3, 2]).median == 2.5)
    #expect(Statistics([3, 1, 2]).median == 2)
  }

  @Test func `The 95th percentile is the nearest rank`() {
    #expect(Statistics((1...20).map(Double.init)).percentile95 == 19)
    #expect(Statistics((1...10).map(Double.init)).percentile95 == 10)
  }
}
