import Addresses
import FailoverCore
import NIOCore
import PeerKit
import Platform
import RESP
import Testing

@testable import Links

/// A link to a fake Sentinel, with what it reported.
private final class LinkBench {
  let server: FakeServer
  private(set) var link: SentinelLink?
  private let loop: any EventLoop
  private var ticker: RepeatedTask?
  var reports: [String] = []
  /// Called after each report with all so far.
  var reported: ([String]) -> Void = { _ in }

  init(loop: any EventLoop, answer: @escaping FakeServer.Answer = FakeSentinel.answer) {
    self.loop = loop
    server = FakeServer(loop: loop, answer: answer)
  }

  func start(_ names: [String] = ["mymaster"]) {
    server.open { port in
      let id = Endpoint(address: .v4(IPv4Address(127, 0, 0, 1)), port: port)
      let link = SentinelLink(
        to: id, access: Access(), loop: self.loop, clock: HostClock(),
        decoder: SentinelReplyDecoder { _ in nil }
      ) { [unowned self] in note($0) }
      self.link = link
      link.follow(names)
      let bound = NIOLoopBound(link, eventLoop: self.loop)
      self.ticker = self.loop.scheduleRepeatedTask(
        initialDelay: .zero, delay: .milliseconds(5)
      ) { _ in bound.value.tick(at: HostClock().now()) }
    }
  }

  func end() {
    ticker?.cancel()
    link?.end()
    server.close()
  }

  private func note(_ report: SentinelLinkReport) {
    switch report {
    case .connected(let runID): reports.append("connected \(runID)")
    case .lost(let loss, _): reports.append("lost \(loss.rawValue)")
    case .identified: break
    case .replied(let name, let view, _, _): reports.append("replied \(name) \(view.named)")
    case .lacksMaster(let name, _): reports.append("lacks \(name)")
    case .hinted(let name, let hint): reports.append("hinted \(name ?? "all") \(hint)")
    case .listed(let name, let entries, _): reports.append("listed \(name) \(entries.count)")
    case .inspected(let name, let inspection, _):
      reports.append("inspected \(name) \(inspection?.isInTilt ?? true)")
    case .failoverAnswered(let name, let answer):
      reports.append("failover \(name) \(answer)")
    case .sentNonsense(let name, _): reports.append("nonsense \(name)")
    case .needsAddress(let host): reports.append("needs \(host)")
    }
    reported(reports)
  }
}

