import Configuration
import Foundation
import Testing

@testable import Agent

@Suite struct ProgramCheckTests {
  private func warnings(_ program: String) throws -> [String] {
    ProgramCheck.warnings(
      try Configuration(
        parsing: "sentinel 10.77.0.9 26379\nvip m 10.77.0.100/24 dev eth0\nnotify m \(program)\n",
        file: "f"))
  }

  @Test func `A program that is missing, no file, or not executable is told`() throws {
    let path = NSTemporaryDirectory() + "program-\(UUID().uuidString)"
    let begin = "\(path), which a 'notify' line names, can't be"
    #expect(try warnings(path) == ["\(begin) looked at: No such file or directory"])
    try "".write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path)
    #expect(try warnings(path) == ["\(begin) run by others: chmod 755 \(path)"])
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    #expect(try warnings(path).isEmpty)
    #expect(try warnings("/usr").first?.hasSuffix("is no file that can be run") == true)
  }
}
