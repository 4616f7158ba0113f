import Addresses
import Configuration
import FailoverCore
import PeerKit
import Testing

@testable import Agent

private let second = VirtualAddress(
  address: .v4(IPv4Address(10, 77, 0, 101)), interface: "eth0", subnetPrefixLength: 24)

@Suite(.timeLimit(.minutes(10))) struct ReloadPartTests {
  /// What is installed once a reload has left the group with some addresses, and what was done.
  private func reload(to addresses: [VirtualAddress]) async -> (left: [VirtualAddress], [String]) {
    await withCheckedContinuation { continuation in
      Task {
        await onLoop { loop, finish in
          let bench = GroupBench(loop: loop)
          bench.change = { $0.groups[0].virtualAddresses = [sampleVirtual, second] }
          try? bench.start(port: 6379) { group in
            guard let daemon = bench.daemon else { return finish() }
            // What is here stays here, whatever the Sentinels say.
            group.handle(.pauseRequested(until: nil))
            _ = bench.network.addresses.install([sampleVirtual, second], for: .seconds(5))
            var new = daemon.loaded.configuration
            new.groups[0].virtualAddresses = addresses
            bench.network.calls = []
            if let loaded = try? LoadedConfiguration(readingSecretsOf: new) {
              daemon.reload(loaded)
            }
            continuation.resume(returning: (bench.network.addresses.installed, bench.network.calls))
            bench.stop(finish)
          }
        }
      }
    }
  }

  @Test func `An address that leaves its group goes alone, and with its own sessions only`() async {
    let (left, calls) = await reload(to: [sampleVirtual])
    #expect(left == [sampleVirtual])
    #expect(calls.filter { $0 != "stop" } == ["end sessions", "remove", "end sessions"])
  }

  @Test func `A group that gets another address keeps those that it has`() async {
    let third = VirtualAddress(
      address: .v4(IPv4Address(10, 77, 0, 102)), interface: "eth0", subnetPrefixLength: 24)
    let (left, calls) = await reload(to: [sampleVirtual, second, third])
    #expect(left == [sampleVirtual, second])
    #expect(!calls.contains("remove"))
  }
}
