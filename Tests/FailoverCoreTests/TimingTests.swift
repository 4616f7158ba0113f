import FailoverCore
import Testing

/// The relations between the times on which the safety argument rests.
@Suite struct TimingTests {
  @Test("A provisional holder is gone before the one that yielded to it may come back")
  func retakeAfterProvisional() {
    let lastFastTake = Timing.preparedLifetime + Timing.provisionalLifetime
    #expect(lastFastTake < Timing.yieldLifetime + Timing.minSettling)
    #expect(Timing.minSettling >= Timing.provisionalLifetime + .milliseconds(500))
  }

  @Test("A selection's target has had its time before its holder comes back")
  func preparedBeforeRetake() {
    #expect(Timing.preparedLifetime < Timing.yieldLifetime)
  }

  @Test(
    "The kernel's end is at most 0.2 s after down-after wherever the guarantee is strict",
    arguments: [3_000, 3_500, 4_000, 5_000, 10_000, 30_000])
  func kernelBound(downAfter: Int) {
    let downAfter = Duration.milliseconds(downAfter)
    let lease = Timing.lease(downAfter: downAfter, limit: nil)
    let age = Timing.pollInterval
    let kernel = Timing.kernelSeconds(leaseLeft: lease - age)
    #expect(age + .seconds(kernel + 1) <= downAfter + .milliseconds(200))
  }

  @Test("Evidence is forgotten before a holder without a lease can be back")
  func evidence() {
    #expect(Timing.evidenceLifetime <= Timing.minSettling)
  }

  @Test("A refusal is remembered for less than any down-after that Sentinel is run with")
  func refusals() {
    #expect(Timing.refusalLifetime <= .seconds(1))
  }

  @Test("A target that takes its driver for dead sees what the driver commanded before")
  func silenceAfterTheLastOrder() {
    // The order follows an answered offer by moveAnswerLifetime at most; the target's views are
    // then younger than the order.
    #expect(Timing.moveAnswerLifetime + Timing.viewLifetime <= Timing.moveSilence)
    #expect(Timing.moveOfferInterval * 2 < Timing.moveAnswerLifetime)
  }

  @Test("A probe that begins as the driver of a move lets go is over before the latest promotion")
  func probeOfATarget() {
    // Sentinel's next tick comes 52 to 100 ms after the selection.
    #expect(Timing.handOverDelay + Timing.probeDuration <= .milliseconds(100))
  }

  @Test("The address is back before an undone move gives up arming the fence")
  func reopening() {
    #expect(Timing.yieldLifetime + Timing.maxLease + .seconds(2) < Timing.reopeningLimit)
  }
}
