import FailoverCore
import Foundation
import Logging
import NIOCore
import PeerKit
import Platform
import Testing

@testable import Control

@Suite(.timeLimit(.minutes(10))) struct AuditTests {
  private let log = LogLines()

  private func audit(names: [UInt32: String] = [54_321: "me"]) -> AuditLog {
    AuditLog(
      Logger(label: "t") { [log] _ in log.handler }, clock: HostClock(), names: names)
  }

  /// An operator whose process is none that could be there (`/proc/sys/kernel/pid_max`).
  private static let peer = PeerCredentials(
    user: 54_321, group: 1, groups: [], processID: 2_000_000_000)

  /// What is logged while a daemon is asked.
  private func logged(_ text: String, on socket: String = "c.sock", values: Int) async -> [String] {
    await withCheckedContinuation { continuation in
      Task {
        await onLoop { [log] loop, finish in
          guard let bench = try? ControlBench(loop: loop, log: log) else {
            continuation.resume(returning: ["no bench"])
            return finish()
          }
          bench.start {
            bench.ask(socket, Array(text.utf8), values: values) { _ in
              bench.end(finish)
              continuation.resume(returning: log.all)
            }
          }
        }
      }
    }
  }

  @Test func `An order is written with the user, the process, its program and the command`() async {
    let lines = await logged("STATUS\npause mymaster 60000\nRESUME *\n", values: 3)
    let program = SmallFile.text(at: "/proc/self/comm") ?? ""
    let user = UserNames.inFile()[geteuid()] ?? ""
    let who = "(by uid \(geteuid()) (\(user)), pid \(getpid()) (\(program)))"
    #expect(
      lines == ["Order: PAUSE mymaster 60000 \(who)", "Order: RESUME * \(who)"])
  }

  @Test func `An order that is refused is written with the reason, on either socket`() async {
    let lines = await logged("RELEASE nope\nMOVE nope TO a:1\nNONSENSE nope\n", values: 3)
    #expect(lines.count == 2)
    #expect(lines.first?.hasPrefix("Refused: RELEASE nope (by uid ") == true)
    #expect(lines.first?.contains("): ERR no such master ?nope?; there is: ") == true)
    #expect(lines.last?.hasPrefix("Refused: MOVE nope TO a:1 (by uid ") == true)
  }

  @Test func `An order on the hook's socket is refused and written`() async {
    let lines = await logged("RETIRE\n", on: "h.sock", values: 1)
    #expect(lines.count == 1 && lines.first?.hasPrefix("Refused: RETIRE (by uid ") == true)
  }

  @Test(arguments: [
    (["STATUS"], false), (["MOVE", "a", "DRYRUN"], false), (["move", "a"], true),
    (["SENTINELS"], false), (["sentinels", "forget", "x"], true), (["GUARD", "6379"], false),
    (["HANDOVER", "6379"], true), (["RELOAD"], true), (["CANCEL"], true), (["RETIRE"], true),
    (["AUTH", "secret"], false), ([], false),
  ])
  func `Only what changes something is an order`(words: [String], isOrder: Bool) {
    #expect(AuditLog.isOrder(words) == isOrder)
  }

  @Test func `A word can neither end the line nor look like another part of it`() {
    audit().answered(["PAUSE", "a\nOrder: x (by uid 0)", "", "b'\u{1b}é"], from: nil, refusal: nil)
    #expect(log.all == ["Order: PAUSE 'a?Order: x (by uid 0)' '' b??? (by unknown)"])
  }

  @Test func `Long commands are cut`() {
    let long = String(repeating: "x", count: 1_000)
    #expect(
      AuditLog.text(of: ["MOVE", long]) == "MOVE " + String(repeating: "x", count: 128) + "...")
    let many = AuditLog.text(of: ["MOVE"] + Array(repeating: "x", count: 1_000))
    #expect(many == "MOVE x x x x x x x ...")
  }

  @Test func `Without a name or a program the numbers stand alone`() {
    audit(names: [:]).turnedAway(Self.peer)
    audit().turnedAway(Self.peer)
    let end = "pid 2000000000): only root and the group vipd may ask"
    #expect(
      log.all == [
        "Refused: a client (uid 54321, \(end)", "Refused: a client (uid 54321 (me), \(end)",
      ])
  }

  @Test func `A flood of refused clients is bounded and hides no order`() {
    let audit = audit()
    for _ in 0..<10_000 { audit.turnedAway(Self.peer) }
    audit.answered(["RESUME", "a"], from: Self.peer, refusal: nil)
    #expect(log.all.filter { $0.hasPrefix("Refused") }.count < 10_000)
    #expect(log.all.last?.hasPrefix("Order: RESUME a (by uid 54321 (me)") == true)
  }

  @Test func `After a burst there is a line a second, and it tells how many were left out`() {
    var budget = LineBudget()
    let start = Instant(nanoseconds: 1_000_000_000)
    #expect(
      (0..<30).map { _ in budget.admit(at: start) } == Array(repeating: 0, count: 20)
        + Array(repeating: nil, count: 10))
    #expect(budget.admit(at: start + .milliseconds(999)) == nil)
    #expect(budget.admit(at: start + .seconds(1)) == 11)
    #expect(budget.admit(at: start + .milliseconds(1_500)) == nil)
    #expect(budget.admit(at: start + .seconds(2)) == 1)
    #expect((0..<21).map { _ in budget.admit(at: start + .seconds(60)) }.last == .some(nil))
  }

  @Test func `The names of users are the first fields of their lines`() throws {
    let path = NSTemporaryDirectory() + "passwd-\(UUID().uuidString)"
    try "root:x:0:0::/:/bin/sh\nme:x:1000:1\nalias:x:1000:1\nodd:x:many:1\nx\n".write(
      toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(UserNames.inFile(path) == [0: "root", 1000: "me"])
    #expect(UserNames.inFile("/nonexistent").isEmpty)
  }
}
