import Addresses
import FailoverCore

/// The kernel's addresses: lifetimes in whole seconds, whose end is noticed late.
extension World {
  /// How late the kernel's check is at most, measured for the first and for a second address.
  private static let lateness: [Int64] = [350 * millisecond, 990 * millisecond]

  func install(_ address: Int, on host: Int, _ lifetime: KernelLifetime) {
    let clock = hosts[host].bootClock(at: now)
    let wasPresent = hosts[host].addresses[address].isPresent
    hosts[host].addresses[address].isPresent = true
    hosts[host].addresses[address].generation += 1
    switch lifetime {
    case .infinite:
      hosts[host].addresses[address].expires = nil
      hosts[host].addresses[address].lifetimeEnds = nil
    case .seconds(let seconds):
      let late = random.number(0...World.lateness[min(address, 1)])
      hosts[host].addresses[address].lifetimeEnds = clock + Int64(seconds) * second
      hosts[host].addresses[address].expires = clock + Int64(seconds) * second + late
      scheduleExpiry(of: address, on: host)
    }
    if !wasPresent {
      note(.addressAdded(node: host, address: address))
      holdersChanged()
    }
  }

  func scheduleExpiry(of address: Int, on host: Int) {
    let entry = hosts[host].addresses[address]
    guard entry.isPresent, let expires = entry.expires else { return }
    let left = max(expires - hosts[host].bootClock(at: now), 0)
    queue.push(
      .addressExpiry(host: host, address: address, generation: entry.generation),
      at: now + hosts[host].worldDuration(left))
  }

  /// Removes an address; answers whether it was there.
  @discardableResult
  func remove(_ address: Int, from host: Int, _ cause: RemovalCause) -> Bool {
    guard hosts[host].addresses[address].isPresent else { return false }
    hosts[host].addresses[address].isPresent = false
    hosts[host].addresses[address].expires = nil
    hosts[host].addresses[address].lifetimeEnds = nil
    hosts[host].addresses[address].generation += 1
    note(.addressRemoved(node: host, address: address, cause))
    holdersChanged()
    return true
  }

  func expire(_ address: Int, on host: Int, generation: Int) {
    let entry = hosts[host].addresses[address]
    guard entry.isPresent, entry.generation == generation, hosts[host].isAwake,
      let expires = entry.expires
    else { return }
    guard hosts[host].bootClock(at: now) >= expires else {
      scheduleExpiry(of: address, on: host)
      return
    }
    remove(address, from: host, .expired)
    guard let agent = agents.first(where: { $0.node == host }) else { return }
    schedule(
      .event(.addressVanished(configuration.virtualAddresses[address])), for: agent.process,
      after: 50_000)
  }

  /// Who answers a duplicate probe: a holder to which both directions work.
  func claimant(of addresses: [Int], seenFrom host: Int) -> Int? {
    for other in redis.indices where other != host {
      guard addresses.contains(where: { hosts[other].addresses[$0].isPresent }),
        passes(host, other), passes(other, host), !isLost(host, other)
      else { continue }
      return other
    }
    return nil
  }

  func macAddress(of host: Int) -> MACAddress {
    MACAddress(rawValue: 0x0200_0a4d_0000 + UInt64(host))
  }

  /// One round of announcements: other holders hear a claim.
  func announce(_ addresses: [Int], from host: Int) {
    for other in redis.indices where other != host && passes(host, other) && !isLost(host, other) {
      for address in addresses where hosts[other].addresses[address].isPresent {
        schedule(
          .event(
            .claimSeen(
              configuration.virtualAddresses[address].address, by: macAddress(of: host))),
          for: agents[other].process, after: delay(host, other))
      }
    }
  }
}

/// Why an address left the kernel.
enum RemovalCause: Equatable {
  case ordered, expired, powerOff
}
