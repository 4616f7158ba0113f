import Foundation
import Glibc
import Testing

@testable import Lab

/// Whether a program is installed along `PATH`.
private func isInstalled(_ program: String) -> Bool {
  let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
  return path.split(separator: ":").contains { unsafe access("\($0)/\(program)", X_OK) == 0 }
}

@Suite("What vipd is compared with")
struct PeerTests {
  private let keepalived = KeepalivedConfiguration(
    address: "10.77.0.1", peers: ["10.77.0.2", "10.77.0.3"],
    virtualAddresses: ["10.77.0.100/24"], script: "/bin/true")
  private let proxy = ProxyConfiguration(
    address: "127.0.0.1", port: 6379, servers: ["10.77.0.1", "10.77.0.2"])

  /// Writes a text to a file, hands its path to a body, and removes it.
  private func withFile(_ text: String, _ body: (String) throws -> Void) throws {
    let path = "\(Laboratory.root)/vipd-peer-\(UUID().uuidString)"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    defer { unsafe unlink(path) }
    try body(path)
  }

  @Test func `keepalived speaks to each peer, and checks the role each second`() {
    for line in [
      "  unicast_src_ip 10.77.0.1", "    10.77.0.2\n    10.77.0.3\n  }",
      "    10.77.0.100/24 dev eth0\n  }", "  advert_int 1", "  script \"/bin/true\"\n  interval 1",
    ] {
      #expect(keepalived.text.contains(line), "\(line)")
    }
  }

  @Test(
    .enabled(if: geteuid() == 0 && isInstalled("keepalived"), "keepalived and root"))
  func `keepalived accepts its configuration`() throws {
    try withFile(keepalived.text) { path in
      unsafe chmod(path, 0o644)
      // It looks for the interface, too.
      let interface = "ip link add eth0 type veth peer name other && ip link set eth0 up"
      let check = "keepalived --config-test --use-file=\(path)"
      try Subprocess(["unshare", "--net", "sh", "-c", "\(interface) && \(check)"]).run()
    }
  }

  @Test func `HAProxy asks each server for its role each second`() {
    #expect(proxy.text.contains("  tcp-check send info\\ replication\\r\\n\n"))
    #expect(proxy.text.contains("  server redis1 10.77.0.1:6379\n  server redis2 10.77.0.2:6379\n"))
    #expect(proxy.text.contains("check inter 1s"))
  }

  @Test(.enabled(if: isInstalled("haproxy"), "haproxy"))
  func `HAProxy accepts its configuration`() throws {
    try withFile(proxy.text) { path in
      try Subprocess(["haproxy", "-c", "-f", path]).run()
    }
  }

  @Test func `The role check succeeds at a master, and only there`() throws {
    let check = KeepalivedConfiguration.roleCheck(port: 6379)
    for (answer, isMaster) in [("master\n0", true), ("slave\n10.77.0.1", false), ("", false)] {
      // A redis-cli of our own comes first along PATH.
      let directory = "\(Laboratory.root)/vipd-peer-\(UUID().uuidString)"
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: directory) }
      try "#!/bin/sh\nprintf '\(answer)'\n".write(
        toFile: "\(directory)/redis-cli", atomically: true, encoding: .utf8)
      unsafe chmod("\(directory)/redis-cli", 0o755)
      let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
      let words = ["env", "PATH=\(directory):\(path)", "sh", "-c", check]
      #expect(((try? Subprocess(words).run()) != nil) == isMaster, "\(answer)")
    }
  }

  @Test func `Clients find the master by an address or by the Sentinels`() {
    let direct = Reach(client: "lab-client", address: "10.77.0.100", port: 6379)
    #expect(
      direct.words("idle", ["pool", "9"]).joined(separator: " ")
        == "lab-client idle 10.77.0.100 6379 pool 9")
    let asking = Reach(
      words: ["python3", "client.py"], sentinels: ["10.77.0.1", "10.77.0.2"],
      masterName: "mymaster")
    #expect(
      asking.words("idle", ["pool", "9"]).joined(separator: " ")
        == "python3 client.py idle 10.77.0.1,10.77.0.2 mymaster pool 9")
  }
}

@Suite("Idle clients and writers as they are judged")
struct ReturnTests {
  private func event(_ text: String) throws -> IdleClientEvent {
    try #require(IdleClientEvent(line: Substring(text), offset: 0))
  }

  private func returns(_ lines: [String]) throws -> [Int64] {
    try IdleClientRun.returns(lines.map(event), since: Stamp(nanoseconds: 100))
      .map(\.nanoseconds)
  }

  @Test func `A client is back when it is served by a master, and not lost again`() throws {
    #expect(try returns(["served pool 0 50 master"]) == [])
    #expect(try returns(["lost pool 0 110 -", "served pool 0 120 master"]) == [120])
    #expect(
      try returns(["served pool 0 120 master", "lost pool 0 130 -", "served pool 0 140 master"])
        == [140])
    #expect(try returns(["served pool 0 120 master", "lost pool 0 130 -"]) == [])
  }

  @Test func `A client that came to a replica is not back`() throws {
    #expect(try returns(["lost blpop 0 110 -", "served blpop 0 120 other"]) == [])
    #expect(
      try returns(["served blpop 0 120 other", "lost blpop 0 130 -", "served blpop 0 140 master"])
        == [140])
  }

  @Test func `Writes of a host after a moment are counted, up to the last`() {
    func line(_ milliseconds: Int64, _ line: WriterLine) -> String {
      line.text(connection: 0, at: Stamp(nanoseconds: milliseconds * 1_000_000))
    }
    let text = [
      line(1, .opened(host: 1)), line(2, .acknowledged(count: 5)),
      line(8, .acknowledged(count: 9)), line(10, .acknowledged(count: 20)),
      line(12, .opened(host: 2)), line(14, .acknowledged(count: 30)), "",
    ].joined(separator: "\n")
    let record = WriterRecord(key: "k", connections: 1, text: text)
    let stray = record.writes(by: 1, after: Stamp(nanoseconds: 5_000_000))
    #expect(stray.count == 15)
    #expect(stray.last == Stamp(nanoseconds: 10_000_000))
    #expect(record.writes(by: 3, after: Stamp(nanoseconds: 0)).last == nil)
  }

  @Test func `How a writer writes is read as it was written`() {
    var manner = WritingManner()
    manner.connections = 3
    manner.lifeMilliseconds = 100
    #expect(WritingManner(words: manner.words) == manner)
    #expect(WritingManner(words: ["0", "100", "0", "0"]) == nil)
    #expect(WritingManner(words: ["1", "100", "-1", "0"]) == nil)
    #expect(WritingManner(words: ["1", "100", "0"]) == nil)
  }
}
