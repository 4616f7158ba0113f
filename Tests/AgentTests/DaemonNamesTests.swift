import Addresses
import Configuration
import FailoverCore
import Foundation
import Links
import NIOCore
import NIOPosix
import PeerKit
import RESP
import Testing
import Wording

@testable import Agent
@testable import Store

/// A daemon whose Sentinels have names.
private func withNames(
  _ text: String, _ names: FakeNames,
  _ body: @escaping @Sendable (ControlBench, _ done: @escaping () -> Void) -> Void
) async {
  await onLoop { loop, finish in
    guard let bench = try? ControlBench(loop: loop, text: text, lookUp: names.lookUp) else {
      Issue.record("no bench")
      return finish()
    }
    bench.daemon.resolver.pace = HostResolver.Pace(
      retryAfter: .milliseconds(5), maxRetry: .milliseconds(20), patience: .zero)
    bench.start {
      body(bench) { bench.end(finish) }
    }
  }
}

/// Calls back once a condition holds; looked at every few milliseconds.
private func until(
  _ daemon: Daemon, _ condition: @escaping () -> Bool, then use: @escaping () -> Void
) {
  if condition() { return use() }
  daemon.loop.assumeIsolated().scheduleTask(in: .milliseconds(3)) {
    until(daemon, condition, then: use)
  }
}

@Suite(.timeLimit(.minutes(10))) struct DaemonNamesTests {
  private static let text = """
    sentinel s1.example 1
    vip mymaster 10.77.0.100/24 dev eth0
    """

  /// Makes a daemon whose name server is silent; it is not started yet.
  private static func withSilentNames(
    _ body:
      @escaping @Sendable (
        ControlBench, FakeNames, any EventLoop, _ finish: @escaping @Sendable () -> Void
      ) -> Void
  ) async {
    let names = FakeNames()
    names.fallSilent()
    await onLoop { loop, finish in
      guard let bench = try? ControlBench(loop: loop, text: text, lookUp: names.lookUp) else {
        Issue.record("no bench")
        return finish()
      }
      bench.daemon.resolver.pace.patience = .zero
      body(bench, names, loop, finish)
    }
  }

  @Test func `While a name server is silent, start, status, reload, files and stop don't wait`()
    async
  {
    await Self.withSilentNames { bench, names, loop, finish in
      // The state of the group is read from its file before the daemon is ready.
      bench.start {
        bench.ask("c.sock", Array("STATUS\n".utf8), values: 1) { tokens in
          #expect(tokens.first?.text?.contains("name-unresolved") == true)
          bench.pool.runIfActive(eventLoop: loop) { 1 }.assumeIsolated().whenComplete { _ in
            bench.daemon.reload(bench.daemon.loaded)
            #expect(names.waiting == 1)
            bench.end {
              #expect(names.waiting == 1)
              names.speak()
              finish()
            }
          }
        }
      }
    }
  }

  @Test func `With names that don't resolve, the Sentinels of the last run are asked`() async {
    await Self.withSilentNames { bench, names, _, finish in
      let known = Endpoint(address: .v4(IPv4Address(127, 0, 0, 1)), port: 1)
      let gone = Endpoint(address: .v4(IPv4Address(127, 0, 0, 1)), port: 2)
      var record = StateRecord()
      record.sentinels = 2
      record.known = [
        KnownSentinel(runID: "a", endpoint: known),
        KnownSentinel(runID: "b", endpoint: gone, fate: .forgotten),
      ]
      try? record.text.write(
        toFile: "\(bench.directory)/mymaster.state", atomically: true, encoding: .utf8)
      bench.start {
        #expect(bench.daemon.sentinelLines.map(\.text) == ["s1.example:1", "remembered"])
        #expect(bench.daemon.sentinelLines.flatMap(\.endpoints) == [known])
        bench.end {
          names.speak()
          finish()
        }
      }
    }
  }

  @Test func `A name that can't be resolved is a problem of the group until it can`() async {
    let names = FakeNames()
    let text = Self.text + "\nsentinel s2.example 1"
    await withNames(text, names) { bench, done in
      let daemon = bench.daemon
      guard let group = daemon.group("mymaster") else { return done() }
      until(daemon, { group.problems.first?.sentence.contains("nor can") == true }) {
        #expect(group.problems.map(\.label) == ["name-unresolved"])
        #expect(
          group.problems.map(\.sentence) == [
            "the name s1.example can't be resolved (Temporary failure in name resolution); nor can "
              + "s2.example; asked again every few seconds. Correct the name, /etc/hosts or the name "
              + "server"
          ])
        #expect(daemon.sentinels.isEmpty)
        names.set("s1.example", "127.0.0.1")
        names.set("s2.example", "127.0.0.2")
        until(daemon, { daemon.sentinels.count == 2 }) {
          #expect(group.problems.isEmpty)
          #expect(
            daemon.sentinels.map(\.id.description).sorted() == ["127.0.0.1:1", "127.0.0.2:1"])
          done()
        }
      }
    }
  }

  @Test func `Every address of a name is followed, and a changed one once nobody answers there`()
    async
  {
    let names = FakeNames()
    names.set("s1.example", "127.0.0.1", "127.0.0.2")
    await withNames(Self.text, names) { bench, done in
      let daemon = bench.daemon
      daemon.resolver.pace.refreshGap = .zero
      until(daemon, { daemon.sentinels.count == 2 }) {
        #expect(
          daemon.sentinelLines == [
            SentinelLine(
              text: "s1.example:1", masterName: nil,
              endpoints: ["127.0.0.1:1", "127.0.0.2:1"].compactMap { Endpoint($0) })
          ])
        // Nobody listens there, so the name is asked again long before a minute is over.
        names.set("s1.example", "127.0.0.1", "127.0.0.3")
        until(daemon, { daemon.sentinels.contains { $0.id.description == "127.0.0.3:1" } }) {
          done()
        }
      }
    }
  }

  @Test func `A group that names its own Sentinels counts only these`() async {
    let names = FakeNames()
    let text = """
      sentinel 127.0.0.1 1
      sentinel cache s1.example 2
      sentinel cache 127.0.0.3 3
      vip mymaster 10.77.0.100/24 dev eth0
      vip cache 10.77.0.101/24 dev eth0
      """
    await withNames(text, names) { bench, done in
      let daemon = bench.daemon
      #expect(daemon.group("mymaster")?.configuration.configuredSentinels == 1)
      #expect(daemon.group("cache")?.configuration.configuredSentinels == 2)
      #expect(
        daemon.sentinelLines == [
          SentinelLine(
            text: "127.0.0.1:1", masterName: nil,
            endpoints: ["127.0.0.1:1"].compactMap { Endpoint($0) }),
          SentinelLine(text: "s1.example:2", masterName: "cache", endpoints: []),
          SentinelLine(
            text: "127.0.0.3:3", masterName: "cache",
            endpoints: ["127.0.0.3:3"].compactMap { Endpoint($0) }),
        ])
      until(daemon, { daemon.group("cache")?.problems.isEmpty == false }) {
        #expect(daemon.group("mymaster")?.problems.isEmpty == true)
        done()
      }
    }
  }
}
