import LinuxNetwork
import Testing

@testable import Agent

@Suite struct DeathWatchTests {
  /// What each refusal after a life comes to: whether Redis is dead, and that is news.
  private func news(after life: PortUse?, _ refusals: PortUse?...) -> [Bool] {
    var watch = DeathWatch()
    watch.recordLife(life)
    return refusals.map { watch.recordRefusal($0) }
  }

  @Test func `What was seen while it lived, and is gone, is dead; once`() {
    #expect(news(after: .listened, .unused, .unused) == [true, false])
  }

  @Test func `Each life is looked at once, and may end`() {
    var watch = DeathWatch()
    #expect(watch.isLifeNew && !watch.mayHaveDied && watch.isVisible == nil)
    watch.recordLife(.listened)
    #expect(!watch.isLifeNew && watch.mayHaveDied && watch.isVisible == true)
    _ = watch.recordRefusal(.unused)
    #expect(watch.isLifeNew && !watch.mayHaveDied)
    watch.recordLife(.listened)
    #expect(watch.mayHaveDied)
  }

  @Test(arguments: [PortUse.listened, .connected, nil])
  func `What has a socket, or can't be seen, is not dead`(use: PortUse?) {
    #expect(news(after: .listened, use, .unused) == [false, true])
  }

  @Test(arguments: [PortUse.unused, .connected, nil])
  func `Behind a translation nothing follows from a port without a socket`(use: PortUse?) {
    #expect(news(after: use, .unused) == [false])
  }
}
