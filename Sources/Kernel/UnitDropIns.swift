import Glibc
import Platform

/// The units of systemd that run Redis or Valkey, and their drop-ins; reading them blocks.
///
/// vipd can't ask systemd which of them runs the Redis that it watches, and does not see the processes of
/// others. So it takes what is installed, and every unit of a server must ask.
enum UnitDropIns {
  /// Where systemd looks, in its order (systemd.unit(5)).
  private static let directories = [
    "/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system",
  ]
  /// The names that the packages use.
  private static let pattern = "/{redis,valkey}*.service"

  /// Whether every Redis asks before it starts (`vipctl guard`); all is looked for under a directory for `/`.
  ///
  /// A template counts only where there is no other unit: Debian installs one beside it that hardly
  /// anybody uses. Where there is no unit by these names, one drop-in that asks is taken for that of the unit.
  static func callGuard(root: String) -> Bool {
    let dropIns = inForce(root: root, pattern + ".d/*.conf")
    let asking = Set(dropIns.filter { callsGuard($0.path) }.map(\.unit))
    let units = Units(root: root)
    return units.servers.isEmpty
      ? !asking.isEmpty
      : units.servers.allSatisfy { server in
        callsGuard(server.path) || !asking.isDisjoint(with: units.names(of: server))
      }
  }

  /// A file that systemd reads for a unit.
  private struct UnitFile: Hashable {
    /// The name of the unit, with its ending.
    var unit: String
    var path: String

    var isTemplate: Bool { unit.contains("@.") }
  }

  /// The units that are there.
  private struct Units {
    /// What runs a server.
    let servers: [UnitFile]
    /// By which other names each is known: links to its file.
    private let aliases: [String: Set<String>]

    init(root: String) {
      var found: [UnitFile] = []
      var aliases: [String: Set<String>] = [:]
      for file in UnitDropIns.inForce(root: root, UnitDropIns.pattern)
      where !file.unit.contains("sentinel") {
        guard let target = UnitDropIns.target(of: file.path) else {
          found.append(file)
          continue
        }
        // A link to /dev/null switches a unit off.
        if target != "null" { aliases[target, default: []].insert(file.unit) }
      }
      let plain = found.filter { !$0.isTemplate }
      servers = plain.isEmpty ? found : plain
      self.aliases = aliases
    }

    func names(of server: UnitFile) -> Set<String> {
      aliases[server.unit, default: []].union([server.unit])
    }
  }

  /// Whether a file has an `ExecStartPre=` of `vipctl guard`.
  private static func callsGuard(_ path: String) -> Bool {
    let lines = SmallFile.text(at: path)?.split(whereSeparator: \.isNewline) ?? []
    return lines.contains { line in
      // White space around the equal sign is ignored (systemd.syntax(7)).
      let parts = line.split(separator: "=", maxSplits: 1)
      return parts.count == 2 && parts[1].contains("vipctl guard")
        && parts[0].split(separator: " ") == ["ExecStartPre"]
    }
  }

  /// Those that systemd reads: of one name for one unit that in the first directory, which may be empty
  /// or a link to /dev/null to switch it off.
  private static func inForce(root: String, _ pattern: String) -> [UnitFile] {
    var names: Set<Substring> = []
    return directories.flatMap { directory in
      let start = root + directory + "/"
      return paths(root + directory + pattern).compactMap { path -> UnitFile? in
        let name = path.dropFirst(start.count)
        guard names.insert(name).inserted else { return nil }
        let unit = name.split(separator: "/")[0]
        return UnitFile(
          unit: unit.hasSuffix(".d") ? String(unit.dropLast(2)) : String(unit), path: path)
      }
    }
  }

  /// The last part of what a link points to; nothing if it is none.
  private static func target(of path: String) -> String? {
    let most = Int(PATH_MAX)
    var bytes = [CChar](repeating: 0, count: most)
    let count = unsafe readlink(path, &bytes, most)
    guard count > 0 else { return nil }
    let text = String(decoding: bytes[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    return text.split(separator: "/").last.map(String.init)
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
