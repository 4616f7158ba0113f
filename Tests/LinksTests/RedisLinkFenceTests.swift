import Addresses
import FailoverCore
import NIOCore
import PeerKit
import Platform
import RESP
import Testing
import Wording

@testable import Links

/// A link to a fake Redis whose reports a test follows, one at a time.
///
/// Nothing ticks by itself: whatever happens, happens because of an answer or an order.
private final class FenceBench {
  let redis: FakeRedis
  let server: FakeServer
  private(set) var link: RedisLink?
  private(set) var reports: [String] = []
  private let finished: ([String]) -> Void

  init(redis: FakeRedis, server: FakeServer, finished: @escaping ([String]) -> Void) {
    self.redis = redis
    self.server = server
    self.finished = finished
  }

  func open(
    _ port: UInt16, login: Login?, loop: any EventLoop, watches: Bool, follow: @escaping Follow
  ) {
    let link = RedisLink(
      to: Endpoint(address: .v4(IPv4Address(127, 0, 0, 1)), port: port),
      access: Access(login: login),
      channelName: "c", loop: loop, clock: HostClock(), decoder: RedisReplyDecoder { _ in nil }
    ) { [unowned self] report in
      reports.append(Self.text(report))
      follow(self, reports.count)
    }
    link.watchesFence = watches
    self.link = link
    link.tick(at: HostClock().now())
  }

  typealias Follow = (_ bench: FenceBench, _ count: Int) -> Void

  func finish() {
    guard let link else { return }
    self.link = nil
    link.end()
    server.close()
    finished(reports)
  }

  static func text(_ report: RedisLinkReport) -> String {
    switch report {
    case .role(let role, _): role.word
    case .lost(let loss, _): "lost \(loss.rawValue)"
    case .replicas: "acknowledging"
    case .replication(let replication, _): "replicas \(replication.replicas.count)"
    case .fence(let setting, _): "fence \(pair(setting))"
    case .fenceUnreadable(.refused(let text)): "unreadable \(text)"
    case .fenceUnreadable: "unreadable"
    case .fenceAnswered(let order, let problem): "\(name(order)) \(name(problem))"
    case .priority(let priority, _): "priority \(priority ?? -1)"
    case .roleRefused(let words): "no role: \(words.text)"
    case .channelRefused(let words): "channel \(words?.text ?? "")"
    case .health: "health"
    case .identity(let identity, _, _): "process \(identity.process)"
    case .priorityAnswered(let priority, let problem): "priority \(priority) \(name(problem))"
    case .message: "message"
    case .sentNonsense(let text): "nonsense \(text)"
    }
  }

  private static func pair(_ setting: FenceSetting) -> String {
    "\(setting.minReplicas)/\(setting.maxLagSeconds)"
  }

  private static func name(_ order: FenceOrder) -> String {
    switch order {
    case .set(let setting): "set \(pair(setting))"
    case .persist: "persist"
    case .demote: "demote"
    }
  }

  private static func name(_ problem: FenceProblem?) -> String {
    switch problem {
    case nil: "done"
    case .unreachable: "unreachable"
    case .refused: "refused"
    case .notPersisted: "not persisted"
    case .notDemoted: "not demoted"
    }
  }
}

