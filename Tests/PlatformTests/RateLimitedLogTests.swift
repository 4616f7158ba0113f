import FailoverCore
import Logging
import Testing

@testable import Platform

@Suite struct RateLimitedLogTests {
  private let log = RateLimitedLog(
    Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, clock: HostClock())
  private let start = Instant(nanoseconds: 1_000_000_000)

  /// The seconds at which a text that comes each second is logged.
  private func logged(_ text: String, during seconds: Range<Int>) -> [Int] {
    seconds.filter { log.admit(text, at: start + .seconds($0)) }
  }

  @Test func `A text that repeats is logged ever less often, and each hour at last`() {
    let times = logged("full", during: 0..<20_000)
    #expect(times == [0, 30, 90, 210, 450, 930, 1_890, 3_810, 7_410, 11_010, 14_610, 18_210])
  }

  @Test func `Another text is logged at once, and each has its own time`() {
    #expect(logged("full", during: 0..<2) == [0])
    #expect(logged("gone", during: 2..<40) == [2, 32])
    #expect(logged("full", during: 40..<41) == [40])
  }

  @Test func `What was away for two hours is news again`() {
    #expect(logged("full", during: 0..<300) == [0, 30, 90, 210])
    let later = 210 + 7_200
    #expect(logged("full", during: later..<later + 40) == [later, later + 30])
  }

  @Test func `Many texts push out the oldest, and no other`() {
    #expect(log.admit("first", at: start))
    for count in 0..<64 { #expect(log.admit("text \(count)", at: start + .seconds(1))) }
    #expect(!log.admit("text 0", at: start + .seconds(2)))
    #expect(!log.admit("text 63", at: start + .seconds(2)))
    #expect(log.admit("first", at: start + .seconds(2)))
  }
}