@Suite(.timeLimit(.minutes(10))) struct SentinelLinkTests {
  /// Runs a link until its reports fulfil a condition, and returns them.
  private func reports(
    answer: @escaping FakeServer.Answer = FakeSentinel.answer,
    names: [String] = ["mymaster"],
    act: @escaping @Sendable ([String], FakeServer) -> Void = { _, _ in },
    until isDone: @escaping @Sendable ([String]) -> Bool
  ) async -> (reports: [String], commands: [[String]]) {
    await withCheckedContinuation { continuation in
      Task {
        await onLoop { loop, finish in
          let bench = LinkBench(loop: loop, answer: answer)
          var isOver = false
          bench.reported = { reports in
            guard !isOver else { return }
            act(reports, bench.server)
            guard isDone(reports) else { return }
            isOver = true
            let commands = bench.server.commands
            bench.end()
            continuation.resume(returning: (reports, commands))
            finish()
          }
          bench.start(names)
        }
      }
    }
  }

  @Test("A link greets, subscribes, then polls, in one stream")
  func order() async {
    let (reports, commands) = await reports { $0.contains { $0.hasPrefix("replied") } }
    #expect(reports.first == "connected f00d")
    #expect(reports.contains("replied mymaster 127.0.0.1:6379"))
    #expect(commands.prefix(3).map(\.first) == ["HELLO", "SENTINEL", "SUBSCRIBE"])
    #expect(
      commands.dropFirst(3).prefix(3).map { $0[1] }
        == ["GET-MASTER-ADDR-BY-NAME", "MASTER", "REPLICAS"])
  }

  @Test("A lost connection is reported, made again, and everything is read again")
  func reconnect() async {
    let (reports, _) = await reports(
      act: { reports, server in
        if reports.last == "replied mymaster 127.0.0.1:6379", !reports.contains("lost closed") {
          server.dropClients()
        }
      },
      until: { reports in
        guard let lost = reports.firstIndex(of: "lost closed") else { return false }
        return reports[lost...].contains { $0.hasPrefix("replied") }
      })
    let tail = reports.drop { $0 != "lost closed" }
    #expect(tail.contains("connected f00d"))
  }

  @Test("An unknown master is reported for its group, and the others go on")
  func unknownMaster() async {
    let (reports, _) = await reports(names: ["mymaster", "nope"]) { reports in
      reports.contains("lacks nope") && reports.contains { $0.hasPrefix("replied mymaster") }
    }
    #expect(!reports.contains { $0.hasPrefix("lost") })
  }

  @Test("A server that speaks something else is dropped, and tried again")
  func notRESP() async {
    let (reports, _) = await reports(
      answer: { _, writer in writer.bytes += Array("HTTP/1.1 400 Bad Request\r\n".utf8) },
      until: { $0.count >= 2 })
    #expect(reports == ["lost closed", "lost closed"])
  }

  @Test("An answer that nobody asked for ends the connection")
  func unasked() async {
    let (reports, _) = await reports(
      act: { reports, server in
        if reports.count == 1 { server.push { $0.simpleString("OK") } }
      },
      until: { $0.contains("lost closed") })
    #expect(reports.first == "connected f00d")
  }

  @Test("A reply that makes no sense is reported, and the next poll goes out")
  func nonsense() async {
    let (reports, commands) = await reports(
      answer: { words, writer in
        if words.count > 1, words[1] == "MASTER" {
          writer.integer(1)
        } else {
          FakeSentinel.answer(words, &writer)
        }
      },
      until: { $0.filter { $0 == "nonsense mymaster" }.count == 2 })
    #expect(!reports.contains { $0.hasPrefix("lost") || $0.hasPrefix("replied") })
    #expect(commands.filter { $0.count > 1 && $0[1] == "REPLICAS" }.count >= 2)
  }

  @Test("An event is passed on with its group")
  func event() async {
    let (reports, _) = await reports(
      act: { reports, server in
        guard reports.count == 1 else { return }
        server.push { writer in
          writer.push(count: 3)
          writer.bulkString("message")
          writer.bulkString("+odown")
          writer.bulkString("master mymaster 127.0.0.1 6379 #quorum 2/2")
        }
      },
      until: { $0.contains("hinted mymaster changed") })
    #expect(reports.first == "connected f00d")
  }

  @Test("A server without RESP3 gets a second connection for its events")
  func fallback() async {
    let (reports, commands) = await reports(
      answer: { words, writer in
        if words.first == "HELLO" {
          writer.error("ERR unknown command `HELLO`")
        } else {
          FakeSentinel.answer(words, &writer)
        }
      },
      until: { $0.contains { $0.hasPrefix("replied") } })
    #expect(reports.first == "connected f00d")
    #expect(commands.count { $0.first == "HELLO" } == 2)
    #expect(commands.count { $0.first == "SUBSCRIBE" } == 1)
  }

  @Test("A Sentinel is asked about itself and told to fail over on the connection of its polls")
  func errands() async {
    let (reports, commands) = await withCheckedContinuation { continuation in
      Task {
        await onLoop { loop, finish in
          let bench = LinkBench(loop: loop) { words, writer in
            switch words.prefix(2).joined(separator: " ") {
            case "INFO sentinel": writer.bulkString("sentinel_tilt:0\r\n")
            case "SENTINEL CKQUORUM": writer.simpleString("OK 3 usable Sentinels")
            case "SENTINEL FAILOVER": writer.error("INPROG Failover already in progress")
            default: FakeSentinel.answer(words, &writer)
            }
          }
          bench.reported = { reports in
            if reports.count == 1 {
              bench.link?.inspect("mymaster")
              bench.link?.commandFailover("mymaster")
            }
            guard reports.last?.hasPrefix("failover") == true else { return }
            bench.reported = { _ in }
            let result = (reports, bench.server.commands)
            bench.end()
            bench.link?.commandFailover("mymaster")
            continuation.resume(returning: (bench.reports, result.1))
            finish()
          }
          bench.start()
        }
      }
    }
    #expect(reports.contains("inspected mymaster false"))
    let answers = reports.filter { $0.hasPrefix("failover") }
    #expect(
      answers == [
        #"failover mymaster refused("INPROG Failover already in progress")"#,
        #"failover mymaster refused("it is not in contact")"#,
      ])
    #expect(commands.count { $0 == ["SENTINEL", "FAILOVER", "mymaster"] } == 1)
  }

  @Test(
    "Where nobody may subscribe the link lives on polls, with RESP3 and without",
    arguments: [true, false])
  func withoutEvents(knowsVersionThree: Bool) async {
    let (reports, commands) = await reports(
      answer: { words, writer in
        if words.first == "SUBSCRIBE" {
          writer.error("NOPERM No permissions to access a channel")
        } else if words.first == "HELLO", !knowsVersionThree {
          writer.error("ERR unknown command `HELLO`")
        } else {
          FakeSentinel.answer(words, &writer)
        }
      },
      until: { $0.filter { $0.hasPrefix("replied") }.count == 2 })
    #expect(reports.first == "connected f00d")
    #expect(!reports.contains { $0.hasPrefix("lost") })
    #expect(commands.count { $0.first == "SUBSCRIBE" } == 1)
  }

  @Test(
    "A Sentinel that does not tell its id is polled under a stand-in, until others tell it",
    arguments: [
      "ERR Unknown sentinel subcommand 'MYID'",
      "ERR Unknown subcommand or wrong number of arguments for 'MYID'. Try SENTINEL HELP.",
      "NOPERM this user has no permissions to run the 'sentinel|myid' command",
    ])
  func withoutID(words: String) async {
    let reports = await withCheckedContinuation { continuation in
      Task {
        await onLoop { loop, finish in
          let bench = LinkBench(loop: loop) { command, writer in
            if command.count > 1, command[1] == "MYID" {
              writer.error(words)
            } else {
              FakeSentinel.answer(command, &writer)
            }
          }
          bench.reported = { reports in
            guard let link = bench.link else { return }
            if reports.count == 1 {
              #expect(reports == ["connected addr,\(link.id)"])
              #expect(link.hidesRunID)
              link.learn(runID: "beef")
              // The same word again changes nothing.
              link.learn(runID: "beef")
            }
            guard reports.last?.hasPrefix("replied") == true else { return }
            bench.reported = { _ in }
            bench.end()
            continuation.resume(returning: reports)
            finish()
          }
          bench.start()
        }
      }
    }
    #expect(reports.filter { $0 == "connected beef" }.count == 1)
  }

  @Test("A server that knows no Sentinel command is none, and is quoted")
  func noSentinel() async {
    let (reports, _) = await reports(
      answer: { words, writer in
        if words.first == "SENTINEL" {
          writer.error("ERR unknown command 'SENTINEL', with args beginning with: 'MYID'")
        } else {
          FakeSentinel.answer(words, &writer)
        }
      },
      until: { $0.count == 1 })
    #expect(reports == ["lost closed"])
  }

  @Test("Nobody who listens is reported as refused")
  func refused() async {
    let (reports, _) = await reports(
      act: { reports, server in
        if reports.count == 1 { server.close() }
      },
      until: { $0.contains("lost refused") })
    #expect(reports.contains("lost closed"))
  }
}
