import Configuration
import Glibc

/// The unit `vipd.service`, as systemctl(1) tells of it.
enum DaemonUnit {
  /// What it is now.
  static func facts() -> UnitFacts {
    guard unsafe access("/run/systemd/system", F_OK) == 0 else { return UnitFacts() }
    let properties = "--property=LoadState,ActiveState,UnitFileState,ExecStart"
    let call = ProgramCall(
      program: "systemctl", arguments: ["show", properties, "vipd.service"], limit: .seconds(10))
    return facts(in: call.run()?.output ?? "")
  }

  /// The same, from what `systemctl show` writes.
  static func facts(in text: String) -> UnitFacts {
    var facts = UnitFacts(hasSystemd: true)
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { continue }
      let value = String(parts[1])
      switch parts[0] {
      case "LoadState": facts.load = value
      case "ActiveState": facts.active = value
      case "UnitFileState": facts.enabled = value
      case "ExecStart":
        let words = value.split { $0 == " " || $0 == ";" || $0 == "=" }
        let index = words.firstIndex { $0 == "--config" || $0 == "-c" }
        let path = index.flatMap { words.indices.contains($0 + 1) ? words[$0 + 1] : nil }
        facts.path = path.map(String.init) ?? Configuration.defaultPath
      default: break
      }
    }
    return facts
  }
}
