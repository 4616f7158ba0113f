import Addresses
import ChannelMessages
import Configuration
import FailoverCore
import Foundation
import Logging
import NIOCore
import NIOPosix
import PeerKit
import Platform
import RESP

@testable import Agent

let otherHolder = Endpoint(address: .v4(IPv4Address(10, 77, 0, 9)), port: 6379)
let sampleVirtual = VirtualAddress(
  address: ipv4VIP, interface: "eth0", subnetPrefixLength: 24)

/// A group on a loop, with a fake network and, if wanted, a fake Redis.
final class GroupBench {
  let network = FakeNetwork()
  let redis = FakeRedis()
  var server: FakeServer?
  private let directory = NSTemporaryDirectory() + "vipd-\(UUID().uuidString.prefix(8))"
  private let loop: any EventLoop
  private let pool = NIOThreadPool(numberOfThreads: 1)
  private(set) var daemon: Daemon?
  /// Changes the configuration before the start.
  var change: (inout Configuration) -> Void = { _ in }
  /// Whether it is a daemon, and no single decision.
  var keepsState = true
  private var sequence: UInt64 = 0

  init(loop: any EventLoop) {
    self.loop = loop
    try? FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    pool.start()
  }

  /// Begins, and calls back once the group is there.
  func start(port: UInt16, then use: @escaping (Group) -> Void) throws {
    var configuration = try Configuration(
      parsing: """
        sentinel 127.0.0.1 1
        vip mymaster 10.77.0.100/24 dev eth0
        control \(directory)/c.sock
        hook \(directory)/h.sock
        state-dir \(directory)
        """, file: "test.conf")
    // No file may say so: here alone the nodes are ports of one host.
    configuration.groups[0].redis = loopback(port)
    change(&configuration)
    let loaded = try LoadedConfiguration(readingSecretsOf: configuration)
    let daemon = Daemon(
      loaded, network: network.seams, keepsState: keepsState, pool: pool, loop: loop,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    self.daemon = daemon
    daemon.start()
    until({ daemon.isReady }) {
      guard let group = daemon.group("mymaster") else { return }
      // The address is the fake network's: its Redis is called where it is.
      group.selfChecks.redirectCalls { _, port in loopback(port) }
      use(group)
    }
  }

  /// Runs a group beside a Redis that is a master.
  static func runWithRedis(
    keepsState: Bool = true, change: @escaping @Sendable (inout Configuration) -> Void = { _ in },
    _ body: @escaping @Sendable (GroupBench, Group, _ done: @escaping () -> Void) -> Void
  ) async {
    await onLoop { loop, finish in
      let bench = GroupBench(loop: loop)
      bench.change = change
      bench.keepsState = keepsState
      let bound = NIOLoopBound(bench, eventLoop: loop)
      let server = FakeServer(loop: loop) { words, writer in
        bound.value.redis.answer(words, &writer)
      }
      bench.server = server
      server.open { port in
        try? bench.start(port: port) { group in
          bench.until({ group.redis.role != nil }) {
            body(bench, group) { bench.stop(finish) }
          }
        }
      }
    }
  }

  /// Where the daemon keeps what must survive it.
  var statePath: String { "\(directory)/mymaster.state" }

  /// Calls back once a condition holds; looked at every few milliseconds.
  func until(_ condition: @escaping () -> Bool, then use: @escaping () -> Void) {
    if condition() { return use() }
    loop.assumeIsolated().scheduleTask(in: .milliseconds(3)) { [self] in
      until(condition, then: use)
    }
  }

  /// What the daemon published about sessions.
  var told: [SessionNews] {
    (server?.commands ?? []).compactMap { words in
      guard words.first == "PUBLISH", case .sessions(let news)? = Self.decoded(words[2]) else {
        return nil
      }
      return news
    }
  }

  static func decoded(_ text: String) -> ChannelMessage.Body? {
    try? ChannelMessage(decoding: Array(text.utf8), masterName: "mymaster", key: nil).body
  }

  /// Lets the group hear another daemon.
  func hear(_ body: ChannelMessage.Body, by group: Group, sender: UInt64 = 42) {
    sequence += 1
    let message = ChannelMessage(sender: sender, sequence: sequence, body: body)
    group.received(Array(message.encoded(masterName: "mymaster", key: nil).utf8))
  }

  /// Lets the group hear who holds, and believe it.
  func hearHolder(by group: Group) {
    let state = NodeState(node: otherHolder, isHolding: true, version: "1")
    hear(.state(state), by: group)
    group.sessions.believe(otherHolder)
  }

  func take(_ group: Group) {
    _ = network.addresses.install([sampleVirtual], for: .seconds(5))
    change(group, from: .prepared, to: .holding)
  }

  func change(_ group: Group, from: StateName, to: StateName) {
    let now = group.services.clock.now()
    let basis: LeaseBasis
    switch to {
    case .holding, .blind: basis = .sentinels
    // A pause covers the state; what is held stays held.
    case .paused: basis = from == .holding ? .sentinels : .none
    case .standby, .prepared, .yielding: basis = .none
    }
    group.run(
      .report(Transition(from: from, to: to, reason: .roleChanged, basis: basis)), at: now)
  }

  func stop(isRestart: Bool = false, _ done: @escaping () -> Void) {
    daemon?.stop(isRestart: isRestart) { [self] in
      server?.close()
      pool.shutdownGracefully { _ in }
      try? FileManager.default.removeItem(atPath: directory)
      daemon = nil
      done()
    }
  }
}
