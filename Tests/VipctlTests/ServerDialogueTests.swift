import Addresses
import ArgumentParser
import Foundation
import ProgramKit
import RESP
import Testing

@testable import vipctl

@Suite(.timeLimit(.minutes(10))) struct ServerDialogueTests {
  private func node(_ server: TalkingServer) -> ServerNode {
    ServerNode(host: "127.0.0.1", port: server.port)
  }

  private static let masterFields = [
    ("name", "mymaster"), ("ip", "10.77.0.1"), ("port", "6379"), ("runid", "run1"), ("quorum", "2"),
    ("down-after-milliseconds", "3000"),
  ]

  /// Answers as a Sentinel does, with an address that it announces.
  private static func sentinel(_ words: [String], _ writer: inout RESPWriter) {
    switch words.dropFirst().prefix(2).joined(separator: " ").uppercased() {
    case "": writer.simpleString("PONG")
    case "MYID": writer.bulkString("id1")
    case "MASTERS":
      writer.array(count: 1)
      writer.pairs(masterFields)
    case "MASTER MYMASTER": writer.pairs(masterFields)
    case "REPLICAS MYMASTER":
      writer.array(count: 2)
      writer.pairs([("ip", "10.77.0.2"), ("port", "6379")])
      writer.pairs([("ip", "redis3"), ("port", "6380")])
    case "SENTINELS MYMASTER":
      writer.array(count: 2)
      writer.pairs([("ip", "10.77.0.2"), ("port", "26379"), ("runid", "id2")])
      writer.pairs([("ip", "fd77::3"), ("port", "26379"), ("runid", "id3")])
    case "CONFIG GET": writer.pairs([(words[3], words[3] == "announce-ip" ? "10.77.0.1" : "0")])
    default: writer.error("ERR No such master with that name")
    }
  }

  @Test func `A Sentinel tells its master, replicas, peers and where it is`() throws {
    let server = try TalkingServer(Self.sentinel)
    let facts = ServerDialogue.sentinel(at: node(server), of: "mymaster", login: nil)
    #expect(facts.problem == nil && facts.id == "id1" && facts.masters == ["mymaster"])
    #expect(facts.master?.node == SetupExample.node(1))
    #expect(facts.master?.quorum == 2 && facts.master?.downAfterMilliseconds == 3000)
    #expect(facts.replicas.map(\.description) == ["10.77.0.2:6379", "redis3:6380"])
    #expect(facts.others["id3"]?.description == "[fd77::3]:26379")
    #expect(facts.announced == ServerNode(host: "10.77.0.1", port: server.port))
    let unknown = ServerDialogue.sentinel(at: node(server), of: "other", login: nil)
    #expect(unknown.problem == nil && unknown.master == nil && unknown.masters == ["mymaster"])
  }

  @Test func `Who is not there, or no Sentinel, or silent, is told so`() throws {
    let closed = try TalkingServer { _, _ in }.port
    let gone = ServerDialogue.sentinel(
      at: ServerNode(host: "127.0.0.1", port: closed), of: "m", login: nil, patience: .seconds(2))
    #expect(gone.problem != nil)
    let web = try TalkingServer { _, writer in writer.bytes += Array("HTTP/1.1 400\r\n".utf8) }
    #expect(ServerDialogue.sentinel(at: node(web), of: "m", login: nil).problem == .nonsense)
    let mute = try TalkingServer { _, _ in }
    #expect(
      ServerDialogue.sentinel(at: node(mute), of: "m", login: nil, patience: .milliseconds(50))
        .problem
        == .silent)
    let guarded = try TalkingServer(greeting: "-DENIED Redis is running in protected mode\r\n") {
      _, _ in
    }
    let problem = ServerDialogue.redis(named: node(guarded), at: node(guarded), login: nil).problem
    #expect(problem?.isProtectedMode == true)
  }

  /// Answers as a Redis that wants a password does; each connection is one server's whole life here.
  private func redis(
    password: String?, refusing: String? = nil
  ) throws -> TalkingServer {
    let gate = Gate()
    return try TalkingServer { words, writer in
      if let password, words[0] == "AUTH" {
        gate.isOpen = words.last == password && words.dropFirst().first == "vipd"
        return gate.isOpen
          ? writer.simpleString("OK") : writer.error("WRONGPASS invalid username-password pair")
      }
      if words[0] == "AUTH" {
        return writer.error(
          "ERR AUTH <password> called without any password configured for the default user")
      }
      if password != nil, !gate.isOpen { return writer.error("NOAUTH Authentication required.") }
      if words[0] == refusing { return writer.error("NOPERM no permissions") }
      switch words[0] {
      case "PING": writer.simpleString("PONG")
      case "ROLE":
        writer.array(count: 1)
        writer.bulkString("slave")
      case "INFO":
        writer.bulkString("# Server\r\nredis_version:7.0.15\r\nrun_id:abc\r\nconfig_file:\r\n")
      case "CONFIG": writer.pairs([("bind", "127.0.0.1 -::1")])
      default: writer.error("ERR unknown command")
      }
    }
  }

  /// Whether a login was right.
  private final class Gate: @unchecked Sendable {
    private let lock = NSLock()
    private var state = false

    var isOpen: Bool {
      get { lock.withLock { state } }
      set { lock.withLock { state = newValue } }
    }
  }

  @Test func `A Redis tells its role, its file and where it listens`() throws {
    let server = try redis(password: nil)
    let facts = ServerDialogue.redis(named: SetupExample.node(2), at: node(server), login: nil)
    #expect(facts.node == SetupExample.node(2) && facts.problem == nil && !facts.needsLogin)
    #expect(facts.role == "slave" && facts.version == "7.0.15" && facts.runID == "abc")
    #expect(facts.file == "" && facts.bind == ["127.0.0.1", "-::1"] && facts.refusedCommand == nil)
  }

  @Test func `A password is used where it is asked for, and only there`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "vipctl-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "pass").path(percentEncoded: false)
    try "secret\n".write(toFile: file, atomically: true, encoding: .utf8)
    let login = SetupRequest.Login(user: "vipd", file: file)
    func ask(_ server: TalkingServer, _ login: SetupRequest.Login?) -> RedisFacts {
      ServerDialogue.redis(named: node(server), at: node(server), login: login)
    }
    let right = ask(try redis(password: "secret"), login)
    #expect(right.needsLogin && right.loginProblem == nil && right.role == "slave")
    let wrong = ask(try redis(password: "other"), login)
    #expect(wrong.needsLogin && wrong.loginProblem?.text.contains("WRONGPASS") == true)
    let missing = ask(try redis(password: "secret"), nil)
    #expect(missing.needsLogin && missing.loginProblem?.asksForPassword == true)
    let open = ask(try redis(password: nil), login)
    #expect(!open.needsLogin && open.loginProblem == nil && open.role == "slave")
    #expect(ask(try redis(password: "secret", refusing: "ROLE"), login).refusedCommand == "ROLE")
  }

  @Test func `A survey asks the Sentinel that is named, and every one that it lists`() throws {
    let server = try TalkingServer(Self.sentinel)
    let survey = SetupSurvey(
      request: SetupExample.request("203.0.113.100"), named: [node(server)],
      patience: .milliseconds(50))
    let facts = survey.facts(existing: nil, problem: nil)
    #expect(facts.asked.map(\.id) == ["id1"])
    #expect(
      Set(facts.listed.map(\.asked.description)).isSuperset(of: [
        "10.77.0.2:26379", "[fd77::3]:26379",
      ]))
    #expect(facts.claim == .nobody)
  }

  // MARK: - The whole program

  private func run(_ words: [String]) throws -> ProgramRun.Ending {
    try ProgramRun("vipctl", (["setup"] + words).map { Array($0.utf8) }).wait()
  }

  @Test func `What forbids it is told with what to do, and nothing is written`() throws {
    let server = try TalkingServer(Self.sentinel)
    let folder = FileManager.default.temporaryDirectory.appending(path: "vipctl-\(UUID())")
    let file = folder.appending(path: "vipd.conf").path(percentEncoded: false)
    let asked = ["--sentinel", "127.0.0.1:\(server.port)", "--config", file]
    let ending = try run(["other", "203.0.113.100", "--yes"] + asked)
    #expect(ending.exitCode == 1)
    #expect(ending.output.contains("does not monitor 'other', but: mymaster"), "\(ending.output)")
    #expect(
      ending.output.contains("! no subnet of this host holds 203.0.113.100"), "\(ending.output)")
    #expect(ending.output.hasSuffix("vipctl: nothing was changed; see '!' above\n"))
    #expect(!FileManager.default.fileExists(atPath: folder.path(percentEncoded: false)))
  }

  @Test(arguments: [
    ["mymaster"], ["mymaster", "10.77.0.300"], ["mymaster", "10.77.0.100", "eth0"],
    ["mymaster", "10.77.0.100", "--user", "vipd"], ["mymaster", "10.77.0.100", "--timeout", "11m"],
    ["mymaster", "10.77.0.100", "--config", "vipd.conf"],
    ["mymaster", "10.77.0.100", "--sentinel", "10.77.0.1:0"],
  ])
  func `A wrong command line exits with 2`(words: [String]) throws {
    #expect(try run(words).exitCode == 2)
  }

  @Test func `The words of the command line become what is asked for`() throws {
    let command = try SetupCommand.parse([
      "m", "10.77.0.100/24", "dev", "eth0", "--fence", "--user", "vipd", "--password-file", "/p",
      "--sentinel", "redis9", "--sentinel", "[fd77::9]:26380",
    ])
    var expected = SetupRequest(
      master: "m", address: .v4(IPv4Address(10, 77, 0, 100)), length: 24, interface: "eth0",
      path: "/etc/vipd/vipd.conf")
    expected.wantsFence = true
    expected.redisLogin = SetupRequest.Login(user: "vipd", file: "/p")
    #expect(command.request == expected)
    expected.sentinelLogin = expected.redisLogin
    #expect(SetupSurvey.complete(command.request, by: nil) == expected)
    #expect(command.sentinels.map(\.node.description) == ["redis9:26379", "[fd77::9]:26380"])
    let auto = try SetupCommand.parse(["m", "10.77.0.100", "dev", "auto"]).request
    #expect(auto.interface == nil && auto.length == nil)
  }

  // MARK: - What the system tells

  @Test func `A unit is read as systemctl shows it`() {
    let text = """
      LoadState=loaded
      ActiveState=active
      UnitFileState=enabled
      ExecStart={ path=/usr/bin/vipd ; argv[]=/usr/bin/vipd --config /etc/vipd/vipd.conf ; pid=1 }
      """
    let facts = DaemonUnit.facts(in: text)
    #expect(facts.path == "/etc/vipd/vipd.conf" && facts.isRunning && facts.isEnabled)
    #expect(DaemonUnit.facts(in: "LoadState=not-found\nActiveState=inactive\n").path == nil)
  }

  @Test func `The unit of a process is the service of its control group`() {
    #expect(
      ServerUnit.name(in: "0::/system.slice/redis-server.service\n") == "redis-server.service")
    let instance = "0::/system.slice/system-redis.slice/redis-server@a.service\n"
    #expect(ServerUnit.name(in: instance) == "redis-server@a.service")
    #expect(ServerUnit.name(in: "0::/user.slice/session-1.scope\n") == nil)
  }

  @Test func `A neighbour is read from the kernel's table if it has answered`() {
    let table = """
      IP address       HW type     Flags       HW address            Mask     Device
      10.77.0.100      0x1         0x2         02:00:00:00:00:09     *        eth0
      10.77.0.101      0x1         0x0         00:00:00:00:00:00     *        eth0
      """
    func mac(_ last: UInt8) -> String? {
      HostNetwork.neighbour(.v4(IPv4Address(10, 77, 0, last)), table: table)
    }
    #expect(mac(100) == "02:00:00:00:00:09" && mac(101) == nil && mac(10) == nil)
  }

  @Test func `The lines of a server's file are found with their numbers, the last of each`() {
    let file = ServerFile("# bind 1\nbind 10.0.0.1\nport 26380\nBIND \"10.0.0.2\"\n")
    #expect(file.last("bind") == NumberedLine(text: "BIND \"10.0.0.2\"", number: 4))
    #expect(file.port(default: 26379) == 26380 && ServerFile("").port(default: 26379) == 26379)
  }

  @Test func `A file is replaced as a whole, with a copy of the old one beside it`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "vipctl-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "vipd.conf").path(percentEncoded: false)
    let writer = SetupWriter(path: path)
    let text = SetupExample.plan().text
    #expect(try writer.current() == nil)
    #expect(try writer.write(text, insteadOf: nil) == nil)
    #expect(try writer.current() == text)
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o644)
    let backup = try #require(try writer.write(text + "# more\n", insteadOf: text))
    #expect(try String(contentsOfFile: backup, encoding: .utf8) == text)
    #expect(throws: Failure.self) { try writer.write("x", insteadOf: "another text") }
    writer.restore(backup)
    #expect(try writer.current() == text)
    #expect(
      try FileManager.default.contentsOfDirectory(
        atPath: folder.path(percentEncoded: false)) == ["vipd.conf"])
  }
}
