import Addresses
import FailoverCore
import PeerKit
import Testing

@testable import Agent

@Suite(.timeLimit(.minutes(10))) struct StopTests {
  /// What is installed after a stop, of an address that was on the host.
  private func stop(isRestart: Bool) async -> [VirtualAddress] {
    await withCheckedContinuation { continuation in
      Task {
        await onLoop { loop, finish in
          let bench = GroupBench(loop: loop)
          let network = bench.network
          try? bench.start(port: 6379) { group in
            // What is here stays here, whatever the Sentinels say.
            group.handle(.pauseRequested(until: nil))
            _ = network.addresses.install([sampleVirtual], for: .seconds(5))
            group.handle(.addressAppeared(sampleVirtual))
            bench.stop(isRestart: isRestart) {
              continuation.resume(returning: network.addresses.installed)
              finish()
            }
          }
        }
      }
    }
  }

  @Test func `A stop takes the address away, as the usual on-stop says`() async {
    #expect(await stop(isRestart: false) == [])
  }

  @Test func `A restart leaves it to its kernel lifetime, whatever on-stop says`() async {
    #expect(await stop(isRestart: true) == [sampleVirtual])
  }
}
