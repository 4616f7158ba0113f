import FailoverCore
import Testing

@Suite struct InstantTests {
  @Test("Instants and durations add up")
  func arithmetic() {
    let start = Instant.milliseconds(1_500)
    #expect(start + .milliseconds(250) - start == .milliseconds(250))
    #expect(start - .seconds(2) < start)
  }

  @Test(
    "No duration that a peer can name overflows",
    arguments: [Duration.milliseconds(Int64.max), .milliseconds(Int64.min), .seconds(Int64.max)])
  func absurd(duration: Duration) {
    let start = Instant.milliseconds(1_500)
    let end = start + duration - duration + duration
    #expect((duration > .zero) == (end > start))
    #expect(end - start != .zero)
  }
}
