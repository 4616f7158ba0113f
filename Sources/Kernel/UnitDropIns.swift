import Glibc
import Platform

/// The drop-ins of systemd for units that run Redis or Valkey; reading them blocks.
enum UnitDropIns {
  /// Where systemd looks for them, in its order (systemd.unit(5)).
  private static let directories = ["/etc", "/run", "/usr/lib", "/lib"]
  /// The names that the packages use.
  private static let pattern = "/systemd/system/{redis,valkey}*.service.d/*.conf"

  /// Whether one of them lets a Redis ask before it starts; they are looked for under a directory for `/`.
  static func callGuard(root: String) -> Bool {
    inForce(root: root).contains { path in
      let lines = SmallFile.text(at: path)?.split(whereSeparator: \.isNewline) ?? []
      return lines.contains { line in
        // White space around the equal sign is ignored (systemd.syntax(7)).
        let parts = line.split(separator: "=", maxSplits: 1)
        return parts.count == 2 && parts[1].contains("vipctl guard")
          && parts[0].split(separator: " ") == ["ExecStartPre"]
      }
    }
  }

  /// Those that systemd reads: of one name for one unit that in the first directory, which may be empty
  /// or a link to /dev/null to switch it off.
  private static func inForce(root: String) -> [String] {
    var names: Set<String> = []
    return directories.flatMap { directory in
      let start = root + directory
      return paths(start + pattern).filter { path in
        names.insert(String(path.dropFirst(start.count))).inserted
      }
    }
  }

  private static func paths(_ pattern: String) -> [String] {
    var found = unsafe glob_t()
    defer { unsafe globfree(&found) }
    guard unsafe glob(pattern, GLOB_BRACE, nil, &found) == 0 else { return [] }
    return (0..<Int(unsafe found.gl_pathc)).compactMap { index in
      unsafe found.gl_pathv[index].map { unsafe String(cString: $0) }
    }
  }
}
