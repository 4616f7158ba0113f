import Addresses
import FailoverCore
import NIOCore
import PeerKit
import Platform
import RESP
import Testing
import Wording

@testable import Agent
@testable import Control

@Suite(.timeLimit(.minutes(10))) struct GroupWordsTests {
  private static func labels(_ group: Group) -> [String] { group.problems.map(\.label) }

  @Test func `A script that blocks Redis shows in the problems until it ends`() async {
    await GroupBench.runWithRedis { bench, group, done in
      #expect(Self.labels(group).isEmpty)
      bench.redis.refusals["ROLE"] = "BUSY Redis is busy running a script."
      bench.until({ Self.labels(group) == ["redis-busy"] }) {
        #expect(
          group.problems[0].sentence.contains("refuses: BUSY Redis is busy running a script."))
        #expect(group.problems[0].sentence.contains("the local Redis 127.0.0.1:"))
        // It is alive, so what is known of its role stays.
        #expect(group.redis.role == .master)
        bench.redis.refusals["ROLE"] = nil
        bench.until({ Self.labels(group).isEmpty }) { done() }
      }
    }
  }

  @Test func `A master that refuses writes says so, although vipd writes nothing`() async {
    await GroupBench.runWithRedis { bench, group, done in
      bench.redis.persistence = "loading:0\r\nrdb_last_bgsave_status:err\r\naof_enabled:0\r\n"
      bench.until({ Self.labels(group) == ["redis-misconf"] }) {
        #expect(group.problems[0].sentence.hasPrefix("MISCONF: the local Redis"))
        done()
      }
    }
  }

  @Test func `A user without SUBSCRIBE costs the channel, not the role`() async {
    await GroupBench.runWithRedis { bench, group, done in
      bench.redis.refusals["SUBSCRIBE"] = "NOPERM this user has no permissions"
      bench.server?.dropClients()
      bench.until({ Self.labels(group) == ["redis-channel"] }) {
        #expect(group.redis.role == .master)
        #expect(group.redis.isConnected == true)
        done()
      }
    }
  }

  @Test func `Words at the door of Redis are those of the problem and of why`() async {
    await GroupBench.runWithRedis { bench, group, done in
      bench.server?.doorWords = "DENIED Redis is running in protected mode"
      bench.server?.dropClients()
      bench.until({ Self.labels(group) == ["redis-denied"] }) {
        let clock = group.services.clock
        let text = WhyReport(clock: clock).text(
          group.status, problems: group.problems, at: clock.now())
        #expect(text.contains("refuses: DENIED Redis is running in protected mode."))
        done()
      }
    }
  }
}

@Suite(.timeLimit(.minutes(10))) struct SentinelWordsTests {
  private static func sentence(_ label: String, _ group: Group) -> String {
    group.problems.first { $0.label == label }?.sentence ?? ""
  }

  /// Runs a daemon beside one Sentinel that answers as a test wants.
  private func run(
    _ answer: @escaping FakeServer.Answer,
    prepare: @escaping @Sendable (FakeServer) -> Void = { _ in },
    _ body:
      @escaping @Sendable (
        ControlBench, Group, _ until: @escaping Until, _ done: @escaping () -> Void
      )
      -> Void
  ) async {
    await onLoop { loop, finish in
      let server = FakeServer(loop: loop, answer: answer)
      prepare(server)
      server.open { port in
        let text = "sentinel 127.0.0.1 \(port)\nvip mymaster 10.77.0.100/24 dev eth0"
        guard let bench = try? ControlBench(loop: loop, text: text) else {
          Issue.record("no bench")
          return finish()
        }
        func until(_ condition: @escaping () -> Bool, _ use: @escaping () -> Void) {
          if condition() { return use() }
          loop.assumeIsolated().scheduleTask(in: .milliseconds(3)) { until(condition, use) }
        }
        bench.start {
          guard let group = bench.daemon.group("mymaster") else { return finish() }
          body(bench, group, until) {
            bench.end {
              server.close()
              finish()
            }
          }
        }
      }
    }
  }

  typealias Until = (_ condition: @escaping () -> Bool, _ use: @escaping () -> Void) -> Void

  @Test func `A Sentinel in protected mode is quoted in status, why and the problems`() async {
    await run(
      { _, _ in },
      prepare: { $0.doorWords = "DENIED Redis is running in protected mode" }
    ) { bench, group, until, done in
      until({ group.problems.map(\.label).contains("sentinel-refuses") }) {
        #expect(
          Self.sentence("sentinel-refuses", group).contains(
            "lets no new connection in: DENIED Redis is running in protected mode."))
        bench.ask("c.sock", Array("STATUS\nWHY\n".utf8), values: 2) { tokens in
          #expect(
            tokens.first?.text?.contains(#""lossText":"DENIED Redis is running in protected mode""#)
              == true)
          #expect(
            tokens.last?.text?.contains(
              "out of contact (DENIED Redis is running in protected mode)")
              == true)
          done()
        }
      }
    }
  }

  @Test func `A Sentinel that lets nobody subscribe counts, and says what is missing`() async {
    let words = "NOPERM this user has no permissions to run the 'subscribe' command"
    await run { command, writer in
      if command[0] == "SUBSCRIBE" {
        writer.error(words)
      } else {
        FakeSentinel.answer(command, &writer)
      }
    } _: { _, group, until, done in
      until({ group.problems.map(\.label).contains("sentinel-events") }) {
        #expect(
          Self.sentence("sentinel-events", group).contains(
            "does not let vipd subscribe (\(words))"))
        until({ group.status.sentinels.first?.named != nil }) {
          #expect(group.status.sentinels[0].isConnected)
          done()
        }
      }
    }
  }

  @Test func `A Sentinel that may be reached and tells nothing is a problem`() async {
    await run { command, writer in
      if command.count > 1, ["MASTER", "REPLICAS"].contains(command[1]) {
        writer.error("NOPERM this user has no permissions to run the 'sentinel|master' command")
      } else {
        FakeSentinel.answer(command, &writer)
      }
    } _: { _, group, until, done in
      until({ group.problems.map(\.label).contains("sentinel-noperm") }) { done() }
    }
  }
}
