import FailoverCore
import Testing

@testable import SimulationKit

@Suite("The world's kernel and network") struct KernelAndNetworkTests {
  private func emptyWorld(seed: UInt64, addresses: Int = 2) -> World {
    var configuration = WorldConfiguration(seed: seed)
    configuration.hasAgents = false
    configuration.addressCount = addresses
    return World(configuration)
  }

  @Test("an address goes after its whole seconds and at most 0.35 s, a second one 0.99 s")
  func lifetimes() {
    for seed in 1...20 as ClosedRange<UInt64> {
      let world = emptyWorld(seed: seed)
      world.run(until: second)
      let start = world.now
      world.install(0, on: 0, .seconds(2))
      world.install(1, on: 0, .seconds(2))
      var gone: [Int64] = [0, 0]
      while world.now < 6 * second {
        world.run(until: world.now + 5 * millisecond)
        for index in 0...1 where world.hosts[0].addresses[index].isPresent {
          gone[index] = world.now
        }
      }
      #expect((1_990...2_360).contains((gone[0] - start) / millisecond))
      #expect((1_990...3_000).contains((gone[1] - start) / millisecond))
    }
  }

  @Test("a renewed address stays, an infinite one for ever")
  func renewal() {
    let world = emptyWorld(seed: 1)
    world.install(0, on: 0, .seconds(2))
    world.install(1, on: 1, .infinite)
    world.run(until: 1_500 * millisecond)
    world.install(0, on: 0, .seconds(2))
    world.run(until: 3 * second)
    #expect(world.hosts[0].addresses[0].isPresent)
    world.run(until: 20 * second)
    #expect(!world.hosts[0].addresses[0].isPresent)
    #expect(world.hosts[1].addresses[1].isPresent)
  }

  @Test("a probe sees a holder if and only if both directions work")
  func probes() {
    let world = emptyWorld(seed: 1)
    world.install(0, on: 0, .infinite)
    #expect(world.claimant(of: [0], seenFrom: 1) == 0)
    #expect(world.claimant(of: [1], seenFrom: 1) == nil)
    #expect(world.claimant(of: [0], seenFrom: 0) == nil)
    for way in [1, world.hosts.count] {
      world.blocked[way] = 1
      #expect(world.claimant(of: [0], seenFrom: 1) == nil)
      world.blocked[way] = 0
    }
  }

  @Test("a dead process refuses, and a dark host is silent")
  func refusal() {
    let world = emptyWorld(seed: 1)
    world.run(until: second)
    world.stop(world.redis[0].process)
    let refused = world.connect(world.sentinels[1].process, to: 0, .sentinelCommands)
    world.switchOff(1)
    let silent = world.connect(world.sentinels[2].process, to: 1, .sentinelCommands)
    world.run(until: 2 * second)
    #expect(!refused.isInitiatorOpen)
    #expect(silent.isInitiatorOpen && !silent.isEstablished)
  }

  @Test("what was sent into a cut arrives in order once it heals, by the doubling time-out")
  func retransmission() {
    let world = emptyWorld(seed: 1)
    world.run(until: second)
    let connection = world.connect(world.sentinels[1].process, to: 0, .sentinelCommands)
    world.run(until: world.now + 10 * millisecond)
    #expect(connection.isEstablished)
    world.blocked[1 * world.hosts.count] = 1
    world.send(.ping, on: connection)
    world.send(.info, on: connection)
    world.run(until: world.now + 500 * millisecond)
    #expect(connection.forward.pending.count == 2)
    world.blocked[1 * world.hosts.count] = 0
    world.run(until: world.now + 50 * millisecond)
    #expect(connection.forward.pending.count == 2)
    world.run(until: world.now + 200 * millisecond)
    #expect(connection.forward.pending.isEmpty)
  }

  @Test("a promotion kills the clients and the subscribers of the node, and detaches replicas")
  func promotionKillsClients() {
    var configuration = WorldConfiguration(seed: 2)
    configuration.hasAgents = false
    configuration.faults = [
      Fault(kind: .powerOff, begins: 4 * second, duration: 60 * second, target: 0)
    ]
    let world = World(configuration)
    world.run(until: 4 * second)
    let clients = world.redis[1].helloSubscribers
    #expect(clients.count == 3)
    while world.redis[1].replicaOf != nil, world.now < 20 * second {
      world.run(until: world.now + millisecond)
    }
    #expect(world.redis[1].isMaster)
    #expect(clients.allSatisfy { !$0.isAcceptorOpen })
  }

  @Test("the generator gives the known numbers")
  func generator() {
    var random = SeededRandom(seed: 0)
    let first = [random.next(), random.next()]
    // SplitMix64 of 0 begins e220a8397b1dcdaf, 6e789e6aa1b965f4, 06c45d188009454f,
    // f88bb8a8724c81ec; one step of xoshiro256** on these.
    #expect(first[0] == 0x99ec_5f36_cb75_f2b4)
    for _ in 0..<1_000 { #expect((3...7).contains(random.number(3...7))) }
  }

  @Test("the queue keeps time, and at one time the order of scheduling")
  func queue() {
    var queue = EventQueue<Int>()
    for (index, time) in ([5, 1, 3, 1, 5, 0, 3] as [Int64]).enumerated() {
      queue.push(index, at: time)
    }
    var popped: [Int] = []
    while let next = queue.pop() { popped.append(next.payload) }
    #expect(popped == [5, 1, 3, 2, 6, 0, 4])
  }
}