@Suite(.timeLimit(.minutes(10))) struct RedisLinkFenceTests {
  private static let armed = FenceOrder.set(FenceSetting(minReplicas: 2, maxLagSeconds: 1))
  private static let demotion = FenceOrder.demote(
    to: Endpoint(address: .v4(IPv4Address(10, 77, 0, 2)), port: 6379),
    FenceSetting(minReplicas: 2, maxLagSeconds: 1))

  /// Runs a link until the bench is finished; what was reported, and what the server was asked.
  private func run(
    login: Login? = nil, watches: Bool = true,
    prepare: @escaping @Sendable (FakeRedis) -> Void = { _ in },
    follow: @escaping @Sendable (FenceBench, Int) -> Void
  ) async -> (reports: [String], commands: [String]) {
    await withCheckedContinuation { continuation in
      Task {
        await onLoop { loop, done in
          let redis = FakeRedis()
          prepare(redis)
          let bound = NIOLoopBound(redis, eventLoop: loop)
          let server = FakeServer(loop: loop) { bound.value.answer($0, &$1) }
          var bench: FenceBench?
          bench = FenceBench(redis: redis, server: server) { reports in
            let commands = server.commands.map { $0.prefix(2).joined(separator: " ") }
            continuation.resume(returning: (reports, commands))
            bench = nil
            done()
          }
          server.open { port in
            bench?.open(port, login: login, loop: loop, watches: watches, follow: follow)
          }
        }
      }
    }
  }

  @Test("With each connection the setting is known before the role, and then the replicas")
  func connection() async {
    let (reports, commands) = await run { bench, count in
      if count == 3 { bench.server.dropClients() }
      if count == 7 { bench.finish() }
    }
    let once = ["fence 0/10", "master", "replicas 1"]
    #expect(reports == once + ["lost closed"] + once)
    #expect(commands.prefix(3) == ["HELLO 3", "CONFIG GET", "ROLE"])
  }

  @Test("Without the mode nothing but the role is asked for")
  func unwatched() async {
    let (reports, commands) = await run(watches: false) { bench, count in
      if count < 3 { bench.link?.readRole() } else { bench.finish() }
    }
    #expect(reports == ["master", "master", "master"])
    #expect(!commands.contains { $0.hasPrefix("CONFIG") || $0.hasPrefix("INFO") })
  }

  @Test("A mode that is switched on reads the setting at once, and each second from then on")
  func switchedOn() async {
    let (reports, _) = await run(
      watches: false, prepare: { $0.role = Captured.roleOfReplicaInRESP3 }
    ) { bench, count in
      switch count {
      case 1: bench.link?.watchesFence = true
      case 2:
        bench.redis.minReplicas = "7"
        bench.link?.tick(at: HostClock().now() + RedisLink.fencePeriod)
      case 4: bench.finish()
      default: break
      }
    }
    // The tick asks for the role as well; of a replica nothing else is asked.
    #expect(reports == ["replica", "fence 0/10", "replica", "fence 7/10"])
  }

  @Test("Orders are carried out in their order and answered, each once")
  func orders() async {
    let (reports, commands) = await run(prepare: {
      $0.refusals["CONFIG REWRITE"] = "ERR The server is running without a config file"
    }) { bench, count in
      if count == 3 {
        for order in [Self.armed, .persist, Self.demotion] { bench.link?.run(.fence(order)) }
      }
      if count == 6 { bench.finish() }
    }
    #expect(
      reports.dropFirst(3) == ["set 2/1 done", "persist not persisted", "demote not persisted"])
    #expect(
      commands.suffix(11) == [
        "CONFIG SET", "CONFIG SET", "CONFIG REWRITE", "MULTI", "CONFIG SET", "CONFIG SET",
        "REPLICAOF 10.77.0.2", "CONFIG REWRITE", "CLIENT KILL", "CLIENT KILL", "EXEC",
      ])
  }

  @Test(
    "A connection that ends in the middle of an order answers for every order, once",
    arguments: ["CONFIG", "MULTI", "REPLICAOF", "EXEC"])
  func lossWithinOrder(silent: String) async {
    let (reports, _) = await run { bench, count in
      switch count {
      case 3:
        bench.redis.silent = [silent]
        for order in [Self.demotion, Self.armed, .persist] { bench.link?.run(.fence(order)) }
        #expect(bench.link?.hasOrders == true)
        bench.server.dropClients()
      case 7:
        #expect(bench.link?.hasOrders == false)
        bench.finish()
      default: break
      }
    }
    #expect(
      reports.dropFirst(3) == [
        "lost closed", "demote unreachable", "set 2/1 unreachable", "persist unreachable",
      ])
  }

  @Test("Without a connection an order is answered at once")
  func unconnected() async {
    let (reports, _) = await run(prepare: { $0.silent = ["ROLE"] }) { bench, count in
      if count == 1 { bench.server.dropClients() }
      // The loss was reported; the next connection is not made yet.
      if count == 2 { bench.link?.run(.fence(Self.armed)) }
      if count == 3 { bench.finish() }
    }
    #expect(reports == ["fence 0/10", "lost closed", "set 2/1 unreachable"])
  }

  @Test(
    "A CONFIG that is renamed or not allowed is told, with Redis's own words",
    arguments: [
      "NOPERM this user has no permissions to run the 'config|get' command",
      "ERR unknown command 'CONFIG', with args beginning with: 'GET' 'min-replicas-*' ",
    ])
  func unreadable(text: String) async {
    let (reports, _) = await run(prepare: {
      $0.refusals = ["CONFIG GET": text, "CONFIG SET": text]
    }) { bench, count in
      if count == 3 { bench.link?.run(.fence(Self.armed)) }
      if count == 4 { bench.finish() }
    }
    #expect(reports == ["unreadable \(text)", "master", "replicas 1", "set 2/1 refused"])
  }

  @Test("A server of version 2 with a password is asked again once it let the link in")
  func passwordInVersionTwo() async {
    let (reports, _) = await run(
      login: Login(user: nil, password: "pw"),
      prepare: {
        $0.knowsVersionThree = false
        $0.password = "pw"
      }
    ) { bench, count in
      if count == 3 { bench.finish() }
    }
    #expect(reports == ["fence 0/10", "master", "replicas 1"])
  }
}
