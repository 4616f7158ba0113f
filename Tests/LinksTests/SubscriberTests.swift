import Addresses
import FailoverCore
import NIOCore
import PeerKit
import Platform
import RESP
import Testing

@testable import Links

/// Something that ticks beside a server without RESP3, and what it reported.
private final class SubscriberBench {
  let server: FakeServer
  let redis = FakeRedis()
  private let loop: any EventLoop
  private var ticker: RepeatedTask?
  private var ending: () -> Void = {}
  var reports: [String] = []

  init(loop: any EventLoop, answer: FakeServer.Answer? = nil) {
    self.loop = loop
    redis.knowsVersionThree = false
    let bound = NIOLoopBound(redis, eventLoop: loop)
    server = FakeServer(loop: loop) { words, writer in
      if words.first == "HELLO" || answer == nil {
        bound.value.answer(words, &writer)
      } else {
        answer?(words, &writer)
      }
    }
  }

  /// Runs a subscriber; nothing ticks but the test.
  func openSubscriber(then use: @escaping (Subscriber) -> Void) {
    server.open { [self] port in
      let subscriber = Subscriber(
        to: loopback(port), access: Access(), channels: ["c", "d"], loop: loop, clock: HostClock()
      ) { [unowned self] report in
        switch report {
        case .subscribed: reports.append("subscribed")
        case .published: reports.append("published")
        case .refused(let words): reports.append(words.text)
        }
      }
      ending = { subscriber.end() }
      subscriber.open()
      use(subscriber)
    }
  }

  func openRedisLink(then use: @escaping (RedisLink) -> Void) {
    server.open { [self] port in
      let link = RedisLink(
        to: loopback(port), access: Access(), channelName: "c", loop: loop, clock: HostClock(),
        decoder: RedisReplyDecoder { _ in nil }
      ) { [unowned self] report in
        switch report {
        case .lost: reports.append("lost")
        case .message: reports.append("message")
        case .channelRefused(let words): reports.append(words?.text ?? "channel open")
        default: break
        }
      }
      ending = { link.end() }
      tick { link.tick(at: HostClock().now()) }
      use(link)
    }
  }

  func openSentinelLink(then use: @escaping (SentinelLink) -> Void) {
    server.open { [self] port in
      let link = SentinelLink(
        to: loopback(port), access: Access(), loop: loop, clock: HostClock(),
        decoder: SentinelReplyDecoder { _ in nil }
      ) { [unowned self] report in
        switch report {
        case .connected: reports.append("connected")
        case .lost: reports.append("lost")
        case .replied: reports.append("replied")
        case .hinted: reports.append("hinted")
        default: break
        }
      }
      ending = { link.end() }
      link.follow(["mymaster"])
      tick { link.tick(at: HostClock().now()) }
      use(link)
    }
  }

  private func tick(_ call: @escaping () -> Void) {
    let bound = NIOLoopBound(call, eventLoop: loop)
    ticker = loop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(5)) { _ in
      bound.value()
    }
  }

  /// How often a command came.
  func count(_ word: String) -> Int { server.commands.count { $0.first == word } }

  func until(_ condition: @escaping () -> Bool, then use: @escaping () -> Void) {
    if condition() { return use() }
    loop.assumeIsolated().scheduleTask(in: .milliseconds(2)) { [self] in
      until(condition, then: use)
    }
  }

  func end() {
    ticker?.cancel()
    ending()
    server.close()
  }
}

