import ControlProtocol
import Glibc
import Platform

/// The units that run Redis, Valkey or Sentinel, as their files say it; reading them blocks.
enum SystemdUnits {
  /// Where systemd looks, in its order (systemd.unit(5)): the first file of a name counts.
  private static let directories = ["/etc", "/run", "/usr/lib", "/lib"]
  /// The most units that are told.
  static let limit = 16

  /// Reads them under a directory for `/`.
  static func read(root: String) -> [HostFactsDocument.Unit] {
    let names = Set(
      files("{redis,valkey}*.service", root: root).map(\.name)
    ).filter { !$0.contains("@.") }.sorted().prefix(limit)
    return names.map { unit($0, root: root) }
  }

  private static func unit(_ name: String, root: String) -> HostFactsDocument.Unit {
    HostFactsDocument.Unit { unit in
      unit.name = name
      let own = files(name, root: root).prefix(1).map(\.path)
      let dropIns = files("\(name).d/*.conf", root: root).sorted { $0.name < $1.name }
      for path in own + dropIns.map(\.path) {
        for line in SmallFile.text(at: path)?.split(whereSeparator: \.isNewline) ?? [] {
          take(line, &unit)
        }
      }
    }
  }

  private static func take(_ line: Substring, _ unit: inout HostFactsDocument.Unit) {
    // White space around the equal sign is ignored (systemd.syntax(7)).
    let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let key = parts[0].split(separator: " ").first else { return }
    let value = parts[1].drop { $0 == " " }
    switch key {
    case "Restart": unit.restart = String(value)
    case "User": unit.user = String(value)
    case "ExecStartPre" where value.contains("vipctl guard"): unit.hasGuard = true
    default: break
    }
  }

  /// The files of a pattern, of each name the first.
  private static func files(_ pattern: String, root: String) -> [(name: String, path: String)] {
    var known: Set<String> = []
    return directories.flatMap { directory in
      paths("\(root)\(directory)/systemd/system/\(pattern)").compactMap { path in
        let name = String(path.split(separator: "/").last ?? "")
        return known.insert(name).inserted ? (name, path) : nil
      }
    }
  }

  /// The files that a pattern means (glob(3)).
  static func paths(_ pattern: String) -> [String] {
    var found = unsafe glob_t()
    defer { unsafe globfree(&found) }
    guard unsafe glob(pattern, GLOB_BRACE, nil, &found) == 0 else { return [] }
    return (0..<Int(unsafe found.gl_pathc)).compactMap { index in
      unsafe found.gl_pathv[index].map { unsafe String(cString: $0) }
    }
  }
}
