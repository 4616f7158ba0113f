import Foundation
import ProgramKit
import Testing

@testable import Agent

/// A configuration in a directory of its own, for the built program.
///
/// Nothing here needs the network, a right or a Redis: each run ends before that.
private struct Setting: ~Copyable {
  let directory: String
  var text = "sentinel 127.0.0.1 1\nvip mymaster 192.0.2.100/24 dev lo\nmetrics off\n"

  init() throws {
    directory = NSTemporaryDirectory() + "vipd-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(
      atPath: directory + "/state", withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: directory)
  }

  var stateDirectory: String { directory + "/state" }

  func write(control: String? = nil) throws {
    let lines = """
      control \(control ?? directory + "/c.sock")
      hook \(directory)/h.sock
      state-dir \(stateDirectory)

      """
    try (text + lines).write(
      toFile: directory + "/vipd.conf", atomically: true, encoding: .utf8)
  }

  /// Runs the program to its end.
  func run(
    _ arguments: String..., environment: [String: String] = [:]
  ) throws -> ProgramRun.Ending {
    let words = arguments + ["--config", directory + "/vipd.conf"]
    return try ProgramRun("vipd", words.map { Array($0.utf8) }, environment: environment).wait()
  }

  /// What is in the directory, and below it.
  func files() -> Set<String> {
    Set((try? FileManager.default.subpathsOfDirectory(atPath: directory)) ?? [])
  }
}

@Suite(.timeLimit(.minutes(10))) struct SecondInstanceTests {
  @Test func `A second daemon names the first, touches nothing, and ends with 5`() throws {
    let setting = try Setting()
    try setting.write()
    let lock = try InstanceLock(setting.stateDirectory)
    let before = setting.files()
    let ending = try setting.run()
    #expect(ending.exitCode == 5)
    #expect(
      ending.output.contains(
        "another vipd (pid \(getpid())) is at work with the state directory "
          + "\(setting.stateDirectory), so this one touches nothing"), "\(ending.output)")
    #expect(setting.files() == before)
    withExtendedLifetime(lock) {}
  }

  @Test func `A sweep beside a daemon sweeps nothing`() throws {
    let setting = try Setting()
    try setting.write()
    let lock = try InstanceLock(setting.stateDirectory)
    let ending = try setting.run("--sweep")
    #expect(ending.exitCode == 5)
    #expect(ending.output.contains("another vipd (pid \(getpid()))"), "\(ending.output)")
    withExtendedLifetime(lock) {}
  }

  @Test(arguments: [[], ["--sweep"]])
  func `A socket at which another process answers is left to it`(arguments: [String]) throws {
    let setting = try Setting()
    let other = try FakeDaemon()
    try setting.write(control: other.path)
    let ending =
      try arguments.isEmpty ? setting.run() : setting.run("--sweep")
    #expect(ending.exitCode == 5)
    #expect(
      ending.output.contains("process \(getpid()) answers on \(other.path)"), "\(ending.output)")
    #expect(FileManager.default.fileExists(atPath: other.path))
    #expect(setting.files() == ["state", "vipd.conf"])
  }

  @Test func `A check works beside a daemon`() throws {
    let setting = try Setting()
    try setting.write()
    let lock = try InstanceLock(setting.stateDirectory)
    let ending = try setting.run("--check")
    #expect(ending.exitCode == 0, "\(ending.output)")
    withExtendedLifetime(lock) {}
  }

  @Test func `A file with errors ends with 2, and says them`() throws {
    var setting = try Setting()
    setting.text += "leese mymaster auto\n"
    try setting.write()
    for ending in [try setting.run(), try setting.run("--check")] {
      #expect(ending.exitCode == 2)
      #expect(ending.output.contains("vipd.conf:4:1: 'leese': unknown directive"))
    }
  }
}
