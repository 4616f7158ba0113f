import ArgumentParser
import Foundation
import Testing

@testable import vipctl

@Suite struct InstanceOptionsTests {
  @Test(arguments: [
    ("", 6379), ("port 6380\n", 6380), ("# port 1\nport 6380 \n", 6380),
    ("port 1\r\nPORT 2\r\n", 2), ("  port\t6381", 6381), ("port \"6382\"", 6382),
    ("tls-port 7000\nreport 5", 6379), ("port x", 6379), ("port 0\ntls-port 7000", 7000),
    ("tls-port 7000\ntls-replication yes", 7000), ("tls-replication yes\nport 1", 1),
    ("tls-replication yes\ntls-port 7000\ntls-replication no", 6379),
  ])
  func `The port of a redis.conf is its last, or the usual one`(text: String, port: UInt16) {
    #expect(InstanceOptions.port(in: text) == port)
  }

  @Test func `Files that it includes count, in their order`() throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "vipctl-\(UUID().uuidString.prefix(8))").path()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func write(_ text: String, to name: String) throws {
      try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
    }
    try write("port 7001\n", to: "a.conf")
    try write("include \(folder)/a.conf\n", to: "b.conf")
    // One that includes itself ends all the same.
    try write("include \(folder)/c.conf\nport 7003\n", to: "c.conf")
    #expect(InstanceOptions.port(in: "port 1\ninclude \(folder)/b.conf\n") == 7001)
    #expect(InstanceOptions.port(in: "include \(folder)/b.conf\nport 1\n") == 1)
    #expect(InstanceOptions.port(in: "include \(folder)/[ab].conf\n") == 7001)
    #expect(InstanceOptions.port(in: "include \(folder)/c.conf\n") == 7003)
    #expect(InstanceOptions.missingInclude(in: "include \(folder)/a.conf\n") == nil)
    #expect(InstanceOptions.missingInclude(in: "include \(folder)/none*.conf\n") == nil)
    #expect(
      InstanceOptions.missingInclude(in: "port 1\ninclude \(folder)/none.conf\n")
        == "\(folder)/none.conf")
  }

  @Test func `An instance on a Unix socket has none`() {
    #expect(InstanceOptions.port(in: "unixsocket /run/redis.sock\nport 0\n") == nil)
  }

  @Test func `One way to say which is enough, and needed`() throws {
    _ = try InstanceOptions.parse(["m"])
    _ = try InstanceOptions.parse(["--port", "6379"])
    #expect(throws: (any Error).self) { try InstanceOptions.parse([]) }
    #expect(throws: (any Error).self) { try InstanceOptions.parse(["m", "--port", "6379"]) }
    #expect(throws: (any Error).self) { try GuardCommand.parse(["m", "--timeout", "61s"]) }
    #expect(throws: (any Error).self) { try HandoverCommand.parse(["m", "--timeout", "100ms"]) }
  }
}
