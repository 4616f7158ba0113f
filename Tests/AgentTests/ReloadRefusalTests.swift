import Addresses
import Configuration
import FailoverCore
import Kernel
import NIOCore
import PeerKit
import Testing

@testable import Agent

@Suite(.timeLimit(.minutes(10))) struct ReloadRefusalTests {
  private static let text = "sentinel 127.0.0.1 1\nvip mymaster 10.77.0.100/24 dev eth0"

  /// Whether a reload that puts the address on another interface is refused.
  private func refusal(isHeld: Bool, isMissing: Bool) async -> String? {
    await withCheckedContinuation { continuation in
      Task {
        await onLoop { loop, finish in
          guard let bench = try? ControlBench(loop: loop, text: Self.text),
            let other = try? bench.loaded(Self.text.replacing("eth0", with: "eth9"))
          else {
            Issue.record("no bench")
            continuation.resume(returning: nil)
            return finish()
          }
          let (old, new) = (
            bench.daemon.loaded.configuration.groups[0].virtualAddresses,
            other.configuration.groups[0].virtualAddresses
          )
          if isHeld { _ = bench.network.addresses.install(old, for: .seconds(2)) }
          if isMissing { bench.network.links.troubles[new[0]] = [.interfaceMissing] }
          let refusal = bench.daemon.objections(to: other).first
          bench.end {
            continuation.resume(returning: refusal)
            finish()
          }
        }
      }
    }
  }

  @Test("A held address is not put on an interface that does not exist")
  func missingInterface() async {
    let refusal = await refusal(isHeld: true, isMissing: true)
    #expect(refusal?.hasPrefix("the interface eth9 of 10.77.0.100 does not exist") == true)
  }

  @Test("An address that is not here, or goes to another interface that is, is no reason to refuse")
  func others() async {
    #expect(await refusal(isHeld: false, isMissing: true) == nil)
    #expect(await refusal(isHeld: true, isMissing: false) == nil)
  }
}
