import Addresses
import FailoverCore
import NIOCore
import PeerKit
import Platform
import RESP
import Testing

@testable import Links

/// A server with a password, and a check whether it lets new connections in.
private final class AdmissionBench: ServerBench {
  let check: AdmissionCheck
  let server: FakeServer
  var password = "old"
  var endpoint = loopback(1)
  private let loop: any EventLoop

  init(loop: any EventLoop) {
    self.loop = loop
    check = AdmissionCheck(loop: loop, clock: HostClock())
    check.period = .milliseconds(5)
    check.refusedPeriod = .milliseconds(5)
    let box = NIOLoopBoundBox<AdmissionBench?>(nil, eventLoop: loop)
    server = FakeServer(loop: loop) { words, writer in
      if words[0] == "HELLO", words.last == box.value?.password {
        writer.version = .three
        writer.map(count: 0)
      } else {
        writer.error("WRONGPASS invalid username-password pair or user is disabled.")
      }
    }
    box.value = self
  }

  func until(_ login: Login, _ condition: @escaping () -> Bool, then use: @escaping () -> Void) {
    check.tick([endpoint], access: Access(login: login), at: HostClock().now())
    if condition() { return use() }
    loop.assumeIsolated().scheduleTask(in: .milliseconds(2)) { [self] in
      until(login, condition, then: use)
    }
  }

  static func run(
    _ body: @escaping @Sendable (AdmissionBench, _ done: @escaping () -> Void) -> Void
  ) async {
    await run({ AdmissionBench(loop: $0) }, body)
  }

  func end() { check.end() }
}

@Suite(.timeLimit(.minutes(10))) struct AdmissionCheckTests {
  private static let login = Login(user: "vipd", password: "old")

  @Test func `A password that was changed is found out on a new connection, and its cure too`()
    async
  {
    await AdmissionBench.run { bench, done in
      bench.until(Self.login, { bench.server.commands.count >= 2 }) {
        #expect(bench.check.refusal(of: bench.endpoint) == nil)
        bench.password = "new"
        bench.until(Self.login, { bench.check.refusal(of: bench.endpoint) != nil }) {
          #expect(bench.check.refusal(of: bench.endpoint)?.refusesLogin == true)
          let login = Login(user: "vipd", password: "new")
          bench.until(login, { bench.server.commands.last?.last == "new" }) {
            #expect(bench.check.refusal(of: bench.endpoint) == nil)
            done()
          }
        }
      }
    }
  }

  @Test func `A server that turns new clients away is quoted, and one that is closed is told`()
    async
  {
    await AdmissionBench.run { bench, done in
      bench.server.doorWords = "ERR max number of clients reached"
      bench.until(Self.login, { bench.check.refusal(of: bench.endpoint) != nil }) {
        #expect(bench.check.refusal(of: bench.endpoint)?.refusesForCrowd == true)
        bench.server.close()
        // Then the words are the system's, which have no code.
        bench.until(
          Self.login,
          { bench.check.refusal(of: bench.endpoint).map { $0.code == nil } ?? false }, then: done)
      }
    }
  }

  @Test func `What was found is forgotten with the end: the link goes to a server started anew`()
    async
  {
    await AdmissionBench.run { bench, done in
      bench.server.close()
      bench.until(Self.login, { bench.check.refusal(of: bench.endpoint) != nil }) {
        bench.check.end()
        #expect(bench.check.refusal(of: bench.endpoint) == nil)
        done()
      }
    }
  }

  @Test func `Nothing is sent but the greeting`() async {
    await AdmissionBench.run { bench, done in
      bench.until(Self.login, { bench.server.commands.count >= 3 }) {
        #expect(bench.server.commands.allSatisfy { $0[0] == "HELLO" })
        done()
      }
    }
  }
}
