import Addresses
import ChannelMessages
import FailoverCore
import Links
import NIOCore
import PeerKit
import Platform
import RESP
import Testing

@testable import Agent

@Suite(.timeLimit(.minutes(10))) struct AddressCallerTests {
  /// Calls addresses, each at a server of the test, until it is over.
  private func outcome(
    of addresses: [IPAddress] = [ipv4VIP], settling: Duration = .zero,
    limit: Duration = .seconds(30), patience: Duration = .seconds(30), login: Login? = nil,
    isListening: Bool = true,
    answer: @escaping @Sendable (FakeRedis, _ role: Int) -> Void = { _, _ in },
    mayCall: @escaping @Sendable (Int) -> Bool = { _ in true }
  ) async -> (outcome: AddressCaller.Outcome, calls: Int, roles: Int) {
    await withCheckedContinuation { continuation in
      Task {
        await onLoop { loop, finish in
          let redis = NIOLoopBound(FakeRedis(), eventLoop: loop)
          let roles = NIOLoopBoundBox(0, eventLoop: loop)
          let server = FakeServer(loop: loop) { words, writer in
            if words[0] == "ROLE" { roles.value += 1 }
            answer(redis.value, roles.value)
            redis.value.answer(words, &writer)
          }
          server.open { port in
            if !isListening { server.close() }
            var calls = 0
            var caller: AddressCaller?
            caller = AddressCaller(
              AddressCaller.Plan(
                addresses: addresses, endpoints: addresses.map { _ in loopback(port) },
                settling: settling, limit: limit, patience: patience),
              access: Access(login: login), loop: loop, clock: HostClock(),
              willCall: { _ in
                calls += 1
                return mayCall(calls)
              },
              ended: { outcome in
                caller = nil
                server.close()
                continuation.resume(returning: (outcome, calls, roles.value))
                finish()
              })
            caller?.begin()
          }
        }
      }
    }
  }

  @Test(arguments: [Duration.zero, .milliseconds(20)])
  func `Every address is called until it answers as a master's`(settling: Duration) async {
    let result = await outcome(of: [ipv4VIP, ipv6VIP], settling: settling)
    #expect(result.outcome.reached == 2 && result.outcome.missed.isEmpty)
    #expect(result.calls == 2 && result.roles == 2)
  }

  @Test func `More addresses than are called at once all get their turn`() async {
    let many = (0..<100).map { IPAddress.v4(IPv4Address(10, 77, 1, UInt8($0))) }
    let result = await outcome(of: many)
    #expect(result.outcome.reached == 100 && result.calls == 100)
  }

  @Test func `A replica is called again, until it is a master`() async {
    let result = await outcome { redis, role in
      redis.role = role < 3 ? Captured.roleOfReplicaInRESP3 : Captured.roleOfMasterInRESP3
    }
    #expect(result.outcome.reached == 1 && result.calls == 3 && result.roles == 3)
  }

  @Test func `Who says nothing is called again over a new connection`() async {
    let result = await outcome(patience: .milliseconds(100)) { redis, role in
      redis.silent = role < 2 ? ["ROLE"] : []
    }
    #expect(result.outcome.reached == 1 && result.roles >= 2)
  }

  @Test func `A password is given as on every other link`() async {
    let result = await outcome(login: Login(user: nil, password: "s")) {
      redis, role in
      redis.knowsVersionThree = false
      if role == 0, redis.password == nil { redis.password = "s" }
    }
    #expect(result.outcome.reached == 1)
  }

  @Test func `What came instead of an answer is told: a replica`() async {
    let result = await outcome(limit: .seconds(2)) { redis, _ in
      redis.role = Captured.roleOfReplicaInRESP3
    }
    #expect(result.outcome.missed == [.init(address: ipv4VIP, reason: .replica)])
    #expect(result.outcome.reached == 0)
  }

  @Test func `What came instead of an answer is told: an error`() async {
    let result = await outcome(limit: .seconds(2)) { redis, _ in
      redis.refusals = ["ROLE": "NOPERM no"]
    }
    #expect(result.outcome.missed == [.init(address: ipv4VIP, reason: .nonsense)])
  }

  @Test func `What came instead of an answer is told: a refusal`() async {
    let result = await outcome(limit: .seconds(2), isListening: false)
    #expect(result.outcome.missed == [.init(address: ipv4VIP, reason: .refused)])
    #expect(result.calls > 1)
  }

  @Test func `What came instead of an answer is told: silence`() async {
    let result = await outcome(limit: .milliseconds(100)) { redis, _ in redis.silent = ["ROLE"] }
    #expect(result.outcome.missed == [.init(address: ipv4VIP, reason: .silent)])
  }

  @Test func `Who has an address itself calls nobody, until it has it no longer`() async {
    let never = await outcome(limit: .milliseconds(100), mayCall: { _ in false })
    #expect(never.outcome.missed == [.init(address: ipv4VIP, reason: .occupied)])
    #expect(never.roles == 0)
    let later = await outcome(mayCall: { $0 > 2 })
    #expect(later.outcome.reached == 1 && later.calls == 3)
  }
}
