import Addresses
package import FailoverCore

/// What the machine of a holder says, with three Sentinels, one of them lost.
package func holderStatus() -> GroupStatus {
  let address = VirtualAddress(
    address: .v4(IPv4Address(10, 77, 0, 100)), interface: "eth0", subnetPrefixLength: 24)
  var machine = FailoverMachine(
    configuration: GroupConfiguration(
      masterName: "mymaster", virtualAddresses: [address], configuredSentinels: 1))
  for number in UInt8(1)...3 {
    let sentinel = Endpoint(address: .v4(IPv4Address(10, 77, 0, number)), port: 26_379)
    _ = machine.handle(.sentinelConnected(sentinel, runID: "\(number)"), at: .milliseconds(9_000))
  }
  var status = machine.status(at: .milliseconds(10_000))
  status.presence = [true]
  status.basis = .sentinels
  status.leaseEnds = .milliseconds(12_250)
  status.sentinelCount = 4
  status.sentinels[0].confirmsUntil = .milliseconds(12_250)
  status.sentinels[2].isConnected = false
  return status
}
