import Addresses
import Configuration
import ControlProtocol
import FailoverCore
import Foundation
import Glibc
import Logging
import Platform
import PeerKit
import Testing
import Wording

@testable import Agent
@testable import Control

/// A socket for events, in a directory of its own.
private final class EventSocket {
  let directory = NSTemporaryDirectory() + "notify-\(UUID().uuidString.prefix(8))"
  let descriptor: Int32
  var path: String { directory + "/notify.sock" }

  init(isServed: Bool = true) throws {
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    descriptor = socket(
      AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    if isServed { bind() }
  }

  deinit {
    close(descriptor)
    try? FileManager.default.removeItem(atPath: directory)
  }

  func bind() {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) {
      unsafe $0.copyBytes(from: Array(path.utf8))
    }
    let status = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    #expect(status == 0)
  }

  /// Every event that came.
  func events() throws -> [NotificationDocument] {
    var events: [NotificationDocument] = []
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe recv(descriptor, &bytes, bytes.count, 0)
      guard count > 0 else { return events }
      events.append(
        try JSONDecoder().decode(NotificationDocument.self, from: Data(bytes[..<count])))
    }
  }
}

@Suite(.timeLimit(.minutes(10))) struct NotificationSenderTests {
  private func section(program: String? = "/bin/event") throws -> GroupSection {
    let line = program.map { "notify mymaster \($0)\n" } ?? ""
    let configuration = try Configuration(
      parsing: "sentinel 10.77.0.9 26379\n\(line)vip mymaster 10.77.0.100/24 dev eth0\n"
        + "vip mymaster fd77::100/64 dev eth0\n", file: "f")
    return try #require(configuration.groups.first)
  }

  private func sender(_ socket: EventSocket) -> NotificationSender {
    NotificationSender(
      to: socket.path, node: "h1", clock: HostClock(),
      logger: Logger(label: "t") { _ in SwiftLogNoOpLogHandler() })
  }

  private func report(_ subject: GroupReport.Subject) -> GroupReport {
    GroupReport(masterName: "mymaster", at: HostClock().now(), subject: subject)
  }

  private func transition(
    _ from: StateName, _ to: StateName, _ basis: LeaseBasis
  ) -> GroupReport {
    report(.transition(Transition(from: from, to: to, reason: .paused, basis: basis)))
  }

  private static let instance = Endpoint(address: .v4(IPv4Address(10, 77, 0, 1)), port: 6379)

  @Test func `An address that comes and goes is told once each way, with all that is known`() throws
  {
    let socket = try EventSocket()
    let sender = sender(socket)
    let section = try section()
    for report in [
      transition(.standby, .prepared, .none), transition(.prepared, .holding, .provisional),
      transition(.holding, .holding, .sentinels), transition(.holding, .paused, .sentinels),
      transition(.paused, .yielding, .none), transition(.yielding, .standby, .none),
      transition(.standby, .holding, .sentinels), transition(.holding, .standby, .none),
    ] {
      sender.tell(report, of: section, instance: Self.instance)
    }
    let events = try socket.events()
    #expect(events.map(\.event) == ["taken", "yielded", "taken", "released"])
    #expect(events.map(\.sequence) == [1, 2, 3, 4])
    let first = try #require(events.first)
    #expect(first.program == "/bin/event" && first.master == "mymaster")
    #expect(first.addresses == "10.77.0.100 fd77::100" && first.node == "10.77.0.1:6379")
    #expect(first.host == "h1" && first.reason == "paused" && !first.text.isEmpty)
    #expect(first.at.hasSuffix("Z") && first.seconds > 1_600_000_000)
    #expect(sender.sent == 4 && sender.lost == 0 && sender.problem == nil)
  }

  @Test func `A group without a program is told of to nobody`() throws {
    let socket = try EventSocket()
    let sender = sender(socket)
    sender.tell(
      transition(.standby, .holding, .sentinels), of: try section(program: nil), instance: nil)
    #expect(try socket.events().isEmpty)
    #expect(sender.sent == 0 && sender.lost == 0)
  }

  @Test func `What nobody takes is counted and told, until somebody takes it`() throws {
    let socket = try EventSocket(isServed: false)
    let sender = sender(socket)
    let section = try section()
    sender.tell(transition(.standby, .holding, .sentinels), of: section, instance: nil)
    #expect(sender.lost == 1 && sender.problem?.label == "notify-unserved")
    #expect(sender.problem?.sentence.contains("nobody listens on \(socket.path)") == true)
    socket.bind()
    sender.tell(transition(.holding, .standby, .none), of: section, instance: nil)
    #expect(try socket.events().map(\.event) == ["released"])
    #expect(sender.sent == 1 && sender.lost == 1 && sender.problem == nil)
  }

  @Test func `A reader that takes nothing is not waited for`() throws {
    let socket = try EventSocket()
    let sender = sender(socket)
    let section = try section()
    var count = 0
    while sender.lost == 0, count < 100_000 {
      let goes = count.isMultiple(of: 2)
      sender.tell(
        goes ? transition(.standby, .holding, .sentinels) : transition(.holding, .standby, .none),
        of: section, instance: nil)
      count += 1
    }
    #expect(sender.lost == 1 && sender.sent == count - 1)
    #expect(sender.problem?.sentence.contains("takes no more") == true)
    #expect(try socket.events().count == sender.sent)
  }

  @Test func `A program that a reload brings is run for the next event, and nothing else changes`()
    async
  {
    let events: [NotificationDocument] = await withCheckedContinuation { continuation in
      Task {
        await onLoop { loop, finish in
          guard let socket = try? EventSocket(), let bench = try? ControlBench(loop: loop),
            let new = try? bench.loaded(ControlBench.text + "\nnotify mymaster /bin/event\n")
          else {
            continuation.resume(returning: [])
            return finish()
          }
          bench.daemon.notify(by: sender(socket))
          bench.start {
            let before = bench.daemon.group("mymaster")
            bench.daemon.reload(new)
            #expect(bench.daemon.group("mymaster") === before)
            for listener in bench.daemon.reportListeners.values {
              listener(transition(.standby, .holding, .sentinels))
            }
            let events = (try? socket.events()) ?? []
            bench.end(finish)
            continuation.resume(returning: events)
          }
        }
      }
    }
    #expect(events.map(\.program) == ["/bin/event"])
    #expect(events.map(\.addresses) == ["10.77.0.100"])
  }
}
