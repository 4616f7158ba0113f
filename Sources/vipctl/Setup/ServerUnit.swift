import FoundationEssentials
import Glibc

/// The unit that runs a server, as systemctl(1) tells of it.
enum ServerUnit {
  /// The unit that runs a process, where it has no drop-in of vipd and nobody switched that off.
  static func unguarded(_ process: Int32) -> String? {
    let path = "/proc/\(process)/cgroup"
    guard let text = try? String(contentsOfFile: path, encoding: .utf8), let unit = name(in: text),
      // A link to /dev/null there is somebody's decision.
      unsafe access("/etc/systemd/system/\(unit).d/vipd.conf", F_OK) != 0
    else { return nil }
    let call = ProgramCall(
      program: "systemctl", arguments: ["show", "--property=ExecStartPre,ExecStop", unit],
      limit: .seconds(10))
    guard let ending = call.run(), ending.status == 0 else { return nil }
    return ending.output.contains("vipctl") ? nil : unit
  }

  /// The service in `/proc/PID/cgroup` (cgroups(7)); nothing for a process of no service.
  static func name(in text: String) -> String? {
    let names = text.split(whereSeparator: \.isNewline).compactMap { $0.split(separator: "/").last }
    return names.first { $0.hasSuffix(".service") }.map(String.init)
  }
}
