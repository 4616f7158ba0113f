import FailoverCore
import Testing

@Suite struct InstantTests {
  @Test("Instants and durations add up")
  func arithmetic() {
    let start = Instant.milliseconds(1_500)
    #expect(start + .milliseconds(250) - start == .milliseconds(250))
    #expect(start - .seconds(2) < start)
  }
}
