import Testing

@testable import Lab

@Suite("What the watch on the wire saw")
struct WireLogTests {
  private func log(_ lines: String..., quiet: Int64 = WireLog.quietNanoseconds) -> WireLog {
    WireLog(lines.joined(separator: "\n") + "\n", address: "10.77.0.100", quiet: quiet)
  }

  @Test("A take is measured from the answer to the first announcement")
  func take() {
    let log = log(
      "ready", "master 1000000000", "arp 1000070000 10.77.0.100", "arp 1000090000 10.77.0.100",
      "master 1100000000", "arp 1600000000 10.77.0.100")
    #expect(log.latencies == [70])
    #expect(log.lateTakes == 0)
  }

  @Test("A take that waited for something else is counted and not measured")
  func late() {
    let log = log("master 1000000000", "master 1096000000", "arp 1150000000 10.77.0.100")
    #expect(log.latencies == [])
    #expect(log.lateTakes == 1)
  }

  @Test("A master that was one before, and another's address, are no news")
  func noNews() {
    let log = log(
      "arp 1000000000 10.77.0.100", "master 2000000000", "arp 2000050000 10.77.0.101",
      "master 2096000000", "arp nonsense 10.77.0.100", "master")
    #expect(log.latencies == [])
    #expect(log.lateTakes == 0)
  }

  @Test("Where each answer is news, each is measured")
  func each() {
    let log = log(
      "master 1000000000", "arp 1000060000 10.77.0.100", "master 1050000000",
      "arp 1050080000 10.77.0.100", quiet: 0)
    #expect(log.latencies == [60, 80])
  }
}
