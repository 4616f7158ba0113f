import Foundation
import Glibc
import ProgramKit
import Testing

private let reconfig = ["mymaster", "leader", "start", "10.77.0.1", "6379", "10.77.0.2", "6379"]
  .map { Array($0.utf8) }

/// Whether this process may change addresses: bit 12 of `CapEff` (capabilities(7)).
private let hasNetAdmin: Bool = {
  let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  let line = status.split(separator: "\n").first { $0.hasPrefix("CapEff:") } ?? ""
  let mask = UInt64(line.split(separator: "\t").last ?? "", radix: 16) ?? 0
  return mask & 1 << 12 != 0
}()

@Suite(.timeLimit(.minutes(10))) struct HookCommandLineTests {
  @Test(arguments: [0, 1, 4, 6, 8, 20])
  func `A number of words that no script gets is refused`(count: Int) throws {
    let ending = try ProgramRun("vipd-reconfig", Array(repeating: [0x78], count: count)).wait()
    #expect(ending.exitCode == 2)
    #expect(ending.output.contains("expected the 7 arguments"))
  }

  @Test func `Help teaches, and version is one line`() throws {
    let help = try ProgramRun("vipd-reconfig", [Array("--help".utf8)]).wait()
    #expect(help.exitCode == 0)
    for word in ["client-reconfig-script", "Exit status", "VIPD_HOOK_SOCKET", "daemonless"] {
      #expect(help.output.contains(word))
    }
    let version = try ProgramRun("vipd-reconfig", [Array("--version".utf8)]).wait()
    #expect(version.exitCode == 0)
    #expect(version.output.hasPrefix("vipd-reconfig "))
    #expect(version.output.hasSuffix("\n"))
  }

  @Test(arguments: [0, 108, 5000])
  func `A socket path that can't be one is refused`(length: Int) throws {
    let path = String(repeating: "p", count: length)
    let ending = try ProgramRun("vipd-reconfig", reconfig, environment: ["VIPD_HOOK_SOCKET": path])
      .wait()
    #expect(ending.exitCode == 2)
    #expect(ending.output.contains("must have 1 to 107 bytes"))
  }

  @Test func `Without a daemon it says which socket is missing`() throws {
    let path = "/nonexistent/hook.sock"
    let ending = try ProgramRun(
      "vipd-reconfig", reconfig,
      environment: ["VIPD_HOOK_SOCKET": path, "VIPD_CONFIG": "/nonexistent/vipd.conf"]
    ).wait()
    #expect(ending.exitCode == 2)
    #expect(
      ending.output
        == "vipd-reconfig: no daemon: is vipd running? There is no socket \(path)\n")
  }

  /// Runs the hook without a daemon, with a configuration, and `echo` in place of the daemon.
  private func runAlone(
    _ arguments: [[UInt8]], configuration: String, daemon: String = "/bin/echo",
    closesStreams: Bool = false
  ) throws -> ProgramRun.Ending {
    let directory = FileManager.default.temporaryDirectory.appending(path: "vipd-\(UUID())")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let file = directory.appending(path: "vipd.conf")
    try Data(configuration.utf8).write(to: file)
    return try ProgramRun(
      "vipd-reconfig", arguments,
      environment: [
        "VIPD_HOOK_SOCKET": "/nonexistent/hook.sock", "VIPD_DAEMON": daemon,
        "VIPD_CONFIG": file.path(percentEncoded: false),
      ], closesStreams: closesStreams
    ).wait()
  }

  @Test(
    .enabled(if: hasNetAdmin, "needs CAP_NET_ADMIN"),
    arguments: ["daemonless yes", "# x\nvip m\n\t'daemonless'  \"yes\" # alone\r\n"])
  func `Where the configuration allows it, it becomes vipd --once`(text: String) throws {
    let ending = try runAlone(reconfig, configuration: text)
    #expect(
      ending
        == ProgramRun.Ending(
          exitCode: 0,
          output: "--once mymaster leader start 10.77.0.1 6379 10.77.0.2 6379\n"))
  }

  @Test(arguments: [
    "", "daemonless no", "#daemonless yes", "daemonless yes\ndaemonless yes", "daemonless",
    "daemonless yes no", "daemonless \"yes", "daemonlessx yes", "Daemonless yes",
  ])
  func `Without a clear yes it doesn't act alone`(text: String) throws {
    #expect(try runAlone(reconfig, configuration: text).exitCode == 2)
  }

  @Test func `A configuration of absurd length is not read to its end`() throws {
    let text = String(repeating: "#\n", count: 600_000) + "daemonless yes"
    #expect(try runAlone(reconfig, configuration: text).exitCode == 2)
  }

  @Test(.enabled(if: hasNetAdmin, "needs CAP_NET_ADMIN"))
  func `The daemon that it becomes has its streams, also where Sentinel gave none`() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "vipd-\(UUID())")
    let out = file.appendingPathExtension("out")
    defer {
      try? FileManager.default.removeItem(at: file)
      try? FileManager.default.removeItem(at: out)
    }
    let script = "#!/bin/sh\nfor n in 0 1 2; do readlink /proc/$$/fd/$n; done > \"$0.out\"\n"
    try Data(script.utf8).write(to: file)
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: file.path(percentEncoded: false))
    let ending = try runAlone(
      reconfig, configuration: "daemonless yes", daemon: file.path(percentEncoded: false),
      closesStreams: true)
    #expect(ending.exitCode == 0)
    let lines = try String(contentsOf: out, encoding: .utf8).split(separator: "\n")
    #expect(lines.first == "/dev/null")
    #expect(lines.last == "/dev/null")
    #expect(lines.count == 3)
  }

  @Test func `A mere notification never makes it act alone`() throws {
    let ending = try runAlone(
      [Array("+sdown".utf8), Array("master m".utf8)], configuration: "daemonless yes")
    #expect(ending.exitCode == 2)
    #expect(ending.output.contains("There is no socket"))
  }

  @Test(.enabled(if: hasNetAdmin, "needs CAP_NET_ADMIN"))
  func `A daemon that can't be run is told`() throws {
    let ending = try runAlone(
      reconfig, configuration: "daemonless yes", daemon: "/nonexistent/vipd")
    #expect(ending.exitCode == 2)
    #expect(ending.output.contains("can't be run instead: /nonexistent/vipd"))
  }
}