@Suite(.timeLimit(.minutes(10))) struct SubscriberTests {
  @Test func `A subscriber that is killed is made again by itself`() async {
    await onLoop { loop, finish in
      let bench = SubscriberBench(loop: loop)
      bench.openSubscriber { subscriber in
        bench.until({ bench.reports == ["subscribed"] }) {
          bench.server.dropSubscribers()
          bench.until({
            // The wait after a connection that lasted a moment only.
            subscriber.tick(at: HostClock().now())
            return bench.reports.count == 2
          }) {
            #expect(bench.reports == ["subscribed", "subscribed"])
            bench.server.publish("hello", on: "d")
            bench.until({ bench.reports.count == 3 }) {
              #expect(bench.reports.last == "published")
              bench.end()
              finish()
            }
          }
        }
      }
    }
  }

  @Test func `A connection that fails once is tried again; one that goes on failing is told`() async
  {
    await onLoop { loop, finish in
      let bench = SubscriberBench(loop: loop)
      bench.server.admissionLimit = 0
      bench.openSubscriber { subscriber in
        bench.until({
          subscriber.tick(at: HostClock().now())
          return !bench.reports.isEmpty
        }) {
          #expect(bench.reports == ["ERR max number of clients reached"])
          #expect(bench.server.accepted == 2)
          bench.server.admissionLimit = .max
          subscriber.tick(at: HostClock().now() + Subscriber.refusedPeriod)
          bench.until({ bench.reports.count == 2 }) {
            #expect(bench.reports.last == "subscribed")
            bench.end()
            finish()
          }
        }
      }
    }
  }

  @Test func `A connection that is accepted and never answered is given up`() async {
    await onLoop { loop, finish in
      let bench = SubscriberBench(loop: loop)
      bench.redis.silent = ["SUBSCRIBE"]
      bench.openSubscriber { subscriber in
        bench.until({ bench.count("SUBSCRIBE") == 1 }) {
          subscriber.tick(at: HostClock().now() + Subscriber.answerLimit * 2)
          bench.redis.silent = []
          bench.until({
            subscriber.tick(at: HostClock().now())
            return bench.reports == ["subscribed"]
          }) {
            bench.end()
            finish()
          }
        }
      }
    }
  }

  @Test func `The channel of a Redis without RESP3 is heard again after CLIENT KILL TYPE pubsub`()
    async
  {
    await onLoop { loop, finish in
      let bench = SubscriberBench(loop: loop)
      bench.openRedisLink { _ in
        bench.until({ bench.count("SUBSCRIBE") == 1 && bench.count("ROLE") > 0 }) {
          bench.server.dropSubscribers()
          bench.until({ bench.count("SUBSCRIBE") == 2 }) {
            bench.server.publish("hello", on: "c")
            bench.until({ !bench.reports.isEmpty }) {
              #expect(bench.reports == ["message"])
              bench.end()
              finish()
            }
          }
        }
      }
    }
  }

  @Test
  func `A Redis that has no room for the second connection is told, and the role is asked on`()
    async
  {
    await onLoop { loop, finish in
      let bench = SubscriberBench(loop: loop)
      bench.server.admissionLimit = 1
      bench.openRedisLink { _ in
        bench.until({ !bench.reports.isEmpty }) {
          #expect(bench.reports == ["ERR max number of clients reached"])
          let asked = bench.count("ROLE")
          bench.until({ bench.count("ROLE") > asked }) {
            #expect(!bench.reports.contains("lost"))
            bench.end()
            finish()
          }
        }
      }
    }
  }

  @Test func `A Sentinel whose second connection ends stays in contact, and is heard again`() async
  {
    await onLoop { loop, finish in
      let bench = SubscriberBench(loop: loop, answer: FakeSentinel.answer)
      bench.openSentinelLink { _ in
        bench.until({ bench.reports.contains("replied") }) {
          bench.server.dropSubscribers()
          bench.until({ bench.count("SUBSCRIBE") == 2 }) {
            bench.server.publish("master mymaster 127.0.0.1 6379", on: "+odown")
            bench.until({ bench.reports.contains("hinted") }) {
              #expect(!bench.reports.contains("lost"))
              bench.end()
              finish()
            }
          }
        }
      }
    }
  }

  @Test func `A Sentinel without room for the second connection counts on its polls`() async {
    await onLoop { loop, finish in
      let bench = SubscriberBench(loop: loop, answer: FakeSentinel.answer)
      bench.server.admissionLimit = 1
      bench.openSentinelLink { link in
        bench.until({ bench.reports.contains("replied") }) {
          #expect(!bench.reports.contains("lost"))
          #expect(link.eventRefusal?.text == "ERR max number of clients reached")
          bench.end()
          finish()
        }
      }
    }
  }
}
