import ControlProtocol
import Foundation
import Glibc
import Testing

@testable import vipctl

@Suite(.timeLimit(.minutes(10))) struct NotifyTests {
  private static func event(_ number: Int64, _ master: String = "m") -> NotificationDocument {
    NotificationDocument {
      ($0.master, $0.event, $0.sequence, $0.program) = (master, "taken", number, "/bin/true")
    }
  }

  @Test func `The environment is this, and nothing else`() {
    let event = NotificationDocument {
      ($0.event, $0.master, $0.addresses) = ("taken", "m", "10.77.0.100 fd77::100")
      ($0.node, $0.host, $0.reason) = ("10.77.0.1:6379", "h1", "promoted")
      ($0.text, $0.at, $0.sequence) = ("a\0b", "2026-11-21T06:25:07.123Z", 7)
    }
    #expect(
      event.environment == [
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "VIPD_EVENT=taken",
        "VIPD_MASTER=m", "VIPD_ADDRESSES=10.77.0.100 fd77::100", "VIPD_NODE=10.77.0.1:6379",
        "VIPD_HOST=h1", "VIPD_REASON=promoted", "VIPD_TEXT=ab",
        "VIPD_TIME=2026-11-21T06:25:07.123Z", "VIPD_SEQUENCE=7",
      ])
  }

  @Test func `Each master has a queue in order, and one that runs lets it wait`() {
    var queue = EventQueue()
    for event in [Self.event(1), Self.event(2), Self.event(3, "n")] {
      #expect(queue.add(event) == nil)
    }
    #expect(queue.next(besides: ["m"]).map(\.sequence) == [3])
    #expect(queue.next(besides: []).map(\.sequence) == [1])
    #expect(queue.next(besides: []).map(\.sequence) == [2])
    #expect(queue.isEmpty && queue.next(besides: []).isEmpty)
  }

  @Test func `A full queue drops the oldest, and too many masters are not taken in`() {
    var queue = EventQueue()
    let dropped = (1...66).compactMap { queue.add(Self.event($0)) }
    #expect(dropped.map(\.sequence) == [1, 2])
    #expect((0..<300).compactMap { queue.add(Self.event(9, "other\($0)")) }.count == 45)
  }

  @Test func `An old event is no news`() {
    var event = Self.event(1)
    event.seconds = 1_000
    #expect(!EventQueue.isStale(event, at: 1_600))
    #expect(EventQueue.isStale(event, at: 1_601))
  }

  /// A runner whose programs are shell scripts in a directory of its own.
  private final class Bench {
    let directory = NSTemporaryDirectory() + "runner-\(UUID().uuidString.prefix(8))"
    private(set) var lines: [String] = []
    private var ends: [Int32] = [-1, -1]
    private var runner: NotifyRunner?

    init(limit: Duration = .seconds(600)) throws {
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
      try #require(unsafe socketpair(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0, &ends) == 0)
      runner = NotifyRunner(socket: ends[0], limit: limit) { [unowned self] in lines.append($0) }
    }

    deinit {
      ends.forEach { close($0) }
      try? FileManager.default.removeItem(atPath: directory)
    }

    func script(_ text: String, name: String = "program") throws -> String {
      let path = "\(directory)/\(name)"
      try "#!/bin/sh\n\(text)\n".write(toFile: path, atomically: true, encoding: .utf8)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
      return path
    }

    func send(_ program: String, _ number: Int64 = 1, _ master: String = "m") {
      var event = NotifyTests.event(number, master)
      (event.program, event.seconds) = (program, Int64(time(nil)))
      send(Array(event.json.utf8))
    }

    func send(_ bytes: [UInt8]) {
      #expect(unsafe Glibc.send(ends[1], bytes, bytes.count, 0) == bytes.count)
    }

    /// Runs until nothing runs and nothing waits.
    func finish() {
      repeat { runner?.step() } while runner?.isIdle == false
    }

    /// Runs until a file is there.
    func run(untilThereIs file: String) {
      while !FileManager.default.fileExists(atPath: "\(directory)/\(file)") { runner?.step() }
    }
  }

  @Test func `Events run in order, one at a time, and their output and status are shown`() throws {
    let bench = try Bench()
    let program = try bench.script(
      "mkdir \(bench.directory)/lock || exit 9; echo $VIPD_EVENT $VIPD_SEQUENCE; "
        + "rmdir \(bench.directory)/lock; exit $VIPD_SEQUENCE")
    for number in 1...3 as ClosedRange<Int64> { bench.send(program, number) }
    bench.finish()
    #expect(
      bench.lines == [
        "m taken #1: taken 1", "m taken #1: \(program): exit 1", "m taken #2: taken 2",
        "m taken #2: \(program): exit 2", "m taken #3: taken 3", "m taken #3: \(program): exit 3",
      ])
  }

  @Test func `A program that hangs is killed with its children, and the next one runs`() throws {
    let bench = try Bench(limit: .milliseconds(300))
    let hanging = try bench.script("sleep 9999 & sleep 9999", name: "hanging")
    bench.send(hanging, 1)
    bench.send(try bench.script("echo next"), 2)
    bench.finish()
    #expect(bench.lines.first == "m taken #1: \(hanging): killed: it ran for too long")
    #expect(bench.lines.dropFirst().first == "m taken #2: next")
  }

  @Test func `A hanging program of one master keeps no other waiting`() throws {
    let bench = try Bench()
    let hanging = try bench.script(
      "until [ -e \(bench.directory)/other ]; do sleep 0.01; done", name: "hanging")
    bench.send(hanging, 1)
    bench.send(try bench.script("touch \(bench.directory)/other"), 2, "other")
    bench.finish()
    #expect(bench.lines.contains("m taken #1: \(hanging): exit 0"))
  }

  @Test func `A child that keeps the output open ends with the program`() throws {
    let bench = try Bench()
    let program = try bench.script(
      "sleep 9999 & echo $! > \(bench.directory)/child; echo done; exit 4")
    bench.send(program)
    bench.finish()
    #expect(bench.lines == ["m taken #1: done", "m taken #1: \(program): exit 4"])
    let child = try #require(
      Int32(try String(contentsOfFile: "\(bench.directory)/child", encoding: .utf8).dropLast()))
    // It ends once the kernel comes to it; the suite's limit is that of one that goes on.
    while Self.isRunning(child) { usleep(1_000) }
  }

  /// Whether a process is there and is no zombie (proc_pid_stat(5)).
  private static func isRunning(_ process: Int32) -> Bool {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else {
      return false
    }
    let state = text.split(separator: ")").last?.split(separator: " ").first
    return state != "Z" && state != "X"
  }

  @Test func `A flood of output is cut, and neither blocks nor fills anything`() throws {
    let bench = try Bench()
    let program = try bench.script("seq 100000; printf '\\033%5000s\\n' x; exit 0")
    bench.send(program)
    bench.finish()
    #expect(bench.lines.count == 101)
    #expect(bench.lines.last == "m taken #1: \(program): exit 0; 99901 lines not shown")
  }

  @Test func `Long lines are cut and control characters replaced`() throws {
    let bench = try Bench()
    bench.send(try bench.script("printf '\\033%5000s\\n' x"))
    bench.finish()
    #expect(bench.lines.first == "m taken #1: ?" + String(repeating: " ", count: 999))
  }

  @Test func `What can't be run is told, and so is a signal`() throws {
    let bench = try Bench()
    bench.send("/nonexistent", 1)
    bench.send(try bench.script("kill -9 $$"), 2)
    bench.finish()
    #expect(bench.lines.first == "m taken #1: can't run /nonexistent: No such file or directory")
    #expect(bench.lines.last?.hasSuffix(": died of signal 9") == true)
  }

  @Test func `A program that is replaced while it runs is the new one for the next event`() throws {
    let bench = try Bench()
    let program = try bench.script(
      "touch \(bench.directory)/begun; until [ -e \(bench.directory)/go ]; do sleep 0.01; done; "
        + "echo old")
    bench.send(program, 1)
    bench.send(program, 2)
    bench.run(untilThereIs: "begun")
    _ = try bench.script("echo new")
    try "".write(toFile: "\(bench.directory)/go", atomically: true, encoding: .utf8)
    bench.finish()
    let said = bench.lines.filter { !$0.hasSuffix("exit 0") }
    #expect(said == ["m taken #1: old", "m taken #2: new"])
  }

  @Test func `What is no event is dropped and told`() throws {
    let bench = try Bench()
    bench.send(Array("nonsense".utf8))
    bench.send("relative")
    bench.finish()
    #expect(bench.lines == Array(repeating: "an event that can't be read was dropped", count: 2))
  }

  @Test func `A socket at a path is served once, and one that was left is replaced`() throws {
    let path = NSTemporaryDirectory() + "notify-\(UUID().uuidString.prefix(8)).sock"
    let first = try NotifySocket.bind(at: path)
    #expect(throws: Failure(status: .failed, text: "can't listen on \(path): another one listens"))
    { try NotifySocket.bind(at: path) }
    close(first)
    // A program that another test starts holds it as well, until it is executed.
    var second: Int32?
    while second == nil { second = try? NotifySocket.bind(at: path) }
    close(second ?? -1)
    _ = unsafe unlink(path)
    #expect(throws: Failure.self) { try NotifySocket.bind(at: String(repeating: "x", count: 200)) }
  }
}
